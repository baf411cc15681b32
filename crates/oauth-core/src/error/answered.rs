//! The server understood and said no.

use std::fmt;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::{RefusedResponse, printable};
use crate::challenge::Challenge;

/// An OAuth error in a response body (RFC 6749 section 5.2).
///
/// Secret values of the request that the server repeats in its description are masked.
#[derive(Clone, thiserror::Error)]
#[error("the server answered {}: {}{}", .status.as_u16(), explained(.error, .error_description.as_deref()), method(.error, .client_authentication.as_deref(), *.may_set_audience))]
pub struct ResponseBodyError {
    /// The `error` code, such as `invalid_grant`.
    pub error: String,
    /// The server's explanation for developers.
    pub error_description: Option<String>,
    /// The HTTP status.
    pub status: StatusCode,
    /// The response's headers, as they came: they may repeat secrets of the request.
    pub headers: HeaderMap,
    /// The whole body. Other members than `error` and `error_description` are as they came: they
    /// may repeat secrets of the request.
    pub body: Map<String, Value>,
    /// The `WWW-Authenticate` challenges of the response, in the order of the headers.
    pub challenges: Vec<Challenge>,
    /// The client authentication method of the request, as `token_endpoint_auth_method` names it
    /// (RFC 7591 section 2). `None` where the request carried no client authentication.
    pub client_authentication: Option<String>,
    /// Whether the client could name the token endpoint as the audience of its assertions, and does
    /// not: under a profile it could not.
    pub(crate) may_set_audience: bool,
    pub(crate) response: Option<Box<RefusedResponse>>,
}

impl fmt::Debug for ResponseBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBodyError")
            .field("error", &self.error)
            .field("error_description", &self.error_description)
            .field("status", &self.status)
            .field("client_authentication", &self.client_authentication)
            .finish_non_exhaustive()
    }
}

/// An OAuth error in an authorization response (RFC 6749 section 4.1.2.1), whose state and issuer
/// were checked before it was believed, or in a push (CIBA Core 1.0 section 12), whose token was.
#[derive(Clone, thiserror::Error)]
#[error("the authorization server answered: {}", explained(.error, .error_description.as_deref()))]
pub struct AuthorizationResponseError {
    /// The `error` code, such as `access_denied`.
    pub error: String,
    /// The server's explanation for developers.
    pub error_description: Option<String>,
    /// All parameters of the response, in order.
    pub parameters: Vec<(String, String)>,
}

impl fmt::Debug for AuthorizationResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationResponseError")
            .field("error", &self.error)
            .field("error_description", &self.error_description)
            .finish_non_exhaustive()
    }
}

/// A `WWW-Authenticate` challenge on a refusal (RFC 9110 section 11.6.1).
#[derive(Clone, thiserror::Error)]
#[error("the server answered {} with a challenge: {}{}", .status.as_u16(), summary(.challenges), in_body(.body.as_ref()))]
pub struct WwwAuthenticateChallengeError {
    /// The challenges, in the order of the headers; at least one.
    pub challenges: Vec<Challenge>,
    /// The HTTP status.
    pub status: StatusCode,
    /// The response's headers, as they came: they may repeat secrets of the request.
    pub headers: HeaderMap,
    /// The body, where it is a JSON object. That of a protected resource is here where it is short.
    pub body: Option<Map<String, Value>>,
    pub(crate) response: Option<Box<RefusedResponse>>,
}

impl fmt::Debug for WwwAuthenticateChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WwwAuthenticateChallengeError")
            .field("challenges", &self.challenges)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An error code and its description.
pub(super) fn explained(error: &str, description: Option<&str>) -> String {
    let description = description.filter(|text| !text.is_empty());
    let description = description.map(|text| format!(" ({})", printable(text)));
    printable(error) + &description.unwrap_or_default()
}

