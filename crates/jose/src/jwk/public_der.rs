//! Public keys in DER and PEM: SPKI (RFC 5280 section 4.1.2.7), PKCS#1 (RFC 8017 appendix A.1.1), and
//! out of an X.509 certificate.

use pkcs8::der::asn1::{AnyRef, BitStringRef, ContextSpecific};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::{Decode, Document, Reader, TagNumber};
use pkcs8::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};

use crate::{Error, Jwk, KeyRejected};

use super::identifiers::{
    EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION, X25519, algorithm_identifier, curve_identifier, ml_dsa,
    named,
};
use super::parameters::{OkpCurve, Parameters, fixed};

/// How a public key is laid out in DER, and the label it has in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicKeyFormat {
    /// `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7), for every type of key; `PUBLIC KEY`.
    Spki,
    /// `RSAPublicKey` (PKCS#1, RFC 8017 appendix A.1.1), for RSA alone; `RSA PUBLIC KEY`.
    Pkcs1,
    /// An X.509 certificate (RFC 5280 section 4.1); `CERTIFICATE`. It can only be read. Its public
    /// key is taken and nothing else: not its signature, not its dates, not its names.
    Certificate,
}

impl PublicKeyFormat {
    const ALL: [Self; 3] = [Self::Spki, Self::Pkcs1, Self::Certificate];

    const fn label(self) -> &'static str {
        match self {
            Self::Spki => "PUBLIC KEY",
            Self::Pkcs1 => "RSA PUBLIC KEY",
            Self::Certificate => "CERTIFICATE",
        }
    }
}

impl Jwk {
    /// Reads a PEM document with the label `PUBLIC KEY`, `RSA PUBLIC KEY` or `CERTIFICATE`.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::Pem`]; [`KeyRejected::PemLabel`] for any other label; those of
    /// [`from_der`](Self::from_der).
    pub fn from_pem(pem: &str) -> Result<Self, KeyRejected> {
        let (label, document) = Document::from_pem(pem).map_err(|_| KeyRejected::Pem)?;
        let format = PublicKeyFormat::ALL
            .into_iter()
            .find(|format| format.label() == label);
        let format = format.ok_or_else(|| KeyRejected::PemLabel {
            found: label.to_owned(),
        })?;
        Self::from_der(format, document.as_bytes())
    }

    /// Reads a DER document.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::Der`]; [`KeyRejected::AlgorithmIdentifier`] for another type of key or
    /// another curve; [`KeyRejected::Inconsistent`] for a point that is compressed or of the wrong
    /// length; [`KeyRejected::ModulusLength`] and [`KeyRejected::PublicExponent`].
    pub fn from_der(format: PublicKeyFormat, der: &[u8]) -> Result<Self, KeyRejected> {
        let parameters = match format {
            PublicKeyFormat::Pkcs1 => rsa(der)?,
            PublicKeyFormat::Spki => {
                let info = SubjectPublicKeyInfoRef::from_der(der);
                subject_public_key(&info.map_err(|_| not_a("SubjectPublicKeyInfo"))?)?
            }
            PublicKeyFormat::Certificate => {
                let info = certificate_key(der).map_err(|_| not_a("certificate"))?;
                subject_public_key(&info)?
            }
        };
        Ok(Self::bare(parameters))
    }

    /// The numbers of the key as a PEM document.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::PublicKeyFormat`] when the format is not for this type of key.
    pub fn to_pem(&self, format: PublicKeyFormat) -> Result<String, Error> {
        self.document(format)?
            .to_pem(format.label(), LineEnding::LF)
            .map_err(|_| Error::OperationFailed)
    }

    /// The numbers of the key as a DER document.
    ///
    /// # Errors
    ///
    /// Those of [`to_pem`](Self::to_pem).
    pub fn to_der(&self, format: PublicKeyFormat) -> Result<Vec<u8>, Error> {
        Ok(self.document(format)?.into_vec())
    }

