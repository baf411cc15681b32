use serde_json::{Map, Value};

use crate::json::{self, Limits, Object};
use crate::{Error, Part};

use super::{Accepted, ContentEncryption, KeyManagement};

/// The protected header of a JWE (RFC 7516 section 4). It is the sender's word until the content
/// has been decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    alg: KeyManagement,
    enc: ContentEncryption,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
}

impl Header {
    pub(super) fn parse(text: &[u8], accepted: Accepted<'_>) -> Result<Self, Error> {
        let object = json::parse_object(text, Limits::HEADER).map_err(|reason| Error::Json {
            part: Part::Header,
            reason,
        })?;
        let alg = required(&object, "alg")?;
        let alg = *accepted
            .alg
            .iter()
            .find(|accepted| accepted.as_str() == alg)
            .ok_or_else(|| Error::EncryptionNotAccepted {
                member: "alg",
                found: alg.to_owned(),
            })?;
        let enc = required(&object, "enc")?;
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
        // RFC 7516 section 4.1.3. A few bytes can unfold to gigabytes, so that nothing is
        // decompressed.
        if let Some(zip) = object.get("zip") {
            return Err(Error::Header {
                member: "zip",
                expected: "absent",
                found: zip.kind(),
            });
        }
        Ok(Self {
            alg,
            enc,
            kid: string(&object, "kid")?.map(str::to_owned),
            typ: string(&object, "typ")?.map(str::to_owned),
            cty: string(&object, "cty")?.map(str::to_owned),
        })
    }

    /// How the key is managed; one of those accepted.
    #[must_use]
    pub fn alg(&self) -> KeyManagement {
        self.alg
    }

    /// How the content is encrypted; one of those accepted.
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
}

/// The header of a JWE to be made.
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
        let members = [("alg", alg.as_str()), ("enc", enc.as_str())];
        let members = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
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

    pub(super) fn to_json(&self) -> String {
        Value::Object(self.members.clone()).to_string()
    }

    fn set(mut self, name: &str, value: String) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}

fn string<'o>(object: &'o Object<'_>, member: &'static str) -> Result<Option<&'o str>, Error> {
    match object.get(member) {
        None => Ok(None),
        Some(json::Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Error::Header {
            member,
            expected: "a string",
            found: other.kind(),
        }),
    }
}

fn required<'o>(object: &'o Object<'_>, member: &'static str) -> Result<&'o str, Error> {
    string(object, member)?.ok_or(Error::Header {
        member,
        expected: "a string",
        found: "nothing",
    })
}
