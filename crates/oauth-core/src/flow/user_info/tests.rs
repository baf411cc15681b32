use http::HeaderValue;
use http::header::CONTENT_TYPE;
use jose::jws::ProtectedHeader;
use serde_json::{Value, json};

use super::*;
use crate::error::TimestampRule::{Expired, InTheFuture, NotYetValid};
use crate::error::{NoAnswer, Unsupported};
use crate::metadata::ClientMetadata;
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::testing;
use crate::testing::script::{Script, received, unanswered};
use crate::testing::{NOW, SERVER_KEY, assert_finished, assert_unexpected, key_set, sign_with};

fn script_of(client: ClientMetadata, advertised: Option<&str>) -> Script<FetchUserInfo> {
    let mut server = testing::server();
    server.userinfo_signing_alg_values_supported = advertised.map(|it| vec![it.to_owned()]);
    let configuration = Configuration::new(server, client, Policy::default()).unwrap();
    let subject = ExpectedSubject::Equals("alice".to_owned());
    Script::new(FetchUserInfo::new(UserInfoEndpoint::new(
        configuration,
        "at-1",
        subject,
    )))
}

fn script() -> Script<FetchUserInfo> {
    let mut client = ClientMetadata::new("app");
    client.userinfo_signed_response_alg = Some("ES256".into());
    script_of(client, None)
}

fn jwt(text: String) -> Event {
    let mut response = testing::response(200, text);
    let value = HeaderValue::from_static("Application/JWT; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, value);
    Event::Received(response)
}

fn claims() -> Value {
    json!({"iss": "https://op.example", "aud": "app", "sub": "alice", "name": "Alice"})
}

fn header() -> ProtectedHeader {
    ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1")
}

fn signed(claims: &Value) -> Event {
    jwt(sign_with(&SERVER_KEY, &header(), claims))
}

fn keys() -> Event {
    received(200, key_set(&[&SERVER_KEY]))
}

#[track_caller]
fn assert_refused(answer: Event, code: &str, reason: Reason) {
    let mut script = script();
    script.sends(Event::Begin);
    script.sends(answer);
    let error = script.fails(keys());
    assert_eq!(error.code(), Some(code), "{error}");
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::UserInfoResponse);
    assert_eq!(rejection.reason, reason);
    assert_finished(&mut script.operation);
}

#[test]
fn json_is_read_at_once() {
    let mut script = script_of(ClientMetadata::new("app"), None);
    let outbound = script.sends(Event::Begin);
    assert_eq!(outbound.endpoint, EndpointName::UserInfo);
    let user = script.done(received(200, json!({"sub": "alice"})));
    assert_eq!(user.sub(), "alice");
    assert_finished(&mut script.operation);
}

#[test]
fn a_jwt_is_verified_with_keys_fetched_once() {
    let bare = json!({"sub": "alice"});
    let typed = header().typ("jwt");
    for answer in [
        signed(&claims()),
        signed(&bare),
        jwt(sign_with(&SERVER_KEY, &typed, &claims())),
    ] {
        let mut script = script();
        let outbound = script.sends(Event::Begin);
        assert_eq!(outbound.request.headers()["accept"], "application/jwt");
        let outbound = script.sends(answer);
        assert_eq!(outbound.endpoint, EndpointName::Jwks);
        assert_eq!(script.done(keys()).sub(), "alice");
        assert_finished(&mut script.operation);
    }
}

#[test]
fn the_server_may_sign_unasked_with_what_it_advertises() {
    let mut script = script_of(ClientMetadata::new("app"), Some("ES256"));
    script.sends(Event::Begin);
    script.sends(signed(&claims()));
    assert_eq!(script.done(keys()).name(), Some("Alice"));

    // Without either, there is no algorithm to believe in.
    let mut script = script_of(ClientMetadata::new("app"), None);
    script.sends(Event::Begin);
    let error = script.fails(signed(&claims()));
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Algorithm {
            expected: vec![],
            found: "ES256".to_owned(),
        }
    );
    assert_finished(&mut script.operation);
}

