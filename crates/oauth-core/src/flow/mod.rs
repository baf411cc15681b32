//! The state machines around the endpoints.

mod call;
mod key_fetch;
mod keyed;
mod prefetch_keys;
mod verify_id_token;

pub use self::call::Call;
pub use self::prefetch_keys::PrefetchKeys;
pub use self::verify_id_token::VerifyIdToken;
use crate::endpoint::Discovery;

/// Fetches an issuer's metadata and checks that it is this issuer's. Sends one request.
pub type Discover = Call<Discovery>;
