use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::json::{Limits, Object};
use crate::{Error, KeyRejected, Part, base64url, json};

use super::OtherMembers;
use super::other_members::private_member;
use super::parameters::Parameters;

/// A public key as a document (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
///
/// This crate knows the types `RSA`, `EC` (P-256, P-384, P-521), `OKP` (Ed25519, X25519) and `AKP`
/// (ML-DSA). The numbers are decoded, and their lengths are checked. Whether a point lies on its
/// curve is checked when the document becomes a [`VerifyingKey`](crate::VerifyingKey).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    pub(crate) parameters: Parameters,
    pub(crate) members: OtherMembers,
}

impl Jwk {
    /// Reads a public JWK. A member that is `null` counts as absent. A private member must be
    /// absent, and not only `null`.
    ///
    /// # Errors
    ///
    /// [`Error::Json`], and the errors of [`from_object`](Self::from_object).
    pub fn parse(document: &[u8]) -> Result<Self, Error> {
        let object =
            json::parse_object(document, Limits::HEADER).map_err(|reason| Error::Json {
                part: Part::Key,
                reason,
            })?;
        let without =
            object.without(|name, value| is_null(name, value) && private_member(name).is_none());
        Ok(Self::from_object(without.as_ref().unwrap_or(&object))?)
    }

    /// Reads a key of a set. Here even a private member may be `null`, because some publishers
    /// write every member that they know.
    pub(super) fn of_set(object: &Object<'_>, padded: bool) -> Result<Self, KeyRejected> {
        let without = object.without(is_null);
        let object = without.as_ref().unwrap_or(object);
        if !padded {
            return Self::from_object(object);
        }
        let mut object = object.clone();
        for (name, value) in object.values_mut() {
            if let ("n" | "e" | "x" | "y" | "pub", json::Value::String(text)) = (name, value) {
                trim_padding(text);
            }
        }
        Self::from_object(&object)
    }

    /// Reads a public JWK that is part of a larger document, such as the header of a token. A
    /// member that is `null` has the wrong type.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`]: a member is missing, ill-typed or of the wrong length; the type or the
    /// curve is unknown; the key is symmetric; the document holds a private member; an RSA modulus
    /// is not 2048 to 8192 bits long, or of a faulty generator; a point of Ed25519 or X25519 is of
    /// small order.
    pub fn from_object(object: &Object<'_>) -> Result<Self, KeyRejected> {
        let parameters = Parameters::read(object)?;
        Ok(Self {
            parameters,
            members: OtherMembers::read_public(object)?,
        })
    }

    /// A document with the numbers alone.
    pub(crate) fn bare(parameters: Parameters) -> Self {
        Self {
            members: OtherMembers::of(&parameters),
            parameters,
        }
    }

    /// The key type: `RSA`, `EC`, `OKP` or `AKP`.
    #[must_use]
    pub fn kty(&self) -> &str {
        self.parameters.kty()
    }

