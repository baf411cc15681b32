//! Keys: documents (RFC 7517), and what they become once they are parsed.

mod document;
mod parameters;
mod pkcs8;
mod private;
mod rejected;
mod select;
mod set;
mod signing_key;
mod thumbprint;
mod verifying_key;

pub use document::Jwk;
pub use rejected::KeyRejected;
pub use select::KeySelectionError;
pub use set::{JwkSet, SetKey, SkippedKey};
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;
