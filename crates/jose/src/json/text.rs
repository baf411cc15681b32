//! The tokens of a JSON text.
//!
//! serde_json decodes what is easy to get wrong: strings with escapes, and numbers other than short
//! integers.

use std::borrow::Cow;

use serde_json::Number;

use super::Error;

/// A JSON text and the place to which it was read.
pub(super) struct Text<'t> {
    input: &'t [u8],
    /// The input up to the first byte that is not UTF-8.
    text: &'t str,
    /// The part of `text` that is left.
    rest: &'t [u8],
}

impl<'t> Text<'t> {
    pub(super) fn new(input: &'t [u8]) -> Self {
        let text = std::str::from_utf8(input).unwrap_or_else(|error| {
            let valid = input.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        });
        Self {
            input,
            text,
            rest: text.as_bytes(),
        }
    }

    /// Skips whitespace, and returns the byte after it without reading it.
    pub(super) fn next(&mut self) -> Option<u8> {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Skips whitespace, and then the byte if it follows. Returns whether it does.
    pub(super) fn skip(&mut self, byte: u8) -> bool {
        match (self.next(), self.rest) {
            (Some(found), [_, rest @ ..]) if found == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Skips whitespace and the byte, which must follow.
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.skip(byte) {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    /// Checks that nothing but whitespace follows.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        if self.next().is_some() || self.text.len() < self.input.len() {
            return Err(self.syntax());
        }
        Ok(())
    }

    /// Reads a word, which must be the next one.
    pub(super) fn word(&mut self, word: &str) -> Result<(), Error> {
        for byte in word.bytes() {
            match self.rest {
                [found, rest @ ..] if *found == byte => self.rest = rest,
                _ => return Err(self.syntax()),
            }
        }
        Ok(())
    }

    /// Reads a string without escapes. Reads nothing and returns `None` where none is the next
    /// token. The result fits in registers, unlike that of [`string`](Self::string).
    #[inline(always)]
    pub(super) fn plain_string(&mut self) -> Option<&'t str> {
        let [b'"', inside @ ..] = self.rest else {
            return None;
        };
        let behind = behind_plain(inside);
        let [b'"', rest @ ..] = behind else {
            return None;
        };
        let [start, end] = [inside, behind].map(|rest| self.text.len().wrapping_sub(rest.len()));
        let text = self.text.get(start..end)?;
        self.rest = rest;
        Some(text)
    }

    /// Reads a string, which must be the next token.
    #[cold]
    pub(super) fn string(&mut self) -> Result<Cow<'t, str>, Error> {
        let [b'"', inside @ ..] = self.rest else {
            return Err(self.syntax());
        };
        let mut rest = inside;
        let rest = loop {
            rest = match behind_plain(rest) {
                [b'"', rest @ ..] => break rest,
                // serde_json checks what is escaped. The end of a string follows an ASCII character
                // in any case.
                [b'\\', 0x20..=u8::MAX, rest @ ..] => rest,
                // A control character, or the end of the text.
                end => {
                    self.rest = end;
                    return Err(self.syntax());
                }
            };
        };
        self.decode(rest, |token| serde_json::from_str(token).map(Cow::Owned))
    }

    /// Reads a positive integer of a few digits. Reads nothing and returns `None` where none is the
    /// next token.
    #[inline(always)]
    pub(super) fn short_integer(&mut self) -> Option<u64> {
        let (mut number, mut rest) = (0_u64, self.rest);
        while let [digit @ b'0'..=b'9', after @ ..] = rest {
            let digit = u64::from(digit.wrapping_sub(b'0'));
            number = number.wrapping_mul(10).wrapping_add(digit);
            rest = after;
        }
        let length = self.rest.len().wrapping_sub(rest.len());
        let is_short = matches!(self.rest, [b'1'..=b'9', ..]) && length <= SHORT;
        if !is_short || matches!(rest, [b'.' | b'e' | b'E', ..]) {
            return None;
        }
        self.rest = rest;
        Some(number)
    }

