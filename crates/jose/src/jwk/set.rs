use serde_json::{Map, Value as JsonValue};

use crate::json::{Limits, Object, Value};
use crate::jwe::EncryptionKey;
use crate::{Error, Jwk, KeyRejected, Part, VerifyingKey, json};

/// A published set of keys (RFC 7517 section 5), parsed and ready to verify.
///
/// The set does not change once it is read; share it as `Arc<JwkSet>`.
#[derive(Debug)]
pub struct JwkSet {
    keys: Vec<SetKey>,
    skipped: Vec<SkippedKey>,
    /// The keys that are only for encryption. They are also among the skipped keys.
    for_encryption: Vec<Jwk>,
}

impl JwkSet {
    /// The number of keys that a set may have.
    pub const MAXIMUM_KEYS: usize = 256;

    /// Reads a set.
    ///
    /// Members of a key that are `null` count as absent, including private ones. Two entries with
    /// the same key, `kid`, `use`, `alg` and `key_ops` are one key. A key that cannot be used is
    /// skipped, and [`skipped`](Self::skipped) gives the reason: RFC 7517 section 5 asks readers to
    /// ignore keys of unknown types, and one bad key must not disable the whole set.
    ///
    /// # Errors
    ///
    /// [`Error::Json`]; [`Error::KeyRejected`] when `keys` is missing or not an array;
    /// [`Error::TooManyKeys`].
    pub fn parse(document: &[u8]) -> Result<Self, Error> {
        let object =
            json::parse_object(document, Limits::DOCUMENT).map_err(|reason| Error::Json {
                part: Part::KeySet,
                reason,
            })?;
        Self::from_object(&object)
    }

    /// Reads a set whose publisher pads base64url, which RFC 7515 section 2 forbids. The only
    /// effect is that a number has more than one accepted encoding.
    ///
    /// # Errors
    ///
    /// The errors of [`parse`](Self::parse).
    pub fn danger_parse_padded(document: &[u8]) -> Result<Self, Error> {
        let object =
            json::parse_object(document, Limits::DOCUMENT).map_err(|reason| Error::Json {
                part: Part::KeySet,
                reason,
            })?;
        Self::read(&object, true)
    }

    /// Reads a set that is part of a larger document.
    ///
    /// # Errors
    ///
    /// The errors of [`parse`](Self::parse) except [`Error::Json`].
    pub fn from_object(object: &Object<'_>) -> Result<Self, Error> {
        Self::read(object, false)
    }

    fn read(object: &Object<'_>, padded: bool) -> Result<Self, Error> {
        let entries = match object.get("keys") {
            Some(Value::Array(entries)) => entries,
            Some(other) => {
                return Err(KeyRejected::Member {
                    member: "keys",
                    expected: "an array",
                    found: other.kind(),
                }
                .into());
            }
            None => return Err(KeyRejected::MissingMember { member: "keys" }.into()),
        };
        if entries.len() > Self::MAXIMUM_KEYS {
            return Err(Error::TooManyKeys {
                limit: Self::MAXIMUM_KEYS,
                found: entries.len(),
            });
        }
        let mut set = Self {
            keys: Vec::with_capacity(entries.len()),
            skipped: Vec::new(),
            for_encryption: Vec::new(),
        };
        // Each key is compared with all before it, most of which differ in their first numbers.
        let mut beginnings = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            match SetKey::read(entry, padded) {
                Ok(key) => {
                    let beginning = key.jwk.parameters.beginning();
                    let known = beginnings.iter().zip(&set.keys);
                    let mut alike = known.filter(|(other, _)| **other == beginning);
                    if !alike.any(|(_, known)| known.is_same(&key)) {
                        beginnings.push(beginning);
                        set.keys.push(key);
                    }
                }
                Err(reason) => {
                    let kid = entry
                        .as_object()
                        .and_then(|object| object.get("kid")?.as_str());
                    set.for_encryption.extend(for_encryption(entry, padded));
                    set.skipped.push(SkippedKey {
                        index,
                        kid: kid.map(str::to_owned),
                        reason,
                    });
                }
            }
        }
        Ok(set)
    }

    /// The keys that can verify signatures, in the order of the document.
    #[must_use]
    pub fn keys(&self) -> &[SetKey] {
        &self.keys
    }

    /// Returns the set as JSON: the keys that verify signatures, then those that are only for
    /// encryption. Other skipped keys are left out.
    #[must_use]
    pub fn to_json(&self) -> Map<String, JsonValue> {
        let verifying = self.keys.iter().map(SetKey::jwk);
        let keys = verifying.chain(&self.for_encryption);
        let keys = keys.map(|key| JsonValue::Object(key.to_json())).collect();
        let mut set = Map::new();
        set.insert("keys".to_owned(), JsonValue::Array(keys));
        set
    }

    /// The keys that a token may be encrypted to: those that are only for encryption, then those
    /// that verify and have no `use` or `key_ops` that forbids it.
    pub(super) fn encryption_candidates(&self) -> impl Iterator<Item = &Jwk> {
        let verifying = self.keys.iter().map(SetKey::jwk);
        self.for_encryption.iter().chain(verifying)
    }

    /// The keys that were skipped, in the order of the document.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }
}

/// Returns the key of an entry that cannot verify, if its `use` and `alg` allow encrypting to it.
fn for_encryption(entry: &Value<'_>, padded: bool) -> Option<Jwk> {
    let jwk = Jwk::of_set(entry.as_object()?, padded).ok()?;
    EncryptionKey::from_jwk(&jwk).is_ok().then_some(jwk)
}

/// A key of a set.
#[derive(Debug)]
pub struct SetKey {
    jwk: Jwk,
    verifying_key: VerifyingKey,
    /// The member in which Entra ID names the issuer that the key belongs to.
    issuer: Option<JsonValue>,
}

impl SetKey {
    fn read(entry: &Value<'_>, padded: bool) -> Result<Self, Error> {
        let object = entry.as_object().ok_or_else(|| Error::Json {
            part: Part::Key,
            reason: json::Error::NotAnObject {
                found: entry.kind(),
            },
        })?;
        let jwk = Jwk::of_set(object, padded)?;
        let verifying_key = VerifyingKey::from_jwk(&jwk)?;
        // The member is among those that this crate does not define.
        let issuer = match jwk.members.extra.is_empty() {
            true => None,
            false => object.get("issuer").map(Value::to_owned_value),
        };
        Ok(Self {
            jwk,
            verifying_key,
            issuer,
        })
    }

    /// Whether another entry is the same key. Entra ID adds the `issuer` that a key belongs to,
    /// which must be equal as well.
    fn is_same(&self, other: &Self) -> bool {
        let same_key_ops = || match (self.jwk.key_ops(), other.jwk.key_ops()) {
            (Some(one), Some(two)) => {
                one.iter().all(|name| two.contains(name))
                    && two.iter().all(|name| one.contains(name))
            }
            (one, two) => one == two,
        };
        let (one, two) = (&self.jwk, &other.jwk);
        one.kid() == two.kid()
            && one.alg() == two.alg()
            && one.public_key_use() == two.public_key_use()
            && one.parameters == two.parameters
            && same_key_ops()
            && self.issuer == other.issuer
    }

    /// The key as it was published.
    #[must_use]
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The key, parsed.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }
}

/// A key of a set that cannot verify signatures here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    index: usize,
    kid: Option<String>,
    reason: Error,
}

impl SkippedKey {
    /// The place of the key in the document, counted from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The name of the key, when it has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Why it was skipped.
    #[must_use]
    pub fn reason(&self) -> &Error {
        &self.reason
    }
}
