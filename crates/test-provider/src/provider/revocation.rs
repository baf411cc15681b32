//! The revocation endpoint (RFC 7009).

use bytes::Bytes;
use http::{Response, StatusCode};

use super::state::State;
use super::{Call, client_authentication};
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let bad_request =
        |error, description| response::error(StatusCode::BAD_REQUEST, error, description);
    let Some(parameters) = Parameters::of_body(call.request) else {
        return bad_request("invalid_request", "the body is not a form");
    };
    if parameters.duplicate().is_some() {
        return bad_request("invalid_request", "a parameter occurs more than once");
    }
    let client = match client_authentication::authenticate(call, state, &parameters) {
        Ok(client) => client,
        Err(refused) => return refused.response(),
    };
    let Some(token) = parameters.get("token") else {
        return bad_request("invalid_request", "token is missing");
    };
    if call.misbehaves(Misbehaviour::RevocationUnsupportedTokenType) {
        return bad_request("unsupported_token_type", "the provider misbehaves");
    }
    let access_token = state.access_tokens.get(token).map(|token| &token.grant);
    let refresh_token = state.refresh_tokens.get(token).map(|token| &token.grant);
    let owner = access_token.or(refresh_token);
    if owner.is_some_and(|grant| grant.client_id != client.client_id) {
        return bad_request("unauthorized_client", "the token belongs to another client");
    }
    match refresh_token.map(|grant| grant.number) {
        // The revocation of a refresh token revokes every token of its grant (RFC 7009 section
        // 2.1).
        Some(grant) => state.revoke(grant),
        None => {
            state.access_tokens.remove(token);
        }
    }
    // The response for an unknown token is the same (RFC 7009 section 2.2).
    Response::new(Bytes::new())
}
