//! The state machines around the endpoints.

mod call;

pub use self::call::Call;
use crate::endpoint::Discovery;

/// Fetches an issuer's metadata and checks that it is this issuer's. Sends one request.
pub type Discover = Call<Discovery>;
