//! The private keys of a client.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jose::SigningKey;
use jose::jwe::{DecryptionKey, KeyManagement};
use oauth_core::dpop::DPoPKey;
use oauth_core::error::{KeyFault, Misuse};
use oauth_core::key::{DecryptionKeyReference, KeyJob, KeyReference, KeyResult};
use oauth_core::names::KeyName;

/// Private keys by name. `Debug` shows the names only.
#[derive(Clone, Default)]
pub(crate) struct Keyring(Arc<BTreeMap<KeyName, Key>>);

#[derive(Clone)]
enum Key {
    Signing(Arc<SigningKey>),
    Decryption(Arc<DecryptionKey>),
    Remote(Arc<UseKey>),
}

/// Uses a key that is kept elsewhere.
type UseKey = dyn Fn(KeyJob) -> Result<KeyResult, KeyFault> + Send + Sync;

impl Keyring {
    /// Adds a key for this purpose, and replaces an earlier one.
    pub(crate) fn insert(&mut self, purpose: &str, key: SigningKey) -> KeyReference {
        let name = own_name(purpose);
        let reference = KeyReference::new(name.as_str(), key.algorithm_default());
        let reference = match key.kid() {
            Some(kid) => reference.kid(kid),
            None => reference,
        };
        let key = Key::Signing(Arc::new(key));
        Arc::make_mut(&mut self.0).insert(name, key);
        reference
    }

    /// Adds a key that is kept elsewhere, under a name of the caller's.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a name that a key of this crate could have. One of the two
    /// would then replace the other and sign in its place.
    pub(crate) fn insert_remote(
        &mut self,
        name: &KeyName,
        use_key: impl Fn(KeyJob) -> Result<KeyResult, KeyFault> + Send + Sync + 'static,
    ) -> Result<(), Misuse> {
        if name.as_str().starts_with(OWN) {
            return Err(Misuse::InvalidArgument {
                argument: "remote_private_key",
                expected: "a name that does not begin with `openid-client-blocking/`",
                found: name.as_str().escape_debug().to_string(),
            });
        }
        let key = Key::Remote(Arc::new(use_key));
        Arc::make_mut(&mut self.0).insert(name.clone(), key);
        Ok(())
    }

    /// Adds a decryption key.
    pub(crate) fn insert_decryption_key(
        &mut self,
        key: DecryptionKey,
    ) -> Result<DecryptionKeyReference, oauth_core::Error> {
        let name = own_name(&format!("decryption {}", self.0.len()));
        let algorithms: Vec<KeyManagement> = match key.algorithm() {
            Some(algorithm) => vec![algorithm],
            None => DecryptionKeyReference::algorithms_of(key.family()),
        };
        let reference = DecryptionKeyReference::new(name.clone(), key.family(), algorithms)?;
        let reference = match key.kid() {
            Some(kid) => reference.kid(kid),
            None => reference,
        };
        Arc::make_mut(&mut self.0).insert(name, Key::Decryption(Arc::new(key)));
        Ok(reference)
    }

    /// Adds the DPoP key.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for an HMAC secret.
    pub(crate) fn insert_dpop_key(
        &mut self,
        key: SigningKey,
    ) -> Result<DPoPKey, oauth_core::Error> {
        let reference = KeyReference::new(own_name("DPoP").as_str(), key.algorithm_default());
        let public = key.public_jwk().ok_or(Misuse::InvalidArgument {
            argument: "dpop_key",
            expected: "an asymmetric key",
            found: reference.algorithm.to_string(),
        })?;
        let dpop_key = DPoPKey::new(reference, &public)?;
        self.insert("DPoP", key);
        Ok(dpop_key)
    }

    /// Does a job with the key that it names, or with the key in the job.
    pub(crate) fn use_key(&self, job: KeyJob) -> Result<KeyResult, KeyFault> {
        let name = job.key().clone();
        if let Some(Key::Remote(use_key)) = self.0.get(&name) {
            return use_key(job);
        }
        let done = match (&job, self.0.get(&name)) {
            (KeyJob::Encrypt { encryption, .. }, _) => {
                encryption.perform().map(KeyResult::Encryption)
            }
            (
                KeyJob::Sign {
                    algorithm, input, ..
                },
                Some(Key::Signing(key)),
            ) => key.sign(*algorithm, input).map(KeyResult::Signature),
            (KeyJob::Decrypt { operation, .. }, Some(Key::Decryption(key))) => {
                key.perform(operation).map(KeyResult::Decryption)
            }
            _ => {
                return Err(KeyFault {
                    key: name,
                    source: Some(Arc::new(NoSuchKey)),
                });
            }
        };
        done.map_err(|error| KeyFault {
            key: name,
            source: Some(Arc::new(error)),
        })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")?;
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// The name of a key that this crate adds. No key of the caller can have such a name.
fn own_name(purpose: &str) -> KeyName {
    KeyName::new(format!("{OWN}{purpose}"))
}

const OWN: &str = "openid-client-blocking/";

/// The client has no key of the name asked for, or none for this use.
#[derive(Debug, thiserror::Error)]
#[error("the client has no key of this name for this use")]
struct NoSuchKey;
