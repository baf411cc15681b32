//! The state machines around the endpoints.

mod call;

pub use self::call::Call;
