//! What goes over the wire: parameters, requests in the making, and the first look at a response.

mod authorization;
mod draft;
mod members;
mod parameters;
mod response;
mod retry_after;

pub(crate) use self::authorization::authorization;
pub use self::draft::Draft;
pub use self::draft::DraftBody;
pub(crate) use self::members::Members;
pub(crate) use self::members::successful_object;
pub use self::parameters::Parameters;
pub(crate) use self::response::challenge;
pub(crate) use self::response::json_object;
pub(crate) use self::response::jwt;
pub(crate) use self::response::not_json;
pub(crate) use self::response::refusal;
pub(crate) use self::response::response_body_error;
pub(crate) use self::response::unencoded;
pub(crate) use self::retry_after::retry_after;

/// The members of a JSON object.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
