//! What goes over the wire: parameters, requests in the making, and the first look at a response.

mod authorization;
mod confidential;
mod draft;
mod mask;
mod members;
mod parameters;
mod refusal;
mod response;
mod retry_after;

pub(crate) use self::authorization::authorization;
pub(crate) use self::confidential::Confidential;
pub use self::draft::Draft;
pub use self::draft::DraftBody;
pub(crate) use self::members::Members;
pub(crate) use self::members::granting_object;
pub(crate) use self::members::successful_object;
pub use self::parameters::Parameters;
pub(crate) use self::refusal::challenge;
pub(crate) use self::refusal::refusal;
pub use self::refusal::refuses_with_challenge;
pub(crate) use self::refusal::registration_refusal;
pub(crate) use self::refusal::resource_refusal;
pub(crate) use self::refusal::response_body_error;
pub(crate) use self::refusal::status_refusal;
pub(crate) use self::response::json_object;
pub(crate) use self::response::json_text;
pub(crate) use self::response::jwt;
pub(crate) use self::response::media_type_is;
pub(crate) use self::response::not_json;
pub(crate) use self::response::unencoded;
pub(crate) use self::retry_after::retry_after;

/// The members of a JSON object.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
