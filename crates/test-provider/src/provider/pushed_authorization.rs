//! The pushed authorization request endpoint (RFC 9126 section 2).

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use super::authorization::Refused;
use super::state::{Pushed, State};
use super::{Call, Endpoint, authorization, client_authentication, dpop, fapi, request_object};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let Some(parameters) = Parameters::of_body(call.request) else {
        return bad_request("invalid_request", "the body is not a form");
    };
    let client = match client_authentication::authenticate(call, state, &parameters) {
        Ok(client) => client,
        Err(refused) => return refused.response(),
    };
    if parameters.get("request_uri").is_some() {
        return bad_request("invalid_request", "a request_uri cannot be pushed");
    }
    let parameters = match request_object::by_value(call, state, client, parameters) {
        Ok(parameters) => parameters,
        Err(reason) => return bad_request("invalid_request_object", reason),
    };
    // The proof is checked last, so that a client that repeats the request with a nonce must also
    // create its other JWTs again.
    let jkt = match dpop::proven(call, state, Endpoint::PushedAuthorization, None) {
        Ok(jkt) => jkt,
        Err(refused) => return refused.response(),
    };
    if let Err(refused) = fapi::check_proof(call, client) {
        return refused.response();
    }
    if parameters.get("client_id") != Some(client.client_id.as_str()) {
        return bad_request("invalid_request", "client_id is not who authenticated");
    }
    // The proof and the parameter must name the same key (RFC 9449 section 10.1).
    if jkt.is_some()
        && parameters
            .get("dpop_jkt")
            .is_some_and(|it| Some(it) != jkt.as_deref())
    {
        return bad_request("invalid_dpop_proof", "dpop_jkt is not the proof's key");
    }
    match authorization::validate(call, &parameters) {
        Ok(_) => {}
        Err(Refused::Page(reason)) => return bad_request("invalid_request", reason),
        Err(Refused::Redirect(_, error, reason)) => return bad_request(error, reason),
    }
    let reference = state.unguessable(&call.provider.seed, "request_uri");
    let request_uri = format!("urn:ietf:params:oauth:request_uri:{reference}");
    let pushed = Pushed {
        client_id: client.client_id.clone(),
        parameters,
        expires_at: call.now + LIFETIME,
    };
    state.pushed.insert(request_uri.clone(), pushed);
    let mut document = Members::new([
        ("request_uri", json!(request_uri)),
        ("expires_in", json!(LIFETIME)),
    ]);
    for misbehaviour in call.misbehaviours {
        misbehave(&mut document, *misbehaviour);
    }
    let status = match call.misbehaves(Misbehaviour::PushedOk) {
        true => StatusCode::OK,
        false => StatusCode::CREATED,
    };
    response::json(status, &document)
}

fn misbehave(document: &mut Members, misbehaviour: Misbehaviour) {
    use Misbehaviour as M;
    match misbehaviour {
        M::PushedRequestUriMissing => document.remove("request_uri"),
        M::PushedRequestUriEmpty => document.set("request_uri", json!("")),
        M::PushedRequestUriNotAString => document.set("request_uri", json!(1)),
        M::PushedExpiresInMissing => document.remove("expires_in"),
        M::PushedExpiresInAsString => document.set("expires_in", json!(LIFETIME.to_string())),
        M::PushedExpiresInNegative => document.set("expires_in", json!(-1)),
        M::PushedDuplicateRequestUri => document.push_front("request_uri", json!("urn:another")),
        _ => {}
    }
}

fn bad_request(error: &str, description: &str) -> Response<Bytes> {
    response::error(StatusCode::BAD_REQUEST, error, description)
}

/// The lifetime of a `request_uri`, in seconds.
const LIFETIME: i64 = 60;
