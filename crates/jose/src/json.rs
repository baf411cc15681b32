//! The reader for all JSON of a peer. It is strict and bounded, and borrows from its input.
//!
//! RFC 8259 section 4 does not say what a duplicate member means, and RFC 7515 section 4 and RFC
//! 7519 section 4 let a parser take the last one. An attacker can exploit two parsers that disagree
//! about a token. This reader therefore refuses duplicate members at every depth.
//!
//! ```
//! use jose::json;
//! use jose::json::Limits;
//!
//! let object = json::parse_object(br#"{"iss":"https://id.example.com"}"#, Limits::DOCUMENT)?;
//! assert_eq!(object.get("iss").and_then(json::Value::as_str), Some("https://id.example.com"));
//!
//! let error = json::parse_object(br#"{"iss":"a","iss":"b"}"#, Limits::DOCUMENT).unwrap_err();
//! assert_eq!(error, json::Error::Duplicate { member: "iss".to_owned() });
//! # Ok::<(), json::Error>(())
//! ```

mod error;
mod number_text;
mod reader;
mod repeats;
mod text;
mod unread;
mod value;

pub use error::Error;
pub use number_text::number_text;
pub use reader::{Limits, parse, parse_object};
pub use repeats::parse_object_with_repeats;
pub(crate) use unread::Unread;
pub use value::{Object, Value};