    /// The key's name (RFC 7517 section 4.5).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.members.kid.as_deref()
    }

    /// The member `use`: `sig`, `enc` or another (RFC 7517 section 4.2).
    #[must_use]
    pub fn public_key_use(&self) -> Option<&str> {
        self.members.public_key_use.as_deref()
    }

    /// The operations that the key is meant for (RFC 7517 section 4.3).
    #[must_use]
    pub fn key_ops(&self) -> Option<&[String]> {
        self.members.key_ops.as_deref()
    }

    /// The one algorithm that the key is meant for (RFC 7517 section 4.4).
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.members.alg.as_deref()
    }

    /// The curve of an `EC` or `OKP` key.
    #[must_use]
    pub fn crv(&self) -> Option<&str> {
        self.parameters.crv()
    }

    /// The first coordinate of an `EC` key, big-endian, or the point of an `OKP` key as RFC 8032
    /// and RFC 7748 encode it.
    #[must_use]
    pub fn x(&self) -> Option<&[u8]> {
        match &self.parameters {
            Parameters::Okp { x, .. } => Some(x.as_slice()),
            other => other.coordinates().map(|(x, _)| x),
        }
    }

    /// The second coordinate of an `EC` key, big-endian.
    #[must_use]
    pub fn y(&self) -> Option<&[u8]> {
        self.parameters.coordinates().map(|(_, y)| y)
    }

    /// The modulus of an `RSA` key, big-endian without leading zeros.
    #[must_use]
    pub fn n(&self) -> Option<&[u8]> {
        match &self.parameters {
            Parameters::Rsa(key) => Some(&key.n),
            _ => None,
        }
    }

    /// The public exponent of an `RSA` key, big-endian without leading zeros.
    #[must_use]
    pub fn e(&self) -> Option<&[u8]> {
        match &self.parameters {
            Parameters::Rsa(key) => Some(&key.e),
            _ => None,
        }
    }

    /// The encoded public key of an `AKP` key (RFC 9964 section 4).
    #[must_use]
    pub fn public_key(&self) -> Option<&[u8]> {
        match &self.parameters {
            Parameters::Akp { public, .. } => Some(public),
            _ => None,
        }
    }

    /// The other members, such as `x5c`. This crate does not use them to trust the key.
    #[must_use]
    pub fn extra(&self) -> &Map<String, Value> {
        self.members.extra.as_map()
    }

    /// One of the members in [`extra`](Self::extra), by its name.
    #[must_use]
    pub fn extra_member(&self, name: &str) -> Option<Value> {
        self.members.extra.get(name)
    }

    /// Returns the same key with only the members that identify it (RFC 7638 section 3.2): no name,
    /// no use, no certificate. The algorithm of an `AKP` key is one of these members.
    #[must_use]
    pub fn minimal(&self) -> Self {
        Self::bare(self.parameters.clone())
    }

    /// Returns the same key with another name.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.members.kid = Some(kid.into());
        self
    }

    /// The document as JSON.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let mut members = self.members.extra.to_map();
        let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
        for (name, number) in self.required_members() {
            set(name, number.into());
        }
        for (name, text) in [
            ("kid", self.kid()),
            ("use", self.public_key_use()),
            ("alg", self.alg()),
        ] {
            if let Some(text) = text {
                set(name, text.into());
            }
        }
        if let Some(key_ops) = &self.members.key_ops {
            set("key_ops", key_ops.as_slice().into());
        }
        members
    }

    /// The members that identify the key (RFC 7638 section 3.2), in lexicographic order of their
    /// names.
    pub(super) fn required_members(&self) -> Vec<(&'static str, String)> {
        let mut members = Vec::with_capacity(4);
        if let Parameters::Akp { set, .. } = &self.parameters {
            members.push(("alg", set.algorithm().as_str().to_owned()));
        }
        if let Some(crv) = self.crv() {
            members.push(("crv", crv.to_owned()));
        }
        if let Some(e) = self.e() {
            members.push(("e", base64url::encode_public(e)));
        }
        members.push(("kty", self.kty().to_owned()));
        let numbers = [
            ("n", self.n()),
            ("pub", self.public_key()),
            ("x", self.x()),
            ("y", self.y()),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                members.push((name, base64url::encode_public(number)));
            }
        }
        members
    }
}

/// Whether a member that RFC 7517 or RFC 7518 defines is `null`. Other members are kept as they
/// are, because only the caller knows what `null` means there, as in the `issuer` of Entra ID.
fn is_null(name: &str, value: &json::Value<'_>) -> bool {
    if !matches!(value, json::Value::Null) {
        return false;
    }
    let is_defined = matches!(
        name,
        "kty"
            | "use"
            | "key_ops"
            | "alg"
            | "kid"
            | "x5u"
            | "x5c"
            | "x5t"
            | "x5t#S256"
            | "crv"
            | "x"
            | "y"
            | "n"
            | "e"
            | "pub"
    );
    is_defined || private_member(name).is_some()
}

/// Removes the padding from a text that has exactly the padding of its length (RFC 4648 section 4).
fn trim_padding(text: &mut Cow<'_, str>) {
    let trimmed = text.trim_end_matches('=').len();
    let padding = text.len().saturating_sub(trimmed);
    if text.len().is_multiple_of(4) && matches!(padding, 1 | 2) {
        text.to_mut().truncate(trimmed);
    }
}
