//! The error behind a response that refuses.

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

/// The refusal of an authorization server, whose status is not the one asked for: the OAuth error in
/// the body, which says what is wrong, with the challenges beside it (RFC 6749 section 5.2 asks for
/// both where a client was not authenticated); without one the challenges, else the status alone.
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

/// The refusal of a server that was shown an access token: the challenges, which is where that token
/// is refused (RFC 6750 section 3, RFC 9449 section 7.1), with the body beside them; without any the
/// OAuth error in the body, else the status alone.
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

/// The refusal of a registration, which two specifications describe. A token that does not permit it
/// is refused as its type says, with a challenge and status 401 or 403 (RFC 7591 section 3.2.2 for
/// the initial access token, RFC 7592 section 2.1 for the registration access token; RFC 6750 section
/// 3.1). Metadata that cannot be registered is an error in the body, whatever challenge comes along.
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

/// Whether the head of a protected resource's response refuses the request with a challenge that can be
/// read. On a success a challenge refuses nothing.
pub fn refuses_with_challenge<T>(response: &Response<T>) -> bool {
    !response.status().is_success() && !Challenge::of_response(response.headers()).is_empty()
}

/// Whether a protected resource's response says that the access token which was presented is dead:
/// expired, revoked or never valid, so that only another one will do.
///
/// For a response that [`FetchProtectedResource`](crate::flow::FetchProtectedResource) hands over, as
/// it does with all that have no challenge. The rule is that of
/// [`Error::access_token_is_dead`]: the code `invalid_token` in a challenge or in a JSON object, or else
/// status 401, unless a code asks for something else. `beginning_of_body` is looked at where it is the
/// whole object, and without a content encoding; an empty one leaves the decision to the head. Always
/// false for a success or a redirect.
pub fn access_token_is_dead(
    status: StatusCode,
    headers: &HeaderMap,
    beginning_of_body: &[u8],
) -> bool {
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let challenges = Challenge::of_response(headers);
    // The artefact is that of an error which is not used.
    let readable = unencoded(Artefact::TokenResponse, headers).is_ok();
    let body = readable.then(|| object(beginning_of_body)).flatten();
    refuses_access_token(Some(status), &codes(&challenges, body.as_ref()))
}

/// The challenges of a response, if there are any.
pub(crate) fn challenge(response: &Response<Bytes>) -> Option<Box<WwwAuthenticateChallengeError>> {
    let challenges = Challenge::of_response(response.headers());
    (!challenges.is_empty()).then(|| {
        Box::new(WwwAuthenticateChallengeError {
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

/// The OAuth error in a JSON body, if there is one.
pub(crate) fn response_body_error(response: &Response<Bytes>) -> Option<Box<ResponseBodyError>> {
    let body = object(response.body())?;
    let text = |name: &str| body.get(name)?.as_str().filter(|text| !text.is_empty());
    Some(Box::new(ResponseBodyError {
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

/// Some servers put their own faults into the form of OAuth errors, under a 5xx. A redirect answers
/// nothing, whatever its body says.
fn refusing_body(response: &Response<Bytes>) -> Option<Box<ResponseBodyError>> {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        .then(|| response_body_error(response))
        .flatten()
}

/// The refusal by status alone.
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

/// Where a redirect points to, without its query: enough to see a misconfigured URL. A reference
/// within the same origin gives its path alone.
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
