//! Jobs for private keys. The core never holds a private key, so a local key and one in a key
//! management service are used in the same way.

mod assertion;
mod decryption;
mod encryption;
mod job;
mod pending_signature;
mod reference;

pub use self::assertion::ModifyAssertion;
pub(crate) use self::assertion::{check_asymmetric, signing_input};
pub use self::decryption::{DecryptionKeyReference, DecryptionKeys};
pub use self::encryption::Encryption;
pub(crate) use self::encryption::{Recipient, registered_encryption};
pub use self::job::{KeyJob, KeyResult};
pub(crate) use self::pending_signature::PendingSignature;
pub use self::reference::KeyReference;
