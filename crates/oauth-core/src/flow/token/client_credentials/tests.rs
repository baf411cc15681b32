use std::time::Duration;

use serde_json::json;

use super::ClientCredentialsGrant;
use crate::error::{Artefact, Error, NoAnswer, Reason, TimestampRule};
use crate::names::EndpointName;
use crate::operation::Event;
use crate::testing::script::{Script, form, received, unanswered};
use crate::testing::{
    NOW, SERVER_KEY, assert_finished, assert_unexpected, claims, configuration, key_set, sign,
};

fn script() -> Script<ClientCredentialsGrant> {
    let grant = ClientCredentialsGrant::new(configuration());
    Script::new(
        grant
            .scope("read write")
            .parameter("resource", "https://a.example")
            .parameter("resource", "https://b.example")
            .parameter("grant_type", "password"),
    )
}

#[test]
fn one_request_brings_tokens() {
    let mut script = script();
    let outbound = script.sends(Event::Begin);
    assert_eq!(outbound.endpoint, EndpointName::Token);
    assert_eq!(
        form(&outbound).encode(),
        "scope=read+write&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example\
         &grant_type=client_credentials&client_id=app"
    );
    let tokens = script.done(received(
        200,
        json!({"access_token": "at", "token_type": "bearer", "expires_in": 60}),
    ));
    assert_eq!(tokens.access_token().expose(), "at");
    assert!(tokens.id_token().is_none());
    assert_finished(&mut script.operation);
}

#[test]
fn an_unexpected_id_token_is_verified() {
    let mut expired = claims();
    expired.as_object_mut().unwrap().remove("nonce");
    let good = expired.clone();
    expired["exp"] = json!(NOW - 30);
    for (claims, accepted) in [(good, true), (expired, false)] {
        let mut script = script();
        script.sends(Event::Begin);
        let body = json!({"access_token": "at", "token_type": "Bearer", "id_token": sign(&claims)});
        let outbound = script.sends(received(200, body));
        assert_eq!(outbound.endpoint, EndpointName::Jwks);
        let keys = received(200, key_set(&[&SERVER_KEY]));
        if accepted {
            let tokens = script.done(keys);
            assert_eq!(tokens.id_token().unwrap().sub(), "alice");
            continue;
        }
        let error = script.fails(keys);
        assert_eq!(error.code(), Some("OAUTH_JWT_TIMESTAMP_CHECK_FAILED"));
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::IdToken);
        assert_eq!(
            rejection.reason,
            Reason::Timestamp {
                claim: "exp",
                found: NOW - 30,
                rule: TimestampRule::Expired,
                now: NOW,
                tolerance: Duration::from_secs(30),
            }
        );
    }
}

#[test]
fn failures_end_it() {
    let mut refused = script();
    refused.sends(Event::Begin);
    let error = refused.fails(received(400, json!({"error": "unauthorized_client"})));
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));

    let mut silent = script();
    silent.sends(Event::Begin);
    let error = silent.fails(unanswered(NoAnswer::Interrupted));
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
    assert_finished(&mut silent.operation);

    assert!(matches!(script().fails(Event::Aborted), Error::Aborted));
    assert_unexpected(script().step(Event::Elapsed), "Begin", "Elapsed");
}
