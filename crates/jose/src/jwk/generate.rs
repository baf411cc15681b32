//! New keys, with randomness from the operating system.

use zeroize::Zeroizing;

use crate::backend::{AgreementCurve, AgreementKey, Curve, Ed25519Signer, MlDsa, MlDsaSigner};
use crate::jwe::KeyManagement;
use crate::{Error, KeyFamily, KeyRejected, SignatureAlgorithm, backend};

use super::parameters::{OkpCurve, Parameters};
use super::private::{PrivateNumbers, PrivateParameters};
use super::private_der::{PrivateKeyFormat, from_der};

/// Generates a key. An RSA key has 2048 bits.
pub(super) fn new_key(family: KeyFamily) -> Result<PrivateParameters, Error> {
    let failed = |_| Error::OperationFailed;
    match family {
        KeyFamily::Rsa => new_rsa_key(2048),
        KeyFamily::P256 => new_ec_key(Curve::P256),
        KeyFamily::P384 => new_ec_key(Curve::P384),
        KeyFamily::P521 => {
            SignatureAlgorithm::ES512.require_support()?;
            new_ec_key(Curve::P521)
        }
        KeyFamily::Ed25519 => {
            let seed = backend::random_seed().map_err(failed)?;
            let key = Ed25519Signer::new(&seed).map_err(failed)?;
            new_okp_key(OkpCurve::Ed25519, &seed, key.public())
        }
        KeyFamily::X25519 => {
            KeyManagement::EcdhEs.require_support()?;
            let seed = backend::random_seed().map_err(failed)?;
            let key = AgreementKey::new(AgreementCurve::X25519, seed.as_slice());
            let public = key.and_then(|key| key.public()).map_err(failed)?;
            new_okp_key(OkpCurve::X25519, &seed, &public)
        }
        KeyFamily::MlDsa44 => new_ml_dsa_key(MlDsa::MlDsa44),
        KeyFamily::MlDsa65 => new_ml_dsa_key(MlDsa::MlDsa65),
        KeyFamily::MlDsa87 => new_ml_dsa_key(MlDsa::MlDsa87),
        KeyFamily::Hmac | KeyFamily::Symmetric => Err(KeyRejected::Symmetric.into()),
    }
}

pub(super) fn new_rsa_key(bits: usize) -> Result<PrivateParameters, Error> {
    if !matches!(bits, 2048 | 3072 | 4096) {
        return Err(KeyRejected::ModulusLength {
            minimum: 2048,
            maximum: 4096,
            found: bits,
        }
        .into());
    }
    if !cfg!(feature = "aws-lc-rs") {
        return Err(Error::UnsupportedAlgorithm {
            alg: "RSA key generation",
            feature: "aws-lc-rs",
        });
    }
    let document = backend::generate_rsa(bits).map_err(|_| Error::OperationFailed)?;
    Ok(from_der(PrivateKeyFormat::Pkcs8, &document)?.parameters)
}

fn new_ec_key(curve: Curve) -> Result<PrivateParameters, Error> {
    let document = backend::generate_ec(curve).map_err(|_| Error::OperationFailed)?;
    Ok(from_der(PrivateKeyFormat::Pkcs8, &document)?.parameters)
}

fn new_ml_dsa_key(set: MlDsa) -> Result<PrivateParameters, Error> {
    set.algorithm().require_support()?;
    let failed = |_| Error::OperationFailed;
    let seed = backend::random_seed().map_err(failed)?;
    let key = MlDsaSigner::new(set, seed.as_slice()).map_err(failed)?;
    let public = Parameters::akp(set, key.public().to_vec())?;
    let numbers = PrivateNumbers::Curve(Zeroizing::new(seed.to_vec()));
    Ok(PrivateParameters::new(public, numbers)?)
}

fn new_okp_key(
    curve: OkpCurve,
    seed: &Zeroizing<[u8; 32]>,
    public: &[u8],
) -> Result<PrivateParameters, Error> {
    let public = Parameters::okp(curve, public)?;
    let numbers = PrivateNumbers::Curve(Zeroizing::new(seed.to_vec()));
    Ok(PrivateParameters::new(public, numbers)?)
}
