//! Private keys that a passphrase protects: PKCS#8 with PBES2 (RFC 5958 section 3, RFC 8018 section
//! 6.2).

use zeroize::Zeroizing;

use crate::{Error, KeyRejected, pem};

/// Reads the first encrypted private key in a PEM text, and returns the PKCS#8 document in it.
pub(super) fn pkcs8_in_pem(pem: &str, passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let document = pem::documents(pem.as_bytes()).find(|document| document.label() == LABEL);
    let document = document.ok_or_else(|| {
        // Decoding a key in the traditional form fails with the right error.
        let traditional = pem::documents(pem.as_bytes())
            .any(|document| document.der() == Err(KeyRejected::EncryptedTraditional));
        if traditional {
            return KeyRejected::EncryptedTraditional;
        }
        match pem::documents(pem.as_bytes()).next() {
            Some(document) => KeyRejected::PemLabel {
                found: document.label().to_owned(),
            },
            None => KeyRejected::Pem,
        }
    })?;
    decrypt(&document.der()?, passphrase)
}

#[cfg(feature = "encrypted-keys")]
pub(super) fn decrypt(document: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    use pkcs8::der::Decode as _;
    use pkcs8::pkcs5::{EncryptionScheme, pbes2};
    use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};

    let info = EncryptedPrivateKeyInfoRef::from_der(document)
        .map_err(|_| KeyRejected::EncryptionScheme)?;
    let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm else {
        return Err(KeyRejected::EncryptionScheme.into());
    };
    match &parameters.kdf {
        pbes2::Kdf::Pbkdf2(kdf) if kdf.iteration_count <= MOST_ITERATIONS => {}
        pbes2::Kdf::Scrypt(kdf) => {
            let blocks = kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size));
            let work = blocks.saturating_mul(u64::from(kdf.parallelization));
            if blocks.saturating_mul(128) > MOST_MEMORY || work > MOST_BLOCKS {
                return Err(KeyRejected::EncryptionCost.into());
            }
        }
        pbes2::Kdf::Pbkdf2(_) => return Err(KeyRejected::EncryptionCost.into()),
        _ => return Err(KeyRejected::EncryptionScheme.into()),
    }
    let decrypted = info.decrypt(passphrase).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(
            pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs8::pkcs5::Error::NoPbes1CryptSupport
            | pkcs8::pkcs5::Error::AlgorithmParametersInvalid { .. },
        ) => KeyRejected::EncryptionScheme,
        _ => KeyRejected::Passphrase,
    })?;
    let decrypted = decrypted.to_bytes();
    // One in 256 wrong passphrases gives a valid padding.
    PrivateKeyInfoRef::from_der(&decrypted).map_err(|_| KeyRejected::Passphrase)?;
    Ok(decrypted)
}

#[cfg(not(feature = "encrypted-keys"))]
pub(super) fn decrypt(_: &[u8], _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    Err(Error::UnsupportedAlgorithm {
        alg: "PBES2",
        feature: "encrypted-keys",
    })
}

/// RFC 7468 section 11.
pub(super) const LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// The most iterations of PBKDF2, which take some seconds.
#[cfg(feature = "encrypted-keys")]
const MOST_ITERATIONS: u32 = 10_000_000;
/// The most memory of scrypt, in bytes.
#[cfg(feature = "encrypted-keys")]
const MOST_MEMORY: u64 = 256 << 20;
/// The most blocks of scrypt, each of 128 bytes, over all lanes.
#[cfg(feature = "encrypted-keys")]
const MOST_BLOCKS: u64 = 1 << 22;
