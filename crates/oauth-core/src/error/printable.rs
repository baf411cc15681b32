/// Text from a server, fit for a message: 200 characters at most, with those escaped that control a
/// terminal, reverse the direction of text or cannot be seen.
pub(crate) fn printable(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut shown = String::new();
    for c in text.chars().take(LONGEST) {
        match c {
            // Harmless, and easier to read as they are.
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::printable;

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
