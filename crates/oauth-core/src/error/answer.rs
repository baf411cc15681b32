//! What an error says about the response that caused it, for every form of refusal.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Error, Reason, RefusedResponse, Rejection};
use crate::challenge::Challenge;

impl Error {
    /// The HTTP status of the response that refused the request or that was refused; `None` where
    /// no response is behind the error, or where the response that was received is not known to be
    /// at fault, as with an ID Token in it.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::ResponseBody(error) => Some(error.status),
            Self::WwwAuthenticateChallenge(error) => Some(error.status),
            Self::Rejected(rejection) => status_of(rejection),
            Self::TokensUnverified(unverified) => unverified.cause().status(),
            _ => None,
        }
    }

    /// The response that refused the request, with the beginning of its body: what there is to see
    /// when a server refuses in another form, such as HTML or an `errorCode`. `None` where no
    /// response is behind the error, and where the endpoint was used without a
    /// [`Call`](crate::flow::Call): its caller has the response.
    pub fn refused_response(&self) -> Option<&RefusedResponse> {
        match self {
            Self::ResponseBody(error) => error.response.as_deref(),
            Self::WwwAuthenticateChallenge(error) => error.response.as_deref(),
            Self::Rejected(rejection) => rejection.response.as_deref(),
            Self::TokensUnverified(unverified) => unverified.cause().refused_response(),
            _ => None,
        }
    }

    /// Whether the access token that was presented has expired, was revoked or was never valid, so
    /// that the caller needs another one.
    ///
    /// The answer is the same for each form of that refusal: the code `invalid_token` in a
    /// challenge or in a body (RFC 6750 section 3.1), and status 401 in an answer to an access
    /// token, which says that these credentials are refused (RFC 9110 section 15.5.2). It is false
    /// when the code asks for something else: another DPoP proof or nonce (RFC 9449 section 7.1),
    /// more scope (RFC 6750 section 3.1), or another authentication of the person (RFC 9470 section
    /// 3).
    ///
    /// A protected resource's answer without a challenge is no error:
    /// [`wire::access_token_is_dead`](crate::wire::access_token_is_dead) says the same of it. A
    /// dead refresh token is an [`Error::ResponseBody`] with `invalid_grant`.
    pub fn access_token_is_dead(&self) -> bool {
        let codes = match self {
            Self::ResponseBody(error) => vec![error.error.as_str()],
            Self::WwwAuthenticateChallenge(error) => codes(&error.challenges, error.body.as_ref()),
            Self::Rejected(_) => Vec::new(),
            _ => return false,
        };
        let response = self.refused_response();
        let response = response.filter(|response| response.answers_access_token());
        refuses_access_token(response.map(RefusedResponse::status), &codes)
    }
}

/// Whether these codes, or else the status of an answer to an access token, refuse that token.
pub(crate) fn refuses_access_token(status: Option<StatusCode>, codes: &[&str]) -> bool {
    codes.contains(&"invalid_token")
        || status == Some(StatusCode::UNAUTHORIZED)
            && !codes.iter().any(|code| NOT_THE_TOKEN.contains(code))
}

fn status_of(rejection: &Rejection) -> Option<StatusCode> {
    match (&rejection.response, &rejection.reason) {
        (Some(response), _) => Some(response.status()),
        (None, Reason::Status { found, .. }) => StatusCode::from_u16(*found).ok(),
        _ => None,
    }
}

/// The error codes in challenges that are about tokens, and in the body.
pub(crate) fn codes<'a>(
    challenges: &'a [Challenge],
    body: Option<&'a Map<String, Value>>,
) -> Vec<&'a str> {
    let about_tokens =
        |challenge: &&Challenge| matches!(challenge.scheme.as_str(), "bearer" | "dpop");
    let challenges = challenges.iter().filter(about_tokens);
    let body = || body?.get("error")?.as_str();
    challenges
        .filter_map(Challenge::error)
        .chain(body())
        .collect()
}

/// Codes with which a token that is good may be refused.
const NOT_THE_TOKEN: [&str; 4] = [
    "insufficient_scope",
    "insufficient_user_authentication",
    "invalid_dpop_proof",
    "use_dpop_nonce",
];