    /// Reads a number, which must be the next token.
    #[cold]
    pub(super) fn number(&mut self) -> Result<Number, Error> {
        let mut rest = self.rest;
        while let [b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E', after @ ..] = rest {
            rest = after;
        }
        let token = self.rest;
        let number: Number = self.decode(rest, str::parse)?;
        // With its feature `arbitrary_precision`, which any crate in the tree may turn on,
        // serde_json accepts any number.
        if number.as_f64().is_none() {
            let last = token.len().saturating_sub(rest.len()).saturating_sub(1);
            self.rest = token.get(last..).unwrap_or_default();
            return Err(self.syntax());
        }
        Ok(number)
    }

    /// Decodes the token that ends before `rest`.
    fn decode<T>(
        &mut self,
        rest: &'t [u8],
        decode: impl FnOnce(&'t str) -> serde_json::Result<T>,
    ) -> Result<T, Error> {
        let end = self.text.len().saturating_sub(rest.len());
        let token = self.text.get(self.place()..end).unwrap_or_default();
        match decode(token) {
            Ok(value) => {
                self.rest = rest;
                Ok(value)
            }
            Err(error) => {
                // No token contains a line break. Columns are counted from 1.
                let read = error.column().saturating_sub(1);
                self.rest = self.rest.get(read..).unwrap_or_default();
                Err(self.syntax())
            }
        }
    }

    /// The number of bytes that were read.
    fn place(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    /// The error for the next byte.
    #[cold]
    pub(super) fn syntax(&self) -> Error {
        let end = self.place().saturating_add(1);
        let before = self.input.get(..end).unwrap_or(self.input);
        let mut lines = before.split(|byte| *byte == b'\n');
        let column = lines.next_back().map_or(0, <[u8]>::len);
        Error::Syntax {
            line: lines.count().saturating_add(1),
            column,
        }
    }
}

/// Skips the bytes before a quotation mark, a backslash or a control character (RFC 8259 section
/// 7).
fn behind_plain(mut text: &[u8]) -> &[u8] {
    let mut chunks_left = 8_u32;
    while let Some((chunk, rest)) = text.split_first_chunk::<8>() {
        let ends = ends(u64::from_le_bytes(*chunk));
        if ends != 0 {
            let plain = ends.trailing_zeros() as usize >> 3;
            return text.get(plain..).unwrap_or_default();
        }
        text = rest;
        chunks_left = chunks_left.wrapping_sub(1);
        if chunks_left == 0 {
            text = behind_plain_blocks(text);
        }
    }
    while let [byte, rest @ ..] = text
        && !matches!(byte, b'"' | b'\\' | 0..0x20)
    {
        text = rest;
    }
    text
}

/// Skips bytes of a long string, except the last ones. The compiler uses vector instructions.
#[inline(never)]
fn behind_plain_blocks(mut text: &[u8]) -> &[u8] {
    let is_end = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    while let Some((block, rest)) = text.split_first_chunk::<32>()
        && !block.iter().fold(false, |any, byte| any | is_end(*byte))
    {
        text = rest;
    }
    text
}

/// Sets the highest bit of each of the eight bytes that ends a plain string. The bytes after the
/// first of them may be wrong.
fn ends(bytes: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;

    // To subtract from a byte that is too small sets its highest bit, and borrows from the next.
    let is_less = |bytes: u64, than: u64| bytes.wrapping_sub(ONES.wrapping_mul(than)) & !bytes;
    let is = |byte: u8| is_less(bytes ^ ONES.wrapping_mul(byte.into()), 1);
    (is(b'"') | is(b'\\') | is_less(bytes, 0x20)) & (ONES << 7)
}

/// The number of digits that any integer of 64 bits has room for.
const SHORT: usize = 18;

#[cfg(test)]
mod tests;
