//! Documents of a given length, for the tests of growth.

/// Returns a text of about this length.
pub(super) fn repeated(part: &str, length: usize) -> String {
    part.repeat(length / part.len())
}

/// A function that makes a document of about this length, in bytes.
pub(super) type Document = Box<dyn Fn(usize) -> String>;

/// Returns documents that grow in one way each. The reader reads `member`.
pub(super) fn documents(member: &'static str) -> Vec<(String, Document)> {
    let array = |element: &'static str| -> Document {
        Box::new(move |length| {
            let elements = repeated(&format!("{element},"), length);
            format!(r#"{{"{member}":[{}]}}"#, elements.trim_end_matches(','))
        })
    };
    let text = |part: &'static str| -> Document {
        Box::new(move |length| format!(r#"{{"{member}":"{}"}}"#, repeated(part, length)))
    };
    let numbered = |length: usize, of: fn(usize) -> String| {
        let members: Vec<_> = (0..length / of(0).len()).map(of).collect();
        members.join(",")
    };
    let documents: Vec<(&str, Document)> = vec![
        (
            "members",
            Box::new(move |length| {
                let members = numbered(length, |number| format!(r#""member-{number:06}":1"#));
                format!("{{{members}}}")
            }),
        ),
        (
            "different texts",
            Box::new(move |length| {
                let texts = numbered(length, |number| format!(r#""text-{number:06}""#));
                format!(r#"{{"{member}":[{texts}]}}"#)
            }),
        ),
        (
            "repeated members",
            Box::new(move |length| {
                let members = repeated(r#""a":1,"#, length);
                format!("{{{}}}", members.trim_end_matches(','))
            }),
        ),
        (
            "depth",
            Box::new(move |length| format!(r#"{{"{member}":{}"#, "[".repeat(length))),
        ),
        ("numbers", array("0")),
        ("objects", array("{}")),
        ("texts", array(r#""a""#)),
        ("escapes", text("\\u0061")),
        ("backslashes", text("\\\\")),
        ("digits", text("1")),
        ("almost the secret", text("another-secre")),
        ("the secret", text("a-very-long-secret")),
        (
            "a number",
            Box::new(move |length| format!(r#"{{"{member}":{}}}"#, "1".repeat(length))),
        ),
        ("white space", Box::new(|length| " ".repeat(length))),
        (
            "no JSON",
            Box::new(|length| repeated("a-very-long-secre<", length)),
        ),
        ("quotes", Box::new(|length| repeated("\"\\", length))),
    ];
    documents
        .into_iter()
        .map(|(name, document)| (format!("{name} in {member}"), document))
        .collect()
}
