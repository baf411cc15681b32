//! The private keys of a client: those in memory, and those that are kept elsewhere.

mod derived;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jose::SigningKey;
use jose::jwe::DecryptionKey;
use oauth_core::Error;
use oauth_core::dpop::DPoPKey;
use oauth_core::error::{KeyFault, Misuse};
use oauth_core::key::{KeyJob, KeyReference, KeyResult};
use oauth_core::names::KeyName;

pub(crate) use self::derived::Derived;
use crate::http::BoxFuture;

/// Private keys by name.
///
/// It is cheap to clone. `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct Keyring(Arc<BTreeMap<KeyName, Key>>);

#[derive(Clone)]
enum Key {
    Local(Arc<SigningKey>),
    Decryption(Arc<DecryptionKey>),
    Remote(Arc<dyn RemoteKey>),
}

/// A private key outside this process: in a key management service, a hardware security module or
/// another process.
///
/// An implementation does the job with the key that it names, or fails; it does not log the input;
/// it answers in the form that the variant of [`KeyResult`] describes. The caller applies the
/// deadline.
pub trait RemoteKey: Send + Sync {
    /// Uses the key once.
    ///
    /// # Errors
    ///
    /// A [`KeyFault`] with the cause when the key cannot be reached or refuses the job. The
    /// operation then fails with [`CoreError::Key`](crate::CoreError::Key), without another
    /// attempt.
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>>;
}

impl<T: RemoteKey + ?Sized> RemoteKey for Arc<T> {
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>> {
        (**self).use_key(job)
    }
}

impl Keyring {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key in memory, and replaces one of the same name.
    ///
    /// It is used on the thread that runs the operation. The slowest signature, with RSA, takes
    /// about half a millisecond.
    pub fn insert(&mut self, name: KeyName, key: SigningKey) -> &mut Self {
        self.add(name, Key::Local(Arc::new(key)))
    }

    /// Adds a decryption key in memory, and replaces one of the same name.
    pub fn insert_decryption_key(&mut self, name: KeyName, key: DecryptionKey) -> &mut Self {
        self.add(name, Key::Decryption(Arc::new(key)))
    }

    /// Adds a key that is kept elsewhere, and replaces one of the same name.
    ///
    /// ```
    /// # use openid_client::{Client, Keyring};
    /// # use openid_client::oauth_core::names::KeyName;
    /// # use openid_client::jose::SigningKey;
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let key = SigningKey::generate(openid_client::jose::SignatureAlgorithm::ES256)?;
    /// # let method = test_provider::ClientAuthentication::private_key_jwt(&key);
    /// # server.provider().register(test_provider::ClientRegistration::new("my-service", method));
    /// # let mut vault = Keyring::new();
    /// # vault.insert(KeyName::new("keys/7"), key);
    /// # use openid_client::oauth_core::client_auth::PrivateKeyJwt;
    /// # use openid_client::oauth_core::key::KeyReference;
    /// # let key = KeyReference::new("keys/7", openid_client::jose::SignatureAlgorithm::ES256);
    /// # let method = openid_client::ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(key)?);
    /// use std::sync::Arc;
    ///
    /// let mut keyring = Keyring::new();
    /// keyring.insert_remote(KeyName::new("keys/7"), Arc::new(vault));
    /// # let client = Client::discover(issuer, "my-service").root_certificate_pem(root);
    /// # let client = client.keyring(keyring).authentication(method).await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn insert_remote(&mut self, name: KeyName, key: impl RemoteKey + 'static) -> &mut Self {
        self.add(name, Key::Remote(Arc::new(key)))
    }

    /// Adds a key in memory as the DPoP key.
    pub(crate) fn insert_dpop_key(&mut self, key: SigningKey) -> Result<DPoPKey, Error> {
        let name = own_name("dpop");
        let reference = KeyReference::new(name.as_str(), key.algorithm_default());
        let public = key.public_jwk().ok_or(Misuse::InvalidArgument {
            argument: "dpop_key",
            expected: "an asymmetric key",
            found: reference.algorithm.to_string(),
        })?;
        let dpop_key = DPoPKey::new(reference, &public)?;
        self.insert(name, key);
        Ok(dpop_key)
    }

    /// Adds the caller's keys, and replaces those of the same names.
    pub(crate) fn extend(&mut self, callers: &Self) -> Result<(), Error> {
        for (name, key) in &*callers.0 {
            check_name(name)?;
            self.add(name.clone(), key.clone());
        }
        Ok(())
    }

    /// Adds a key of the caller's that is kept elsewhere.
    pub(crate) fn add_remote(
        &mut self,
        name: &KeyName,
        key: impl RemoteKey + 'static,
    ) -> Result<(), Error> {
        check_name(name)?;
        self.insert_remote(name.clone(), key);
        Ok(())
    }

    fn add(&mut self, name: KeyName, key: Key) -> &mut Self {
        Arc::make_mut(&mut self.0).insert(name, key);
        self
    }

    /// Does a job with the key that it names, or with the key in the job.
    pub(crate) async fn use_key(&self, job: KeyJob) -> Result<KeyResult, KeyFault> {
        if let KeyJob::Encrypt { key, encryption } = job {
            return match encryption.perform() {
                Ok(jwe) => Ok(KeyResult::Encryption(jwe)),
                Err(error) => Err(fault(key, error)),
            };
        }
        match self.0.get(job.key()) {
            Some(Key::Local(key)) => sign(key, job),
            Some(Key::Decryption(key)) => decrypt(key, job),
            Some(Key::Remote(key)) => key.use_key(job).await,
            None => Err(KeyFault {
                key: job.key().clone(),
                source: Some(Arc::new(NoSuchKey)),
            }),
        }
    }
}

