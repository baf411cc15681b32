//! Encryption to a public key of the server, for request objects that only the server can read (RFC
//! 9101 section 6.1).
//!
//! It needs no private key, but it needs randomness that only the cryptography library may draw. It
//! is therefore a job for the driver, like every use of a key.

use std::fmt;
use std::sync::Arc;

use jose::jwe;
use jose::jwe::{ContentEncryption, EncryptionKey, KeyManagement, ProtectedHeader};

use crate::error::{Misuse, printable};
use crate::key::KeyJob;
use crate::metadata::ClientMetadata;
use crate::names::KeyName;
use crate::secret::Secret;

/// The key to encrypt to, and the algorithms.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    pub(crate) key: Arc<EncryptionKey>,
    pub(crate) alg: KeyManagement,
    pub(crate) enc: ContentEncryption,
}

impl Recipient {
    /// Returns the job that encrypts a signed token to a nested JWT (RFC 7519 section 5.2).
    pub(crate) fn encrypt(&self, jwt: Secret) -> KeyJob {
        let header = ProtectedHeader::new(self.alg, self.enc).cty("JWT");
        let header = match self.key.kid() {
            Some(kid) => header.kid(kid),
            None => header,
        };
        KeyJob::Encrypt {
            key: KeyName::new(SERVER_KEY),
            encryption: Encryption {
                key: Arc::clone(&self.key),
                header,
                plaintext: jwt,
            },
        }
    }
}

/// One encryption to a public key. `Debug` shows neither plaintext nor key.
#[derive(Clone)]
pub struct Encryption {
    key: Arc<EncryptionKey>,
    header: ProtectedHeader,
    plaintext: Secret,
}

impl Encryption {
    /// Encrypts, and returns the compact serialisation (RFC 7516 section 7.1). Each call returns a
    /// different text, because the operating system supplies new randomness each time.
    ///
    /// # Errors
    ///
    /// [`jose::Error::UnsupportedAlgorithm`] for an algorithm that is not part of this build;
    /// [`jose::Error::OperationFailed`] if randomness is unavailable.
    pub fn perform(&self) -> Result<String, jose::Error> {
        jwe::encrypt(&self.header, &self.key, self.plaintext.expose().as_bytes())
    }
}

/// Two values are equal if key, plaintext and header are equal.
impl PartialEq for Encryption {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.key, &other.key)
            && self.header == other.header
            && self.plaintext == other.plaintext
    }
}

impl Eq for Encryption {}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encryption")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Returns the encryption of request objects that the client has registered (OpenID Connect Dynamic
/// Client Registration 1.0 section 2).
///
/// # Errors
///
/// [`Misuse::InvalidArgument`] for an unknown algorithm or one without a public key;
/// [`Misuse::MissingArgument`] for `enc` without `alg`.
pub(crate) fn registered_encryption(
    client: &ClientMetadata,
) -> Result<Option<(KeyManagement, ContentEncryption)>, Misuse> {
    let invalid = |argument, expected, found: &str| Misuse::InvalidArgument {
        argument,
        expected,
        found: printable(found),
    };
    let enc = client.request_object_encryption_enc.as_deref();
    let Some(alg) = client.request_object_encryption_alg.as_deref() else {
        return match enc {
            None => Ok(None),
            Some(_) => Err(Misuse::MissingArgument {
                argument: "request_object_encryption_alg",
                purpose: "request_object_encryption_enc",
            }),
        };
    };
    let asymmetric = alg
        .parse()
        .ok()
        .filter(|alg: &KeyManagement| !alg.is_symmetric());
    let asymmetric = asymmetric.ok_or_else(|| {
        let expected = "RSA-OAEP-256, ECDH-ES or another algorithm with a public key";
        invalid("request_object_encryption_alg", expected, alg)
    })?;
    let enc = match enc {
        None => ContentEncryption::A128CbcHs256,
        Some(enc) => enc.parse().map_err(|_| {
            let expected = "a content encryption algorithm";
            invalid("request_object_encryption_enc", expected, enc)
        })?,
    };
    Ok(Some((asymmetric, enc)))
}

/// The name of the key in errors. The driver has no key of this name.
const SERVER_KEY: &str = "the server's encryption key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryptions_of_the_same_to_the_same_are_equal() {
        let recipient = |key: &Arc<EncryptionKey>| Recipient {
            key: Arc::clone(key),
            alg: KeyManagement::A256GCMKW,
            enc: ContentEncryption::A256GCM,
        };
        let key = || Arc::new(EncryptionKey::symmetric(&[7; 32]).unwrap());
        let one = key();
        let job = recipient(&one).encrypt("a".into());
        assert_eq!(job, recipient(&one).encrypt("a".into()));
        let other_content = Recipient {
            enc: ContentEncryption::A128GCM,
            ..recipient(&one)
        };
        for other in [
            recipient(&one).encrypt("b".into()),
            recipient(&key()).encrypt("a".into()),
            other_content.encrypt("a".into()),
        ] {
            assert_ne!(job, other);
        }
    }
}
