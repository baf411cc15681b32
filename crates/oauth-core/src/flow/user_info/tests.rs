use serde_json::{Value, json};

use super::*;
use crate::error::Unsupported;
use crate::flow::verification::signed_response::tests as shared;
use crate::flow::verification::signed_response::tests::{
    Signed, assert_claim_refused, assert_refused, jwt, keys, signed, typed,
};
use crate::metadata::ClientMetadata;
use crate::names::EndpointName;
use crate::testing;
use crate::testing::assert_finished;
use crate::testing::script::{Script, received};

fn operation_of(client: ClientMetadata, advertised: Option<&str>) -> FetchUserInfo {
    let advertised = advertised.map(|it| vec![it.to_owned()]);
    let setup = testing::setup().client_metadata(client);
    let setup = setup.server(|it| it.userinfo_signing_alg_values_supported = advertised);
    let subject = ExpectedSubject::Equals("alice".to_owned());
    FetchUserInfo::new(UserInfoEndpoint::new(setup.build(), "at-1", subject))
}

fn script_of(client: ClientMetadata, advertised: Option<&str>) -> Script<FetchUserInfo> {
    Script::new(operation_of(client, advertised))
}

fn script() -> Script<FetchUserInfo> {
    shared::script::<User>()
}

struct User;

impl Signed for User {
    type Operation = FetchUserInfo;
    const ARTEFACT: Artefact = Artefact::UserInfoResponse;
    const MEDIA_TYPE: &'static str = "Application/JWT; charset=utf-8";
    const TYPE: &'static str = "";

    fn operation() -> FetchUserInfo {
        let mut client = ClientMetadata::new("app");
        client.userinfo_signed_response_alg = Some("ES256".into());
        operation_of(client, None)
    }

    fn claims() -> Value {
        claims()
    }
}

fn claims() -> Value {
    json!({"iss": "https://op.example", "aud": "app", "sub": "alice", "name": "Alice"})
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
    for answer in [
        signed::<User>(&claims()),
        signed::<User>(&bare),
        typed::<User>("jwt", &claims()),
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
    script.sends(signed::<User>(&claims()));
    assert_eq!(script.done(keys()).name(), Some("Alice"));

    // Without either, there is no algorithm to believe in.
    let mut script = script_of(ClientMetadata::new("app"), None);
    script.sends(Event::Begin);
    let error = script.fails(signed::<User>(&claims()));
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
    shared::wrong_claims_of_any_jwt::<User>();
    let another = Reason::AttributeMismatch {
        member: "sub",
        expected: Some("alice".to_owned()),
        found: Some("mallory".to_owned()),
    };
    let comparison = "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED";
    assert_claim_refused::<User>("sub", json!("mallory"), comparison, another);
    let empty = Reason::IllTyped {
        member: "sub".into(),
        expected: "a string that is not empty",
        found: "an empty string".to_owned(),
    };
    assert_claim_refused::<User>("sub", json!(""), "OAUTH_INVALID_RESPONSE", empty);
    let member = "sub".into();
    let missing = Reason::Missing { member };
    assert_claim_refused::<User>(
        "sub",
        Value::Null,
        "OAUTH_INVALID_RESPONSE",
        missing.clone(),
    );
    let without_sub = signed::<User>(&json!({"iss": "https://op.example"}));
    assert_refused::<User>(without_sub, "OAUTH_INVALID_RESPONSE", missing);
}

#[test]
fn another_kind_of_jwt_is_refused() {
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt"] {
        assert_refused::<User>(
            typed::<User>(typ, &claims()),
            "OAUTH_INVALID_RESPONSE",
            Reason::TokenType {
                expected: "JWT",
                found: typ.to_owned(),
            },
        );
    }
}

#[test]
fn another_signers_signature_is_refused() {
    shared::a_strange_signature::<User>();
}

#[test]
fn an_encrypted_answer_needs_a_key() {
    let mut script = script();
    script.sends(Event::Begin);
    let error = script.fails(jwt::<User>("a.b.c.d.e".to_owned()));
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
    let error = script.fails(signed::<User>(&claims()));
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::NotEncrypted {
            expected: "RSA-OAEP".to_owned(),
        }
    );
}

#[test]
fn failures_end_it() {
    shared::failures::<User>();
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
