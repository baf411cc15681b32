//! Keys of the server, and the JWTs that they verify.

pub(super) mod key_fetch;
pub(crate) mod keyed;
pub(crate) mod named_issuer;
mod prefetch_keys;
mod recipient;
pub(super) mod signed_response;
mod token;
pub(super) mod verify_id_token;

pub use self::prefetch_keys::PrefetchKeys;
pub(crate) use self::recipient::ChooseRecipient;
pub use self::verify_id_token::VerifyIdToken;
