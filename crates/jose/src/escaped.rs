//! Text of a peer, escaped for an error message.

use std::fmt;

/// Prints the text of a peer: control characters are escaped, and long text is cut.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars().take(MAX_CHARACTERS) {
            write!(f, "{}", character.escape_debug())?;
        }
        if self.0.chars().nth(MAX_CHARACTERS).is_some() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

/// Enough to recognise a name, and too little to fill a log.
const MAX_CHARACTERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_long_text_is_cut() {
        assert_eq!(
            Escaped("a\r\nb\u{1b}[31m\u{202e}").to_string(),
            "a\\r\\nb\\u{1b}[31m\\u{202e}"
        );
        assert_eq!(Escaped(&"x".repeat(64)).to_string(), "x".repeat(64));
        assert_eq!(
            Escaped(&"x".repeat(65)).to_string(),
            format!("{}…", "x".repeat(64))
        );
    }
}
