//! What of a message may be shown. A value is shown only if its name is known to be harmless.

use openid_client::jose::base64url;
use openid_client::serde_json::{Map, Value};

/// Returns the value of a parameter, header or member as it may be shown.
pub(crate) fn value(name: &str, value: &str) -> String {
    let length = value.chars().count();
    if is_open(name) {
        return shortened(value, length);
    }
    if COMPARED.contains(&name) && length >= 20 {
        // Four characters show that the value is the same as before. The rest cannot be guessed.
        let beginning: String = value.chars().take(4).collect();
        return format!("{beginning}{HIDDEN} ({length} characters)");
    }
    format!("{HIDDEN} ({length} characters)")
}

/// Returns a document as it may be shown.
pub(crate) fn document(document: &Value) -> Value {
    member("", document)
}

/// Returns the header and the claims of a JWT as they may be shown, or `None` for other text.
pub(crate) fn jwt(text: &str) -> Option<(Value, Value)> {
    let mut parts = text.split('.');
    let mut part = || -> Option<Value> {
        let bytes = base64url::decode(parts.next()?).ok()?;
        let value: Value = openid_client::serde_json::from_slice(&bytes).ok()?;
        Some(document(&value))
    };
    Some((part()?, part()?))
}

fn member(name: &str, found: &Value) -> Value {
    match found {
        Value::String(text) => value(name, text).into(),
        Value::Array(members) => members.iter().map(|it| member(name, it)).collect(),
        Value::Object(members) => {
            let masked = members
                .iter()
                .map(|(name, it)| (name.clone(), member(name, it)));
            masked.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn is_open(name: &str) -> bool {
    let endings = ["_endpoint", "_supported", "_uri", "_alg", "_uri_complete"];
    OPEN.contains(&name)
        || endings.iter().any(|ending| name.ends_with(ending)) && name != "request_uri"
}

fn shortened(value: &str, length: usize) -> String {
    match length {
        0..=160 => value.to_owned(),
        _ => {
            let beginning: String = value.chars().take(80).collect();
            format!("{beginning}… ({length} characters)")
        }
    }
}

const HIDDEN: &str = "●●●●●●";

/// Random values that both sides compare.
const COMPARED: &[&str] = &["state", "nonce", "code", "jti"];

/// Names whose values are no secrets.
const OPEN: &[&str] = &[
    // Parameters.
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "error",
    "error_description",
    "expires_in",
    "grant_type",
    "interval",
    "iss",
    "issuer",
    "max_age",
    "prompt",
    "response_mode",
    "response_type",
    "scope",
    "token_type",
    "ui_locales",
    "user_code",
    // Headers.
    "accept",
    "allow",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "location",
    "www-authenticate",
    "retry-after",
    "host",
    // Members of keys.
    "alg",
    "crv",
    "e",
    "key_ops",
    "kid",
    "kty",
    "n",
    "use",
    "x",
    "y",
    "jwk",
    "typ",
    "enc",
    "jku",
    // Claims.
    "acr",
    "amr",
    "at_hash",
    "ath",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "email",
    "email_verified",
    "events",
    "exp",
    "htm",
    "htu",
    "iat",
    "jkt",
    "name",
    "nbf",
    "preferred_username",
    "s_hash",
    "sid",
    "sub",
];
