//! RSA-OAEP (RFC 7518 section 4.3, RFC 8017 section 7.1), without a label.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{
    KeyPair, KeyPairComponents, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384,
    OAEP_SHA512_MGF1SHA512, OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey, PublicKeyComponents,
};
use zeroize::Zeroizing;

use super::{OaepHash, Refused, RsaComponents};

/// A private RSA key.
pub(crate) struct OaepDecryptor(OaepPrivateDecryptingKey);

impl OaepDecryptor {
    pub(crate) fn new(key: &RsaComponents<'_>) -> Result<Self, Refused> {
        let key = KeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents { n: key.n, e: key.e },
            d: key.d,
            p: key.p,
            q: key.q,
            dP: key.dp,
            dQ: key.dq,
            qInv: key.qi,
        })
        .map_err(|_| Refused)?;
        // The library decrypts only with a key that it has read from PKCS#8.
        let document = key.as_der().map_err(|_| Refused)?;
        let key = PrivateDecryptingKey::from_pkcs8(document.as_ref()).map_err(|_| Refused)?;
        OaepPrivateDecryptingKey::new(key)
            .map(Self)
            .map_err(|_| Refused)
    }

    pub(crate) fn decrypt(
        &self,
        hash: OaepHash,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut plaintext = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let length = self
            .0
            .decrypt(algorithm(hash), ciphertext, &mut plaintext, None)
            .map_err(|_| Refused)?
            .len();
        plaintext.truncate(length);
        Ok(plaintext)
    }
}

/// A public RSA key.
pub(crate) struct OaepEncryptor(OaepPublicEncryptingKey);

impl OaepEncryptor {
    pub(crate) fn new(n: &[u8], e: &[u8]) -> Result<Self, Refused> {
        let key: PublicEncryptingKey = PublicKeyComponents { n, e }
            .try_into()
            .map_err(|_| Refused)?;
        OaepPublicEncryptingKey::new(key)
            .map(Self)
            .map_err(|_| Refused)
    }

    pub(crate) fn encrypt(&self, hash: OaepHash, plaintext: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut ciphertext = vec![0; self.0.ciphertext_size()];
        let length = self
            .0
            .encrypt(algorithm(hash), plaintext, &mut ciphertext, None)
            .map_err(|_| Refused)?
            .len();
        ciphertext.truncate(length);
        Ok(ciphertext)
    }
}

fn algorithm(hash: OaepHash) -> &'static OaepAlgorithm {
    match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
        OaepHash::Sha384 => &OAEP_SHA384_MGF1SHA384,
        OaepHash::Sha512 => &OAEP_SHA512_MGF1SHA512,
    }
}
