/// Returns text from a server in a form for messages: at most 200 characters. Characters that
/// control a terminal, reverse the direction of text or are invisible are escaped.
pub(crate) fn printable(text: &str) -> String {
    printable_within(text, 200)
}

/// Returns the text with another limit.
pub(crate) fn printable_within(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(longest) {
        match c {
            // Harmless, and more readable without an escape.
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

/// Returns text that should be a URL in a form for messages. User name, password, query and
/// fragment are removed because they may be secret, even if the text is not a valid URL.
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
            // Not URLs.
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
