//! JSON Web Signatures in the compact serialisation (RFC 7515).
//!
//! ```text
//! token ──Unverified::parse──> Unverified ──verify(key, alg)──> Verified ──claims()──> jwt::Claims
//!
//! ProtectedHeader + payload ──SigningInput::new──> SigningInput ──sign(key), or
//! finish(signature)──> token
//! ```
//!
//! Only [`Verified`] has a payload. [`SigningInput::finish`] accepts a signature that was made
//! elsewhere, for example in a KMS or an HSM.

mod der_signature;
mod header;
mod protected_header;
mod signing_input;
mod unverified;

pub use der_signature::DerSignatureRejected;
pub use header::Header;
pub use protected_header::ProtectedHeader;
pub use signing_input::SigningInput;
pub use unverified::{Unverified, Verified};
