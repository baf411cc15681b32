//! PEM documents (RFC 7468), read leniently.
//!
//! A text may hold any number of documents, with other text before, between and after them. In a
//! document, lines may have any length, may be blank and may be indented. A backslash followed by
//! the letter `n` is a line break, because environment variables often hold line breaks in this
//! form. A byte order mark is ignored.
//!
//! ```
//! use jose::pem;
//!
//! let text = b"my curve:\n-----BEGIN EC PARAMETERS-----\n\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----";
//! let [document] = &pem::documents(text).collect::<Vec<_>>()[..] else { panic!() };
//! assert_eq!(document.label(), "EC PARAMETERS");
//! assert_eq!(document.der()?.len(), 10);
//! # Ok::<(), jose::KeyRejected>(())
//! ```

use std::fmt;

use base64ct::{Base64, Encoding};
use memchr::memmem;
use zeroize::Zeroizing;

use crate::KeyRejected;

/// Returns the documents of a text, in order. Text that does not begin like a document is skipped.
pub fn documents(text: &[u8]) -> impl Iterator<Item = Document<'_>> {
    Documents { rest: text }
}

/// A document: a label, and DER in base64.
#[derive(Clone, Copy)]
pub struct Document<'t> {
    label: &'t str,
    /// The text between the two boundaries. `None` if the end boundary is missing or has another
    /// label.
    body: Option<&'t [u8]>,
}

impl<'t> Document<'t> {
    /// The label, such as `PRIVATE KEY` or `CERTIFICATE`.
    #[must_use]
    pub fn label(&self) -> &'t str {
        self.label
    }

    /// Decodes the DER that the document holds. The bytes are wiped when they are dropped.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::Pem`] when the end boundary is missing or has another label, when the
    /// document is empty, or when it contains characters other than base64 and whitespace.
    /// [`KeyRejected::EncryptedTraditional`] for a document that is encrypted as in RFC 1421, which
    /// old versions of OpenSSL write.
    pub fn der(&self) -> Result<Zeroizing<Vec<u8>>, KeyRejected> {
        let body = self.body.ok_or(KeyRejected::Pem)?;
        let is_header = |name: &[u8]| memmem::find(body, name).is_some();
        if is_header(b"Proc-Type:") && is_header(b"ENCRYPTED") {
            return Err(KeyRejected::EncryptedTraditional);
        }
        let text = without_whitespace(body);
        let text = std::str::from_utf8(&text).map_err(|_| KeyRejected::Pem)?;
        if text.is_empty() {
            return Err(KeyRejected::Pem);
        }
        let der = Base64::decode_vec(text).map_err(|_| KeyRejected::Pem)?;
        Ok(Zeroizing::new(der))
    }
}

/// Shows the label alone.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

struct Documents<'t> {
    rest: &'t [u8],
}

impl<'t> Iterator for Documents<'t> {
    type Item = Document<'t>;

    fn next(&mut self) -> Option<Document<'t>> {
        loop {
            let (_, behind) = cut(self.rest, BEGIN)?;
            self.rest = behind;
            // A label is short, so the search for its end stops early.
            let start = behind.get(..LONGEST_LABEL).unwrap_or(behind);
            let Some((label, _)) = cut(start, DASHES) else {
                continue;
            };
            let Some(body) = behind.get(label.len().saturating_add(DASHES.len())..) else {
                continue;
            };
            let Some(label) = std::str::from_utf8(label).ok().filter(is_label) else {
                continue;
            };
            // If there is no end boundary here, there is none in the rest of the text.
            let (body, behind) = cut(body, END).unzip();
            self.rest = behind.unwrap_or_default();
            let end = self.rest.strip_prefix(label.as_bytes());
            let is_own = end.is_some_and(|end| end.starts_with(DASHES));
            let body = body.filter(|_| is_own);
            return Some(Document { label, body });
        }
    }
}

/// Whether a text is a label: printable characters (RFC 7468 section 3). An empty label is refused.
fn is_label(text: &&str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// Returns the text before a marker and the text after it.
fn cut<'t>(text: &'t [u8], marker: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let (before, rest) = text.split_at_checked(memmem::find(text, marker)?)?;
    Some((before, rest.get(marker.len()..)?))
}

