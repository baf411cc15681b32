//! Keys: their documents (RFC 7517), and the parsed keys that sign and verify.

mod document;
mod ec_der;
mod encrypted;
mod generate;
mod identifiers;
mod ml_dsa_der;
mod other_members;
mod parameters;
mod pem_label;
mod private;
mod private_der;
mod private_jwk;
mod pss;
mod public_der;
mod rejected;
mod roca;
mod search;
mod select;
mod set;
mod signing_key;
mod small_order;
mod thumbprint;
mod verifying_key;

pub use document::Jwk;
pub(crate) use other_members::OtherMembers;
pub(crate) use parameters::{OkpCurve, Parameters, secret_bytes, text};
pub(crate) use private::PrivateParameters;
pub use private_der::PrivateKeyFormat;
pub(crate) use private_der::{
    Read as PrivateKeyRead, from_der as private_from_der, from_pem as private_from_pem,
};
pub use private_jwk::PrivateJwk;
pub use public_der::PublicKeyFormat;
pub use rejected::KeyRejected;
pub use search::{KeySearch, Unfit, UnfitKey};
pub use select::KeySelectionError;
pub use set::{JwkSet, SetKey, SkippedKey};
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;
