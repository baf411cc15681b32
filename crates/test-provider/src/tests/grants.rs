//! The grants without a browser, and the use of their tokens.

use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::json;

use super::*;
use crate::ClientAuthentication;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";

fn begin(provider: &Provider) -> Map<String, Value> {
    let pairs = [("client_id", CLIENT_ID), ("scope", "openid email")];
    json(&post(provider, Endpoint::DeviceAuthorization, &pairs, NOW))
}

fn poll(provider: &Provider, device_code: &str, now: i64) -> Response<Bytes> {
    let pairs = [
        ("client_id", CLIENT_ID),
        ("grant_type", DEVICE_CODE),
        ("device_code", device_code),
    ];
    post(provider, Endpoint::Token, &pairs, now)
}

fn refused(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

#[test]
fn a_device_is_told_when_its_person_has_answered() {
    let provider = provider();
    provider.approve_after(2);
    let device = begin(&provider);
    let code = text(&device, "device_code");
    assert_eq!(device["interval"], 5);
    for now in [NOW + 5, NOW + 10] {
        assert_eq!(
            error(&poll(&provider, &code, now)),
            refused("authorization_pending")
        );
    }
    let tokens = json(&poll(&provider, &code, NOW + 15));
    let claims = verify(
        &provider,
        &text(&tokens, "id_token"),
        SignatureAlgorithm::RS256,
    );
    assert_eq!(claims.unwrap()["sub"], "alice");
    assert_eq!(
        error(&poll(&provider, &code, NOW + 20)),
        refused("invalid_grant")
    );
}

#[test]
fn a_device_that_asks_too_often_is_slowed_down_for_good() {
    let provider = provider();
    let code = text(&begin(&provider), "device_code");
    for (now, expected) in [
        (NOW + 4, "slow_down"),
        (NOW + 13, "slow_down"),
        (NOW + 28, "authorization_pending"),
    ] {
        assert_eq!(error(&poll(&provider, &code, now)), refused(expected));
    }
    assert_eq!(poll(&provider, &code, NOW + 43).status(), 200);
}

#[test]
fn a_person_may_say_no_or_nothing() {
    let provider = provider();
    provider.deny_after(0);
    let code = text(&begin(&provider), "device_code");
    assert_eq!(
        error(&poll(&provider, &code, NOW + 5)),
        refused("access_denied")
    );
    provider.approve_after(9);
    let code = text(&begin(&provider), "device_code");
    assert_eq!(
        error(&poll(&provider, &code, NOW + 600)),
        refused("expired_token")
    );
}

#[test]
fn a_code_is_bound_to_its_client_and_its_grant() {
    let provider = provider();
    provider.register(ClientRegistration::public("other-app"));
    provider.approve_after(0);
    let code = text(&begin(&provider), "device_code");
    for (client, grant_type, name) in [
        ("other-app", DEVICE_CODE, "device_code"),
        (CLIENT_ID, CIBA, "auth_req_id"),
    ] {
        let pairs = [
            ("client_id", client),
            ("grant_type", grant_type),
            (name, &code),
        ];
        let response = post(&provider, Endpoint::Token, &pairs, NOW + 5);
        assert_eq!(error(&response), refused("invalid_grant"));
    }
    assert_eq!(poll(&provider, &code, NOW + 5).status(), 200);
}

fn backchannel(provider: &Provider, more: &[(&str, &str)]) -> Response<Bytes> {
    let mut pairs = vec![("client_id", CLIENT_ID), ("scope", "openid")];
    pairs.extend(more);
    post(provider, Endpoint::BackchannelAuthentication, &pairs, NOW)
}

#[test]
fn a_backchannel_authentication_has_one_hint_and_a_known_person() {
    let provider = provider();
    let tokens = json(&redeem(&provider, &code(&provider, NOW), NOW));
    let id_token = text(&tokens, "id_token");
    for (pairs, expected) in [
        (&[][..], "invalid_request"),
        (
            &[("login_hint", "bob"), ("login_hint_token", "bob")],
            "invalid_request",
        ),
        (&[("login_hint", "mallory")], "unknown_user_id"),
        (&[("id_token_hint", "e30.e30.e30")], "unknown_user_id"),
        (
            &[("login_hint", "bob"), ("requested_expiry", "x")],
            "invalid_request",
        ),
    ] {
        let response = backchannel(&provider, pairs);
        assert_eq!(error(&response), refused(expected), "{pairs:?}");
    }
    let pairs = [("client_id", CLIENT_ID), ("login_hint", "bob")];
    let response = post(&provider, Endpoint::BackchannelAuthentication, &pairs, NOW);
    assert_eq!(error(&response), refused("invalid_scope"));
    for (name, hint, subject) in [
        ("login_hint", "bob", "bob"),
        ("login_hint_token", "bob", "bob"),
        ("id_token_hint", id_token.as_str(), "alice"),
    ] {
        provider.approve_after(0);
        let begun = json(&backchannel(&provider, &[(name, hint)]));
        let pairs = [
            ("client_id", CLIENT_ID),
            ("grant_type", CIBA),
            ("auth_req_id", begun["auth_req_id"].as_str().unwrap()),
        ];
        let tokens = json(&post(&provider, Endpoint::Token, &pairs, NOW + 5));
        let id_token = text(&tokens, "id_token");
        let claims = verify(&provider, &id_token, SignatureAlgorithm::RS256);
        assert_eq!(claims.unwrap()["sub"], subject);
    }
}

#[test]
fn who_is_notified_need_not_wait() {
    let provider = provider();
    provider.approve_after(0);
    let token = [("login_hint", "bob"), ("client_notification_token", "t-1")];
    let begun = json(&backchannel(&provider, &token));
    let id = text(&begun, "auth_req_id");
    let ping = provider.ping(&id).unwrap();
    assert_eq!(ping.headers()[AUTHORIZATION], "Bearer t-1");
    assert_eq!(ping.body(), &format!(r#"{{"auth_req_id":"{id}"}}"#));
    let pairs = [
        ("client_id", CLIENT_ID),
        ("grant_type", CIBA),
        ("auth_req_id", &id),
    ];
    assert_eq!(post(&provider, Endpoint::Token, &pairs, NOW).status(), 200);
    assert!(provider.ping(&id).is_none());
    let begun = json(&backchannel(&provider, &[("login_hint", "bob")]));
    assert!(provider.ping(&text(&begun, "auth_req_id")).is_none());
}

#[test]
fn tokens_are_pushed_to_a_client_that_is_notified() {
    let provider = provider();
    let begin = |token: &[(&str, &str)]| {
        let pairs: Vec<_> = [("login_hint", "bob")]
            .iter()
            .chain(token)
            .copied()
            .collect();
        text(&json(&backchannel(&provider, &pairs)), "auth_req_id")
    };
    let token = [("client_notification_token", "t-1")];
    let id = begin(&token);
    let push = provider.push(&id, NOW).unwrap();
    assert_eq!(push.headers()[AUTHORIZATION], "Bearer t-1");
    let tokens: serde_json::Map<String, Value> = serde_json::from_slice(push.body()).unwrap();
    assert_eq!(text(&tokens, "auth_req_id"), id);
    let claims = verify(
        &provider,
        &text(&tokens, "id_token"),
        SignatureAlgorithm::RS256,
    );
    let claims = claims.unwrap();
    assert_eq!(claims["urn:openid:params:jwt:claim:auth_req_id"], id);
    assert!(claims["urn:openid:params:jwt:claim:rt_hash"].is_string());
    // They are pushed once, and to no client that polls.
    assert!(provider.push(&id, NOW).is_none());
    assert!(provider.push(&begin(&[]), NOW).is_none());
    provider.deny_after(0);
    let push = provider.push(&begin(&token), NOW).unwrap();
    let refusal: serde_json::Map<String, Value> = serde_json::from_slice(push.body()).unwrap();
    assert_eq!(text(&refusal, "error"), "access_denied");
}

#[test]
fn a_signed_request_is_for_here_and_now() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let keys = json!({"keys": [key.public_jwk().unwrap().to_json()]}).to_string();
    let provider = Provider::new(ISSUER);
    let authentication = ClientAuthentication::PrivateKeyJwt(keys);
    provider.register(ClientRegistration::new("signer", authentication));
    let sign = |claims: &Value| {
        let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
        let input = SigningInput::new(&header, claims.to_string().as_bytes());
        input.sign(&key).unwrap()
    };
    let good = json!({
        "iss": "signer", "aud": ISSUER, "jti": "r", "iat": NOW, "nbf": NOW, "exp": NOW + 60,
        "scope": "openid", "login_hint": "bob", "requested_expiry": 30,
    });
    let send = |request: &str, number: usize, outside: Option<(&str, &str)>| {
        let assertion = sign(&json!({
            "iss": "signer", "sub": "signer", "aud": ISSUER, "jti": number.to_string(),
            "iat": NOW, "exp": NOW + 60,
        }));
        let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let mut pairs = vec![
            ("request", request),
            ("client_assertion_type", assertion_type),
            ("client_assertion", &assertion),
        ];
        pairs.extend(outside);
        post(&provider, Endpoint::BackchannelAuthentication, &pairs, NOW)
    };
    assert_eq!(json(&send(&sign(&good), 0, None))["expires_in"], 30);
    let outside = send(&sign(&good), 1, Some(("login_hint", "alice")));
    assert_eq!(error(&outside), refused("invalid_request"));
    let wrong = [
        ("iss", json!("another")),
        ("aud", json!("https://other.example")),
        ("exp", json!(NOW)),
        ("nbf", json!(NOW + 1)),
        ("iat", json!(NOW + 1)),
        ("jti", Value::Null),
    ];
    for (number, (claim, value)) in wrong.into_iter().enumerate() {
        let mut claims = good.clone();
        claims[claim] = value;
        let response = send(&sign(&claims), 10 + number, None);
        assert_eq!(error(&response), refused("invalid_request"), "{claim}");
    }
    let broken = sign(&good).replace('.', "A.");
    assert_eq!(error(&send(&broken, 2, None)), refused("invalid_request"));
}

#[test]
fn tokens_for_the_client_itself_and_in_exchange() {
    let provider = provider();
    let secret = ClientAuthentication::ClientSecretPost("hunter2hunter2".to_owned());
    provider.register(ClientRegistration::new("service", secret));
    let service = [
        ("client_id", "service"),
        ("client_secret", "hunter2hunter2"),
    ];
    let request = |more: &[(&'static str, &str)]| {
        let pairs: Vec<_> = service.iter().chain(more).copied().collect();
        post(&provider, Endpoint::Token, &pairs, NOW)
    };
    let credentials = ("grant_type", "client_credentials");
    let tokens = json(&request(&[credentials, ("scope", "read write")]));
    assert_eq!(tokens["scope"], "read write");
    assert!(!tokens.contains_key("refresh_token"));
    let openid = request(&[credentials, ("scope", "openid")]);
    assert_eq!(error(&openid), refused("invalid_scope"));
    let pairs = [("client_id", CLIENT_ID), credentials];
    let public = post(&provider, Endpoint::Token, &pairs, NOW);
    assert_eq!(error(&public), refused("unauthorized_client"));

    let token = text(&tokens, "access_token");
    let access_token = "urn:ietf:params:oauth:token-type:access_token";
    let exchange = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token_type", access_token),
    ];
    let with = |more: &[(&'static str, &str)]| {
        let pairs: Vec<_> = exchange.iter().chain(more).copied().collect();
        request(&pairs)
    };
    let exchanged = json(&with(&[("subject_token", &token), ("scope", "read")]));
    assert_eq!(exchanged["issued_token_type"], access_token);
    assert_eq!(exchanged["scope"], "read");
    assert_ne!(exchanged["access_token"], token);
    let saml = "urn:ietf:params:oauth:token-type:saml2";
    let exchanged = json(&with(&[
        ("subject_token", &token),
        ("requested_token_type", saml),
    ]));
    assert_eq!(exchanged["token_type"], "N_A");
    assert_eq!(exchanged["issued_token_type"], saml);
    let unknown = with(&[("subject_token", "unknown")]);
    assert_eq!(error(&unknown), refused("invalid_request"));
    let more = with(&[("subject_token", &token), ("scope", "admin")]);
    assert_eq!(error(&more), refused("invalid_scope"));
}

#[test]
fn a_revoked_token_is_not_active() {
    let provider = provider();
    provider.register(ClientRegistration::public("other-app"));
    let introspect = |token: &str| {
        let pairs = [("client_id", CLIENT_ID), ("token", token)];
        json(&post(&provider, Endpoint::Introspection, &pairs, NOW))
    };
    let revoke = |client: &str, token: &str| {
        let pairs = [("client_id", client), ("token", token)];
        post(&provider, Endpoint::Revocation, &pairs, NOW)
    };
    let tokens = json(&redeem(&provider, &code(&provider, NOW), NOW));
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    let introspected = introspect(&access);
    assert_eq!(introspected["active"], true);
    assert_eq!(introspected["sub"], "alice");
    assert_eq!(introspected["exp"], NOW + 3_600);
    assert_eq!(introspect(&refresh)["active"], true);
    assert_eq!(
        introspect("unknown"),
        *json!({"active": false}).as_object().unwrap()
    );

    assert_eq!(
        error(&revoke("other-app", &access)),
        refused("unauthorized_client")
    );
    assert_eq!(revoke(CLIENT_ID, "unknown").status(), 200);
    assert_eq!(introspect(&access)["active"], true);
    assert_eq!(revoke(CLIENT_ID, &access).status(), 200);
    assert_eq!(introspect(&access)["active"], false);
    assert_eq!(introspect(&refresh)["active"], true);
    let second = json(&redeem(&provider, &code(&provider, NOW), NOW));
    assert_eq!(
        revoke(CLIENT_ID, &text(&second, "refresh_token")).status(),
        200
    );
    assert_eq!(introspect(&text(&second, "access_token"))["active"], false);
}
