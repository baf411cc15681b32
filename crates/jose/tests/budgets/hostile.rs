//! Documents that cost as much as possible for their length.

mod files;
mod keys;
mod reader;
mod tokens;

use std::borrow::Cow;

/// The maximum length of a document, in bytes.
pub(crate) const DOCUMENT: usize = 1 << 20;
/// The maximum length of a token and of a claims set, in bytes. PEM and DER have no limit, so the
/// tests use this one.
pub(crate) const CLAIMS: usize = 256 << 10;
/// The maximum length of a header and of a key, in bytes.
pub(crate) const HEADER: usize = 16 << 10;

/// A parser, the longest text that it reads, and a function that makes a text of a given length.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) longest: usize,
    pub(crate) make: Make,
    /// Reads the text. The result stays in memory.
    pub(crate) read: Read,
}

/// A value that stays in memory.
pub(crate) trait Kept {}
impl<T> Kept for T {}

fn keep<T: 'static>(value: T) -> Box<dyn Kept> {
    Box::new(value)
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let add: Add<'_> = &mut |name, longest, make, read| {
        cases.push(Case {
            name,
            longest,
            make,
            read,
        });
    };
    reader::add(add);
    tokens::add(add);
    keys::add(add);
    files::add(add);
    cases
}

type Make = Box<dyn Fn(usize) -> Vec<u8>>;
type Read = fn(&[u8]) -> Box<dyn Kept>;
type Add<'a> = &'a mut dyn FnMut(&'static str, usize, Make, Read);

/// Returns a list of `piece`s with the given length. `#` in a piece is replaced by its number.
fn list(open: &str, piece: &str, close: &str, length: usize) -> Vec<u8> {
    let mut text = open.to_owned();
    let is_numbered = piece.contains('#');
    for number in 0.. {
        let piece = if is_numbered {
            Cow::Owned(piece.replace('#', &number.to_string()))
        } else {
            Cow::Borrowed(piece)
        };
        if text.len() + piece.len() + close.len() + 1 > length {
            break;
        }
        if number > 0 {
            text.push(',');
        }
        text.push_str(&piece);
    }
    text.push_str(close);
    text.into_bytes()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
