use http::HeaderValue;
use http::header::CONTENT_TYPE;
use jose::jws::ProtectedHeader;
use serde_json::{Value, json};

use super::*;
use crate::error::NoAnswer;
use crate::error::TimestampRule::{Expired, InTheFuture, NotYetValid};
use crate::metadata::ClientMetadata;
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::testing;
use crate::testing::script::{Script, form, received, unanswered};
use crate::testing::{NOW, SERVER_KEY, assert_finished, assert_unexpected, key_set, sign_with};

fn script_of(client: ClientMetadata) -> Script<TokenIntrospection> {
    let mut server = testing::server();
    server.introspection_endpoint = Some("https://op.example/introspect".to_owned());
    server.introspection_signing_alg_values_supported = Some(vec!["ES256".to_owned()]);
    let configuration = Configuration::new(server, client, Policy::default()).unwrap();
    let mut endpoint = IntrospectionEndpoint::new(configuration, "at-1");
    endpoint
        .parameters
        .append("token_type_hint", "access_token");
    Script::new(TokenIntrospection::new(endpoint))
}

fn script() -> Script<TokenIntrospection> {
    let mut client = ClientMetadata::new("app");
    client.introspection_signed_response_alg = Some("ES256".into());
    script_of(client)
}

fn jwt(text: String) -> Event {
    let mut response = testing::response(200, text);
    let value = HeaderValue::from_static("application/token-introspection+jwt");
    response.headers_mut().insert(CONTENT_TYPE, value);
    Event::Received(response)
}

fn typed(typ: &str) -> ProtectedHeader {
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    match typ {
        "" => header,
        typ => header.typ(typ),
    }
}

/// RFC 9701 section 5.
fn claims() -> Value {
    json!({
        "iss": "https://op.example",
        "aud": "app",
        "iat": NOW,
        "token_introspection": {"active": true, "scope": "read", "exp": NOW - 60},
    })
}

fn signed(typ: &str, claims: &Value) -> Event {
    jwt(sign_with(&SERVER_KEY, &typed(typ), claims))
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
    assert_eq!(rejection.artefact, Artefact::IntrospectionResponse);
    assert_eq!(rejection.reason, reason);
    assert_finished(&mut script.operation);
}

#[test]
fn json_is_read_at_once() {
    let mut script = script_of(ClientMetadata::new("app"));
    let outbound = script.sends(Event::Begin);
    assert_eq!(outbound.endpoint, EndpointName::Introspection);
    assert_eq!(
        form(&outbound).encode(),
        "token_type_hint=access_token&token=at-1&client_id=app"
    );
    let response = script.done(received(200, json!({"active": true, "sub": "alice"})));
    assert_eq!(response.sub(), Some("alice"));
    assert_finished(&mut script.operation);
}

#[test]
fn a_jwt_is_verified_with_keys_fetched_once() {
    for typ in [
        "token-introspection+jwt",
        "Token-Introspection+JWT",
        "application/token-introspection+jwt",
    ] {
        let mut script = script();
        script.sends(Event::Begin);
        let outbound = script.sends(signed(typ, &claims()));
        assert_eq!(outbound.endpoint, EndpointName::Jwks);
        let response = script.done(keys());
        assert!(response.active());
        assert_eq!(response.scope(), Some("read"));
        // That the token itself has expired is for `active` to say.
        assert_eq!(response.exp().unwrap().seconds(), NOW - 60);
        assert_finished(&mut script.operation);
    }
}

#[test]
fn plain_json_is_no_answer_where_a_signed_one_was_registered() {
    let mut script = script();
    script.sends(Event::Begin);
    let error = script.fails(received(200, json!({"active": true})));
    assert_eq!(error.code(), Some("OAUTH_JWT_INTROSPECTION_EXPECTED"));
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::NotSigned {
            expected: "ES256".to_owned()
        }
    );
    assert_finished(&mut script.operation);
}

#[test]
fn another_kind_of_jwt_is_refused() {
    for (typ, found) in [
        ("", "nothing"),
        ("JWT", "JWT"),
        ("at+jwt", "at+jwt"),
        (
            "application/application/token-introspection+jwt",
            "application/application/token-introspection+jwt",
        ),
    ] {
        assert_refused(
            signed(typ, &claims()),
            "OAUTH_INVALID_RESPONSE",
            Reason::TokenType {
                expected: "token-introspection+jwt",
                found: found.to_owned(),
            },
        );
    }
}

#[test]
fn claims_that_are_missing_or_wrong() {
    let typ = "token-introspection+jwt";
    for claim in ["iss", "aud", "iat", "token_introspection"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_refused(
            signed(typ, &claims),
            "OAUTH_INVALID_RESPONSE",
            Reason::Missing {
                member: claim.into(),
            },
        );
    }
    let mismatch = |claim, expected: &str, found: &str| Reason::ClaimMismatch {
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
    for (claim, value, code, reason) in [
        (
            "iss",
            json!("https://evil.example"),
            comparison,
            mismatch("iss", "https://op.example", "https://evil.example"),
        ),
        (
            "aud",
            json!(["another"]),
            comparison,
            mismatch("aud", "app", "another"),
        ),
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
            "token_introspection",
            json!([]),
            "OAUTH_INVALID_RESPONSE",
            Reason::IllTyped {
                member: "token_introspection".into(),
                expected: "an object",
                found: "array".to_owned(),
            },
        ),
        (
            "token_introspection",
            json!({"active": "yes"}),
            "OAUTH_INVALID_RESPONSE",
            Reason::IllTyped {
                member: "active".into(),
                expected: "a boolean",
                found: "string".to_owned(),
            },
        ),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        assert_refused(signed(typ, &claims), code, reason);
    }
}

#[test]
fn a_signature_of_somebody_else_is_refused() {
    let stranger = jose::SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let text = sign_with(&stranger, &typed("token-introspection+jwt"), &claims());
    assert_refused(
        jwt(text),
        "OAUTH_INVALID_RESPONSE",
        Reason::Jose(jose::Error::Signature),
    );

    // An algorithm that nobody asked for is refused before a key is looked for.
    let mut script = script();
    script.sends(Event::Begin);
    let ed25519 = jose::SigningKey::generate(SignatureAlgorithm::Ed25519).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::Ed25519).typ("token-introspection+jwt");
    let error = script.fails(jwt(sign_with(&ed25519, &header, &claims())));
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Algorithm {
            expected: vec!["ES256".to_owned()],
            found: "Ed25519".to_owned(),
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
    keyless.sends(signed("token-introspection+jwt", &claims()));
    let error = keyless.fails(received(500, ""));
    assert_eq!(error.rejection().unwrap().artefact, Artefact::KeySet);
    assert_finished(&mut keyless.operation);

    assert!(matches!(script().fails(Event::Aborted), Error::Aborted));
    assert_unexpected(script().step(Event::Elapsed), "Begin", "Elapsed");
}
