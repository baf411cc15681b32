//! The metadata that a client may register (RFC 7591 section 2, OpenID Connect Dynamic Client
//! Registration section 2).

use jose::{Jwk, SignatureAlgorithm};
use serde_json::{Map, Value};
use url::Url;

use super::fapi;
use super::token::Refusal;

/// Refuses metadata that is invalid or contradicts itself.
pub(super) fn check(sent: &Map<String, Value>) -> Result<(), Refusal> {
    let invalid = |why| Err(("invalid_client_metadata", why));
    check_redirect_uris(sent)?;
    check_grant_types(sent)?;
    for name in URLS {
        if sent.get(name).is_some_and(|url| !is_url(url)) {
            return invalid("a member is not an absolute URL");
        }
    }
    for name in ["request_uris", "post_logout_redirect_uris"] {
        if sent.get(name).is_some_and(|urls| !is_list(urls, is_url)) {
            return invalid("a member is not a list of absolute URLs");
        }
    }
    for name in ["contacts", "default_acr_values"] {
        if sent
            .get(name)
            .is_some_and(|it| !is_list(it, Value::is_string))
        {
            return invalid("a member is not a list of strings");
        }
    }
    for name in SIGNING_ALGORITHMS {
        if sent.get(name).is_some_and(|it| !is_algorithm(it)) {
            return invalid("a signing algorithm is unknown");
        }
    }
    for name in ENCRYPTIONS {
        let (alg, enc) = (format!("{name}_alg"), format!("{name}_enc"));
        if sent.contains_key(&enc) && !sent.contains_key(&alg) {
            return invalid("an encryption has enc without alg");
        }
    }
    if sent.get("default_max_age").is_some_and(|it| !it.is_u64()) {
        return invalid("default_max_age is no number of seconds");
    }
    for name in ["require_auth_time", "require_pushed_authorization_requests"] {
        if sent.get(name).is_some_and(|it| !it.is_boolean()) {
            return invalid("a member is not a boolean");
        }
    }
    let is_one_of = |name: &str, known: &[&str]| {
        sent.get(name)
            .is_none_or(|it| it.as_str().is_some_and(|it| known.contains(&it)))
    };
    if !is_one_of("subject_type", &["public"]) {
        return invalid("subject_type is not supported");
    }
    if !is_one_of("application_type", &["web", "native"]) {
        return invalid("application_type is unknown");
    }
    if sent
        .get("initiate_login_uri")
        .is_some_and(|it| !is_https(it))
    {
        return invalid("initiate_login_uri is not an https URL");
    }
    check_keys(sent)
}

/// Checks that redirect URIs are absolute and have no fragment. A web client that gets tokens from
/// the authorization endpoint must use https and a host other than localhost. A native client may
/// use http only on loopback.
fn check_redirect_uris(sent: &Map<String, Value>) -> Result<(), Refusal> {
    let invalid = |why| Err(("invalid_redirect_uri", why));
    let Some(uris) = sent.get("redirect_uris") else {
        return Ok(());
    };
    let is_web = sent.get("application_type").is_none_or(|it| it == "web");
    for uri in uris.as_array().into_iter().flatten() {
        let Some(url) = uri.as_str().and_then(|uri| Url::parse(uri).ok()) else {
            return invalid("a redirect URI is not an absolute URL");
        };
        if url.fragment().is_some() {
            return invalid("a redirect URI has a fragment");
        }
        if is_web && wants_implicit(sent) && (url.scheme() != "https" || is_loopback(&url)) {
            return invalid(
                "a web client with tokens in the browser needs https, and not localhost",
            );
        }
        if !is_web && url.scheme() == "http" && !is_loopback(&url) {
            return invalid("http is for native clients on their own machine");
        }
    }
    Ok(())
}

/// Checks that the grant types include those that the response types need.
fn check_grant_types(sent: &Map<String, Value>) -> Result<(), Refusal> {
    let invalid = |why| Err(("invalid_client_metadata", why));
    for name in ["response_types", "grant_types"] {
        if sent
            .get(name)
            .is_some_and(|it| !is_list(it, Value::is_string))
        {
            return invalid("a member is not a list of strings");
        }
    }
    let Some(grant_types) = sent.get("grant_types").and_then(Value::as_array) else {
        return match wants_implicit(sent) {
            true => invalid("a response type needs the grant type implicit"),
            false => Ok(()),
        };
    };
    let has = |name: &str| grant_types.iter().any(|it| it == name);
    if wants_implicit(sent) && !has("implicit") {
        return invalid("a response type needs the grant type implicit");
    }
    if wants(sent, "code") && !has("authorization_code") {
        return invalid("a response type needs the grant type authorization_code");
    }
    Ok(())
}

/// Checks that there is one key set, and that its keys are public, long enough, and have different
/// `kid`s.
fn check_keys(sent: &Map<String, Value>) -> Result<(), Refusal> {
    let invalid = |why| Err(("invalid_client_metadata", why));
    let Some(set) = sent.get("jwks") else {
        return Ok(());
    };
    if sent.contains_key("jwks_uri") {
        return invalid("there are both jwks and jwks_uri");
    }
    let Some(keys) = set["keys"].as_array() else {
        return invalid("jwks is no JWK Set");
    };
    if let Err(why) = fapi::check_keys(set) {
        return invalid(why);
    }
    let mut kids = Vec::new();
    for key in keys {
        if key.get("d").is_some() || key.get("k").is_some() {
            return invalid("jwks has a private or symmetric key");
        }
        if Jwk::parse(key.to_string().as_bytes()).is_err() {
            return invalid("jwks has a value that is not a key");
        }
        if let Some(kid) = key.get("kid") {
            if kids.contains(&kid) {
                return invalid("two keys of jwks have the same kid");
            }
            kids.push(kid);
        }
    }
    Ok(())
}

fn wants(sent: &Map<String, Value>, part: &str) -> bool {
    let response_types = sent.get("response_types").and_then(Value::as_array);
    response_types
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .any(|it| it.split(' ').any(|it| it == part))
}

fn wants_implicit(sent: &Map<String, Value>) -> bool {
    wants(sent, "token") || wants(sent, "id_token")
}

fn is_url(value: &Value) -> bool {
    value.as_str().is_some_and(|url| Url::parse(url).is_ok())
}

fn is_https(value: &Value) -> bool {
    let url = value.as_str().and_then(|url| Url::parse(url).ok());
    url.is_some_and(|url| url.scheme() == "https")
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn is_list(value: &Value, is_right: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|it| it.iter().all(is_right))
}

fn is_algorithm(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|it| it == "none" || it.parse::<SignatureAlgorithm>().is_ok())
}

const URLS: [&str; 8] = [
    "jwks_uri",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "sector_identifier_uri",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
];

const SIGNING_ALGORITHMS: [&str; 4] = [
    "userinfo_signed_response_alg",
    "request_object_signing_alg",
    "token_endpoint_auth_signing_alg",
    "backchannel_authentication_request_signing_alg",
];

const ENCRYPTIONS: [&str; 5] = [
    "id_token_encrypted_response",
    "userinfo_encrypted_response",
    "request_object_encryption",
    "authorization_encrypted_response",
    "introspection_encrypted_response",
];
