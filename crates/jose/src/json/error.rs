use crate::escaped::Escaped;

/// Why a JSON text was refused.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not JSON (RFC 8259). This includes invalid UTF-8, a lone surrogate, a number
    /// beyond the range of an `f64`, a text that ends early, and text other than whitespace after
    /// the value.
    #[error("not valid JSON at line {line}, column {column}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1; 0 when the line has not begun.
        column: usize,
    },
    /// An object names the same member twice.
    #[error("the member `{}` appears twice in one object", Escaped(member))]
    Duplicate {
        /// The name, as the peer wrote it.
        member: String,
    },
    /// Arrays and objects are nested too deep.
    #[error("nested deeper than {limit} levels")]
    Depth {
        /// The number of levels allowed.
        limit: usize,
    },
    /// The text holds too many values. Arrays and objects are values, as is each element and each
    /// member.
    #[error("more than {limit} values")]
    Values {
        /// The number of values allowed.
        limit: usize,
    },
    /// The text is too long to be read.
    #[error("{found} bytes long where at most {limit} are allowed")]
    Size {
        /// The number of bytes allowed.
        limit: usize,
        /// The number of bytes given.
        found: usize,
    },
    /// The text is JSON, but not an object where one is required.
    #[error("expected an object, found {found}")]
    NotAnObject {
        /// The kind of value found, as [`Value::kind`](super::Value::kind) names it.
        found: &'static str,
    },
}
