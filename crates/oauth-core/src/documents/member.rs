//! The members of documents: what types they can have, and the steps for each of them.

use std::borrow::Cow;
use std::fmt;

use jose::json;
use serde_json::{Map, Value};

use crate::reason::{Reason, printable};
use crate::secret::Secret;

/// A type that a member can have.
pub(crate) trait Member: fmt::Debug + Sized {
    /// Reads the value of the member `name`, which is not `null`.
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason>;

    /// Returns the value as JSON.
    fn write(&self) -> Value;

    /// Returns what `Debug` shows of the value.
    fn shown(&self) -> Box<dyn fmt::Debug + '_> {
        Box::new(self)
    }
}

impl Member for String {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        let text = value.as_str();
        text.map(str::to_owned)
            .ok_or_else(|| ill_typed(name, "a string", value))
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }
}

impl Member for Secret {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        String::read(name, value).map(Self::new)
    }

    fn write(&self) -> Value {
        self.expose().as_str().into()
    }
}

impl Member for bool {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        let boolean = value.as_bool();
        boolean.ok_or_else(|| ill_typed(name, "a boolean", value))
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl Member for u64 {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        let number = value.as_number().and_then(serde_json::Number::as_u64);
        number.ok_or_else(|| ill_typed(name, "a whole number that is not negative", value))
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl Member for Vec<String> {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        let elements = value
            .as_array()
            .ok_or_else(|| ill_typed(name, "an array of strings", value))?;
        elements
            .iter()
            .map(|element| {
                let text = element.as_str().map(str::to_owned);
                text.ok_or_else(|| Reason::IllTyped {
                    member: Cow::Owned(printable(name)),
                    expected: "an array of strings",
                    found: format!("an array with a {}", element.kind()),
                })
            })
            .collect()
    }

    fn write(&self) -> Value {
        self.iter().map(String::as_str).collect()
    }
}

impl Member for Map<String, Value> {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        let object = value.as_object();
        object
            .map(json::Object::to_owned_map)
            .ok_or_else(|| ill_typed(name, "an object", value))
    }

    fn write(&self) -> Value {
        Value::Object(self.clone())
    }

    fn shown(&self) -> Box<dyn fmt::Debug + '_> {
        Box::new(self.keys().collect::<Vec<_>>())
    }
}

// The steps for one member. They are not inlined: the largest document has seventy members, and a
// step is a hundred times as long as its call.

/// Sets a member, which may be `null`.
#[inline(never)]
pub(crate) fn fill<T: Member>(
    member: &mut Option<T>,
    name: &str,
    value: &json::Value<'_>,
) -> Result<(), Reason> {
    *member = optional(name, value)?;
    Ok(())
}

/// Keeps a member that has no field.
#[inline(never)]
pub(crate) fn keep(extra: &mut Map<String, Value>, name: &str, value: &json::Value<'_>) {
    extra.insert(name.to_owned(), value.to_owned_value());
}

/// Writes a member that is set.
#[inline(never)]
pub(crate) fn put<T: Member>(members: &mut Map<String, Value>, name: &str, member: &Option<T>) {
    if let Some(value) = member {
        members.insert(name.to_owned(), value.write());
    }
}

/// Shows a member that is set.
#[inline(never)]
pub(crate) fn show<T: Member>(
    shown: &mut fmt::DebugStruct<'_, '_>,
    name: &str,
    member: &Option<T>,
) {
    if let Some(value) = member {
        shown.field(name, &value.shown());
    }
}

/// Copies a member.
#[inline(never)]
pub(crate) fn copied<T: Clone>(member: &Option<T>) -> Option<T> {
    member.clone()
}

/// Reads a member that must be a string and not empty.
pub(crate) fn required(object: &json::Object<'_>, name: &'static str) -> Result<String, Reason> {
    match object.get(name) {
        None | Some(json::Value::Null) => Err(Reason::Missing {
            member: Cow::Borrowed(name),
        }),
        Some(json::Value::String(text)) if text.is_empty() => Err(Reason::IllTyped {
            member: Cow::Borrowed(name),
            expected: "a string that is not empty",
            found: "an empty string".to_owned(),
        }),
        Some(value) => String::read(name, value),
    }
}

/// Reads a member that may be absent or `null`.
pub(crate) fn optional<T: Member>(
    name: &str,
    value: &json::Value<'_>,
) -> Result<Option<T>, Reason> {
    match value {
        json::Value::Null => Ok(None),
        value => T::read(name, value).map(Some),
    }
}

/// Returns the reason for a member of the wrong type.
pub(crate) fn ill_typed(name: &str, expected: &'static str, value: &json::Value<'_>) -> Reason {
    Reason::IllTyped {
        member: Cow::Owned(printable(name)),
        expected,
        found: value.kind().to_owned(),
    }
}
