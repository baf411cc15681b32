use std::borrow::Cow;

use serde_json::Number;

/// A JSON value that borrows from the text it was read from. Text without escapes is not copied.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number: an integer of 64 bits, or a finite `f64`.
    Number(Number),
    /// A string.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    /// The kind of value, for error messages: `null`, `boolean`, `number`, `string`, `array` or
    /// `object`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The string, or `None` for any other kind.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, or `None` for any other kind.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, or `None` for any other kind.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements, or `None` for any other kind.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The object, or `None` for any other kind.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Returns the same value without a borrow of the text.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) => Value::Number(number),
            Self::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Self::Array(elements) => {
                Value::Array(elements.into_iter().map(Value::into_owned).collect())
            }
            Self::Object(object) => Value::Object(object.into_owned()),
        }
    }

    /// Copies the value out of the text it borrows from.
    #[must_use]
    pub fn to_owned_value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => serde_json::Value::Bool(*value),
            Self::Number(number) => serde_json::Value::Number(number.clone()),
            Self::String(text) => serde_json::Value::String(text.as_ref().to_owned()),
            Self::Array(elements) => {
                serde_json::Value::Array(elements.iter().map(Value::to_owned_value).collect())
            }
            Self::Object(object) => serde_json::Value::Object(object.to_owned_map()),
        }
    }
}

/// A JSON object: its members in the order of the text, each name once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'a> {
    pub(super) members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Object<'a> {
    /// The value of a member, or `None` when the object does not have it. A member that is `null`
    /// is present.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// The members in the order of the text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.members
            .iter()
            .map(|(name, value)| (name.as_ref(), value))
    }

    /// Returns the object without the members that `is_dropped` selects, or `None` when it selects
    /// none.
    pub(crate) fn without(&self, is_dropped: impl Fn(&str, &Value<'a>) -> bool) -> Option<Self> {
        let dropped = |(name, value): &&(Cow<'a, str>, Value<'a>)| is_dropped(name, value);
        self.members.iter().find(dropped)?;
        let kept = self.members.iter().filter(|member| !dropped(member));
        Some(Self {
            members: kept.cloned().collect(),
        })
    }

    /// Returns the values, to be changed in place.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value<'a>)> {
        self.members
            .iter_mut()
            .map(|(name, value)| (&**name, value))
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether the object has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Replaces each value by the result of `change`. A member for which the result is `None` is
    /// left out.
    #[must_use]
    pub fn map_members(self, mut change: impl FnMut(&str, Value<'a>) -> Option<Value<'a>>) -> Self {
        let members = self.members.into_iter().filter_map(|(name, value)| {
            let value = change(&name, value)?;
            Some((name, value))
        });
        Self {
            members: members.collect(),
        }
    }

    /// Returns the same object without a borrow of the text.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        let members = self.members.into_iter();
        let members =
            members.map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned()));
        Object {
            members: members.collect(),
        }
    }

    /// Copies the members out of the text they borrow from.
    #[must_use]
    pub fn to_owned_map(&self) -> serde_json::Map<String, serde_json::Value> {
        // Not collected: that would sort the members first, and its code is long.
        let mut map = serde_json::Map::new();
        for (name, value) in self.iter() {
            map.insert(name.to_owned(), value.to_owned_value());
        }
        map
    }
}
