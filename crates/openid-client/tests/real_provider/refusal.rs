//! Errors taken apart, so that a test can name the check that failed.

use openid_client::core::error::{AuthorizationResponseError, Misuse, Reason, Rejection};
use openid_client::{Error, core};

/// What was refused, with the stable code.
pub(crate) fn rejection(error: &Error, code: &str) -> Rejection {
    assert_eq!(error.code(), Some(code), "{error}");
    match error.core().and_then(core::Error::rejection) {
        Some(rejection) => rejection.clone(),
        None => panic!("expected a rejection, found {error:?}"),
    }
}

/// What the caller did wrong.
pub(crate) fn misuse(error: &Error) -> &Misuse {
    match error.core() {
        Some(core::Error::Misuse(misuse)) => misuse,
        _ => panic!("expected a misuse, found {error:?}"),
    }
}

/// The error that came back through the browser.
pub(crate) fn authorization_response_error(error: &Error) -> &AuthorizationResponseError {
    assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
    match error.core() {
        Some(core::Error::AuthorizationResponse(error)) => error,
        _ => panic!("expected an authorization response error, found {error:?}"),
    }
}

/// Status and `error` of a response whose body says no.
pub(crate) fn response_body_error(error: &Error) -> (u16, &str) {
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"), "{error}");
    match error.core() {
        Some(core::Error::ResponseBody(error)) => (error.status.as_u16(), &error.error),
        _ => panic!("expected an error in a body, found {error:?}"),
    }
}

/// Status, scheme of the challenge, and the method that was sent, of a refused client authentication.
pub(crate) fn refused_client(error: &Error) -> (u16, &str, &str) {
    assert_eq!(response_body_error(error).1, "invalid_client");
    let Some(core::Error::ResponseBody(error)) = error.core() else {
        panic!("expected an error in a body, found {error:?}");
    };
    let [challenge] = error.challenges.as_slice() else {
        panic!("expected one challenge, found {:?}", error.challenges);
    };
    let method = error.client_authentication.as_deref().unwrap_or_default();
    (error.status.as_u16(), &challenge.scheme, method)
}

/// Status, scheme and `error` of a response that says no in its `WWW-Authenticate` header.
pub(crate) fn challenge(error: &Error) -> (u16, &str, Option<&str>) {
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    let Some(core::Error::WwwAuthenticateChallenge(error)) = error.core() else {
        panic!("expected a challenge, found {error:?}");
    };
    let [challenge] = error.challenges.as_slice() else {
        panic!("expected one challenge, found {:?}", error.challenges);
    };
    (error.status.as_u16(), &challenge.scheme, challenge.error())
}

/// A claim that differs; secrets are not shown.
pub(crate) fn claim_mismatch(claim: &'static str, values: Option<(&str, &str)>) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: values.map(|(expected, _)| expected.to_owned()),
        found: values.map(|(_, found)| found.to_owned()),
    }
}
