//! Secret values out of a server's text.

use crate::secret::Secret;

/// What stands in the place of a secret.
pub(super) const MASK: &str = "***";

/// `text` with every one of these values masked, whether as it is or with the escapes of a URL, of
/// JSON or of HTML. The beginning of a long value is masked as well, since servers shorten what they
/// repeat; and so is one that ends with the text where the text is `cut`.
///
/// Takes a time that is bounded by the length of the text times that of all values.
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
            .map(|value| {
                found(
                    rest.as_bytes(),
                    value.expose().as_bytes(),
                    follows_word,
                    cut,
                )
            })
            .max()
            .unwrap_or_default();
        if longest == 0 {
            masked.push(next);
            at = at.saturating_add(next.len_utf8());
            continue;
        }
        masked.push_str(MASK);
        at = at.saturating_add(longest);
        while at < text.len() && !text.is_char_boundary(at) {
            at = at.saturating_add(1);
        }
    }
    masked
}

/// `text` with the values of members and parameters masked that are named like secrets.
pub(super) fn members(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_name) {
        let (before, from_name) = rest.split_at(start);
        masked.push_str(before);
        let end = from_name
            .find(|c: char| !is_name(c))
            .unwrap_or(from_name.len());
        let (name, behind) = from_name.split_at(end);
        masked.push_str(name);
        rest = behind;
        if !is_named_like_a_secret(name) {
            continue;
        }
        let Some(value) = separated(behind) else {
            continue;
        };
        let (separator, value) = behind.split_at(behind.len().saturating_sub(value.len()));
        masked.push_str(separator);
        let length = value_length(value);
        let (value, behind) = value.split_at(length);
        // A code is text; as a number it is the number of an error.
        let harmless = matches!(value, "" | "null" | "true" | "false")
            || is_code(name) && value.parse::<f64>().is_ok();
        masked.push_str(match harmless {
            true => value,
            false => MASK,
        });
        rest = behind;
    }
    masked.push_str(rest);
    masked
}

/// Whether a member of this name holds, by its name, what should not be seen.
pub(super) fn is_named_like_a_secret(name: &str) -> bool {
    let name = lower(name);
    SECRET_WORDS.iter().any(|word| name.contains(word)) || is_code(&name)
}

/// The name of a code that stands for something, and not of one that says what went wrong.
fn is_code(name: &str) -> bool {
    let name = lower(name);
    name.contains("code") && !["error", "status"].iter().any(|it| name.contains(it))
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// How many bytes at the beginning of `text` are this value, or the beginning of it.
fn found(text: &[u8], value: &[u8], follows_word: bool, cut: bool) -> usize {
    let escapes: [Unescape; 4] = [raw, percent, json, html];
    let lengths = escapes.into_iter().map(|unescape| {
        let (mut at, mut matched) = (0_usize, 0_usize);
        while let Some(expected) = value.get(matched) {
            match unescape(text.get(at..).unwrap_or_default()) {
                Some((byte, length)) if byte == *expected => {
                    at = at.saturating_add(length);
                    matched = matched.saturating_add(1);
                }
                _ => break,
            }
        }
        let whole = matched == value.len();
        let at_the_end = cut && matched > 0 && at >= text.len();
        let precedes_word = text.get(at).is_some_and(u8::is_ascii_alphanumeric);
        // What is as short as a syllable is masked only where it stands alone.
        let alone = value.len() >= SHORTEST || !follows_word && !precedes_word;
        match whole && alone || matched >= SHORTENED || at_the_end {
            true => at,
            false => 0,
        }
    });
    lengths.max().unwrap_or_default()
}

/// The first byte behind the escapes of a notation, and how many bytes it takes.
type Unescape = fn(&[u8]) -> Option<(u8, usize)>;

fn raw(text: &[u8]) -> Option<(u8, usize)> {
    text.first().map(|byte| (*byte, 1))
}

fn percent(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'+', ..] => Some((b' ', 1)),
        [b'%', high, low, ..] => match hexadecimal(&[*high, *low]) {
            Some(number) => Some((u8::try_from(number).ok()?, 3)),
            None => Some((b'%', 1)),
        },
        _ => raw(text),
    }
}

