//! serde_json says what is JSON.

use proptest::prelude::*;
use serde_json::Value;

use crate::json;
use crate::json::Limits;

/// Compares the result of the reader with that of serde_json, but not the place of an error.
fn same_as_serde_json(text: &[u8]) -> Result<(), String> {
    let expected: Option<Value> = serde_json::from_slice(text).ok();
    let expected = expected.filter(is_finite);
    let found = json::parse(text, Limits::DOCUMENT);
    let is_same = match &found {
        Ok(found) => Some(found.to_owned_value()) == expected,
        Err(json::Error::Syntax { .. }) => expected.is_none(),
        // serde_json takes the last of repeated members.
        Err(json::Error::Duplicate { .. }) => true,
        Err(_) => false,
    };
    let text = String::from_utf8_lossy(text);
    let failure = || format!("{text:?}: {found:?}, expected {expected:?}");
    is_same.then_some(()).ok_or_else(failure)
}

/// With its feature `arbitrary_precision`, serde_json accepts numbers beyond the range of an `f64`.
fn is_finite(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some(),
        Value::Array(elements) => elements.iter().all(is_finite),
        Value::Object(members) => members.values().all(is_finite),
        _ => true,
    }
}

/// Each byte, at each place of a string that is plain everywhere else.
#[test]
fn a_string_ends_where_it_ends_for_serde_json() {
    for length in (0..20).chain([103, 135]) {
        for place in 0..length {
            for byte in 0..=0x7f {
                let mut text = vec![b'x'; length];
                text[place] = byte;
                let text = [b"[\"", text.as_slice(), b"\"]"].concat();
                same_as_serde_json(&text).unwrap();
            }
        }
    }
}

/// A subtraction in one byte of eight borrows from the next.
#[test]
fn two_bytes_in_a_row_are_told_apart() {
    for first in 0..=0x7f {
        for second in 0..=0x7f {
            let text = [b"\"", [first, second].as_slice(), b"xxxxxxxx\""].concat();
            same_as_serde_json(&text).unwrap();
        }
    }
}

#[test]
fn integers_of_every_length_are_exact() {
    for digits in 1..=40 {
        for digit in ["1", "9"] {
            for (sign, end) in [("", ""), ("-", ""), ("", ".5"), ("", "e1"), ("", "E-1")] {
                let text = format!("[{sign}{}{end}]", digit.repeat(digits));
                same_as_serde_json(text.as_bytes()).unwrap();
            }
        }
    }
    for text in [
        "0",
        "-0",
        "00",
        "-",
        "1.",
        "1.e1",
        "1e",
        "1e+",
        "18446744073709551615",
        "1-1",
    ] {
        same_as_serde_json(text.as_bytes()).unwrap();
    }
}

/// What is not UTF-8 is refused where it stands, even behind a whole value.
#[test]
fn what_is_not_utf_8_is_refused() {
    for (text, column) in [
        (&b"\"\xff\""[..], 2),
        (b"{}\xff", 3),
        (b"\xff", 1),
        (b"[1,\xc3", 4),
    ] {
        let error = json::Error::Syntax { line: 1, column };
        assert_eq!(json::parse(text, Limits::DOCUMENT), Err(error));
    }
}

#[test]
fn an_escape_is_refused_where_it_stands() {
    for (text, column) in [("[\"a\\\n\"]", 4), ("[\"a\\x\"]", 5), ("\"\\ud800\"", 8)] {
        let error = json::Error::Syntax { line: 1, column };
        assert_eq!(json::parse(text.as_bytes(), Limits::DOCUMENT), Err(error));
    }
}

fn token() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\t",
        "\r",
        "\u{b}",
        "null",
        "true",
        "false",
        "nul",
        "truE",
        "0",
        "-1",
        "12",
        "1.5",
        "1e3",
        "1e400",
        "-",
        "01",
        "\"\"",
        "\"a\"",
        "\"name\"",
        "\"caf\u{e9}\"",
        "\"\\u00e9\\n\\/\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\x\"",
        "\"\\\u{e9}\"",
        "\"a long text that fills more than eight bytes \\\" \"",
        "\"a",
        "\\",
        "\"a\n\"",
        "\"a\":",
        "\u{feff}",
        "'a'",
    ])
}

proptest! {
    #[test]
    fn tokens_are_read_as_serde_json_reads_them(
        tokens in prop::collection::vec(token(), 0..12),
    ) {
        same_as_serde_json(tokens.concat().as_bytes()).map_err(TestCaseError::fail)?;
    }

    /// A document in which one byte is removed, doubled or replaced.
    #[test]
    fn a_damaged_document_is_read_as_serde_json_reads_it(
        place in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>().prop_map(|byte| byte & 0x7f), 0..3),
    ) {
        const DOCUMENT: &[u8] = br#"{"iss":"https:\/\/id.example.com","aud":["a","b"],
            "exp":1300819380,"iat":-1.5e3,"verified":true,"address":{"locality":null,"x":{}},"y":[]}"#;
        let (before, damaged) = DOCUMENT.split_at(place.index(DOCUMENT.len()));
        let text = [before, &bytes, &damaged[1..]].concat();
        same_as_serde_json(&text).map_err(TestCaseError::fail)?;
    }
}
