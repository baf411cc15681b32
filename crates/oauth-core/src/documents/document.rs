//! Documents as tables: a struct with the known members by name, and all others.

use std::borrow::Cow;
use std::fmt;

use jose::json;
use serde_json::{Map, Value};

use crate::reason::{Reason, printable};
use crate::secret::Secret;

/// Declares a metadata document: its mandatory string member, then its optional members.
///
/// It generates the struct, `read` from strict JSON and `to_json`. A member that is `null` counts
/// as absent. A member of the wrong type is an error that names it, except for a member under
/// `informative`, which this library does not use: it stays in `extra`.
macro_rules! document {
    (
        $(#[$documentation:meta])*
        $name:ident {
            $([$(#[$required_documentation:meta])* $required:ident])?
            $($(#[$member_documentation:meta])* $member:ident: $type:ty,)*
            $(@informative {
                $($(#[$told_documentation:meta])* $told:ident: $told_type:ty,)*
            })?
        }
    ) => {
        $(#[$documentation])*
        ///
        /// `Debug` shows the members that are set. For [`extra`](Self::extra) and nested objects it
        /// shows only the names, because they may contain secrets.
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$required_documentation])* pub $required: String,)?
            $($(#[$member_documentation])* pub $member: Option<$type>,)*
            $($($(#[$told_documentation])* pub $told: Option<$told_type>,)*)?
            /// Members without a field in this type.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            /// Reads the members; an error names the member at fault.
            pub(crate) fn read(
                object: &jose::json::Object<'_>,
            ) -> Result<Self, crate::reason::Reason> {
                $(let $required =
                    $crate::documents::required_string(object, stringify!($required))?;)?
                let document = Self::read_optional(object)?;
                $(let document = Self { $required, ..document };)?
                Ok(document)
            }

            /// Reads the members, without the mandatory one.
            pub(crate) fn read_optional(
                object: &jose::json::Object<'_>,
            ) -> Result<Self, crate::reason::Reason> {
                let mut document = Self::default();
                for (name, value) in object.iter() {
                    match name {
                        $(stringify!($required) => {})?
                        $(stringify!($member) => {
                            document.$member = $crate::documents::optional(name, value)?;
                        })*
                        $($(stringify!($told) => {
                            match $crate::documents::optional(name, value) {
                                Ok(told) => document.$told = told,
                                Err(_) => {
                                    let value = value.to_owned_value();
                                    document.extra.insert(name.to_owned(), value);
                                }
                            }
                        })*)?
                        _ => {
                            document.extra.insert(name.to_owned(), value.to_owned_value());
                        }
                    }
                }
                Ok(document)
            }

            /// The document as JSON: the members that are set, and all others as they were read.
            pub fn to_json(&self) -> serde_json::Map<String, serde_json::Value> {
                let mut members = self.extra.clone();
                $(members.insert(
                    stringify!($required).to_owned(),
                    serde_json::Value::from(self.$required.as_str()),
                );)?
                $(if let Some(value) = &self.$member {
                    members.insert(
                        stringify!($member).to_owned(),
                        $crate::documents::Member::write(value),
                    );
                })*
                $($(if let Some(value) = &self.$told {
                    members.insert(
                        stringify!($told).to_owned(),
                        $crate::documents::Member::write(value),
                    );
                })*)?
                members
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(shown.field(stringify!($required), &self.$required);)?
                $(if let Some(value) = &self.$member {
                    let value = $crate::documents::Member::shown(value);
                    shown.field(stringify!($member), &value);
                })*
                $($(if let Some(value) = &self.$told {
                    let value = $crate::documents::Member::shown(value);
                    shown.field(stringify!($told), &value);
                })*)?
                let extra = $crate::documents::Member::shown(&self.extra);
                shown.field("extra", &extra).finish()
            }
        }
    };
}
pub(crate) use document;

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
