use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::backend::{ContentKey, concat_kdf, fill_random};
use crate::compact::{MAXIMUM_TOKEN_LENGTH, decode, decode_onto, room, segments};
use crate::{Error, KeyRejected, Part, backend};

use super::algorithms::Mode;
use super::header::Extra;
use super::{
    ContentEncryption, ContentEncryptionKey, DecryptionKey, Header, KeyAnswer, KeyManagement,
    KeyOperation,
};

/// The algorithms that a recipient accepts. There is no default, because the recipient decides, and
/// not the sender.
#[derive(Debug, Clone, Copy)]
pub struct Accepted<'l> {
    /// The accepted values of `alg`.
    pub alg: &'l [KeyManagement],
    /// The accepted values of `enc`.
    pub enc: &'l [ContentEncryption],
}

/// A JWE that is parsed but not decrypted.
#[derive(Clone)]
pub struct Encrypted<'a> {
    header: Header,
    encrypted_key: Vec<u8>,
    sealed: Sealed<'a>,
}

impl<'a> Encrypted<'a> {
    /// Parses a token.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: longer than [`MAXIMUM_TOKEN_LENGTH`], not five segments, or a segment
    /// that is not base64url. [`Error::Json`] and [`Error::Header`]: the header is not acceptable
    /// JSON, lacks `alg`, `enc` or what `alg` requires (`epk`, or `iv` and `tag`), has an ill-typed
    /// parameter, or asks for decompression (`zip`). [`Error::KeyRejected`]: `epk` is not a public
    /// JWK on a known curve, or is of small order. [`Error::EncryptionNotAccepted`]: `alg` or `enc`
    /// is not on the list.
    /// [`Error::UnsupportedAlgorithm`]: it is on the list, but not in this build.
    /// [`Error::Critical`]: there is a `crit`.
    pub fn parse(token: &'a str, accepted: Accepted<'_>) -> Result<Self, Error> {
        Self::parse_within(token, accepted, MAXIMUM_TOKEN_LENGTH)
    }

    /// Parses a token of at most `limit` bytes, for what an application has encrypted for itself.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse), with this limit.
    pub fn parse_within(
        token: &'a str,
        accepted: Accepted<'_>,
        limit: usize,
    ) -> Result<Self, Error> {
        let [header, encrypted_key, iv, ciphertext, tag] = segments(token, limit)?;
        let sealed_under = header;
        // The header is parsed before ciphertext and tag overwrite it.
        let mut content = room(token);
        decode_onto(&mut content, Part::Header, header)?;
        let header = Header::parse(&content, accepted)?;
        content.clear();
        decode_onto(&mut content, Part::Encrypted, ciphertext)?;
        let ciphertext_length = content.len();
        decode_onto(&mut content, Part::Encrypted, tag)?;
        Ok(Self {
            encrypted_key: decode(Part::Encrypted, encrypted_key)?,
            sealed: Sealed {
                header: Cow::Borrowed(sealed_under),
                iv: decode(Part::Encrypted, iv)?,
                tag_length: content.len().saturating_sub(ciphertext_length),
                content,
            },
            header,
        })
    }

    /// The header. Its content is not verified.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Decrypts with a key, and returns the plaintext. The header of a decrypted token is
    /// authenticated.
    ///
    /// # Errors
    ///
    /// Faults that the header and the key show openly: [`Error::EncryptionKeyMismatch`] and
    /// [`Error::EncryptionNotAccepted`] when the key is not for this `alg` or `enc`, or not on the
    /// curve of `epk`. Every other cause is [`Error::Decryption`]: an unexpected encrypted key, a
    /// part of the wrong length, an `epk` that is not on its curve, changed content, or the wrong
    /// key. [`Error::OperationFailed`] without randomness.
    pub fn decrypt(self, key: &DecryptionKey) -> Result<Vec<u8>, Error> {
        let pending = self.pending()?;
        let answer = key.perform(&pending.operation)?;
        pending.finish(answer)
    }

