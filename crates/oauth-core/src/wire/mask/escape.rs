//! The escapes of URLs, JSON and HTML.

/// Decodes the escape at the start of a text: the character, and how many bytes the escape takes;
/// `None` if the text does not begin with an escape of the notation.
pub(super) type Unescape = fn(&str) -> Option<(char, usize)>;

/// The notations of a value: each one alone, so that what looks like an escape of another is taken
/// literally, and all of them together.
pub(super) const NOTATIONS: [&[Unescape]; 5] = [
    &[raw],
    &[percent, raw],
    &[json, raw],
    &[html, raw],
    &[percent, json, html, raw],
];

/// Whether a text that was cut ends here, or within an escape.
pub(super) fn is_cut(rest: &str) -> bool {
    rest.is_empty() || rest.len() < LONGEST && rest.starts_with(['%', '\\', '&'])
}

fn raw(text: &str) -> Option<(char, usize)> {
    let next = text.chars().next()?;
    Some((next, next.len_utf8()))
}

/// Decodes an escape of a form (WHATWG URL, section 5.1).
fn percent(text: &str) -> Option<(char, usize)> {
    match text.starts_with('+') {
        true => Some((' ', 1)),
        false => bytes(text, "%"),
    }
}

/// Decodes an escape of a JSON string (RFC 8259 section 7), or one that JavaScript, Python or PHP
/// adds.
fn json(text: &str) -> Option<(char, usize)> {
    let escaped = text.strip_prefix('\\')?;
    let short = match escaped.bytes().next()? {
        quoted @ (b'"' | b'\\' | b'/' | b'\'') => char::from(quoted),
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => return utf_16(text),
        b'x' => return bytes(text, "\\x"),
        _ => return None,
    };
    Some((short, 2))
}

/// Decodes one escape, or the two escapes of a surrogate pair.
fn utf_16(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::try_from(hexadecimal(digits)?).ok()
    };
    let units = [unit(0)?, unit(6).unwrap_or_default()];
    let first = char::decode_utf16(units).next()?;
    let first = first.unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((first, first.len_utf16().saturating_mul(6)))
}

/// Decodes the bytes of one character in UTF-8, each after the prefix, or one byte in Latin-1.
fn bytes(text: &str, prefix: &str) -> Option<(char, usize)> {
    let each = prefix.len().saturating_add(2);
    let byte = |number: usize| {
        let escape = text.get(number.saturating_mul(each)..)?;
        let digits = escape.strip_prefix(prefix)?.get(..2)?;
        u8::try_from(hexadecimal(digits)?).ok()
    };
    let first = byte(0)?;
    let mut encoded = Vec::with_capacity(4);
    for number in 0..4 {
        encoded.extend(byte(number));
        if let Ok(text) = str::from_utf8(&encoded)
            && let Some(character) = text.chars().next()
        {
            return Some((character, encoded.len().saturating_mul(each)));
        }
    }
    Some((char::from(first), each))
}

/// Decodes a character reference (HTML, section 13.5): those that HTML requires, those of Latin-1,
/// which PHP writes, and all numeric ones.
fn html(text: &str) -> Option<(char, usize)> {
    let reference = text.strip_prefix('&')?;
    // The longest are `&#` with seven digits, and `&#x` with six.
    let length = reference.bytes().take(LONGEST).position(|it| it == b';')?;
    let name = reference.get(..length)?;
    let character = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => char::from_u32(hexadecimal(digits)?)?,
            None => char::from_u32(number.parse().ok()?)?,
        },
        None => named(name)?,
    };
    Some((character, length.saturating_add(2)))
}

fn named(name: &str) -> Option<char> {
    if let Some((_, character)) = ENTITIES.iter().find(|(entity, _)| *entity == name) {
        return Some(*character);
    }
    ('\u{a0}'..='\u{ff}')
        .zip(LATIN_1.split_ascii_whitespace())
        .find_map(|(character, entity)| (entity == name).then_some(character))
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| all)
}

/// The upper limit for the length of an escape.
const LONGEST: usize = 12;

const ENTITIES: [(&str, char); 6] = [
    ("amp", '&'),
    ("apos", '\''),
    ("gt", '>'),
    ("lt", '<'),
    ("quot", '"'),
    ("sol", '/'),
];

/// The names of U+00A0 to U+00FF, in order.
const LATIN_1: &str = "\
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr \
    deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest \
    Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml \
    ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig \
    agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml \
    eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";
