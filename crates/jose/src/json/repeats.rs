//! The only tolerance for duplicate members: members of the same name and value are one member.

use std::fmt::Write as _;
use std::ops::Range;

use super::reader::{parse_keeping_repeats, parse_object};
use super::{Error, Limits, Object, Value};

/// Reads one JSON object in which a member may be repeated with the same value, at every depth.
/// Such members are one member, in the first place.
///
/// Two values are the same when their texts are equal, apart from whitespace, escapes in strings
/// and the order of the members of objects. Numbers are compared as they are written: `1` and `1.0`
/// differ.
///
/// Use this only for the claims of a JWT whose signature is valid. RFC 7519 section 4 lets a reader
/// take the last of several members, and some servers write the same member twice. Two readers
/// cannot disagree about such a member.
///
/// # Errors
///
/// The errors of [`parse_object`]; [`Error::Duplicate`] only for members with different values.
///
/// ```
/// use jose::json;
/// use jose::json::Limits;
///
/// let read = |text: &'static str| {
///     json::parse_object_with_repeats(text.as_bytes(), Limits::CLAIMS)
/// };
/// assert_eq!(read(r#"{"iss":"a","sub":"b","iss":"a"}"#)?.len(), 2);
/// assert!(read(r#"{"iss":"a","iss":"b"}"#).is_err());
/// # Ok::<(), json::Error>(())
/// ```
pub fn parse_object_with_repeats(input: &[u8], limits: Limits) -> Result<Object<'_>, Error> {
    match parse_object(input, limits) {
        Err(Error::Duplicate { .. }) => {}
        result => return result,
    }
    let mut value = parse_keeping_repeats(input, limits)?;
    let mut merging = Merging {
        numbers: Numbers(input),
        canonical: String::with_capacity(input.len()),
    };
    merging.merge(&mut value)?;
    match value {
        Value::Object(object) => Ok(object),
        other => Err(Error::NotAnObject {
            found: other.kind(),
        }),
    }
}

/// Walks over a value in the order of its text, and merges repeated members.
struct Merging<'t> {
    numbers: Numbers<'t>,
    /// The part of the value that was walked, in a form in which two values have equal texts
    /// exactly when they are the same. A text is moved once for each object around it. The walk
    /// therefore takes time proportional to the length of the text times its depth, which is
    /// limited.
    canonical: String,
}

impl Merging<'_> {
    fn merge(&mut self, value: &mut Value<'_>) -> Result<(), Error> {
        match value {
            Value::Null => self.canonical.push('z'),
            Value::Bool(false) => self.canonical.push('f'),
            Value::Bool(true) => self.canonical.push('t'),
            Value::Number(_) => {
                let number = self.numbers.next().unwrap_or_default();
                self.text('n', &String::from_utf8_lossy(number));
            }
            Value::String(text) => self.text('s', text),
            Value::Array(elements) => {
                self.canonical.push('[');
                for element in elements {
                    self.merge(element)?;
                }
                self.canonical.push(']');
            }
            Value::Object(object) => self.merge_object(object)?,
        }
        Ok(())
    }

    fn merge_object(&mut self, object: &mut Object<'_>) -> Result<(), Error> {
        let start = self.canonical.len();
        let mut texts = Vec::with_capacity(object.members.len());
        for (_, value) in &mut object.members {
            let begin = self.canonical.len();
            self.merge(value)?;
            texts.push(begin..self.canonical.len());
        }
        let mut sorted: Vec<(&str, Range<usize>, usize)> = object
            .members
            .iter()
            .zip(texts)
            .enumerate()
            .map(|(place, ((name, _), text))| (name.as_ref(), text, place))
            .collect();
        sorted.sort_unstable_by_key(|(name, _, place)| (*name, *place));
        let mut is_kept = vec![true; sorted.len()];
        let mut own = Self::new_text(self.canonical.len().saturating_sub(start));
        let mut before: Option<(&str, &str)> = None;
        for (name, text, place) in sorted {
            let text = self.canonical.get(text).unwrap_or_default();
            match before {
                Some((earlier, value)) if earlier == name => {
                    if value != text {
                        return Err(Error::Duplicate {
                            member: name.to_owned(),
                        });
                    }
                    if let Some(kept) = is_kept.get_mut(place) {
                        *kept = false;
                    }
                }
                _ => {
                    write_text(&mut own, 's', name);
                    own.push_str(text);
                }
            }
            before = Some((name, text));
        }
        own.push('}');
        self.canonical.truncate(start);
        self.canonical.push_str(&own);
        let mut is_kept = is_kept.into_iter();
        object
            .members
            .retain(|_| is_kept.next().unwrap_or_default());
        Ok(())
    }

    fn new_text(length: usize) -> String {
        let mut text = String::with_capacity(length);
        text.push('{');
        text
    }

    fn text(&mut self, kind: char, text: &str) {
        write_text(&mut self.canonical, kind, text);
    }
}

/// Writes a text with its length, so that its end is unambiguous.
fn write_text(canonical: &mut String, kind: char, text: &str) {
    // Writing into a `String` cannot fail.
    let _ = write!(canonical, "{kind}{}:{text}", text.len());
}

/// The numbers in a JSON text, as they are written and in order. The caller must have checked that
/// the text is JSON.
pub(super) struct Numbers<'t>(pub(super) &'t [u8]);

impl<'t> Iterator for Numbers<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        loop {
            match self.0 {
                [b'"', rest @ ..] => self.0 = behind_string(rest),
                [b'-' | b'0'..=b'9', ..] => {
                    let is_part =
                        |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E');
                    let length = self.0.iter().take_while(|byte| is_part(byte)).count();
                    let (number, rest) = self.0.split_at_checked(length)?;
                    self.0 = rest;
                    return Some(number);
                }
                [_, rest @ ..] => self.0 = rest,
                [] => return None,
            }
        }
    }
}

/// Returns the text after a string. `text` begins after the first quotation mark.
fn behind_string(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b'"', rest @ ..] => return rest,
            [b'\\', _, rest @ ..] | [_, rest @ ..] => rest,
            [] => return text,
        };
    }
}

#[cfg(test)]
mod tests;