    /// Decrypts with a prepared key that both sides share (`dir`), and returns the plaintext.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`] for every cause: a key of another algorithm, an unexpected encrypted
    /// key, an initialisation vector or a tag of the wrong length, changed content, or the wrong
    /// key.
    pub fn decrypt_direct(self, key: &ContentEncryptionKey) -> Result<Vec<u8>, Error> {
        // RFC 7516 section 5.2 step 10: the encrypted key must be empty.
        if self.header.alg() != KeyManagement::Direct
            || self.header.enc() != key.enc()
            || !self.encrypted_key.is_empty()
        {
            return Err(Error::Decryption);
        }
        self.sealed.open(key.enc(), &key.key)
    }

    /// Begins a decryption with a key that is elsewhere, for example in an HSM.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::Inconsistent`] when `epk` is not a point of its curve; [`Error::Decryption`]
    /// for an unexpected encrypted key (RFC 7516 section 5.2 step 10).
    pub fn begin(self) -> Result<PendingDecryption, Error> {
        let Pending {
            operation,
            encrypted_key,
            sealed,
        } = self.pending()?;
        if let KeyOperation::Agree { epk, .. } = &operation {
            let (curve, public) = epk
                .parameters
                .agreement()
                .ok_or(KeyRejected::Inconsistent)?;
            backend::check_agreement_point(curve, public).map_err(|_| KeyRejected::Inconsistent)?;
        }
        Ok(PendingDecryption(Pending {
            operation,
            encrypted_key,
            sealed: sealed.into_owned(),
        }))
    }

    fn pending(self) -> Result<Pending<'a>, Error> {
        let (alg, enc) = (self.header.alg(), self.header.enc());
        let mut encrypted_key = self.encrypted_key;
        if matches!(alg.mode(), Mode::Direct | Mode::Agreement(None)) && !encrypted_key.is_empty() {
            return Err(Error::Decryption);
        }
        let operation = match self.header.into_extra() {
            Extra::Agreement { epk, apu, apv } => KeyOperation::Agree {
                alg,
                enc,
                epk,
                apu,
                apv,
            },
            Extra::GcmKeyWrap { iv, tag } => KeyOperation::GcmUnwrap {
                alg,
                enc,
                encrypted_key: std::mem::take(&mut encrypted_key),
                iv,
                tag,
            },
            Extra::None if alg == KeyManagement::Direct => KeyOperation::Direct { enc },
            Extra::None => KeyOperation::Unwrap {
                alg,
                enc,
                encrypted_key: std::mem::take(&mut encrypted_key),
            },
        };
        Ok(Pending {
            operation,
            encrypted_key,
            sealed: self.sealed,
        })
    }
}

impl std::fmt::Debug for Encrypted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encrypted")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// A decryption that waits for its key.
///
/// ```
/// use jose::jwe::{
///     Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyManagement,
///     ProtectedHeader, encrypt,
/// };
/// # if !KeyManagement::A256KW.is_supported() { return Ok(()); }
///
/// let header = ProtectedHeader::new(KeyManagement::A256KW, ContentEncryption::A256GCM);
/// let token = encrypt(&header, &EncryptionKey::symmetric(&[7; 32])?, b"plaintext")?;
///
/// let accepted = Accepted { alg: &[KeyManagement::A256KW], enc: &[ContentEncryption::A256GCM] };
/// let pending = Encrypted::parse(&token, accepted)?.begin()?;
/// // The operation is sent to the key, which here is in the same process.
/// let key = DecryptionKey::symmetric(&[7; 32])?;
/// let answer = key.perform(pending.operation())?;
/// assert_eq!(pending.finish(answer)?, b"plaintext");
/// # Ok::<(), jose::Error>(())
/// ```
#[derive(Clone)]
pub struct PendingDecryption(Pending<'static>);

impl PendingDecryption {
    /// The operation for the key. An `epk` in it is a point of its curve.
    #[must_use]
    pub fn operation(&self) -> &KeyOperation {
        &self.0.operation
    }

    /// Continues with the key's answer, and returns the plaintext.
    ///
    /// # Errors
    ///
    /// [`Error::Decryption`] for every cause: the key rejected the operation, or answered with a
    /// key of the wrong length or a shared secret of zeros, or the content was changed.
    /// [`Error::OperationFailed`] without randomness.
    pub fn finish(self, answer: KeyAnswer) -> Result<Vec<u8>, Error> {
        self.0.finish(answer)
    }
}

impl std::fmt::Debug for PendingDecryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingDecryption")
            .field("operation", &self.0.operation)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Pending<'a> {
    operation: KeyOperation,
    /// The part that is still to be unwrapped after the key agreement.
    encrypted_key: Vec<u8>,
    sealed: Sealed<'a>,
}

