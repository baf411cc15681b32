//! Stored forms with a version.

use std::fmt;

use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Reads a stored form. The version is looked at first: databases change the order of members, and
/// another version may have members that this one does not know.
///
/// # Errors
///
/// An error that names the version if it is not a `known` one, and every error of the form.
pub(crate) fn read<'de, F: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
    known: &[u8],
) -> Result<F, D::Error> {
    let Members(members) = Members::deserialize(deserializer)?;
    let version = members.get("version").filter(|version| version.is_number());
    if let Some(found) = version
        && !known.iter().any(|known| found == known)
    {
        let expected: Vec<_> = known.iter().map(u8::to_string).collect();
        let expected = expected.join(" or ");
        return Err(D::Error::custom(format_args!(
            "unknown version of {what}: expected {expected}, found {found}"
        )));
    }
    F::deserialize(Value::Object(members)).map_err(D::Error::custom)
}

/// The members of an object, each of which occurs once.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}
