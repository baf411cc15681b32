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
pub(crate) use document::OtherMembers;
pub(crate) use parameters::{OkpCurve, Parameters, bytes, text};
pub(crate) use pkcs8::{from_der as pkcs8_from_der, from_pem as pkcs8_from_pem};
pub(crate) use private::PrivateParameters;
pub use rejected::KeyRejected;
pub use select::KeySelectionError;
pub use set::{JwkSet, SetKey, SkippedKey};
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;
