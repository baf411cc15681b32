//! Known attacks, grouped by class. Each token, key or claims set is refused for the expected
//! reason.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod algorithm;
mod claims;
mod form;
mod making;
mod signature;

use jose::jws::Unverified;
use jose::{Error, Jwk, SignatureAlgorithm, SigningKey, VerifyingKey, base64url};
use serde_json::Value;

const SECRET: &[u8] = b"a secret that both sides share, of sufficient length for SHA-512";

/// Returns a token with exactly this header and a valid signature by [`SECRET`].
fn token(header: &str, payload: &str) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header.as_bytes()),
        base64url::encode(payload.as_bytes())
    );
    let key = SigningKey::hmac(SECRET).unwrap();
    let signature = key
        .sign(SignatureAlgorithm::HS256, input.as_bytes())
        .unwrap();
    format!("{input}.{}", base64url::encode(&signature))
}

fn refusal(token: &str) -> Error {
    Unverified::parse(token).unwrap_err()
}

fn header_refusal(header: &str) -> Error {
    refusal(&token(header, "{}"))
}

/// Returns the error for a claims set with a valid signature.
fn claims_refusal(payload: &str) -> Error {
    let token = token(r#"{"alg":"HS256"}"#, payload);
    let key = VerifyingKey::hmac(SECRET).unwrap();
    let verified = Unverified::parse(&token)
        .unwrap()
        .verify(&key, SignatureAlgorithm::HS256)
        .unwrap();
    verified.claims().unwrap_err()
}

fn refused_by_openssl(name: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/openssl/refused.json")).unwrap();
    vectors[name].clone()
}

fn published(alg: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/openssl/accepted.json")).unwrap();
    vectors["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["alg"] == alg)
        .unwrap()
        .clone()
}

fn published_key(alg: &str) -> VerifyingKey {
    VerifyingKey::from_jwk(&Jwk::parse(published(alg)["jwk"].to_string().as_bytes()).unwrap())
        .unwrap()
}

#[test]
fn the_token_that_the_attacks_start_from_is_good() {
    let token = token(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"iss":"a"}"#);
    let key = VerifyingKey::hmac(SECRET).unwrap();
    let verified = Unverified::parse(&token)
        .unwrap()
        .verify(&key, SignatureAlgorithm::HS256)
        .unwrap();
    assert_eq!(verified.claims().unwrap().iss(), Some("a"));
}
