//! The parser of challenges. It reads from left to right and looks back by at most one word.

use std::collections::BTreeMap;

use super::Challenge;

pub(super) fn challenges(value: &str) -> Option<Vec<Challenge>> {
    let mut rest = Rest(value);
    let mut challenges = Vec::new();
    loop {
        rest.skip(is_separator);
        if rest.0.is_empty() {
            return Some(challenges);
        }
        challenges.push(challenge(&mut rest)?);
    }
}

fn challenge(rest: &mut Rest<'_>) -> Option<Challenge> {
    let scheme = rest.token()?.to_ascii_lowercase();
    let mut challenge = Challenge {
        scheme,
        parameters: BTreeMap::new(),
        token68: None,
        repeated: Vec::new(),
    };
    // Another challenge must follow, or the whole value is refused.
    if !matches!(rest.peek(), Some(' ' | '\t')) {
        return Some(challenge);
    }
    loop {
        rest.skip(is_separator);
        let Some((name, value)) = rest.parameter() else {
            // Not a parameter: the token68 of this challenge, the next scheme, or the end.
            if challenge.parameters.is_empty() {
                challenge.token68 = rest.token68().map(str::to_owned);
            }
            return Some(challenge);
        };
        if challenge.parameters.contains_key(&name) {
            challenge.repeated.push(name.clone());
        }
        challenge.parameters.insert(name, value);
    }
}

/// The text left to parse. A method that returns `None` has consumed nothing.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn skip(&mut self, skipped: fn(char) -> bool) {
        self.0 = self.0.trim_start_matches(skipped);
    }

    /// Consumes the longest prefix of one or more characters that fit.
    fn word(&mut self, fits: fn(char) -> bool) -> Option<&'a str> {
        let end = self.0.find(|c| !fits(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end)?;
        if word.is_empty() {
            return None;
        }
        self.0 = rest;
        Some(word)
    }

    fn token(&mut self) -> Option<&'a str> {
        self.word(is_token)
    }

    /// `token BWS "=" BWS ( token / quoted-string )` (RFC 9110 section 11.2).
    fn parameter(&mut self) -> Option<(String, String)> {
        let mut ahead = *self;
        let name = ahead.token()?.to_ascii_lowercase();
        ahead.skip(is_blank);
        ahead.0 = ahead.0.strip_prefix('=')?;
        ahead.skip(is_blank);
        let value = match ahead.quoted() {
            Some(value) => value,
            None => ahead.token()?.to_owned(),
        };
        *self = ahead;
        Some((name, value))
    }

    /// `quoted-string` (RFC 9110 section 5.6.4), without its quotes and backslashes.
    fn quoted(&mut self) -> Option<String> {
        let text = self.0.strip_prefix('"')?;
        let mut value = String::new();
        let mut characters = text.chars();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => value.push(characters.next()?),
                plain => value.push(plain),
            }
        }
        self.0 = characters.as_str();
        Some(value)
    }

    /// `token68` (RFC 9110 section 11.2) that ends where the challenge can end.
    fn token68(&mut self) -> Option<&'a str> {
        let mut ahead = *self;
        let word = ahead.word(is_token68)?;
        let padding = ahead.word(|c| c == '=').unwrap_or_default();
        if padding.len() > 2 || !ahead.peek().is_none_or(is_separator) {
            return None;
        }
        let token68 = self.0.get(..word.len().saturating_add(padding.len()))?;
        *self = ahead;
        Some(token68)
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_separator(c: char) -> bool {
    is_blank(c) || c == ','
}

/// `tchar` (RFC 9110 section 5.6.2).
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

fn is_token68(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/".contains(c)
}