#[test]
fn claims_that_are_wrong() {
    let claim = |claim, expected: &str, found: &str| Reason::ClaimMismatch {
        claim,
        expected: Some(expected.to_owned()),
        found: Some(found.to_owned()),
    };
    let time = |claim, found, rule| Reason::Timestamp {
        claim,
        found,
        rule,
        now: NOW,
        tolerance: 30,
    };
    let comparison = "OAUTH_JWT_CLAIM_COMPARISON_FAILED";
    let timestamp = "OAUTH_JWT_TIMESTAMP_CHECK_FAILED";
    for (member, value, code, reason) in [
        (
            "iss",
            json!("https://evil.example"),
            comparison,
            claim("iss", "https://op.example", "https://evil.example"),
        ),
        ("aud", json!(["b"]), comparison, claim("aud", "app", "b")),
        (
            "exp",
            json!(NOW - 30),
            timestamp,
            time("exp", NOW - 30, Expired),
        ),
        (
            "nbf",
            json!(NOW + 31),
            timestamp,
            time("nbf", NOW + 31, NotYetValid),
        ),
        (
            "iat",
            json!(NOW + 31),
            timestamp,
            time("iat", NOW + 31, InTheFuture),
        ),
        (
            "sub",
            json!("mallory"),
            "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
            Reason::AttributeMismatch {
                member: "sub",
                expected: Some("alice".to_owned()),
                found: Some("mallory".to_owned()),
            },
        ),
        (
            "sub",
            Value::Null,
            "OAUTH_INVALID_RESPONSE",
            Reason::Missing {
                member: "sub".into(),
            },
        ),
        (
            "sub",
            json!(""),
            "OAUTH_INVALID_RESPONSE",
            Reason::IllTyped {
                member: "sub".into(),
                expected: "a string that is not empty",
                found: "an empty string".to_owned(),
            },
        ),
    ] {
        let mut claims = claims();
        claims[member] = value;
        assert_refused(signed(&claims), code, reason);
    }
    let nobody = json!({"iss": "https://op.example"});
    let member = "sub".into();
    assert_refused(
        signed(&nobody),
        "OAUTH_INVALID_RESPONSE",
        Reason::Missing { member },
    );
}

#[test]
fn another_kind_of_jwt_is_refused() {
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt"] {
        assert_refused(
            jwt(sign_with(&SERVER_KEY, &header().typ(typ), &claims())),
            "OAUTH_INVALID_RESPONSE",
            Reason::TokenType {
                expected: "JWT",
                found: typ.to_owned(),
            },
        );
    }
}

#[test]
fn a_signature_of_somebody_else_is_refused() {
    let stranger = jose::SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    assert_refused(
        jwt(sign_with(&stranger, &header(), &claims())),
        "OAUTH_INVALID_RESPONSE",
        Reason::Jose(jose::Error::Signature),
    );
}

#[test]
fn an_encrypted_answer_needs_a_key() {
    let mut script = script();
    script.sends(Event::Begin);
    let error = script.fails(jwt("a.b.c.d.e".to_owned()));
    assert!(matches!(
        error,
        Error::Unsupported(Unsupported::Form {
            artefact: Artefact::UserInfoResponse,
            form: "an encrypted JWT",
        })
    ));
    let mut client = ClientMetadata::new("app");
    client.userinfo_signed_response_alg = Some("ES256".into());
    client.userinfo_encrypted_response_alg = Some("RSA-OAEP".to_owned());
    let mut script = script_of(client, None);
    script.sends(Event::Begin);
    let error = script.fails(signed(&claims()));
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::NotEncrypted {
            expected: "RSA-OAEP".to_owned(),
        }
    );
}

#[test]
fn failures_end_it() {
    let mut silent = script();
    silent.sends(Event::Begin);
    let error = silent.fails(unanswered(NoAnswer::Interrupted));
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
    assert_finished(&mut silent.operation);

    let mut keyless = script();
    keyless.sends(Event::Begin);
    keyless.sends(signed(&claims()));
    let error = keyless.fails(received(500, ""));
    assert_eq!(error.rejection().unwrap().artefact, Artefact::KeySet);
    assert_finished(&mut keyless.operation);

    assert!(matches!(script().fails(Event::Aborted), Error::Aborted));
    assert_unexpected(script().step(Event::Elapsed), "Begin", "Elapsed");
}

/// Ory Hydra answers every registration with `none`.
#[test]
fn a_registered_none_asks_for_no_signature() {
    let mut client = ClientMetadata::new("app");
    client.userinfo_signed_response_alg = Some("none".into());
    let mut script = script_of(client, None);
    let request = script.sends(Event::Begin).request;
    assert_eq!(request.headers()["accept"], "application/json");
    let user = script.done(received(200, r#"{"sub":"alice","name":"Alice"}"#));
    assert_eq!(user.name(), Some("Alice"));
}
