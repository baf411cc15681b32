//! The text of a number. An `f64` keeps at most 53 bits of it.

use super::reader::parse_keeping_repeats;
use super::repeats::Numbers;
use super::{Limits, Value};

/// Returns the text of a number in a JSON object. `path` is the names of the members on the way to
/// it. Returns `None` when the text is not JSON, or when there is no number at the path.
///
/// If a member is repeated, the first one counts; see
/// [`parse_object_with_repeats`](super::parse_object_with_repeats).
///
/// ```
/// use jose::json;
///
/// let text = br#"{"a":1,"b":{"sub":12345678901234567890123}}"#;
/// assert_eq!(json::number_text(text, &["b", "sub"]), Some("12345678901234567890123"));
/// ```
#[must_use]
pub fn number_text<'t>(input: &'t [u8], path: &[&str]) -> Option<&'t str> {
    let value = parse_keeping_repeats(input, Limits::new(input.len(), 100)).ok()?;
    let place = numbers_before(&value, path)?;
    std::str::from_utf8(Numbers(input).nth(place)?).ok()
}

/// The number of numbers in the text of a value before the one at `path`.
fn numbers_before(value: &Value<'_>, path: &[&str]) -> Option<usize> {
    let Some((name, rest)) = path.split_first() else {
        return matches!(value, Value::Number(_)).then_some(0);
    };
    let mut before = 0_usize;
    for (member, value) in value.as_object()?.iter() {
        if member == *name {
            return Some(before.saturating_add(numbers_before(value, rest)?));
        }
        before = before.saturating_add(numbers_in(value));
    }
    None
}

fn numbers_in(value: &Value<'_>) -> usize {
    match value {
        Value::Number(_) => 1,
        Value::Array(elements) => elements.iter().map(numbers_in).sum(),
        Value::Object(object) => object.iter().map(|(_, value)| numbers_in(value)).sum(),
        Value::Null | Value::Bool(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn a_number_is_found_as_it_is_written() {
        let text = br#" { "1": "2 \" 3", "a" : [4, {"sub": 5}, -6.0e+7], "sub":00 } "#;
        assert_eq!(number_text(text, &["sub"]), None);
        let text = br#" { "1": "2 \" 3 \\", "a" : [4, {"sub": 5}, -6.0e+7], "n": null,
            "sub" : 123456789012345678901234567890 , "o": {"x": 1, "sub":-0, "y": {"sub": 1E2}} } "#;
        for (path, expected) in [
            (&["sub"][..], Some("123456789012345678901234567890")),
            (&["o", "sub"], Some("-0")),
            (&["o", "y", "sub"], Some("1E2")),
            (&["a"], None),
            (&["a", "sub"], None),
            (&["n"], None),
            (&["1"], None),
            (&["o"], None),
            (&["x"], None),
            (&[], None),
        ] {
            assert_eq!(number_text(text, path), expected, "{path:?}");
        }
        let repeated = br#"{"a":1,"sub":2,"a":1,"sub":2}"#;
        assert_eq!(number_text(repeated, &["sub"]), Some("2"));
    }
}
