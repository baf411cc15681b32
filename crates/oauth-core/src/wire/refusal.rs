//! The error that a refusing response reports.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use jose::json;
use serde_json::{Map, Value};
use url::Url;

use super::response::{json_text, limits, unencoded};
use crate::challenge::Challenge;
use crate::error::{
    Artefact, Error, Reason, ResponseBodyError, WwwAuthenticateChallengeError, codes, printable,
    refuses_access_token,
};

/// Returns the refusal of an authorization server whose status is not the expected one. The OAuth
/// error in the body decides, with the challenges added (RFC 6749 section 5.2 requires both if
/// client authentication failed); without one the challenges decide, and otherwise the status.
pub(crate) fn refusal(artefact: Artefact, expected: u16, response: &Response<Bytes>) -> Error {
    if let Err(error) = unencoded(artefact, response.headers()) {
        return error;
    }
    if let Some(error) = refusing_body(response) {
        return error.into();
    }
    match challenge(response) {
        Some(error) => error.into(),
        None => status_refusal(artefact, expected, response),
    }
}

/// Returns the refusal of a server that received an access token. The challenges decide, because
/// they report a refused token (RFC 6750 section 3, RFC 9449 section 7.1), with the error in the
/// body added; without any, the OAuth error in the body decides, and otherwise the status.
pub(crate) fn resource_refusal(
    artefact: Artefact,
    expected: u16,
    response: &Response<Bytes>,
) -> Error {
    if let Err(error) = unencoded(artefact, response.headers()) {
        return error;
    }
    match challenge(response) {
        Some(error) => error.into(),
        None => refusal(artefact, expected, response),
    }
}

/// Returns the refusal of a registration, which several specifications define. A token that does
/// not permit the registration is refused with a challenge and status 401 or 403 (RFC 6750 section
/// 3.1; RFC 7591 section 3.2.2 for the initial access token, RFC 7592 section 2.1 for the
/// registration access token). Metadata that cannot be registered are reported by an error in the
/// body, with or without a challenge.
pub(crate) fn registration_refusal(expected: u16, response: &Response<Bytes>) -> Error {
    let artefact = Artefact::RegistrationResponse;
    let about_a_token = matches!(
        response.status(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) && Challenge::of_response(response.headers())
        .iter()
        .any(|challenge| matches!(challenge.scheme.as_str(), "bearer" | "dpop"));
    match about_a_token {
        true => resource_refusal(artefact, expected, response),
        false => refusal(artefact, expected, response),
    }
}

/// Whether the head of a protected resource's response refuses the request with a readable
/// challenge. A challenge in a successful response refuses nothing.
pub fn refuses_with_challenge<T>(response: &Response<T>) -> bool {
    !response.status().is_success() && !Challenge::of_response(response.headers()).is_empty()
}

/// Whether a protected resource's response says that the access token is dead: expired, revoked or
/// invalid, so that the client needs another one.
///
/// Use it for a response that [`FetchProtectedResource`](crate::flow::FetchProtectedResource)
/// returns, which it does for all that have no challenge. The rule is that of
/// [`Error::access_token_is_dead`]: the code `invalid_token` in a challenge or in a JSON object, or
/// status 401 unless a code says otherwise. `beginning_of_body` is read if it is the whole object
/// and has no content encoding; if it is empty, the head decides. Always false for a success or a
/// redirect.
pub fn access_token_is_dead(
    status: StatusCode,
    headers: &HeaderMap,
    beginning_of_body: &[u8],
) -> bool {
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let challenges = Challenge::of_response(headers);
    // This error is not used, so its artefact has no effect.
    let readable = unencoded(Artefact::TokenResponse, headers).is_ok();
    let body = readable.then(|| object(beginning_of_body)).flatten();
    refuses_access_token(Some(status), &codes(&challenges, body.as_ref()))
}

/// Returns the challenges of a response, if there are any.
pub(crate) fn challenge(response: &Response<Bytes>) -> Option<Arc<WwwAuthenticateChallengeError>> {
    let challenges = Challenge::of_response(response.headers());
    (!challenges.is_empty()).then(|| {
        Arc::new(WwwAuthenticateChallengeError {
            challenges,
            status: response.status(),
            headers: response.headers().clone(),
            body: unencoded(Artefact::KeySet, response.headers())
                .ok()
                .and_then(|()| object(response.body())),
            response: None,
        })
    })
}

/// Returns the OAuth error in a JSON body, if there is one.
pub(crate) fn response_body_error(response: &Response<Bytes>) -> Option<Arc<ResponseBodyError>> {
    let body = object(response.body())?;
    let text = |name: &str| body.get(name)?.as_str().filter(|text| !text.is_empty());
    Some(Arc::new(ResponseBodyError {
        error: text("error")?.to_owned(),
        error_description: text("error_description").map(str::to_owned),
        status: response.status(),
        headers: response.headers().clone(),
        challenges: Challenge::of_response(response.headers()),
        client_authentication: None,
        may_set_audience: false,
        response: None,
        body,
    }))
}

/// Returns the error in the body if the status refuses. Some servers report their own faults as
/// OAuth errors with a 5xx status. The body of a redirect is ignored.
fn refusing_body(response: &Response<Bytes>) -> Option<Arc<ResponseBodyError>> {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        .then(|| response_body_error(response))
        .flatten()
}

/// Returns the refusal that the status alone reports.
pub(crate) fn status_refusal(
    artefact: Artefact,
    expected: u16,
    response: &Response<Bytes>,
) -> Error {
    artefact
        .rejected(Reason::Status {
            expected,
            found: response.status().as_u16(),
            location: location(response.headers()),
        })
        .into()
}

fn object(body: &[u8]) -> Option<Map<String, Value>> {
    let object = json::parse_object(json_text(body), limits(body)).ok()?;
    Some(object.to_owned_map())
}

/// Returns the target of a redirect without its query, which is enough to find a misconfigured URL.
/// For a target at the same origin, it returns the path alone.
fn location(headers: &HeaderMap) -> Option<String> {
    let same_origin = Url::parse("https://same-origin.invalid").ok()?;
    let reference = headers.get(header::LOCATION)?.to_str().ok()?;
    let mut url = same_origin.join(reference).ok()?;
    if url.origin() == same_origin.origin() {
        return Some(printable(url.path()));
    }
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(printable(url.as_str()))
}

#[cfg(test)]
mod tests;
