//! Signed backchannel authentication requests contain all parameters, name this provider, are valid
//! now, and are used once.

use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::json;

use super::*;
use crate::ClientAuthentication;

struct Signer {
    provider: Provider,
    key: SigningKey,
}

impl Signer {
    fn new() -> Self {
        let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
        let provider = Provider::new(ISSUER);
        let authentication = ClientAuthentication::private_key_jwt(&key);
        provider.register(ClientRegistration::new("signer", authentication));
        Self { provider, key }
    }

    fn sign(&self, claims: &Value) -> String {
        let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
        let input = SigningInput::new(&header, claims.to_string().as_bytes());
        input.sign(&self.key).unwrap()
    }

    fn send(&self, request: &str, outside: &[(&str, &str)]) -> Response<Bytes> {
        let served = self.provider.served(Endpoint::BackchannelAuthentication);
        let assertion = self.sign(&json!({
            "iss": "signer", "sub": "signer", "aud": ISSUER, "jti": format!("a{served}"),
            "iat": NOW, "exp": NOW + 60,
        }));
        let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let mut pairs = vec![
            ("client_id", "signer"),
            ("request", request),
            ("client_assertion_type", assertion_type),
            ("client_assertion", &assertion),
        ];
        pairs.extend(outside);
        post(
            &self.provider,
            Endpoint::BackchannelAuthentication,
            &pairs,
            NOW,
        )
    }

    #[track_caller]
    fn assert_refused(&self, request: &str, outside: &[(&str, &str)], why: &str) {
        let response = self.send(request, outside);
        assert_eq!(
            error(&response),
            (400, "invalid_request".to_owned()),
            "{why}"
        );
        assert_eq!(json(&response)["error_description"], why);
    }
}

fn good() -> Value {
    json!({
        "iss": "signer", "aud": ISSUER, "jti": "r", "iat": NOW, "nbf": NOW, "exp": NOW + 60,
        "scope": "openid", "login_hint": "bob", "requested_expiry": 30,
    })
}

#[test]
fn nothing_stands_outside_but_client_authentication() {
    let signer = Signer::new();
    let request = signer.sign(&good());
    let why = "a parameter is outside the request object";
    for outside in [
        ("scope", "openid"),
        ("login_hint", "bob"),
        ("binding_message", "W4SCT"),
        ("client_notification_token", "t"),
        ("requested_expiry", "30"),
        ("acr_values", ""),
    ] {
        signer.assert_refused(&request, &[outside], why);
    }
    assert_eq!(json(&signer.send(&request, &[]))["expires_in"], 30);
    signer.assert_refused(&request, &[], "the request object was used before");
}

#[test]
fn each_claim_is_checked() {
    let signer = Signer::new();
    for (claim, value, why) in [
        (
            "iss",
            json!("another"),
            "the request object has a wrong iss",
        ),
        ("iss", Value::Null, "the request object has a wrong iss"),
        (
            "aud",
            json!("https://other.example"),
            "the request object has a wrong aud",
        ),
        ("aud", Value::Null, "the request object has a wrong aud"),
        ("exp", json!(NOW), "the request object has a wrong exp"),
        (
            "exp",
            json!(NOW + 3_601),
            "the request object has a wrong exp",
        ),
        ("exp", Value::Null, "the request object has a wrong exp"),
        ("nbf", json!(NOW + 1), "the request object has a wrong nbf"),
        ("nbf", Value::Null, "the request object has a wrong nbf"),
        ("iat", json!(NOW + 1), "the request object has a wrong iat"),
        ("iat", Value::Null, "the request object has a wrong iat"),
        ("jti", Value::Null, "the request object has no jti"),
        (
            "sub",
            json!("signer"),
            "the request object has a sub, like a client assertion",
        ),
        (
            "request",
            json!("e30.e30.e30"),
            "the request object holds another",
        ),
        (
            "request_uri",
            json!("urn:x"),
            "the request object holds another",
        ),
        (
            "client_assertion",
            json!("e30.e30.e30"),
            "the request object holds credentials of the client",
        ),
        (
            "login_hint_token",
            json!("bob"),
            "there must be exactly one hint",
        ),
        (
            "requested_expiry",
            json!(0),
            "requested_expiry is not positive",
        ),
        (
            "requested_expiry",
            json!("soon"),
            "requested_expiry is not a number",
        ),
        (
            "client_notification_token",
            json!("a b"),
            "client_notification_token is no Bearer token",
        ),
        (
            "client_notification_token",
            json!("a".repeat(1_025)),
            "client_notification_token is no Bearer token",
        ),
    ] {
        let mut claims = good();
        claims["jti"] = json!(format!("{claim} {value}"));
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
            value => claims[claim] = value,
        }
        signer.assert_refused(&signer.sign(&claims), &[], why);
    }
    signer.assert_refused("x", &[], "the request object is malformed");
    let (first, second) = (signer.sign(&good()), signer.sign(&json!({})));
    let (input, _) = first.rsplit_once('.').unwrap();
    let (_, signature) = second.rsplit_once('.').unwrap();
    let broken = format!("{input}.{signature}");
    signer.assert_refused(&broken, &[], "the request object has a wrong signature");
}
