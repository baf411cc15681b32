//! The parameters outside a request object, and those sent with a `request_uri` (OpenID Connect
//! Core section 6.1, RFC 9101 section 5, RFC 9126 section 4).

use crate::client::ClientRegistration;
use crate::parameters::Parameters;

/// Checks that a `request_uri` is sent only with `client_id`. The error says what is wrong.
pub(super) fn check_reference(parameters: &Parameters) -> Result<(), &'static str> {
    let known = ["client_id", "request_uri"];
    match parameters.names().all(|name| known.contains(&name)) {
        true => Ok(()),
        false => Err("a parameter is outside of the request_uri"),
    }
}

/// Checks the parameters outside a request object by value. They must include what OpenID Connect
/// requires, and equal the parameters inside; `scope` may be shortened to `openid`. A client with
/// `request_object_alone` may send only its `client_id`.
pub(super) fn check(
    client: &ClientRegistration,
    outside: &Parameters,
    inside: &Parameters,
) -> Result<(), &'static str> {
    if client.request_object_alone {
        let known = ["client_id", "request", "request_uri"];
        return match outside.names().all(|name| known.contains(&name)) {
            true => Ok(()),
            false => Err("a parameter is outside of the request object"),
        };
    }
    let has_openid = |parameters: &Parameters| {
        let scope = parameters.get("scope").unwrap_or_default();
        scope.split(' ').any(|value| value == "openid")
    };
    if outside.get("response_type").is_none() {
        return Err("response_type is missing outside of the request object");
    }
    if has_openid(inside) && !has_openid(outside) {
        return Err("a scope with openid is missing outside of the request object");
    }
    let differs = |name: &&str| {
        let shortened = *name == "scope" && outside.get(name) == Some("openid");
        inside.get(name).is_some() && inside.get(name) != outside.get(name) && !shortened
    };
    match outside.names().find(differs) {
        Some(_) => Err("a parameter outside differs from the one in the request object"),
        None => Ok(()),
    }
}
