//! AES-CBC with HMAC (RFC 7518 section 5.2), composed of library calls.

use aws_lc_rs::cipher;
use aws_lc_rs::cipher::{
    DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Hmac, Refused};
use crate::HashAlgorithm;

/// A key of `A128CBC-HS256`, `A192CBC-HS384` or `A256CBC-HS512`: its first half authenticates, its
/// second half encrypts. Initialisation vectors have 16 bytes, tags are half as long as the key.
pub(crate) struct CbcHmac {
    mac: Hmac,
    algorithm: &'static cipher::Algorithm,
    encryption: Zeroizing<Vec<u8>>,
}

impl CbcHmac {
    pub(crate) fn new(key: &[u8]) -> Result<Self, Refused> {
        let (hash, algorithm) = match key.len() {
            32 => (HashAlgorithm::Sha256, &cipher::AES_128),
            48 => (HashAlgorithm::Sha384, &cipher::AES_192),
            64 => (HashAlgorithm::Sha512, &cipher::AES_256),
            _ => return Err(Refused),
        };
        let (mac, encryption) = key.split_at_checked(key.len() / 2).ok_or(Refused)?;
        Ok(Self {
            mac: Hmac::new(hash, mac),
            algorithm,
            encryption: Zeroizing::new(encryption.to_vec()),
        })
    }

    /// Encrypts, then authenticates (section 5.2.2.1).
    pub(crate) fn seal(
        &self,
        iv: &[u8],
        additional: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let context = EncryptionContext::Iv128(iv.try_into().map_err(|_| Refused)?);
        PaddedBlockEncryptingKey::cbc_pkcs7(self.key()?)
            .and_then(|key| key.less_safe_encrypt(content, context))
            .map_err(|_| Refused)?;
        let mac = self.mac(iv, additional, content);
        content.extend_from_slice(self.tag(&mac));
        Ok(())
    }

    /// Verifies, then decrypts (section 5.2.2.2). The padding of unauthenticated content is never
    /// read.
    pub(crate) fn open(
        &self,
        iv: &[u8],
        additional: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let context = DecryptionContext::Iv128(iv.try_into().map_err(|_| Refused)?);
        let length = content
            .len()
            .checked_sub(self.tag_length())
            .ok_or(Refused)?;
        let (ciphertext, tag) = content.split_at_checked(length).ok_or(Refused)?;
        let expected = self.mac(iv, additional, ciphertext);
        if !bool::from(self.tag(&expected).ct_eq(tag)) {
            return Err(Refused);
        }
        content.truncate(length);
        let length = PaddedBlockDecryptingKey::cbc_pkcs7(self.key()?)
            .map_err(|_| Refused)?
            .decrypt(content, context)
            .map_err(|_| Refused)?
            .len();
        content.truncate(length);
        Ok(())
    }

    fn key(&self) -> Result<UnboundCipherKey, Refused> {
        UnboundCipherKey::new(self.algorithm, &self.encryption).map_err(|_| Refused)
    }

    fn tag_length(&self) -> usize {
        self.encryption.len()
    }

    /// Over the header, the initialisation vector, the ciphertext and the header's length in bits.
    fn mac(&self, iv: &[u8], additional: &[u8], ciphertext: &[u8]) -> impl AsRef<[u8]> + use<> {
        let bits = (additional.len() as u64).saturating_mul(8).to_be_bytes();
        self.mac.sign_pieces(&[additional, iv, ciphertext, &bits])
    }

    /// The first half of the MAC.
    fn tag<'m>(&self, mac: &'m impl AsRef<[u8]>) -> &'m [u8] {
        let mac = mac.as_ref();
        mac.get(..self.tag_length()).unwrap_or(mac)
    }
}
