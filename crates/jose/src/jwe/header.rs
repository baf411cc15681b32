use serde_json::{Map, Value};

use crate::compact::{required, string};
use crate::json::{Limits, Object};
use crate::{Error, Jwk, Part, base64url, json};

use super::algorithms::Mode;
use super::{Accepted, ContentEncryption, KeyManagement};

/// The protected header of a JWE (RFC 7516 section 4). The sender chooses its content, which is not
/// verified until the token is decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    alg: KeyManagement,
    enc: ContentEncryption,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    extra: Extra,
}

/// The parameters that belong to one kind of `alg` (RFC 7518 sections 4.6.1 and 4.7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extra {
    None,
    Agreement {
        epk: Box<Jwk>,
        apu: Vec<u8>,
        apv: Vec<u8>,
    },
    GcmKeyWrap {
        iv: [u8; 12],
        tag: [u8; 16],
    },
}

impl Header {
    pub(super) fn parse(text: &[u8], accepted: Accepted<'_>) -> Result<Self, Error> {
        let object = json::parse_object(text, Limits::HEADER).map_err(|reason| Error::Json {
            part: Part::Header,
            reason,
        })?;
        let alg = required("alg", object.get("alg"))?;
        let alg = *accepted
            .alg
            .iter()
            .find(|accepted| accepted.as_str() == alg)
            .ok_or_else(|| Error::EncryptionNotAccepted {
                member: "alg",
                found: alg.to_owned(),
            })?;
        let enc = required("enc", object.get("enc"))?;
        let enc = *accepted
            .enc
            .iter()
            .find(|accepted| accepted.as_str() == enc)
            .ok_or_else(|| Error::EncryptionNotAccepted {
                member: "enc",
                found: enc.to_owned(),
            })?;
        // RFC 7516 section 4.1.13, with RFC 7515 section 4.1.11.
        if object.get("crit").is_some() {
            return Err(Error::Critical);
        }
        // RFC 7516 section 4.1.3. A few bytes can expand to gigabytes, so this crate does not
        // decompress.
        if let Some(zip) = object.get("zip") {
            return Err(Error::Header {
                member: "zip",
                expected: "absent",
                found: zip.kind(),
            });
        }
        alg.require_support()?;
        enc.require_support()?;
        Ok(Self {
            extra: Extra::read(alg, &object)?,
            alg,
            enc,
            kid: string("kid", object.get("kid"))?.map(str::to_owned),
            typ: string("typ", object.get("typ"))?.map(str::to_owned),
            cty: string("cty", object.get("cty"))?.map(str::to_owned),
        })
    }

    /// The key management algorithm, which is one of the accepted ones.
    #[must_use]
    pub fn alg(&self) -> KeyManagement {
        self.alg
    }

    /// The content encryption algorithm, which is one of the accepted ones.
    #[must_use]
    pub fn enc(&self) -> ContentEncryption {
        self.enc
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The media type of the whole token, as written.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The media type of the plaintext, as written: `JWT` for a nested token.
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// The sender's ephemeral key, when `alg` is one of `ECDH-ES*`.
    #[must_use]
    pub fn epk(&self) -> Option<&Jwk> {
        match &self.extra {
            Extra::Agreement { epk, .. } => Some(epk),
            _ => None,
        }
    }

    pub(super) fn into_extra(self) -> Extra {
        self.extra
    }
}

impl Extra {
    fn read(alg: KeyManagement, object: &Object<'_>) -> Result<Self, Error> {
        match alg.mode() {
            Mode::Agreement(_) => Ok(Self::Agreement {
                epk: Box::new(ephemeral_key(object)?),
                apu: party(object, "apu")?,
                apv: party(object, "apv")?,
            }),
            Mode::GcmKeyWrap(_) => Ok(Self::GcmKeyWrap {
                iv: sized(object, "iv", "12 bytes in base64url")?,
                tag: sized(object, "tag", "16 bytes in base64url")?,
            }),
            Mode::Direct | Mode::KeyWrap(_) | Mode::Oaep(_) => Ok(Self::None),
        }
    }
}

/// Reads `epk` (RFC 7518 section 4.6.1.1): a public key on a curve for key agreement.
fn ephemeral_key(object: &Object<'_>) -> Result<Jwk, Error> {
    let wrong = |found| Error::Header {
        member: "epk",
        expected: "a public key of P-256, P-384, P-521 or X25519",
        found,
    };
    let value = object.get("epk").ok_or_else(|| wrong("nothing"))?;
    let epk = value.as_object().ok_or_else(|| wrong(value.kind()))?;
    let epk = Jwk::from_object(epk)?;
    match epk.parameters.agreement() {
        Some(_) => Ok(epk),
        None => Err(wrong("a key of another kind")),
    }
}

/// Reads `apu` or `apv` (RFC 7518 sections 4.6.1.2 and 4.6.1.3). An absent parameter counts as
/// empty.
fn party(object: &Object<'_>, member: &'static str) -> Result<Vec<u8>, Error> {
    base64url::decode_public(string(member, object.get(member))?.unwrap_or_default()).map_err(
        |_| Error::Header {
            member,
            expected: "base64url",
            found: "something else",
        },
    )
}

/// Reads `iv` or `tag` (RFC 7518 sections 4.7.1.1 and 4.7.1.2).
fn sized<const N: usize>(
    object: &Object<'_>,
    member: &'static str,
    expected: &'static str,
) -> Result<[u8; N], Error> {
    let wrong = |found| Error::Header {
        member,
        expected,
        found,
    };
    let text = string(member, object.get(member))?.ok_or_else(|| wrong("nothing"))?;
    base64url::decode_public(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| wrong("something else"))
}

/// The header of a JWE that is to be encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectedHeader {
    pub(super) alg: KeyManagement,
    pub(super) enc: ContentEncryption,
    members: Map<String, Value>,
}

