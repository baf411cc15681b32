use serde_json::{Map, Value};

use crate::compact::{required, string};
use crate::json::{Limits, Unread};
use crate::{Error, Part, SignatureAlgorithm, json};

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
    extra: Unread,
}

impl Header {
    pub(super) fn parse(text: &[u8]) -> Result<Self, Error> {
        let object = json::parse_object(text, Limits::HEADER).map_err(|reason| Error::Json {
            part: Part::Header,
            reason,
        })?;
        let [mut alg, mut kid, mut typ, mut cty, mut crit, mut b64] = [None; 6];
        let mut extra = Unread::default();
        for (name, value) in object.iter() {
            match name {
                "alg" => alg = Some(value),
                "kid" => kid = Some(value),
                "typ" => typ = Some(value),
                "cty" => cty = Some(value),
                "crit" => crit = Some(value),
                _ => {
                    if name == "b64" {
                        b64 = Some(value);
                    }
                    extra.push(name, value);
                }
            }
        }
        let alg = required("alg", alg)?.parse()?;
        // RFC 7515 section 4.1.11: what is listed must be understood. Nothing is, and an empty list
        // is not allowed.
        if crit.is_some() {
            return Err(Error::Critical);
        }
        // RFC 7797 section 3 makes `b64` critical; a sender who forgets that still means another
        // signing input.
        if let Some(b64) = b64.filter(|b64| b64.as_bool() != Some(true)) {
            return Err(Error::Header {
                member: "b64",
                expected: "absent or true",
                found: b64.kind(),
            });
        }
        Ok(Self {
            alg,
            kid: string("kid", kid)?.map(str::to_owned),
            typ: string("typ", typ)?.map(str::to_owned),
            cty: string("cty", cty)?.map(str::to_owned),
            extra,
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
        self.extra.as_map()
    }
}
