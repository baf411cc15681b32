//! The members of a JWK that are not numbers of the key (RFC 7517 section 4).

use std::borrow::Cow;

use crate::json::{Object, Unread, Value};
use crate::{KeyRejected, SignatureAlgorithm};

use super::parameters::Parameters;

/// What a document says about its key, in addition to the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct OtherMembers {
    pub(crate) kid: Option<String>,
    pub(crate) public_key_use: Option<Cow<'static, str>>,
    pub(crate) key_ops: Option<Vec<String>>,
    pub(crate) alg: Option<Cow<'static, str>>,
    /// Whether the key is an RSA key for PS algorithms alone. PKCS#8 and SPKI say so by their
    /// identifier. A JWK can only name one algorithm in `alg`.
    pub(crate) pss_only: bool,
    pub(crate) extra: Unread,
}

impl OtherMembers {
    /// Reads the members of a private key, except private ones.
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, KeyRejected> {
        Self::read_with(object, |_| Ok(()))
    }

    /// Reads the members of a public key, which must have no private one.
    pub(super) fn read_public(object: &Object<'_>) -> Result<Self, KeyRejected> {
        Self::read_with(object, |member| Err(KeyRejected::PrivateMember { member }))
    }

    fn read_with(
        object: &Object<'_>,
        private: fn(&'static str) -> Result<(), KeyRejected>,
    ) -> Result<Self, KeyRejected> {
        let mut members = Self::default();
        let is_akp = object.get("kty").and_then(Value::as_str) == Some("AKP");
        for (name, value) in object.iter() {
            match name {
                "kty" | "crv" | "x" | "y" | "n" | "e" => {}
                "pub" if is_akp => {}
                "kid" => members.kid = Some(string("kid", value)?.to_owned()),
                "use" => members.public_key_use = Some(known_use(string("use", value)?)),
                "alg" => members.alg = Some(known_algorithm(string("alg", value)?)),
                "key_ops" => members.key_ops = Some(key_operations(value)?),
                _ => match private_member(name) {
                    Some(member) => private(member)?,
                    None => members.extra.push(name, value),
                },
            }
        }
        Ok(members)
    }

    /// The members of a key that has nothing but its numbers. An `AKP` key has its algorithm as
    /// well, which is part of the key (RFC 9964 section 4).
    pub(crate) fn of(parameters: &Parameters) -> Self {
        let alg = match parameters {
            Parameters::Akp { set, .. } => Some(set.algorithm().as_str().into()),
            _ => None,
        };
        Self {
            alg,
            ..Self::default()
        }
    }

    /// Binds an RSA-PSS key to PS algorithms, or to one of them.
    pub(super) fn bind_to_pss(&mut self, algorithm: Option<SignatureAlgorithm>) {
        self.pss_only = true;
        self.alg = algorithm.map(|algorithm| algorithm.as_str().into());
    }
}

/// The name, if it is the name of a private member: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, and
/// the seed of an `AKP` key (RFC 9964 section 4).
pub(super) fn private_member(name: &str) -> Option<&'static str> {
    match name {
        "d" => Some("d"),
        "p" => Some("p"),
        "q" => Some("q"),
        "dp" => Some("dp"),
        "dq" => Some("dq"),
        "qi" => Some("qi"),
        "oth" => Some("oth"),
        "k" => Some("k"),
        "priv" => Some("priv"),
        _ => None,
    }
}

fn string<'v>(member: &'static str, value: &'v Value<'_>) -> Result<&'v str, KeyRejected> {
    value.as_str().ok_or_else(|| KeyRejected::Member {
        member,
        expected: "a string",
        found: value.kind(),
    })
}

/// A `use`. The two of RFC 7517 section 4.2 need no copy.
fn known_use(text: &str) -> Cow<'static, str> {
    match text {
        "sig" => "sig".into(),
        "enc" => "enc".into(),
        other => other.to_owned().into(),
    }
}

/// An `alg`. Signature algorithms, which most keys of a set name, need no copy.
fn known_algorithm(text: &str) -> Cow<'static, str> {
    match text.parse::<SignatureAlgorithm>() {
        Ok(algorithm) => algorithm.as_str().into(),
        Err(_) => text.to_owned().into(),
    }
}

fn key_operations(value: &Value<'_>) -> Result<Vec<String>, KeyRejected> {
    let refused = |found| KeyRejected::Member {
        member: "key_ops",
        expected: "an array of strings",
        found,
    };
    let elements = value.as_array().ok_or_else(|| refused(value.kind()))?;
    if elements.len() > MAXIMUM_KEY_OPS {
        return Err(KeyRejected::TooManyElements {
            member: "key_ops",
            limit: MAXIMUM_KEY_OPS,
            found: elements.len(),
        });
    }
    elements
        .iter()
        .map(|element| {
            element
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| refused(element.kind()))
        })
        .collect()
}

/// RFC 7517 section 4.3 defines eight operations.
const MAXIMUM_KEY_OPS: usize = 32;
