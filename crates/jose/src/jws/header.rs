use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::compact::{required, string};
use crate::json::{Limits, Unread};
use crate::{Error, Part, SignatureAlgorithm, json};

/// The protected header of a JWS (RFC 7515 section 4).
///
/// The sender chooses its content. The caller compares `alg` with the expected algorithm. `kid`
/// only selects a key among trusted keys. Keys that the header itself contains (`jwk`, `jku`,
/// `x5c`, `x5u`) stay in [`extra`](Self::extra) and are never used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    alg: SignatureAlgorithm,
    kid: Option<String>,
    typ: Option<Cow<'static, str>>,
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
        // RFC 7515 section 4.1.11: the recipient must understand every parameter in `crit`. This
        // crate understands none, and an empty list is invalid.
        if crit.is_some() {
            return Err(Error::Critical);
        }
        // RFC 7797 section 3: `b64` changes the signing input, and must be listed in `crit`. It is
        // refused without `crit` as well.
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
            typ: string("typ", typ)?.map(known_type),
            cty: string("cty", cty)?.map(str::to_owned),
            extra,
        })
    }

    /// The algorithm that the token names.
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

    /// The other parameters.
    #[must_use]
    pub fn extra(&self) -> &Map<String, Value> {
        self.extra.as_map()
    }
}

/// A media type. Those of most tokens need no copy.
fn known_type(text: &str) -> Cow<'static, str> {
    match text {
        "JWT" => "JWT".into(),
        "at+jwt" => "at+jwt".into(),
        "dpop+jwt" => "dpop+jwt".into(),
        other => other.to_owned().into(),
    }
}
