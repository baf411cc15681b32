//! Sets of scope values (RFC 6749 section 3.3).

use std::fmt;

/// A set of scope values, in the order in which they were first named.
///
/// It has at most 256 values and 4096 characters, because resources that strangers choose decide
/// what is in it, and it becomes a part of a URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads values with spaces between them, for example `files:read files:write`. `None` for a
    /// character that no scope value contains, and for a set that is too large.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        Self::of_values(text.split_ascii_whitespace())
    }

    /// Makes a set of values; `None` as for [`parse`](Self::parse).
    pub fn of_values<'v>(values: impl IntoIterator<Item = &'v str>) -> Option<Self> {
        let mut scope = Self::default();
        let mut length = 0_usize;
        for (count, value) in values.into_iter().enumerate() {
            length = length.saturating_add(value.len()).saturating_add(1);
            if count >= MOST || length > LONGEST.saturating_add(1) || !is_value(value) {
                return None;
            }
            if !scope.contains(value) {
                scope.0.push(value.to_owned());
            }
        }
        Some(scope)
    }

    /// The values of both sets, those of this one first; `None` if they are too many for one set.
    pub fn union(&self, other: &Self) -> Option<Self> {
        Self::of_values(self.values().chain(other.values()))
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether this value is in the set.
    pub fn contains(&self, value: &str) -> bool {
        self.0.iter().any(|own| own == value)
    }

    /// Whether there is no value.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The values with single spaces between them.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// `scope-token` (RFC 6749 section 3.3).
fn is_value(value: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    !value.is_empty() && value.bytes().all(is_allowed)
}

/// The most values of a set. The search for a repeated value makes the cost quadratic in it.
const MOST: usize = 256;

/// The most characters of a set, with the spaces.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::{LONGEST, MOST, Scope};

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn values_are_a_set_in_their_order() {
        assert_eq!(scope(" b  a b ").to_string(), "b a");
        assert!(scope("").is_empty());
        assert!(scope("a b").contains("b") && !scope("ab").contains("a"));
        let both = scope("read write").union(&scope("write admin")).unwrap();
        assert_eq!(both.to_string(), "read write admin");
    }

    #[test]
    fn characters_outside_of_a_scope_value_are_refused() {
        for text in ["a\"b", "a\\b", "\u{e9}", "a\u{7f}"] {
            assert_eq!(Scope::parse(text), None, "{text:?}");
        }
        assert_eq!(Scope::of_values(["a b"]), None);
        assert_eq!(Scope::of_values([""]), None);
    }

    #[test]
    fn a_set_is_bounded() {
        let many = |count: usize| (0..count).map(|it| it.to_string()).collect::<Vec<_>>();
        assert!(Scope::parse(&many(MOST).join(" ")).is_some());
        assert_eq!(Scope::parse(&many(MOST + 1).join(" ")), None);
        assert!(Scope::parse(&"a".repeat(LONGEST)).is_some());
        assert_eq!(Scope::parse(&"a".repeat(LONGEST + 1)), None);
        let half = |letter: &str| scope(&letter.repeat(LONGEST / 2));
        assert_eq!(half("a").union(&scope(&"b".repeat(LONGEST / 2 + 1))), None);
        assert!(half("a").union(&scope("b")).is_some());
    }
}
