//! Members that this crate keeps for its callers and does not interpret.

use std::fmt;
use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use serde_json::{Map, Value as JsonValue};

use super::{Limits, Value, parse_object};

/// The members of an object as JSON text, which is parsed when the caller first asks for them.
///
/// A peer chooses these members, and parsed JSON takes many times the memory of its text.
#[derive(Clone, Default)]
pub(crate) struct Unread(Option<Box<Members>>);

#[derive(Clone, Default)]
struct Members {
    /// The object without its closing brace.
    text: Vec<u8>,
    parsed: OnceLock<Map<String, JsonValue>>,
}

impl Unread {
    /// Adds a member, whose name must be a new one.
    pub(crate) fn push(&mut self, name: &str, value: &Value<'_>) {
        let text = &mut self.0.get_or_insert_default().text;
        text.push(if text.is_empty() { b'{' } else { b',' });
        write_string(text, name);
        text.push(b':');
        write(text, value);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the members. They are parsed on the first call.
    pub(crate) fn as_map(&self) -> &Map<String, JsonValue> {
        static EMPTY: LazyLock<Map<String, JsonValue>> = LazyLock::new(Map::new);
        match &self.0 {
            Some(members) => members.parsed.get_or_init(|| members.parse()),
            None => &EMPTY,
        }
    }

    /// Returns a copy of the members.
    pub(crate) fn to_map(&self) -> Map<String, JsonValue> {
        let Some(members) = &self.0 else {
            return Map::new();
        };
        let parsed = members.parsed.get().cloned();
        parsed.unwrap_or_else(|| members.parse())
    }

    /// Returns one member, and keeps none in parsed form.
    pub(crate) fn get(&self, name: &str) -> Option<JsonValue> {
        let members = self.0.as_ref()?;
        let text = members.text();
        let object = parse_object(&text, Limits::new(text.len(), usize::MAX)).ok()?;
        object.get(name).map(Value::to_owned_value)
    }
}

impl Members {
    fn text(&self) -> Vec<u8> {
        [self.text.as_slice(), b"}"].concat()
    }

    /// Parses the members. `push` wrote the text, so it is JSON.
    fn parse(&self) -> Map<String, JsonValue> {
        serde_json::from_slice(&self.text()).unwrap_or_default()
    }
}

/// The order of the members does not matter.
impl PartialEq for Unread {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(two)) => one.text == two.text || self.to_map() == other.to_map(),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Eq for Unread {}

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_map().fmt(f)
    }
}

fn write(text: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Null => text.extend_from_slice(b"null"),
        Value::Bool(false) => text.extend_from_slice(b"false"),
        Value::Bool(true) => text.extend_from_slice(b"true"),
        Value::Number(number) => {
            // Writing into a `Vec` cannot fail.
            let _ = write!(text, "{number}");
        }
        Value::String(string) => write_string(text, string),
        Value::Array(elements) => {
            text.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                write(text, element);
            }
            text.push(b']');
        }
        Value::Object(object) => {
            text.push(b'{');
            for (index, (name, value)) in object.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                write_string(text, name);
                text.push(b':');
                write(text, value);
            }
            text.push(b'}');
        }
    }
}

fn write_string(text: &mut Vec<u8>, string: &str) {
    // Writing a string into a `Vec` cannot fail.
    let _ = serde_json::to_writer(text, string);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(text: &str) -> Unread {
        let mut unread = Unread::default();
        for (name, value) in parse_object(text.as_bytes(), Limits::DOCUMENT)
            .unwrap()
            .iter()
        {
            unread.push(name, value);
        }
        unread
    }

    #[test]
    fn members_are_what_they_were() {
        let text = r#"{"a\"\u0000é":[null,true,false,-1.5e300,18446744073709551615,[],{}],
            "b":{"c":{"d":"\n\\"},"e":[[{"f":0}]]}}"#;
        let unread = unread(text);
        let expected: Map<String, JsonValue> = serde_json::from_str(text).unwrap();
        assert_eq!(unread.get("b").as_ref(), expected.get("b"));
        assert_eq!(unread.get("c"), None);
        assert_eq!(unread.to_map(), expected);
        assert_eq!(unread.as_map(), &expected);
        assert_eq!(unread.clone().to_map(), expected);
        assert!(Unread::default().as_map().is_empty());
        assert_eq!(Unread::default().get("a"), None);
    }

    #[test]
    fn the_order_of_members_does_not_matter() {
        assert_eq!(
            unread(r#"{"a":1,"b":{"c":2,"d":3}}"#),
            unread(r#"{"b":{"d":3,"c":2},"a":1}"#)
        );
        assert_ne!(unread(r#"{"a":1}"#), unread(r#"{"a":2}"#));
        assert_ne!(unread(r#"{"a":1}"#), Unread::default());
        assert_eq!(unread("{}"), Unread::default());
    }
}
