//! What a `session_state` can be (OpenID Connect Session Management 1.0 section 2).

/// Whether a text can be a `session_state`: it has no space, which separates it from the client in
/// the message to the server's frame. Section 2 sets no other rule. One that pages, logs and stores
/// cannot take is none either: other white space, control characters, and more than 4 KiB.
pub(crate) fn is_session_state(text: &str) -> bool {
    let is_unclear = |c: char| c.is_control() || c.is_whitespace();
    (1..=LONGEST).contains(&text.len()) && !text.contains(is_unclear)
}

const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_state_has_no_space_and_a_length() {
        let longest = "s".repeat(4096);
        for text in ["x.y", "é", longest.as_str()] {
            assert!(is_session_state(text), "{text}");
        }
        let too_long = "s".repeat(4097);
        for text in [
            "",
            "x y",
            "x\ty",
            "x\n",
            "\0",
            "x\u{7f}",
            "x\u{a0}y",
            too_long.as_str(),
        ] {
            assert!(!is_session_state(text), "{text:?}");
        }
    }
}
