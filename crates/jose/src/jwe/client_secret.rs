//! Keys derived from a client secret (OpenID Connect Core section 10.2).

use zeroize::Zeroizing;

use crate::{Error, HashAlgorithm, KeyFamily};

use super::algorithms::Mode;
use super::binding::Binding;
use super::{ContentEncryption, KeyManagement};

/// The left part of the secret's hash, as long as the key. The hash is the shortest of SHA-256,
/// SHA-384 and SHA-512 that is long enough.
pub(super) fn derive(
    secret: &str,
    alg: KeyManagement,
    enc: ContentEncryption,
) -> Result<(Zeroizing<Vec<u8>>, Binding), Error> {
    alg.require_support()?;
    enc.require_support()?;
    let (length, binding) = match alg.mode() {
        Mode::Direct => (enc.key_length(), Binding::Direct(enc)),
        Mode::KeyWrap(length) | Mode::GcmKeyWrap(length) => (length, Binding::Alg(alg)),
        Mode::Oaep(_) | Mode::Agreement(_) => {
            return Err(Error::EncryptionKeyMismatch {
                alg,
                found: KeyFamily::Symmetric,
            });
        }
    };
    let hash = match length {
        0..=32 => HashAlgorithm::Sha256,
        33..=48 => HashAlgorithm::Sha384,
        _ => HashAlgorithm::Sha512,
    };
    let mut key = Zeroizing::new(hash.digest(secret.as_bytes()));
    key.truncate(length);
    Ok((key, binding))
}