/// Removes whitespace, and line breaks that are written as `\n` or `\r\n` with any number of
/// backslashes.
fn without_whitespace(body: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                while bytes.next_if_eq(&b'\\').is_some() {}
                if bytes.next_if(|next| matches!(next, b'n' | b'r')).is_none() {
                    // This is not a line break. The base64 decoder refuses it.
                    text.push(byte);
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' | b'\x0b' | b'\x0c' => {}
            byte => text.push(byte),
        }
    }
    text
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
const LONGEST_LABEL: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, Result<Vec<u8>, KeyRejected>)> {
        documents(text.as_bytes())
            .map(|document| (document.label(), document.der().map(|der| der.to_vec())))
            .collect()
    }

    #[test]
    fn a_document_is_read_however_it_is_laid_out() {
        for text in [
            "-----BEGIN A B-----\nAAEC\nAwQF\n-----END A B-----\n",
            "-----BEGIN A B-----\r\nAAEC\r\nAwQF\r\n-----END A B-----",
            "-----BEGIN A B-----\rAAECAwQF\r-----END A B-----",
            "\u{feff}-----BEGIN A B-----\nAAECAwQF\n-----END A B-----",
            "-----BEGIN A B-----  \n\n \t\nAA EC\n\nAwQF  \n\n-----END A B-----\n\n",
            "  -----BEGIN A B-----\n  AAECAwQF\n\t-----END A B-----\n",
            "before\n-----BEGIN A B-----\nAAECAwQF\n-----END A B-----\nafter -----",
            "-----BEGIN A B-----AAECAwQF-----END A B-----",
            "\"-----BEGIN A B-----\\nAAEC\\nAwQF\\n-----END A B-----\\n\"",
            "-----BEGIN A B-----\\r\\nAAECAwQF\\\\n-----END A B-----",
            "-----BEGIN -----BEGIN A B-----\nAAECAwQF\n-----END A B-----",
            "-----BEGIN é-----\n-----BEGIN A B-----\nAAECAwQF\n-----END A B-----",
        ] {
            assert_eq!(
                read(text),
                [("A B", Ok(vec![0, 1, 2, 3, 4, 5]))],
                "{text:?}"
            );
        }
        let two =
            "-----BEGIN A-----\nAA==\n-----END A-----\nx-----BEGIN B-----\nAQ==-----END B-----";
        assert_eq!(read(two), [("A", Ok(vec![0])), ("B", Ok(vec![1]))]);
        for text in [
            "",
            "A",
            "-----BEGIN ",
            "-----BEGIN A----",
            "---- BEGIN A ----",
        ] {
            assert_eq!(read(text), [], "{text:?}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [
            "-----BEGIN A-----\n-----END A-----",
            "-----BEGIN A-----\nAAEC",
            "-----BEGIN A-----\nAAEC\n-----END B-----",
            "-----BEGIN A-----\nAAEC\n-----END A----",
            "-----BEGIN A-----\nAAEC-----\n-----END A-----",
            "-----BEGIN A-----\nAA\n-----END A-----",
            "-----BEGIN A-----\nAB==\n-----END A-----",
            "-----BEGIN A-----\nAA-_\n-----END A-----",
            "-----BEGIN A-----\nAAEC\\x\n-----END A-----",
            "-----BEGIN A-----\n\u{feff}AAEC\n-----END A-----",
            "-----BEGIN A-----\nComment: x\n\nAAEC\n-----END A-----",
        ] {
            assert_eq!(read(text), [("A", Err(KeyRejected::Pem))], "{text:?}");
        }
        let text = "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAEC\n-----END A-----";
        assert_eq!(read(text), [("A", Err(KeyRejected::EncryptedTraditional))]);
    }

    #[test]
    fn a_hostile_text_is_read_in_a_moment() {
        let long = 1 << 20;
        for piece in [
            "-----BEGIN ",
            "-----BEGIN A-----",
            "-----END A-----",
            "-",
            "\\",
        ] {
            let text = piece.repeat(long / piece.len());
            assert!(documents(text.as_bytes()).count() < 2);
            let text = format!("-----BEGIN A-----{text}-----END A-----");
            let read = documents(text.as_bytes()).map(|document| document.der());
            assert!(read.count() < 2);
        }
    }
}