/// What to check when the client was refused. A wrong secret is the usual cause. A wrong method is
/// `invalid_client` as well, and the application does not see which one was sent.
fn method(error: &str, sent: Option<&str>, may_set_audience: bool) -> String {
    let Some(sent) = sent.filter(|_| error == "invalid_client") else {
        return String::new();
    };
    let other = match sent {
        "client_secret_basic" => "client_secret_post",
        "client_secret_post" => "client_secret_basic",
        "client_secret_jwt" => return assertion(sent, "this secret", may_set_audience),
        "private_key_jwt" => {
            return assertion(
                sent,
                "this key, and its `kid` where one is set",
                may_set_audience,
            );
        }
        "none" => {
            return "; check the client_id; the client authenticated with none: a secret is set \
                    with `client_secret_basic` or `client_secret_post`, a key with `private_key`"
                .to_owned();
        }
        _ => {
            let sent = printable(sent);
            return format!("; check the client_id; the client authenticated with {sent}");
        }
    };
    format!(
        "; check the client_id and the client secret; the client authenticated with {sent}, and \
         the setter `{other}` selects the other method"
    )
}

/// What may be wrong with an assertion: most often its key, and seldom its audience.
fn assertion(method: &str, key: &str, may_set_audience: bool) -> String {
    let audience = match may_set_audience {
        true => {
            "; `danger.token_endpoint_as_assertion_audience` is for a provider that accepts no other \
             audience than its token endpoint"
        }
        false => "",
    };
    format!("; the client authenticated with {method}: the server must know {key}{audience}")
}

/// Each challenge by its scheme, error code and description.
fn summary(challenges: &[Challenge]) -> String {
    let each = challenges.iter().map(|challenge| {
        let scheme = printable(&challenge.scheme);
        match challenge.error() {
            Some(code) => format!(
                "{scheme} {}",
                explained(code, challenge.error_description())
            ),
            None => scheme,
        }
    });
    each.take(MOST_CHALLENGES).collect::<Vec<_>>().join(", ")
}

/// The error in a body that comes with challenges.
fn in_body(body: Option<&Map<String, Value>>) -> String {
    let text = |name: &str| body?.get(name)?.as_str().filter(|text| !text.is_empty());
    text("error")
        .map(|error| explained(error, text("error_description")))
        .map(|error| format!("; in the body: {error}"))
        .unwrap_or_default()
}

/// More than any server sends for a reason.
const MOST_CHALLENGES: usize = 4;

#[cfg(test)]
mod tests {
    use super::method;

    #[test]
    fn the_other_method_is_named_where_there_is_one() {
        for (error, sent, expected) in [
            ("invalid_grant", Some("client_secret_post"), ""),
            ("invalid_client", None, ""),
            (
                "invalid_client",
                Some("client_secret_post"),
                "; check the client_id and the client secret; the client authenticated with \
                 client_secret_post, and the setter `client_secret_basic` selects the other method",
            ),
            (
                "invalid_client",
                Some("client_secret_basic"),
                "; check the client_id and the client secret; the client authenticated with \
                 client_secret_basic, and the setter `client_secret_post` selects the other method",
            ),
            (
                "invalid_client",
                Some("none"),
                "; check the client_id; the client authenticated with none: a secret is set with \
                 `client_secret_basic` or `client_secret_post`, a key with `private_key`",
            ),
            (
                "invalid_client",
                Some("tls_client_auth"),
                "; check the client_id; the client authenticated with tls_client_auth",
            ),
        ] {
            for may_set_audience in [true, false] {
                assert_eq!(
                    method(error, sent, may_set_audience),
                    expected,
                    "{error} {sent:?}"
                );
            }
        }
    }

    #[test]
    fn the_key_of_an_assertion_comes_before_its_audience() {
        let audience = "; `danger.token_endpoint_as_assertion_audience` is for a provider that \
                        accepts no other audience than its token endpoint";
        for (sent, expected) in [
            (
                "private_key_jwt",
                "; the client authenticated with private_key_jwt: the server must know this key, \
                 and its `kid` where one is set",
            ),
            (
                "client_secret_jwt",
                "; the client authenticated with client_secret_jwt: the server must know this \
                 secret",
            ),
        ] {
            let shown = |may_set| method("invalid_client", Some(sent), may_set);
            assert_eq!(shown(false), expected);
            assert_eq!(shown(true), format!("{expected}{audience}"));
        }
    }
}
