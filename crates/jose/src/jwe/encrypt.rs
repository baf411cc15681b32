use crate::{Error, base64url};

use super::{ContentEncryptionKey, ProtectedHeader};

/// Encrypts under a key that the recipient has already (`dir`, RFC 7516 section 5.1) and gives the
/// compact serialisation.
///
/// The initialisation vector must never repeat under one key: whoever sees two messages with the
/// same one can read both and forge more. Fresh random bytes serve for up to 2^32 messages under
/// one key (NIST SP 800-38D section 8.3).
///
/// # Errors
///
/// [`Error::EncryptionNotAccepted`] when the header's `enc` is not that of the key;
/// [`Error::OperationFailed`] when the plaintext is longer than the algorithm allows (64 GiB).
pub fn encrypt_direct(
    header: &ProtectedHeader,
    key: &ContentEncryptionKey,
    iv: [u8; 12],
    plaintext: &[u8],
) -> Result<String, Error> {
    if header.enc != key.enc() {
        return Err(Error::EncryptionNotAccepted {
            member: "enc",
            found: header.enc.to_string(),
        });
    }
    let header = base64url::encode(header.to_json().as_bytes());
    let mut content = plaintext.to_vec();
    let tag = key
        .key
        .seal(iv, header.as_bytes(), &mut content)
        .map_err(|_| Error::OperationFailed)?;
    // The second segment, the encrypted key, is empty (RFC 7518 section 4.5).
    let segments = [
        &header,
        "",
        &base64url::encode(&iv),
        &base64url::encode(&content),
        &base64url::encode(&tag),
    ];
    Ok(segments.join("."))
}
