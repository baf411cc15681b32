//! Masking of secret values in a server's text.

mod escape;
mod member;

use self::escape::{NOTATIONS, Unescape};
pub(super) use self::member::{is_named_like_a_secret, members};
use crate::secret::Secret;

/// The text that replaces a secret.
pub(super) const MASK: &str = "***";

/// Returns `text` with every one of these values masked, in plain form and with the escapes of a
/// URL, of JSON or of HTML, or several of them. Servers shorten values that they repeat: the
/// beginning of a long value is masked too, with everything up to a delimiter. If the text is
/// `cut`, a value that begins at its end is masked too.
///
/// The time is bounded by the length of the text times the number of values: a mismatch ends after
/// a few bytes, and a match is not read again.
pub(super) fn values(text: &str, values: &[Secret], cut: bool) -> String {
    let bytes = text.as_bytes();
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(next) = rest.chars().next() else {
            break;
        };
        let follows_word = at
            .checked_sub(1)
            .and_then(|before| bytes.get(before))
            .is_some_and(u8::is_ascii_alphanumeric);
        let longest = values
            .iter()
            .map(|value| found(rest, value.expose(), follows_word, cut))
            .max()
            .unwrap_or_default();
        if longest == 0 {
            masked.push(next);
            at = at.saturating_add(next.len_utf8());
            continue;
        }
        masked.push_str(MASK);
        at = at.saturating_add(longest);
    }
    masked
}

/// Returns how many bytes at the start of `text` are this value, or the start of the value and its
/// rest.
fn found(text: &str, value: &str, follows_word: bool, cut: bool) -> usize {
    let (mut whole, mut begun) = (0, 0);
    for notation in NOTATIONS {
        let (at, matched) = matched(text, value, notation);
        let rest = text.get(at..).unwrap_or_default();
        let precedes_word = rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        // A short value is masked only where it is not part of a word.
        let alone = value.len() >= SHORTEST || !follows_word && !precedes_word;
        if cut && matched > 0 && escape::is_cut(rest) {
            begun = text.len();
        } else if matched == value.len() {
            whole = whole.max(if alone { at } else { 0 });
        } else if matched >= SHORTENED {
            // The rest of the value may follow in an unknown notation.
            begun = begun.max(at.saturating_add(rest_length(rest)));
        }
    }
    if whole > 0 { whole } else { begun }
}

/// Returns how many bytes of the text match how many bytes of the value, from the start of both.
fn matched(text: &str, value: &str, notation: &[Unescape]) -> (usize, usize) {
    let (mut at, mut matched) = (0_usize, 0_usize);
    for expected in value.chars() {
        let rest = text.get(at..).unwrap_or_default();
        let read = notation.iter().find_map(|unescape| {
            let (found, length) = unescape(rest)?;
            // A character that was lost in a conversion between character sets.
            let lost = matches!(found, char::REPLACEMENT_CHARACTER | '?') && !expected.is_ascii();
            (found == expected || lost).then_some(length)
        });
        let Some(length) = read else { break };
        at = at.saturating_add(length);
        matched = matched.saturating_add(expected.len_utf8());
    }
    (at, matched)
}

/// Returns the length up to a character that ends most values, without the dots of a shortened
/// value.
fn rest_length(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.find(|c: char| {
        let ends = c.is_whitespace() || matches!(c, '<' | '>') || c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let rest = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    let shortened = rest.strip_suffix("...").or(rest.strip_suffix('…'));
    shortened.unwrap_or(rest).len()
}

/// Values below this length are masked only where they are separate words.
const SHORTEST: usize = 4;

/// The number of bytes by which the beginning of a value is recognised.
const SHORTENED: usize = 8;
