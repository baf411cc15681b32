//! The private keys of a client: those in memory, and those that are kept elsewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jose::SigningKey;
use oauth_core::error::KeyFault;
use oauth_core::key::KeyJob;
use oauth_core::key::KeyName;
use oauth_core::key::KeyResult;

use crate::http::BoxFuture;

/// Private keys by name.
///
/// Cheap to clone; `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Keyring(BTreeMap<KeyName, Key>);

#[derive(Clone)]
enum Key {
    Local(Arc<SigningKey>),
    Remote(Arc<dyn RemoteKey>),
}

/// A private key that this process does not hold: in a key management service, a hardware security
/// module, another process.
///
/// The contract: carry the job out with the key that it names, or fail; never log its input; answer
/// in the form that the variant of [`KeyResult`] asks for. The deadline is held by the caller.
pub trait RemoteKey: Send + Sync {
    /// Uses the key once.
    ///
    /// # Errors
    ///
    /// A [`KeyFault`] with the cause when the key could not be reached or refused the job. The
    /// operation then ends in [`oauth_core::Error::Key`]; nothing is tried again.
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>>;
}

impl Keyring {
    /// No keys.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a key in memory; one of the same name is replaced.
    ///
    /// It is used on the thread that drives the operation: the slowest signature, one with RSA,
    /// takes about half a millisecond.
    pub fn insert(&mut self, name: KeyName, key: SigningKey) -> &mut Self {
        self.0.insert(name, Key::Local(Arc::new(key)));
        self
    }

    /// Adds a key that is kept elsewhere; one of the same name is replaced.
    pub fn insert_remote(&mut self, name: KeyName, key: Arc<dyn RemoteKey>) -> &mut Self {
        self.0.insert(name, Key::Remote(key));
        self
    }

    /// Adds the keys of another keyring; those of the same name are replaced.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Carries out a job with the key that it names.
    pub(crate) async fn use_key(&self, job: KeyJob) -> Result<KeyResult, KeyFault> {
        match self.0.get(job.key()) {
            Some(Key::Local(key)) => use_local(key, job),
            Some(Key::Remote(key)) => key.use_key(job).await,
            None => Err(KeyFault {
                key: job.key().clone(),
                source: Some(Arc::new(NoSuchKey)),
            }),
        }
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

fn use_local(key: &SigningKey, job: KeyJob) -> Result<KeyResult, KeyFault> {
    let fault = |name, source| KeyFault {
        key: name,
        source: Some(source),
    };
    match job {
        KeyJob::Sign {
            key: name,
            algorithm,
            input,
        } => match key.sign(algorithm, &input) {
            Ok(signature) => Ok(KeyResult::Signature(signature)),
            Err(error) => Err(fault(name, Arc::new(error))),
        },
        other => Err(fault(other.key().clone(), Arc::new(NoSuchUse))),
    }
}
