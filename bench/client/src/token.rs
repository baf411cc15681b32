//! The ID Token of the provider, which is created once.

use std::time::{SystemTime, UNIX_EPOCH};

use jose::jws::{ProtectedHeader, SigningInput};
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::json;

use crate::operation::{CLIENT_ID, CLIENT_SECRET, NONCE, Operation, SUBJECT};

/// The `kid` of the provider's key.
pub const KEY_ID: &str = "2026-11-23-signing-key";

/// Generates the provider's key for ES256.
pub fn provider_key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::ES256)
        .expect("randomness")
        .with_kid(KEY_ID)
}

/// Creates an ID Token with eight claims that is valid for a day.
pub fn id_token(operation: Operation, issuer: &str, key: &SigningKey) -> String {
    let now = now();
    let claims = json!({
        "iss": issuer,
        "sub": SUBJECT,
        "aud": CLIENT_ID,
        "exp": now + 86_400,
        "iat": now,
        "nonce": NONCE,
        "auth_time": now - 60,
        "email": "jane.doe.the.third@mail.example.com",
    });
    let claims = claims.to_string();
    let signed = match operation.id_token_algorithm() {
        "HS256" => {
            let header = ProtectedHeader::new(SignatureAlgorithm::HS256).typ("JWT");
            let secret = SigningKey::hmac(CLIENT_SECRET.as_bytes()).expect("a long secret");
            SigningInput::new(&header, claims.as_bytes()).sign(&secret)
        }
        _ => {
            let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
            let header = header.typ("JWT").kid(KEY_ID);
            SigningInput::new(&header, claims.as_bytes()).sign(key)
        }
    };
    signed.expect("the key signs")
}

pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a date in this age").as_secs()
}