/// Does a job with the key of its name, for a service that holds keys for other processes.
impl RemoteKey for Keyring {
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>> {
        Box::pin(Self::use_key(self, job))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")?;
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// The keyring holds no key of the name asked for.
#[derive(Debug, thiserror::Error)]
#[error("the keyring has no key of this name")]
struct NoSuchKey;

/// The keyring cannot do what is asked for with a key in memory.
#[derive(Debug, thiserror::Error)]
#[error("a key in memory cannot do this")]
struct NoSuchUse;

fn sign(signing: &SigningKey, job: KeyJob) -> Result<KeyResult, KeyFault> {
    match job {
        KeyJob::Sign {
            key,
            algorithm,
            input,
        } => match signing.sign(algorithm, &input) {
            Ok(signature) => Ok(KeyResult::Signature(signature)),
            Err(error) => Err(fault(key, error)),
        },
        other => Err(fault(other.key().clone(), NoSuchUse)),
    }
}

fn decrypt(decryption: &DecryptionKey, job: KeyJob) -> Result<KeyResult, KeyFault> {
    match job {
        KeyJob::Decrypt { key, operation } => match decryption.perform(&operation) {
            Ok(answer) => Ok(KeyResult::Decryption(answer)),
            Err(error) => Err(fault(key, error)),
        },
        other => Err(fault(other.key().clone(), NoSuchUse)),
    }
}

fn fault(key: KeyName, source: impl std::error::Error + Send + Sync + 'static) -> KeyFault {
    KeyFault {
        key,
        source: Some(Arc::new(source)),
    }
}

/// The name of a key that the library adds itself. No key of the caller can have such a name.
pub(crate) fn own_name(name: impl fmt::Display) -> KeyName {
    KeyName::new(format!("{OWN}{name}"))
}

/// Refuses a name that a caller's key could share with a key of the library. One of the two would
/// then replace the other and sign in its place.
fn check_name(name: &KeyName) -> Result<(), Misuse> {
    if !name.as_str().starts_with(OWN) {
        return Ok(());
    }
    Err(Misuse::InvalidArgument {
        argument: "keyring",
        expected: "keys whose names do not begin with `openid-client/`",
        found: name.as_str().escape_debug().to_string(),
    })
}

const OWN: &str = "openid-client/";
