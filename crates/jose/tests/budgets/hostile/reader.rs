//! JSON for the strict reader.

use jose::json;

use super::{Add, DOCUMENT, Kept, keep, list};

pub(super) fn add(add: Add<'_>) {
    // First as many values as fit into the text, and then as many as are allowed.
    for (name, piece) in [
        ("reader: numbers", "0"),
        ("reader: empty arrays", "[]"),
        ("reader: small objects", r#"{"":0}"#),
        ("reader: nested arrays", "[[[[[[[[[[0]]]]]]]]]]"),
        (
            "reader: long elements",
            r#"{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrs":"\n"}"#,
        ),
    ] {
        add(
            name,
            DOCUMENT,
            Box::new(move |length| list("[", piece, "]", length)),
            read_document,
        );
    }
    for (name, piece) in [
        ("reader: members", r##""#":0"##),
        (
            "reader: allowed members",
            r##""member # of an object that holds as many as are allowed, at least":0"##,
        ),
    ] {
        add(
            name,
            DOCUMENT,
            Box::new(move |length| list("{", piece, "}", length)),
            read_document,
        );
    }
    for (name, character) in [
        ("reader: a long string", "a"),
        ("reader: a long string of escapes", r"\u0041"),
        ("reader: a long string of surrogates", r"\ud83d\ude00"),
        ("reader: a long string of two bytes", "é"),
    ] {
        let make = move |length: usize| {
            let repeats = (length - 2) / character.len();
            format!("\"{}\"", character.repeat(repeats)).into_bytes()
        };
        add(name, DOCUMENT, Box::new(make), read_document);
    }
    for (name, piece) in [("reader: a long number", "1"), ("reader: whitespace", " ")] {
        let make = move |length: usize| format!("{}1", piece.repeat(length - 1)).into_bytes();
        add(name, DOCUMENT, Box::new(make), read_document);
    }
}

fn read_document(bytes: &[u8]) -> Box<dyn Kept> {
    let value = json::parse(bytes, json::Limits::DOCUMENT);
    keep(value.map(json::Value::into_owned))
}
