//! Tests of the provider with a simple client.

mod access_tokens;
mod algorithms;
mod backchannel_requests;
mod client_authentication;
mod dpop;
mod fapi;
mod grants;
mod login;
mod metadata;
mod misbehaviours;
mod mutual_tls;
mod outside;
mod refusals;
mod registration;
mod requests;
#[cfg(feature = "server")]
mod server;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{Request, Response, StatusCode};
use jose::{HashAlgorithm, JwkSet, SignatureAlgorithm, base64url, jws};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use crate::{ClientRegistration, Endpoint, Provider};

pub(super) const ISSUER: &str = "https://id.example.com/tenant";
pub(super) const CLIENT_ID: &str = "my-app";
pub(super) const REDIRECT_URI: &str = "https://app.example.com/cb?keep=1";
pub(super) const LOGOUT_URI: &str = "https://app.example.com/bye";
pub(super) const NOW: i64 = 1_700_000_000;
pub(super) const NONCE: &str = "the-nonce";
pub(super) const STATE: &str = "the state & more";
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub(super) fn registration() -> ClientRegistration {
    ClientRegistration::public(CLIENT_ID)
        .redirect_uri(REDIRECT_URI)
        .post_logout_redirect_uri(LOGOUT_URI)
}

pub(super) fn provider() -> Provider {
    let provider = Provider::new(ISSUER);
    provider.register(registration());
    provider
}

pub(super) fn get(provider: &Provider, url: &str, now: i64) -> Response<Bytes> {
    provider.handle(&Request::get(url).body(Bytes::new()).unwrap(), now)
}

pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

pub(super) fn post(
    provider: &Provider,
    endpoint: Endpoint,
    pairs: &[(&str, &str)],
    now: i64,
) -> Response<Bytes> {
    let request = Request::post(provider.url(endpoint))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form(pairs)))
        .unwrap();
    provider.handle(&request, now)
}

/// Returns the parameters of an ordinary authorization request.
pub(super) fn authorization_parameters() -> Vec<(&'static str, String)> {
    let challenge = base64url::encode(&HashAlgorithm::Sha256.digest(VERIFIER.as_bytes()));
    [
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", STATE),
        ("nonce", NONCE),
        ("max_age", "600"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

pub(super) fn authorize(
    provider: &Provider,
    parameters: &[(&str, String)],
    now: i64,
) -> Response<Bytes> {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    get(
        provider,
        &format!("{}?{query}", provider.url(Endpoint::Authorization)),
        now,
    )
}

/// Returns the parameters of the redirect to the client.
pub(super) fn callback(response: &Response<Bytes>) -> Vec<(String, String)> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers()[LOCATION].to_str().unwrap();
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    Url::parse(location)
        .unwrap()
        .query_pairs()
        .into_owned()
        .skip(1)
        .collect()
}

pub(super) fn parameter(parameters: &[(String, String)], name: &str) -> Option<String> {
    parameters
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.clone())
}

/// Logs in and returns the code.
pub(super) fn code(provider: &Provider, now: i64) -> String {
    parameter(
        &callback(&authorize(provider, &authorization_parameters(), now)),
        "code",
    )
    .unwrap()
}

pub(super) fn redeem(provider: &Provider, code: &str, now: i64) -> Response<Bytes> {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("code", code),
        ("code_verifier", VERIFIER),
    ];
    post(provider, Endpoint::Token, &pairs, now)
}

pub(super) fn refresh(provider: &Provider, refresh_token: &str, now: i64) -> Response<Bytes> {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", refresh_token),
    ];
    post(provider, Endpoint::Token, &pairs, now)
}

pub(super) fn user_info(provider: &Provider, access_token: &str, now: i64) -> Response<Bytes> {
    let request = Request::get(provider.url(Endpoint::UserInfo))
        .header(AUTHORIZATION, format!("Bearer {access_token}"))
        .body(Bytes::new())
        .unwrap();
    provider.handle(&request, now)
}

pub(super) fn json(response: &Response<Bytes>) -> Map<String, Value> {
    serde_json::from_slice(response.body()).unwrap()
}

pub(super) fn text(document: &Map<String, Value>, name: &str) -> String {
    document[name].as_str().unwrap().to_owned()
}

/// Returns the status of an error response and its `error`.
pub(super) fn error(response: &Response<Bytes>) -> (u16, String) {
    (response.status().as_u16(), text(&json(response), "error"))
}

pub(super) fn key_set(provider: &Provider) -> JwkSet {
    JwkSet::parse(get(provider, &provider.url(Endpoint::KeySet), NOW).body()).unwrap()
}

/// Verifies an ID Token with the provider's keys.
pub(super) fn verify(
    provider: &Provider,
    id_token: &str,
    algorithm: SignatureAlgorithm,
) -> Result<Map<String, Value>, jose::Error> {
    let unverified = jws::Unverified::parse(id_token)?;
    let keys = key_set(provider);
    let key = keys.select(unverified.header())?;
    Ok(unverified
        .verify(key.verifying_key(), algorithm)?
        .claims()?
        .to_owned_map())
}
