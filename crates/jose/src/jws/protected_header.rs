use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::{Error, Jwk, SignatureAlgorithm, base64url};

/// The header of a JWS that is to be signed. One header serves any number of tokens, and is encoded
/// only once.
#[derive(Debug, Clone)]
pub struct ProtectedHeader {
    alg: SignatureAlgorithm,
    members: Map<String, Value>,
    encoded: OnceLock<String>,
}

impl PartialEq for ProtectedHeader {
    fn eq(&self, other: &Self) -> bool {
        // `alg` is one of the members, and the encoding is derived from them.
        self.members == other.members
    }
}

impl Eq for ProtectedHeader {}

impl ProtectedHeader {
    /// A header with `alg` alone.
    #[must_use]
    pub fn new(alg: SignatureAlgorithm) -> Self {
        let mut members = Map::new();
        members.insert("alg".to_owned(), alg.as_str().into());
        Self {
            alg,
            members,
            encoded: OnceLock::new(),
        }
    }

    /// Names the key.
    #[must_use]
    pub fn kid(self, kid: impl Into<String>) -> Self {
        self.set("kid", kid.into().into())
    }

    /// States the media type of the token, such as `JWT` or `dpop+jwt`.
    #[must_use]
    pub fn typ(self, typ: impl Into<String>) -> Self {
        self.set("typ", typ.into().into())
    }

    /// States the media type of the payload.
    #[must_use]
    pub fn cty(self, cty: impl Into<String>) -> Self {
        self.set("cty", cty.into().into())
    }

    /// Includes the public key itself, as DPoP proofs do (RFC 9449 section 4.2).
    #[must_use]
    pub fn jwk(self, jwk: &Jwk) -> Self {
        self.set("jwk", Value::Object(jwk.to_json()))
    }

    /// Sets any other parameter.
    ///
    /// # Errors
    ///
    /// [`Error::ReservedHeader`] for `alg`, which [`new`](Self::new) sets, and for `crit` and
    /// `b64`, which are not supported.
    pub fn member(self, name: &str, value: Value) -> Result<Self, Error> {
        if matches!(name, "alg" | "crit" | "b64") {
            return Err(Error::ReservedHeader {
                member: name.to_owned(),
            });
        }
        Ok(self.set(name, value))
    }

    /// The algorithm.
    #[must_use]
    pub fn alg(&self) -> SignatureAlgorithm {
        self.alg
    }

    /// The header, encoded as the first segment of a token.
    pub(super) fn encoded(&self) -> &str {
        self.encoded.get_or_init(|| {
            // The display of `Value` is JSON without whitespace, and cannot fail.
            let text = Value::Object(self.members.clone()).to_string();
            base64url::encode_public(text.as_bytes())
        })
    }

    fn set(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self.encoded = OnceLock::new();
        self
    }
}
