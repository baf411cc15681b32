//! Keys and key sets: reading, refusals and their reasons, and the selection of a key for a token.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod der;
mod deviations;
mod document;
mod formats;
mod pem;
mod private;
mod set;
mod signing;
mod verifying;

use jose::{Error, Jwk, KeyRejected, SigningKey, VerifyingKey};
use serde_json::Value;

const EC: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const EC_D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn rsa() -> Value {
    serde_json::from_str(include_str!(
        "../vectors/rfc7520/jwk/3_3.rsa_public_key.json"
    ))
    .unwrap()
}

fn rsa_private() -> Value {
    serde_json::from_str(include_str!(
        "../vectors/rfc7520/jwk/3_4.rsa_private_key.json"
    ))
    .unwrap()
}

fn refused_by_openssl(name: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/openssl/refused.json")).unwrap();
    vectors[name].clone()
}

/// Returns the document with other members. `null` removes a member.
fn with(document: &str, changes: Value) -> Value {
    let mut document: Value = serde_json::from_str(document).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => document.as_object_mut().unwrap().remove(name),
            other => document
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), other.clone()),
        };
    }
    document
}

fn jwk_refusal(document: &Value) -> KeyRejected {
    match Jwk::parse(document.to_string().as_bytes()).unwrap_err() {
        Error::KeyRejected(reason) => reason,
        other => panic!("{other}"),
    }
}

fn verifying_refusal(document: &Value) -> Error {
    VerifyingKey::from_jwk(&Jwk::parse(document.to_string().as_bytes()).unwrap()).unwrap_err()
}

fn signing_refusal(document: &Value) -> Error {
    SigningKey::from_jwk(document.to_string().as_bytes()).unwrap_err()
}
