//! The parts of an error, so that a test can assert which check failed.

use openid_client::oauth_core::error::{AuthorizationResponseError, Misuse, Reason, Rejection};
use openid_client::{Error, oauth_core};

/// Returns the rejection, and asserts the stable code.
pub(crate) fn rejection(error: &Error, code: &str) -> Rejection {
    assert_eq!(error.code(), Some(code), "{error}");
    match error.core().and_then(oauth_core::Error::rejection) {
        Some(rejection) => rejection.clone(),
        None => panic!("expected a rejection, found {error:?}"),
    }
}

/// Returns the mistake of the caller.
pub(crate) fn misuse(error: &Error) -> &Misuse {
    match error.core() {
        Some(oauth_core::Error::Misuse(misuse)) => misuse,
        _ => panic!("expected a misuse, found {error:?}"),
    }
}

/// Returns the error that came back through the browser.
pub(crate) fn authorization_response_error(error: &Error) -> &AuthorizationResponseError {
    assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
    match error.core() {
        Some(oauth_core::Error::AuthorizationResponse(error)) => error,
        _ => panic!("expected an authorization response error, found {error:?}"),
    }
}

/// Returns the status and the `error` of a response with an error in its body.
pub(crate) fn response_body_error(error: &Error) -> (u16, &str) {
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"), "{error}");
    match error.core() {
        Some(oauth_core::Error::ResponseBody(error)) => (error.status.as_u16(), &error.error),
        _ => panic!("expected an error in a body, found {error:?}"),
    }
}

/// Returns the status, the scheme of the challenge, and the method of a refused client
/// authentication.
pub(crate) fn refused_client(error: &Error) -> (u16, &str, &str) {
    assert_eq!(response_body_error(error).1, "invalid_client");
    let Some(oauth_core::Error::ResponseBody(error)) = error.core() else {
        panic!("expected an error in a body, found {error:?}");
    };
    let [challenge] = error.challenges.as_slice() else {
        panic!("expected one challenge, found {:?}", error.challenges);
    };
    let method = error.client_authentication.as_deref().unwrap_or_default();
    (error.status.as_u16(), &challenge.scheme, method)
}

/// Returns the status, the scheme and the `error` of a response with a `WWW-Authenticate` header.
pub(crate) fn challenge(error: &Error) -> (u16, &str, Option<&str>) {
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    let Some(oauth_core::Error::WwwAuthenticateChallenge(error)) = error.core() else {
        panic!("expected a challenge, found {error:?}");
    };
    let [challenge] = error.challenges.as_slice() else {
        panic!("expected one challenge, found {:?}", error.challenges);
    };
    (error.status.as_u16(), &challenge.scheme, challenge.error())
}

/// Returns the reason for a claim that differs. `None` omits the values of a secret.
pub(crate) fn claim_mismatch(claim: &'static str, values: Option<(&str, &str)>) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: values.map(|(expected, _)| expected.to_owned()),
        found: values.map(|(_, found)| found.to_owned()),
    }
}
