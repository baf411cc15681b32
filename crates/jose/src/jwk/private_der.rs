//! Private keys in DER and PEM: PKCS#8 (RFC 5958), which contains the structures of RFC 8017
//! appendix A.1.2, RFC 5915, RFC 8410 and RFC 9881; PKCS#1 and SEC 1, which are the first two
//! alone.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::pem::LineEnding;
use pkcs8::der::{Decode, Encode, SecretDocument, Tag, Tagged};
use zeroize::Zeroizing;

use crate::backend::{AgreementCurve, AgreementKey, Ed25519Signer};
use crate::jwe::KeyManagement;
use crate::{Error, KeyRejected, pem};

use super::identifiers::{
    EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION, RSASSA_PSS, X25519, algorithm_identifier,
    curve_identifier, ml_dsa,
};
use super::parameters::{OkpCurve, Parameters, fixed};
use super::private::{PrivateNumbers, PrivateParameters, RsaNumbers};
use super::{OtherMembers, ec_der, encrypted, ml_dsa_der, pss};

/// The structure of a private key in DER, and its label in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrivateKeyFormat {
    /// `PrivateKeyInfo` (PKCS#8, RFC 5958), for every type of key; `PRIVATE KEY`. An ML-DSA key is
    /// written as its seed.
    Pkcs8,
    /// `RSAPrivateKey` (PKCS#1, RFC 8017 appendix A.1.2), for RSA alone; `RSA PRIVATE KEY`.
    Pkcs1,
    /// `ECPrivateKey` (SEC 1, RFC 5915), for the NIST curves alone; `EC PRIVATE KEY`.
    Sec1,
}

impl PrivateKeyFormat {
    pub(super) const ALL: [Self; 3] = [Self::Pkcs8, Self::Pkcs1, Self::Sec1];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PRIVATE KEY",
            Self::Pkcs1 => "RSA PRIVATE KEY",
            Self::Sec1 => "EC PRIVATE KEY",
        }
    }
}

/// A private key, and what its document says about the key.
pub(crate) struct Read {
    pub(crate) parameters: PrivateParameters,
    pub(crate) members: OtherMembers,
}

impl From<PrivateParameters> for Read {
    fn from(parameters: PrivateParameters) -> Self {
        Self {
            members: OtherMembers::of(&parameters.public),
            parameters,
        }
    }
}

/// Reads the first document in a PEM text whose label is one of `accepted`.
pub(crate) fn from_pem(pem: &str, accepted: &[PrivateKeyFormat]) -> Result<Read, Error> {
    let (format, document) = document_in_pem(pem, accepted)?;
    from_der(format, &document)
}

/// Decodes the first document in a PEM text whose label is one of `accepted`. Other documents, such
/// as certificates and parameters, are skipped.
pub(super) fn document_in_pem(
    pem: &str,
    accepted: &[PrivateKeyFormat],
) -> Result<(PrivateKeyFormat, Zeroizing<Vec<u8>>), KeyRejected> {
    let mut found = None;
    for document in pem::documents(pem.as_bytes()) {
        let label = document.label();
        if let Some(format) = accepted.iter().find(|format| format.label() == label) {
            return Ok((*format, document.der()?));
        }
        // The label of a private key explains the refusal better than an earlier label.
        if found.is_none_or(|found: &str| !found.ends_with(PRIVATE)) {
            found = match found {
                Some(found) if !label.ends_with(PRIVATE) => Some(found),
                _ => Some(label),
            };
        }
    }
    match found {
        Some(encrypted::LABEL) => Err(KeyRejected::Encrypted),
        Some(label) => Err(KeyRejected::PemLabel {
            found: label.to_owned(),
        }),
        None => Err(KeyRejected::Pem),
    }
}

const PRIVATE: &str = "PRIVATE KEY";

/// Reads a DER document.
pub(crate) fn from_der(format: PrivateKeyFormat, document: &[u8]) -> Result<Read, Error> {
    match format {
        PrivateKeyFormat::Pkcs8 => pkcs8(document),
        PrivateKeyFormat::Pkcs1 => rsa(document).map(Read::from),
        PrivateKeyFormat::Sec1 => ec_der::private(None, document).map(Read::from),
    }
}

/// Writes a PEM document.
pub(super) fn to_pem(
    format: PrivateKeyFormat,
    key: &PrivateParameters,
) -> Result<Zeroizing<String>, Error> {
    document(format, key)?
        .to_pem(format.label(), LineEnding::LF)
        .map_err(|_| Error::OperationFailed)
}

/// Writes a DER document.
pub(super) fn to_der(
    format: PrivateKeyFormat,
    key: &PrivateParameters,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    Ok(document(format, key)?.to_bytes())
}

fn pkcs8(document: &[u8]) -> Result<Read, Error> {
    let info = PrivateKeyInfoRef::from_der(document).map_err(|_| KeyRejected::Pkcs8)?;
    let key = info.private_key.as_bytes();
    let parameters = match info.algorithm.oid {
        RSA_ENCRYPTION => rsa(key),
        RSASSA_PSS => {
            let mut read = Read::from(rsa(key)?);
            read.members
                .bind_to_pss(pss::algorithm(info.algorithm.parameters)?);
            return Ok(read);
        }
        EC_PUBLIC_KEY => {
            let parameters = info.algorithm.parameters;
            if parameters.is_some_and(|parameters| parameters.tag() == Tag::Sequence) {
                return Err(KeyRejected::ExplicitParameters.into());
            }
            let curve = info
                .algorithm
                .parameters_oid()
                .map_err(|_| KeyRejected::Pkcs8)?;
            ec_der::private(Some(curve), key)
        }
        ED25519 => okp(OkpCurve::Ed25519, key, &info),
        X25519 => okp(OkpCurve::X25519, key, &info),
        other => match ml_dsa(other) {
            Some(set) => ml_dsa_der::from_pkcs8(set, &info),
            None => Err(KeyRejected::AlgorithmIdentifier {
                oid: other.to_string(),
            }
            .into()),
        },
    };
    parameters.map(Read::from)
}

