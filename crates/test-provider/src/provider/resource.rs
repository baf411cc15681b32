//! A protected resource that returns what it received.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use super::state::State;
use super::{Call, Endpoint, access};
use crate::members::Members;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let token = match access::authorize(call, state, Endpoint::Resource) {
        Ok(token) => token,
        Err(refused) => return *refused,
    };
    let query = call.request.uri().query();
    let document = Members::new([
        ("sub", json!(token.grant.subject)),
        ("method", json!(call.request.method().as_str())),
        ("query", json!(query)),
        ("body", json!(String::from_utf8_lossy(call.request.body()))),
        ("jkt", json!(token.grant.jkt)),
    ]);
    response::json(StatusCode::OK, &document)
}