fn json(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'\\', b'u', a, b, c, d, ..] => match hexadecimal(&[*a, *b, *c, *d]) {
            Some(number) => Some((u8::try_from(number).ok()?, 6)),
            None => Some((b'\\', 1)),
        },
        [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] => Some((*escaped, 2)),
        _ => raw(text),
    }
}

fn html(text: &[u8]) -> Option<(u8, usize)> {
    for (entity, byte) in ENTITIES {
        if text.starts_with(entity.as_bytes()) {
            return Some((byte, entity.len()));
        }
    }
    let Some(number) = text.strip_prefix(b"&#") else {
        return raw(text);
    };
    let (digits, radix) = match number {
        [b'x' | b'X', digits @ ..] => (digits, 16),
        digits => (digits, 10),
    };
    // Seven digits write every character.
    let length = digits.iter().take(8).position(|byte| *byte == b';');
    let character = length
        .and_then(|length| digits.get(..length))
        .and_then(|digits| str::from_utf8(digits).ok())
        .and_then(|digits| u32::from_str_radix(digits, radix).ok());
    match (character, length) {
        (Some(character), Some(length)) => {
            let before = text.len().saturating_sub(digits.len());
            let length = before.saturating_add(length).saturating_add(1);
            Some((u8::try_from(character).ok()?, length))
        }
        _ => raw(text),
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let all = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = str::from_utf8(digits).ok().filter(|_| all)?;
    u32::from_str_radix(digits, 16).ok()
}

/// What follows the separator between a name and its value; `None` where there is none.
fn separated(behind_name: &str) -> Option<&str> {
    let behind = QUOTES
        .iter()
        .find_map(|quote| behind_name.strip_prefix(quote))
        .unwrap_or(behind_name);
    let behind = behind.trim_start().strip_prefix([':', '='])?;
    let behind = behind.strip_prefix('>').unwrap_or(behind);
    Some(behind.trim_start())
}

/// How long the value is that a text begins with: a quoted one with its quotes, an array or object
/// with all that is in it, or a word.
fn value_length(text: &str) -> usize {
    for quote in QUOTES {
        if let Some(inside) = text.strip_prefix(quote) {
            let length = quoted_length(inside, quote);
            return quote.len().saturating_add(length).min(text.len());
        }
    }
    if text.starts_with(['{', '[']) {
        return nested_length(text);
    }
    text.find(|c: char| c.is_whitespace() || ",&;<>{}[]()\"'".contains(c))
        .unwrap_or(text.len())
}

/// Up to the closing quote, and with it.
fn quoted_length(inside: &str, quote: &str) -> usize {
    let mut at = 0_usize;
    while let Some(rest) = inside.get(at..) {
        let Some(next) = rest.chars().next() else {
            break;
        };
        if rest.starts_with(quote) {
            return at.saturating_add(quote.len());
        }
        let skipped = match next {
            '\\' if !quote.starts_with('\\') => rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => 0,
        };
        at = at.saturating_add(next.len_utf8()).saturating_add(skipped);
    }
    inside.len()
}

/// Up to the bracket that closes the first one, and with it.
fn nested_length(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth = depth.saturating_add(1),
            '}' | ']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at.saturating_add(1);
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Values below this length are masked only where they are words of their own.
const SHORTEST: usize = 4;

/// So many bytes of the beginning of a value are recognised.
const SHORTENED: usize = 8;

const SECRET_WORDS: [&str; 8] = [
    "token",
    "secret",
    "assertion",
    "password",
    "verifier",
    "credential",
    "cookie",
    "jwt",
];

/// Quotes, the escaped ones of JSON and HTML within a text included.
const QUOTES: [&str; 4] = ["\\\"", "&quot;", "\"", "'"];

const ENTITIES: [(&str, u8); 6] = [
    ("&amp;", b'&'),
    ("&apos;", b'\''),
    ("&gt;", b'>'),
    ("&lt;", b'<'),
    ("&quot;", b'"'),
    ("&sol;", b'/'),
];
