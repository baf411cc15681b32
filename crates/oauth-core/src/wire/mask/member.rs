//! Masking of members, parameters and elements whose names suggest secrets.

use super::MASK;

/// Returns `text` with the values of members, parameters and elements masked whose names suggest
/// secrets.
pub(in crate::wire) fn members(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_tag = false;
    while let Some(start) = rest.find(is_name) {
        let (before, from_name) = rest.split_at(start);
        masked.push_str(before);
        let read = text.len().saturating_sub(from_name.len());
        let read = text.get(..read).unwrap_or_default();
        // A name may continue after the prefix of a namespace.
        in_tag = read.ends_with('<') || read.ends_with("&lt;") || in_tag && before == ":";
        let end = from_name
            .find(|c: char| !is_name(c))
            .unwrap_or(from_name.len());
        let (name, behind) = from_name.split_at(end);
        masked.push_str(name);
        rest = behind;
        if !is_named_like_a_secret(name) {
            continue;
        }
        // HTML's `code` is markup, often of an error message.
        let content = (in_tag && !name.eq_ignore_ascii_case("code"))
            .then(|| content(behind))
            .flatten();
        let (value, length) = match (content, separated(behind)) {
            (Some(content), _) => (content, content_length(content, name)),
            (None, Some(value)) => (value, value_length(value)),
            (None, None) => continue,
        };
        let (separator, value) = behind.split_at(behind.len().saturating_sub(value.len()));
        masked.push_str(separator);
        let (value, behind) = value.split_at(length);
        // A secret code is text; a number is an error number.
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

/// Whether the name of a member suggests that its value is secret.
pub(in crate::wire) fn is_named_like_a_secret(name: &str) -> bool {
    let name = lower(name);
    SECRET_WORDS.iter().any(|word| name.contains(word)) || is_code(&name)
}

/// Whether this is the name of a credential code, and not of an error or status code.
fn is_code(name: &str) -> bool {
    let name = lower(name);
    name.contains("code") && !["error", "status"].iter().any(|it| name.contains(it))
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Returns the content of the element whose name precedes this text; `None` if it is not an opening
/// tag.
fn content(behind_name: &str) -> Option<&str> {
    if !behind_name.starts_with(|c: char| c == '>' || c == '&' || c.is_whitespace()) {
        return None;
    }
    let (attributes, content) = ["&gt;", ">"]
        .iter()
        .filter_map(|end| behind_name.split_once(end))
        .min_by_key(|(attributes, _)| attributes.len())?;
    let is_tag = !attributes.ends_with('/') && !attributes.contains('<');
    is_tag.then_some(content)
}

/// Returns the length up to the tag that closes the element, or up to the next closing tag, or the
/// end.
fn content_length(content: &str, name: &str) -> usize {
    let closes = |tag: &str| {
        let end = content.match_indices(tag).find_map(|(at, tag)| {
            let closed = content.get(at.saturating_add(tag.len())..)?;
            // The name may have the prefix of a namespace.
            let closed = closed.split(['>', '&']).next()?;
            (closed.trim_end().rsplit(':').next() == Some(name)).then_some(at)
        });
        end.or(content.find(tag))
    };
    let ends = ["</", "&lt;/"].iter().filter_map(|tag| closes(tag));
    ends.min().unwrap_or(content.len())
}

/// Returns the text after the separator between a name and its value; `None` if there is none. The
/// value may be in a separate attribute or member named `value`.
fn separated(behind_name: &str) -> Option<&str> {
    let behind = unquoted(behind_name).trim_start();
    let behind = match behind.strip_prefix([':', '=']) {
        Some(behind) => behind,
        None => {
            let named = behind.strip_prefix(',').unwrap_or(behind).trim_start();
            let behind = unquoted(named).strip_prefix("value")?;
            let behind = unquoted(behind).trim_start();
            behind.strip_prefix([':', '='])?
        }
    };
    let behind = behind.strip_prefix('>').unwrap_or(behind);
    Some(behind.trim_start())
}

/// Returns the text after a quote, if it begins with one.
fn unquoted(text: &str) -> &str {
    QUOTES
        .iter()
        .find_map(|quote| text.strip_prefix(quote))
        .unwrap_or(text)
}

/// Returns the length of the value at the start of a text: a quoted value with its quotes, an array
/// or object as a whole, or a word; the name of an authentication scheme with the next word.
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
    let (word, rest) = text.split_at(word_length(text));
    let credentials = rest.trim_start();
    if !SCHEMES.iter().any(|it| word.eq_ignore_ascii_case(it)) || credentials.len() == rest.len() {
        return word.len();
    }
    let spaces = rest.len().saturating_sub(credentials.len());
    let length = word_length(credentials);
    word.len().saturating_add(spaces).saturating_add(length)
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || ",&;<>{}[]()\"'".contains(c))
        .unwrap_or(text.len())
}

/// Returns the length up to and including the closing quote.
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

/// Returns the length up to and including the bracket that closes the first one.
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

/// Authentication schemes whose credentials are one word.
const SCHEMES: [&str; 4] = ["basic", "bearer", "dpop", "token"];

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

/// Quotes, including the escaped quotes of JSON and HTML within a text.
const QUOTES: [&str; 4] = ["\\\"", "&quot;", "\"", "'"];
