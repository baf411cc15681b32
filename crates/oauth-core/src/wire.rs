//! The HTTP level: parameters, requests that are not complete yet, and the first checks of a
//! response.

mod authorization;
mod confidential;
mod draft;
mod mask;
mod members;
mod parameters;
mod refusal;
mod request_headers;
mod response;
mod retry_after;

pub(crate) use self::authorization::authorization;
pub(crate) use self::confidential::{Confidential, Presented};
pub(crate) use self::draft::request_target;
pub use self::draft::{Draft, DraftBody};
pub(crate) use self::members::{Members, granting_object, successful_object};
pub use self::parameters::Parameters;
pub use self::refusal::{access_token_is_dead, refuses_with_challenge};
pub(crate) use self::refusal::{
    challenge, refusal, registration_refusal, resource_refusal, response_body_error, status_refusal,
};
pub use self::request_headers::RequestHeaders;
pub(crate) use self::response::{
    content_type, json_object, json_text, jwt, media_type_is, not_json, unencoded,
};
pub(crate) use self::retry_after::retry_after;

/// The members of a JSON object.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
