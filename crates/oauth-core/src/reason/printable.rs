/// Text from a server, fit for a message: 200 characters at most, with those escaped that control a
/// terminal, reverse the direction of text or cannot be seen.
pub(crate) fn printable(text: &str) -> String {
    printable_within(text, 200)
}

/// The same with another limit.
pub(crate) fn printable_within(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(longest) {
        match c {
            // Harmless, and easier to read as they are.
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

/// What should be a URL, fit for a message: without user name and password, query and fragment,
/// which may be secret, whether or not the rest can be read as one.
pub(crate) fn printable_url(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (before_query, _) = text.split_at(end);
    let behind_credentials = before_query.rsplit('@').next();
    printable(behind_credentials.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{printable, printable_url};

    #[test]
    fn of_a_url_nothing_is_shown_that_may_be_secret() {
        for (text, shown) in [
            (
                "https://op.example:8443/token",
                "https://op.example:8443/token",
            ),
            (
                "https://op.example/t?key=secret#secret",
                "https://op.example/t",
            ),
            ("https://op.example/t#secret", "https://op.example/t"),
            ("https://user:secret@op.example/t", "op.example/t"),
            ("https://user:sec@ret@op.example", "op.example"),
            // No URLs.
            ("https://user:secret@[op.example", "[op.example"),
            ("/token?key=secret", "/token"),
            ("user:secret@", ""),
            ("?secret", ""),
            ("tok\ren", "tok\\ren"),
        ] {
            assert_eq!(printable_url(text), shown, "{text}");
        }
    }

    #[test]
    fn text_from_a_server_is_escaped_and_cut() {
        assert_eq!(printable("a\r\nb\u{1b}[0m"), "a\\r\\nb\\u{1b}[0m");
        assert_eq!(
            printable("a\u{202e}b\u{2028}\u{200b}"),
            "a\\u{202e}b\\u{2028}\\u{200b}"
        );
        assert_eq!(printable("it's \"é\" \\ 名"), "it's \"é\" \\ 名");
        assert_eq!(printable(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(printable(&"é".repeat(201)), "é".repeat(200) + "…");
    }
}
