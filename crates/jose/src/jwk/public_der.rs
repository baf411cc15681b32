//! Public keys in DER and PEM: SPKI (RFC 5280 section 4.1.2.7), PKCS#1 (RFC 8017 appendix A.1.1),
//! and the key of an X.509 certificate.

use pkcs8::der::asn1::{AnyRef, BitStringRef, ContextSpecific};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::{Decode, Document, Reader, Tag, TagNumber, Tagged};
use pkcs8::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};

use crate::{Error, Jwk, KeyRejected, pem};

use super::identifiers::{
    EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION, RSASSA_PSS, X25519, algorithm_identifier,
    curve_identifier, ml_dsa, named,
};
use super::parameters::{OkpCurve, Parameters};
use super::{ec_der, pss};

/// The structure of a public key in DER, and its label in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicKeyFormat {
    /// `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7), for every type of key; `PUBLIC KEY`.
    Spki,
    /// `RSAPublicKey` (PKCS#1, RFC 8017 appendix A.1.1), for RSA alone; `RSA PUBLIC KEY`.
    Pkcs1,
    /// An X.509 certificate (RFC 5280 section 4.1); `CERTIFICATE`. It can only be read. Only its
    /// public key is read: its signature, dates and names are not checked.
    Certificate,
}

impl PublicKeyFormat {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Spki => "PUBLIC KEY",
            Self::Pkcs1 => "RSA PUBLIC KEY",
            Self::Certificate => "CERTIFICATE",
        }
    }

    fn of_label(label: &str) -> Option<Self> {
        match label {
            "PUBLIC KEY" => Some(Self::Spki),
            "RSA PUBLIC KEY" => Some(Self::Pkcs1),
            // RFC 7468 section 5.1: the other two are older names.
            "CERTIFICATE" | "X509 CERTIFICATE" | "X.509 CERTIFICATE" => Some(Self::Certificate),
            _ => None,
        }
    }
}

impl Jwk {
    /// Reads the first document in a PEM text with the label `PUBLIC KEY`, `RSA PUBLIC KEY` or
    /// `CERTIFICATE`; the module [`pem`] says how such a text may be laid out.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::Pem`]; [`KeyRejected::PemLabel`] where there are only other labels; those of
    /// [`from_der`](Self::from_der).
    pub fn from_pem(pem: &str) -> Result<Self, KeyRejected> {
        let mut documents = pem::documents(pem.as_bytes()).peekable();
        let first = documents.peek().map(pem::Document::label);
        for document in documents {
            if let Some(format) = PublicKeyFormat::of_label(document.label()) {
                return Self::from_der(format, &document.der()?);
            }
        }
        Err(
            first.map_or(KeyRejected::Pem, |found| KeyRejected::PemLabel {
                found: found.to_owned(),
            }),
        )
    }

    /// Reads a DER document.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::Der`]; [`KeyRejected::AlgorithmIdentifier`] for another type of key or
    /// another curve; [`KeyRejected::ExplicitParameters`] for a curve that is not named;
    /// [`KeyRejected::CompressedPoint`] without the feature `aws-lc-rs`;
    /// [`KeyRejected::Inconsistent`] for a point of the wrong length;
    /// [`KeyRejected::PssParameters`]; [`KeyRejected::ModulusLength`] and
    /// [`KeyRejected::PublicExponent`]; [`KeyRejected::FaultyGenerator`] and
    /// [`KeyRejected::SmallOrder`].
    pub fn from_der(format: PublicKeyFormat, der: &[u8]) -> Result<Self, KeyRejected> {
        let info = match format {
            PublicKeyFormat::Pkcs1 => return rsa(der).map(Self::bare),
            PublicKeyFormat::Spki => {
                SubjectPublicKeyInfoRef::from_der(der).map_err(|_| not_a("SubjectPublicKeyInfo"))?
            }
            PublicKeyFormat::Certificate => {
                certificate_key(der).map_err(|_| not_a("certificate"))?
            }
        };
        let mut jwk = Self::bare(subject_public_key(&info)?);
        if info.algorithm.oid == RSASSA_PSS {
            jwk.members
                .bind_to_pss(pss::algorithm(info.algorithm.parameters)?);
        }
        Ok(jwk)
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
    /// The errors of [`to_pem`](Self::to_pem).
    pub fn to_der(&self, format: PublicKeyFormat) -> Result<Vec<u8>, Error> {
        Ok(self.document(format)?.into_vec())
    }

    fn document(&self, format: PublicKeyFormat) -> Result<Document, Error> {
        let failed = |_| Error::OperationFailed;
        let rsa_document;
        let key = match (&self.parameters, format) {
            (Parameters::Rsa(key), PublicKeyFormat::Spki | PublicKeyFormat::Pkcs1) => {
                let key = pkcs1::RsaPublicKeyRef {
                    modulus: pkcs1::UintRef::new(&key.n).map_err(failed)?,
                    public_exponent: pkcs1::UintRef::new(&key.e).map_err(failed)?,
                };
                rsa_document = Document::encode_msg(&key).map_err(failed)?;
                if format == PublicKeyFormat::Pkcs1 {
                    return Ok(rsa_document);
                }
                rsa_document.as_bytes()
            }
            (Parameters::Ec { point, .. }, PublicKeyFormat::Spki) => point,
            (Parameters::Okp { x, .. }, PublicKeyFormat::Spki) => x.as_slice(),
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
        RSA_ENCRYPTION | RSASSA_PSS => return rsa(key),
        EC_PUBLIC_KEY => {
            let parameters = info.algorithm.parameters;
            if parameters.is_some_and(|parameters| parameters.tag() == Tag::Sequence) {
                return Err(KeyRejected::ExplicitParameters);
            }
            let curve = info.algorithm.parameters_oid();
            let curve = named(curve.map_err(|_| not_a("SubjectPublicKeyInfo"))?)?;
            return ec_der::public(curve, key);
        }
        ED25519 => Parameters::okp(OkpCurve::Ed25519, key)?,
        X25519 => Parameters::okp(OkpCurve::X25519, key)?,
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
        // Identifiers and extensions may follow.
        while !members.is_finished() {
            AnyRef::decode(members)?;
        }
        Ok(key)
    })
}

fn not_a(expected: &'static str) -> KeyRejected {
    KeyRejected::Der { expected }
}
