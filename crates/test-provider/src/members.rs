//! A JSON object as a list of members, which can contain duplicates.

use std::fmt;

use serde_json::Value;

/// The members of a JSON object in order. Misbehaviours need duplicates, which JSON libraries
/// cannot represent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, Value)>, Vec<&'static str>);

impl Members {
    pub(crate) fn new<const N: usize>(members: [(&str, Value); N]) -> Self {
        let members = members.map(|(name, value)| (name.to_owned(), value));
        Self(members.into(), Vec::new())
    }

    /// Sets the value of a member. An existing member keeps its place.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.push(name, value),
        }
    }

    /// Appends a member, even if its name exists already.
    pub(crate) fn push(&mut self, name: &str, value: Value) {
        self.0.push((name.to_owned(), value));
    }

    /// Inserts a member at the start, even if its name exists already.
    pub(crate) fn push_front(&mut self, name: &str, value: Value) {
        self.0.insert(0, (name.to_owned(), value));
    }

    /// Appends a duplicate of a member, with the same value.
    pub(crate) fn repeat(&mut self, name: &str) {
        if let Some(value) = self.get(name).cloned() {
            self.push(name, value);
        }
    }

    /// Appends a member as JSON text: name, colon and value. Only the text of the object contains
    /// it.
    pub(crate) fn push_text(&mut self, member: &'static str) {
        self.1.push(member);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

/// Writes the object as JSON.
impl fmt::Display for Members {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("{")?;
        for (position, (name, value)) in self.0.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(formatter, "{comma}{}:{value}", Value::from(name.as_str()))?;
        }
        for (position, member) in self.1.iter().enumerate() {
            let comma = if self.0.is_empty() && position == 0 {
                ""
            } else {
                ","
            };
            write!(formatter, "{comma}{member}")?;
        }
        formatter.write_str("}")
    }
}

/// Converts an object for use inside another one. The last of duplicate members wins.
impl From<Members> for Value {
    fn from(members: Members) -> Self {
        Self::Object(members.0.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_order_and_duplicates() {
        let mut members = Members::new([("b", json!(1)), ("a", json!("x\"y"))]);
        members.push("b", json!([2]));
        members.push_front("é", Value::Null);
        assert_eq!(
            members.to_string(),
            r#"{"é":null,"b":1,"a":"x\"y","b":[2]}"#
        );
        members.set("b", json!(3));
        members.remove("a");
        assert_eq!(members.to_string(), r#"{"é":null,"b":3,"b":[2]}"#);
        members.repeat("b");
        members.push_text(r#""c":{"d":1,"d":1}"#);
        assert_eq!(
            members.to_string(),
            r#"{"é":null,"b":3,"b":[2],"b":3,"c":{"d":1,"d":1}}"#
        );
        let mut text = Members::default();
        text.push_text("\"a\":1");
        assert_eq!(text.to_string(), r#"{"a":1}"#);
    }
}
