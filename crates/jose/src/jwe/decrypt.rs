use crate::compact::{MAXIMUM_TOKEN_LENGTH, decode, segments};
use crate::{Error, Part};

use super::{ContentEncryption, ContentEncryptionKey, Header, KeyManagement};

/// The algorithms that a recipient accepts. There is no default: what a sender may use is for the
/// recipient to say.
#[derive(Debug, Clone, Copy)]
pub struct Accepted<'l> {
    /// The accepted values of `alg`.
    pub alg: &'l [KeyManagement],
    /// The accepted values of `enc`.
    pub enc: &'l [ContentEncryption],
}

/// A JWE that has been taken apart and not yet decrypted.
#[derive(Clone)]
pub struct Encrypted<'a> {
    header: Header,
    encoded_header: &'a str,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    /// The ciphertext and, right behind it, the tag.
    content: Vec<u8>,
    tag_length: usize,
}

impl<'a> Encrypted<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: longer than [`MAXIMUM_TOKEN_LENGTH`], not five segments, or a segment
    /// that is not base64url. [`Error::Json`] and [`Error::Header`]: the header is not acceptable
    /// JSON, lacks `alg` or `enc`, has an ill-typed parameter, or asks for decompression (`zip`).
    /// [`Error::EncryptionNotAccepted`]: `alg` or `enc` is not on the list. [`Error::Critical`]:
    /// there is a `crit`.
    pub fn parse(token: &'a str, accepted: Accepted<'_>) -> Result<Self, Error> {
        let [encoded_header, encrypted_key, iv, ciphertext, tag] =
            segments(token, MAXIMUM_TOKEN_LENGTH)?;
        let header = Header::parse(&decode(Part::Header, encoded_header)?, accepted)?;
        let mut content = decode(Part::Encrypted, ciphertext)?;
        let tag = decode(Part::Encrypted, tag)?;
        content.extend_from_slice(&tag);
        Ok(Self {
            header,
            encoded_header,
            encrypted_key: decode(Part::Encrypted, encrypted_key)?,
            iv: decode(Part::Encrypted, iv)?,
            content,
            tag_length: tag.len(),
        })
    }

    /// The header, which nobody has vouched for.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Decrypts under a key that both sides have (`dir`), and gives the plaintext.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`], whatever the cause: a key of another algorithm, an encrypted key
    /// where none belongs, an initialisation vector or a tag of the wrong length, content that was
    /// changed, or the wrong key.
    pub fn decrypt_direct(mut self, key: &ContentEncryptionKey) -> Result<Vec<u8>, Error> {
        // RFC 7516 section 5.2 step 10: the encrypted key must be empty. A tag must be whole: a
        // truncated one can be guessed.
        let fits = self.header.alg() == KeyManagement::Direct
            && self.header.enc() == key.enc()
            && self.encrypted_key.is_empty()
            && self.tag_length == TAG_LENGTH;
        let iv = self
            .iv
            .as_slice()
            .try_into()
            .ok()
            .filter(|_| fits)
            .ok_or(Error::Decryption)?;
        let length = key
            .key
            .open(iv, self.encoded_header.as_bytes(), &mut self.content)
            .map_err(|_| Error::Decryption)?
            .len();
        self.content.truncate(length);
        Ok(self.content)
    }
}

impl std::fmt::Debug for Encrypted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encrypted")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// In bytes (RFC 7518 section 5.3).
const TAG_LENGTH: usize = 16;