/// Reads a key of Ed25519 or X25519. The public key is computed, and is optional in the document
/// (RFC 8410 section 7).
fn okp(
    curve: OkpCurve,
    key: &[u8],
    info: &PrivateKeyInfoRef<'_>,
) -> Result<PrivateParameters, Error> {
    // RFC 8410 section 3: the parameters must be absent.
    if info.algorithm.parameters.is_some() {
        return Err(KeyRejected::Pkcs8.into());
    }
    let seed = <&OctetStringRef>::from_der(key).map_err(|_| KeyRejected::Pkcs8)?;
    let seed = Zeroizing::new(fixed("d", seed.as_bytes())?);
    let inconsistent = |_| KeyRejected::Inconsistent;
    let x = match curve {
        OkpCurve::Ed25519 => {
            let key = Ed25519Signer::new(&seed).map_err(inconsistent)?;
            fixed("x", key.public())?
        }
        OkpCurve::X25519 => {
            KeyManagement::EcdhEs.require_support()?;
            let key = AgreementKey::new(AgreementCurve::X25519, seed.as_slice());
            fixed(
                "x",
                &key.and_then(|key| key.public()).map_err(inconsistent)?,
            )?
        }
    };
    if let Some(public) = info.public_key
        && public.as_bytes() != Some(&x)
    {
        return Err(KeyRejected::Inconsistent.into());
    }
    let numbers = PrivateNumbers::Curve(Zeroizing::new(seed.to_vec()));
    Ok(PrivateParameters::new(
        Parameters::okp(curve, &x)?,
        numbers,
    )?)
}

/// Reads an `RSAPrivateKey` (RFC 8017 appendix A.1.2).
fn rsa(document: &[u8]) -> Result<PrivateParameters, Error> {
    let key = pkcs1::RsaPrivateKeyRef::from_der(document).map_err(|_| not_a("RSAPrivateKey"))?;
    // Keys of more than two primes (RFC 8017 appendix A.1.2).
    if key.other_prime_infos.is_some() {
        return Err(KeyRejected::MorePrimes.into());
    }
    let secret = |number: pkcs1::UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    let public = Parameters::rsa(
        key.modulus.as_bytes().to_vec(),
        key.public_exponent.as_bytes().to_vec(),
    )?;
    let numbers = PrivateNumbers::Rsa(RsaNumbers {
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    });
    Ok(PrivateParameters::new(public, numbers)?)
}

fn document(format: PrivateKeyFormat, key: &PrivateParameters) -> Result<SecretDocument, Error> {
    let failed = |_| Error::OperationFailed;
    let wrong_format = KeyRejected::PrivateKeyFormat { format }.into();
    let (inner, curve) = match (&key.public, &key.numbers, format) {
        (Parameters::Rsa(_), _, PrivateKeyFormat::Pkcs1) => return rsa_document(key),
        (Parameters::Rsa(_), _, PrivateKeyFormat::Pkcs8) => (rsa_document(key)?.to_bytes(), None),
        (Parameters::Ec { curve, point }, PrivateNumbers::Curve(d), _)
            if format != PrivateKeyFormat::Pkcs1 =>
        {
            // In SEC 1 the structure names its curve. In PKCS#8 the structure around it does.
            let curve = curve_identifier(*curve);
            let key = sec1::EcPrivateKey {
                private_key: d,
                parameters: (format == PrivateKeyFormat::Sec1).then(|| curve.into()),
                public_key: Some(point),
            };
            let document = SecretDocument::encode_msg(&key).map_err(failed)?;
            if format == PrivateKeyFormat::Sec1 {
                return Ok(document);
            }
            (document.to_bytes(), Some(curve))
        }
        (Parameters::Okp { .. }, PrivateNumbers::Curve(seed), PrivateKeyFormat::Pkcs8) => {
            let seed = OctetStringRef::new(seed).map_err(failed)?;
            (Zeroizing::new(seed.to_der().map_err(failed)?), None)
        }
        (Parameters::Akp { .. }, PrivateNumbers::Curve(seed), PrivateKeyFormat::Pkcs8) => {
            (ml_dsa_der::seed(seed)?, None)
        }
        _ => return Err(wrong_format),
    };
    let mut algorithm = algorithm_identifier(&key.public);
    if let Some(curve) = &curve {
        algorithm.parameters = Some(curve.into());
    }
    let inner = OctetStringRef::new(&inner).map_err(failed)?;
    SecretDocument::encode_msg(&PrivateKeyInfoRef::new(algorithm, inner)).map_err(failed)
}

fn rsa_document(key: &PrivateParameters) -> Result<SecretDocument, Error> {
    let numbers = key.rsa().ok_or(Error::OperationFailed)?;
    let number = |bytes| pkcs1::UintRef::new(bytes).map_err(|_| Error::OperationFailed);
    let key = pkcs1::RsaPrivateKeyRef {
        modulus: number(numbers.n)?,
        public_exponent: number(numbers.e)?,
        private_exponent: number(numbers.d)?,
        prime1: number(numbers.p)?,
        prime2: number(numbers.q)?,
        exponent1: number(numbers.dp)?,
        exponent2: number(numbers.dq)?,
        coefficient: number(numbers.qi)?,
        other_prime_infos: None,
    };
    SecretDocument::encode_msg(&key).map_err(|_| Error::OperationFailed)
}

fn not_a(expected: &'static str) -> KeyRejected {
    KeyRejected::Der { expected }
}