    fn document(&self, format: PublicKeyFormat) -> Result<Document, Error> {
        let failed = |_| Error::OperationFailed;
        let rsa_document;
        let key = match (&self.parameters, format) {
            (Parameters::Rsa { n, e }, PublicKeyFormat::Spki | PublicKeyFormat::Pkcs1) => {
                let key = pkcs1::RsaPublicKeyRef {
                    modulus: pkcs1::UintRef::new(n).map_err(failed)?,
                    public_exponent: pkcs1::UintRef::new(e).map_err(failed)?,
                };
                rsa_document = Document::encode_msg(&key).map_err(failed)?;
                if format == PublicKeyFormat::Pkcs1 {
                    return Ok(rsa_document);
                }
                rsa_document.as_bytes()
            }
            (Parameters::Ec { point, .. }, PublicKeyFormat::Spki) => point,
            (Parameters::Okp { x, .. }, PublicKeyFormat::Spki) => x,
            (Parameters::Akp { public, .. }, PublicKeyFormat::Spki) => public,
            _ => return Err(KeyRejected::PublicKeyFormat { format }.into()),
        };
        let curve = match &self.parameters {
            Parameters::Ec { curve, .. } => Some(curve_identifier(*curve)),
            _ => None,
        };
        let mut algorithm = algorithm_identifier(&self.parameters);
        if let Some(curve) = &curve {
            algorithm.parameters = Some(curve.into());
        }
        let info = SubjectPublicKeyInfo {
            algorithm,
            subject_public_key: BitStringRef::from_bytes(key).map_err(failed)?,
        };
        Document::encode_msg(&info).map_err(failed)
    }
}

fn subject_public_key(info: &SubjectPublicKeyInfoRef<'_>) -> Result<Parameters, KeyRejected> {
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or(not_a("SubjectPublicKeyInfo"))?;
    let parameters = match info.algorithm.oid {
        RSA_ENCRYPTION => return rsa(key),
        EC_PUBLIC_KEY => {
            let curve = info.algorithm.parameters_oid();
            let curve = named(curve.map_err(|_| not_a("SubjectPublicKeyInfo"))?)?;
            return Parameters::ec_point(curve, key);
        }
        ED25519 => Parameters::Okp {
            curve: OkpCurve::Ed25519,
            x: fixed("x", key)?,
        },
        X25519 => Parameters::Okp {
            curve: OkpCurve::X25519,
            x: fixed("x", key)?,
        },
        other => match ml_dsa(other) {
            Some(set) => Parameters::akp(set, key.to_vec())?,
            None => {
                return Err(KeyRejected::AlgorithmIdentifier {
                    oid: other.to_string(),
                });
            }
        },
    };
    // RFC 8410 section 3, RFC 9881 section 2: the other types have no parameters.
    if info.algorithm.parameters.is_some() {
        return Err(not_a("SubjectPublicKeyInfo"));
    }
    Ok(parameters)
}

fn rsa(document: &[u8]) -> Result<Parameters, KeyRejected> {
    let key = pkcs1::RsaPublicKeyRef::from_der(document).map_err(|_| not_a("RSAPublicKey"))?;
    Parameters::rsa(
        key.modulus.as_bytes().to_vec(),
        key.public_exponent.as_bytes().to_vec(),
    )
}

/// RFC 5280 section 4.1: `subjectPublicKeyInfo` follows `version` (which may be absent),
/// `serialNumber`, `signature`, `issuer`, `validity` and `subject`.
fn certificate_key(document: &[u8]) -> pkcs8::der::Result<SubjectPublicKeyInfoRef<'_>> {
    let to_be_signed = AnyRef::from_der(document)?.sequence(|certificate| {
        let to_be_signed = AnyRef::decode(certificate)?;
        let _algorithm = AnyRef::decode(certificate)?;
        let _signature = AnyRef::decode(certificate)?;
        Ok::<_, pkcs8::der::Error>(to_be_signed)
    })?;
    to_be_signed.sequence(|members| {
        let _version = ContextSpecific::<AnyRef<'_>>::decode_explicit(members, TagNumber(0))?;
        for _ in 0..5 {
            AnyRef::decode(members)?;
        }
        let key = SubjectPublicKeyInfoRef::decode(members)?;
        // Identifiers and extensions, for others to read.
        while !members.is_finished() {
            AnyRef::decode(members)?;
        }
        Ok(key)
    })
}

fn not_a(expected: &'static str) -> KeyRejected {
    KeyRejected::Der { expected }
}
