use std::fmt;

use crate::{Error, KeyRejected, backend};

use super::ContentEncryption;

/// A symmetric key that encrypts content, bound to one algorithm.
pub struct ContentEncryptionKey {
    enc: ContentEncryption,
    pub(super) key: backend::ContentKey,
}

impl ContentEncryptionKey {
    /// Takes the bytes of the key, as many as
    /// [`key_length`](ContentEncryption::key_length) says.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`]; [`KeyRejected::Length`].
    pub fn new(enc: ContentEncryption, key: &[u8]) -> Result<Self, Error> {
        enc.require_support()?;
        if key.len() != enc.key_length() {
            return Err(KeyRejected::Length {
                member: "k",
                expected: enc.key_length(),
                found: key.len(),
            }
            .into());
        }
        Ok(Self {
            enc,
            key: backend::ContentKey::new(enc, key).map_err(|_| Error::OperationFailed)?,
        })
    }

    /// The algorithm of the key.
    #[must_use]
    pub fn enc(&self) -> ContentEncryption {
        self.enc
    }
}

impl fmt::Debug for ContentEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentEncryptionKey")
            .field("enc", &self.enc)
            .finish_non_exhaustive()
    }
}
