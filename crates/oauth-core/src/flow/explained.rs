//! What only the sender of a request can add to the error that its response causes.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use crate::challenge::Challenge;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason, RefusedResponse};
use crate::wire::{Confidential, unencoded};

/// Adds to `error` the response that caused it, with the secrets of the request masked, and the
/// client authentication method of the request, which is that of `authenticated`.
pub(crate) fn explained(
    error: Error,
    response: &Response<Bytes>,
    confidential: &Confidential,
    authenticated: Option<&Configuration>,
) -> Error {
    match error {
        Error::ResponseBody(mut shared) => {
            let error = Arc::make_mut(&mut shared);
            // Programs compare codes, so text in the alphabet of codes is not masked.
            if !is_code(&error.error) {
                error.error = confidential.masked(&error.error);
            }
            if let Some(text) = &mut error.error_description {
                *text = confidential.masked(text);
            }
            mask_body(&mut error.body, confidential);
            mask_challenges(&mut error.challenges, confidential);
            if let Some(configuration) = authenticated {
                let danger = &configuration.policy().danger;
                let method = configuration.authentication().as_str();
                error.client_authentication = Some(method.to_owned());
                error.may_set_audience = configuration.profile().is_none()
                    && !danger.token_endpoint_as_assertion_audience;
            }
            error.response = Some(refused(response, confidential));
            Error::ResponseBody(shared)
        }
        Error::WwwAuthenticateChallenge(mut shared) => {
            let error = Arc::make_mut(&mut shared);
            mask_challenges(&mut error.challenges, confidential);
            if let Some(body) = &mut error.body {
                mask_body(body, confidential);
            }
            error.response = Some(refused(response, confidential));
            Error::WwwAuthenticateChallenge(shared)
        }
        Error::Rejected(mut rejection) => {
            if !response.status().is_success() || is_unreadable(&rejection.reason) {
                Arc::make_mut(&mut rejection).response = Some(refused(response, confidential));
            }
            Error::Rejected(rejection)
        }
        error => error,
    }
}

/// Whether a success may be a refusal in a form that the server has made up. Only then is the body
/// shown: for all other faults the reason says enough, and the body may hold tokens.
fn is_unreadable(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::MediaType { .. }
            | Reason::Json(_)
            | Reason::ContentEncoding { .. }
            | Reason::Missing { .. }
    )
}

fn refused(response: &Response<Bytes>, confidential: &Confidential) -> Box<RefusedResponse> {
    let headers = response.headers();
    // An encoded body cannot be masked. The artefact is not used: only success or failure counts.
    let readable = unencoded(Artefact::TokenResponse, headers).is_ok();
    let beginning = readable.then(|| confidential.beginning(response.body()));
    Box::new(RefusedResponse::new(
        response.status(),
        confidential.masked_headers(headers),
        beginning.unwrap_or_default(),
        confidential.has_access_token(),
    ))
}

fn mask_challenges(challenges: &mut [Challenge], confidential: &Confidential) {
    for challenge in challenges {
        for (name, value) in &mut challenge.parameters {
            if name != "error" || !is_code(value) {
                *value = confidential.masked(value);
            }
        }
        if let Some(token68) = &mut challenge.token68 {
            *token68 = confidential.masked(token68);
        }
    }
}

/// Masks the members that become part of messages.
fn mask_body(body: &mut Map<String, Value>, confidential: &Confidential) {
    for name in ["error", "error_description"] {
        if let Some(Value::String(text)) = body.get_mut(name)
            && (name != "error" || !is_code(text))
        {
            *text = confidential.masked(text);
        }
    }
}

fn is_code(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests;
