use serde_json::{Value, json};

use super::*;
use crate::flow::verification::signed_response::tests as shared;
use crate::flow::verification::signed_response::tests::{
    Signed, assert_claim_refused, assert_claim_required, assert_refused, keys, strange, typed,
};
use crate::metadata::ClientMetadata;
use crate::names::EndpointName;
use crate::testing;
use crate::testing::script::{Script, form, received};
use crate::testing::{NOW, assert_finished};

fn operation_of(client: ClientMetadata) -> TokenIntrospection {
    let algorithms = Some(vec!["ES256".to_owned()]);
    let setup = testing::setup().client_metadata(client);
    let setup = setup.server(|it| it.introspection_signing_alg_values_supported = algorithms);
    let mut endpoint = IntrospectionEndpoint::new(setup.build(), "at-1");
    endpoint
        .parameters
        .append("token_type_hint", "access_token");
    TokenIntrospection::new(endpoint)
}

fn script() -> Script<TokenIntrospection> {
    shared::script::<Token>()
}

struct Token;

impl Signed for Token {
    type Operation = TokenIntrospection;
    const ARTEFACT: Artefact = Artefact::IntrospectionResponse;
    const MEDIA_TYPE: &'static str = "application/token-introspection+jwt";
    const TYPE: &'static str = "token-introspection+jwt";

    fn operation() -> TokenIntrospection {
        let mut client = ClientMetadata::new("app");
        client.introspection_signed_response_alg = Some("ES256".into());
        operation_of(client)
    }

    fn claims() -> Value {
        claims()
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

#[test]
fn json_is_read_at_once() {
    let mut script = Script::new(operation_of(ClientMetadata::new("app")));
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
        let outbound = script.sends(typed::<Token>(typ, &claims()));
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
        assert_refused::<Token>(
            typed::<Token>(typ, &claims()),
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
    for claim in ["iss", "aud", "iat", "token_introspection"] {
        assert_claim_required::<Token>(claim);
    }
    shared::wrong_claims_of_any_jwt::<Token>();
    for (value, member, expected, found) in [
        (json!([]), "token_introspection", "an object", "array"),
        (json!({"active": "yes"}), "active", "a boolean", "string"),
    ] {
        let reason = Reason::IllTyped {
            member: member.into(),
            expected,
            found: found.to_owned(),
        };
        let claim = "token_introspection";
        assert_claim_refused::<Token>(claim, value, "OAUTH_INVALID_RESPONSE", reason);
    }
}

#[test]
fn another_signers_signature_is_refused() {
    shared::a_strange_signature::<Token>();

    // An algorithm that the client did not ask for is refused before a key is looked up.
    let mut script = script();
    script.sends(Event::Begin);
    let error = script.fails(strange::<Token>(SignatureAlgorithm::Ed25519));
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
    shared::failures::<Token>();
}