impl ProtectedHeader {
    /// A header with `alg` and `enc` alone.
    #[must_use]
    pub fn new(alg: KeyManagement, enc: ContentEncryption) -> Self {
        let mut members = Map::new();
        members.insert("alg".to_owned(), alg.as_str().into());
        members.insert("enc".to_owned(), enc.as_str().into());
        Self { alg, enc, members }
    }

    /// Names the key.
    #[must_use]
    pub fn kid(self, kid: impl Into<String>) -> Self {
        self.set("kid", kid.into())
    }

    /// States the media type of the token.
    #[must_use]
    pub fn typ(self, typ: impl Into<String>) -> Self {
        self.set("typ", typ.into())
    }

    /// States the media type of the plaintext: `JWT` for a nested token.
    #[must_use]
    pub fn cty(self, cty: impl Into<String>) -> Self {
        self.set("cty", cty.into())
    }

    /// Names the sender for the key derivation of `ECDH-ES*` (RFC 7518 section 4.6.1.2).
    #[must_use]
    pub fn apu(self, apu: &[u8]) -> Self {
        self.set("apu", base64url::encode(apu))
    }

    /// Names the recipient for the key derivation of `ECDH-ES*` (RFC 7518 section 4.6.1.3).
    #[must_use]
    pub fn apv(self, apv: &[u8]) -> Self {
        self.set("apv", base64url::encode(apv))
    }

    /// Sets any other parameter, such as a claim that the recipient reads before the decryption
    /// (RFC 7519 section 5.3).
    ///
    /// # Errors
    ///
    /// [`Error::ReservedHeader`] for parameters that have a setter, for those that the encryption
    /// adds (`epk`, `iv`, `tag`), and for `crit` and `zip`, which are not supported.
    pub fn member(mut self, name: &str, value: Value) -> Result<Self, Error> {
        if RESERVED.contains(&name) {
            return Err(Error::ReservedHeader {
                member: name.to_owned(),
            });
        }
        self.members.insert(name.to_owned(), value);
        Ok(self)
    }

    /// The header as JSON text, with the parameters that the key management adds.
    pub(super) fn to_json(&self, added: Map<String, Value>) -> String {
        let mut members = self.members.clone();
        members.extend(added);
        Value::Object(members).to_string()
    }

    /// The bytes of `apu` or `apv`, or none when it was not set.
    pub(super) fn party(&self, member: &str) -> Vec<u8> {
        self.members
            .get(member)
            .and_then(Value::as_str)
            .and_then(|text| base64url::decode(text).ok())
            .unwrap_or_default()
    }

    fn set(mut self, name: &str, value: String) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}

const RESERVED: &[&str] = &[
    "alg", "enc", "kid", "typ", "cty", "apu", "apv", "epk", "iv", "tag", "crit", "zip",
];
