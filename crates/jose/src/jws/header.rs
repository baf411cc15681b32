use serde_json::{Map, Value};

use crate::json::{self, Limits, Object};
use crate::{Error, Part, SignatureAlgorithm};

/// The protected header of a JWS (RFC 7515 section 4).
///
/// It is the sender's word. `alg` must be compared with what is expected, `kid` only picks among
/// keys already trusted, and keys that the header itself brings (`jwk`, `jku`, `x5c`, `x5u`) are
/// kept in [`extra`](Self::extra) and never used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    alg: SignatureAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    extra: Map<String, Value>,
}

impl Header {
    pub(super) fn parse(text: &[u8]) -> Result<Self, Error> {
        let object = json::parse_object(text, Limits::HEADER).map_err(|reason| Error::Json {
            part: Part::Header,
            reason,
        })?;
        let alg = string(&object, "alg")?
            .ok_or(Error::Header {
                member: "alg",
                expected: "a string",
                found: "nothing",
            })?
            .parse()?;
        // RFC 7515 section 4.1.11: what is listed must be understood. Nothing is, and an empty list
        // is not allowed.
        if object.get("crit").is_some() {
            return Err(Error::Critical);
        }
        // RFC 7797 section 3 makes `b64` critical; a sender who forgets that still means another
        // signing input.
        if let Some(b64) = object.get("b64").filter(|b64| b64.as_bool() != Some(true)) {
            return Err(Error::Header {
                member: "b64",
                expected: "absent or true",
                found: b64.kind(),
            });
        }
        Ok(Self {
            alg,
            kid: string(&object, "kid")?.map(str::to_owned),
            typ: string(&object, "typ")?.map(str::to_owned),
            cty: string(&object, "cty")?.map(str::to_owned),
            extra: object
                .iter()
                .filter(|(name, _)| !matches!(*name, "alg" | "kid" | "typ" | "cty"))
                .map(|(name, value)| (name.to_owned(), value.to_owned_value()))
                .collect(),
        })
    }

    /// The algorithm that the token claims to be signed with.
    #[must_use]
    pub fn alg(&self) -> SignatureAlgorithm {
        self.alg
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The media type of the whole token, as written: `JWT`, `at+jwt`, `application/at+jwt`.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The media type of the payload.
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// The parameters not named above.
    #[must_use]
    pub fn extra(&self) -> &Map<String, Value> {
        &self.extra
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