impl Pending<'_> {
    /// RFC 7516 section 11.5: a random key replaces a content encryption key that could not be
    /// unwrapped. The failure is then the same as for a changed token, in its error and its time. A
    /// key that is shared or agreed upon needs no replacement, because the cause of its failure is
    /// not secret.
    fn finish(self, answer: KeyAnswer) -> Result<Vec<u8>, Error> {
        let (alg, enc) = (self.operation.alg(), self.operation.enc());
        let stand_in = match alg.mode() {
            Mode::Direct | Mode::Agreement(None) => None,
            _ => Some(random_key(enc)?),
        };
        let key = match answer {
            KeyAnswer::ContentKey(key) => Some(key),
            KeyAnswer::SharedSecret(z) => self.derived_key(&z),
            KeyAnswer::Rejected => None,
        };
        let key = key
            .filter(|key| key.len() == enc.key_length())
            .or(stand_in)
            .ok_or(Error::Decryption)?;
        let key = ContentKey::new(enc, &key).map_err(|_| Error::Decryption)?;
        self.sealed.open(enc, &key)
    }

    /// The content encryption key, from the shared secret: derived (RFC 7518 section 4.6), then
    /// unwrapped where `alg` says so.
    fn derived_key(&self, z: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let KeyOperation::Agree {
            alg,
            enc,
            epk,
            apu,
            apv,
        } = &self.operation
        else {
            return None;
        };
        let (curve, _) = epk.parameters.agreement()?;
        if z.len() != curve.secret_length() || z.iter().all(|byte| *byte == 0) {
            return None;
        }
        match alg.mode() {
            Mode::Agreement(Some(length)) => {
                let wrapping_key = concat_kdf(z, alg.as_str(), apu, apv, length);
                backend::unwrap_key(&wrapping_key, &self.encrypted_key).ok()
            }
            _ => Some(concat_kdf(z, enc.as_str(), apu, apv, enc.key_length())),
        }
    }
}

fn random_key(enc: ContentEncryption) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut key = Zeroizing::new(vec![0; enc.key_length()]);
    fill_random(&mut key).map_err(|_| Error::OperationFailed)?;
    Ok(key)
}

/// The content and the data that authenticate it.
#[derive(Clone)]
struct Sealed<'a> {
    /// The first segment as it was sent: the additional authenticated data.
    header: Cow<'a, str>,
    iv: Vec<u8>,
    /// The ciphertext, followed by the tag.
    content: Vec<u8>,
    tag_length: usize,
}

impl Sealed<'_> {
    fn open(mut self, enc: ContentEncryption, key: &ContentKey) -> Result<Vec<u8>, Error> {
        // A tag must be complete: a truncated tag can be guessed.
        if self.tag_length != enc.tag_length() {
            return Err(Error::Decryption);
        }
        key.open(&self.iv, self.header.as_bytes(), &mut self.content)
            .map_err(|_| Error::Decryption)?;
        Ok(self.content)
    }

    fn into_owned(self) -> Sealed<'static> {
        Sealed {
            header: Cow::Owned(self.header.into_owned()),
            iv: self.iv,
            content: self.content,
            tag_length: self.tag_length,
        }
    }
}
