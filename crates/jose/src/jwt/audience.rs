use crate::json::Value;

/// The value of `aud` (RFC 7519 section 4.1.3): one string, or an array of them.
#[derive(Debug, Clone, Copy)]
pub struct Audience<'c> {
    /// A string, or an array of strings.
    value: &'c Value<'c>,
}

impl<'c> Audience<'c> {
    /// `None` unless the value is a string or an array of strings.
    pub(super) fn new(value: &'c Value<'c>) -> Option<Self> {
        match value {
            Value::String(_) => Some(Self { value }),
            Value::Array(elements) if elements.iter().all(|element| element.as_str().is_some()) => {
                Some(Self { value })
            }
            _ => None,
        }
    }

    /// The members, in order. A single string is one member.
    pub fn iter(&self) -> impl Iterator<Item = &'c str> + use<'c> {
        match self.value {
            Value::Array(elements) => elements.as_slice(),
            other => std::slice::from_ref(other),
        }
        .iter()
        .filter_map(Value::as_str)
    }

    /// Whether a member equals `audience`, byte for byte.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|member| member == audience)
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether the audience has no member, as in an empty array.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
