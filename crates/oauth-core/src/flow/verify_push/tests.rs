use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use jose::SignatureAlgorithm::ES256;
use jose::jws::ProtectedHeader;
use jose::{HashAlgorithm, SigningKey, base64url};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::error::{NoAnswer, TimestampRule, Unanswered};
use crate::metadata::ClientMetadata;
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::testing::script::Script;
use crate::testing::{
    NOW, SERVER_KEY, assert_finished, assert_unexpected, claims, key_set, response, setup, sign,
    sign_with,
};
use crate::time::UnixTime;

const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";

/// The response to a request that was sent 60 seconds ago.
fn pending() -> BackchannelAuthenticationResponse {
    BackchannelAuthenticationResponse {
        auth_req_id: "id-1".into(),
        expires_in: Duration::from_secs(120),
        interval: None,
        received_at: UnixTime::from_seconds(NOW - 60),
        client_notification_token: Some("t-1".into()),
        extra: Map::new(),
    }
}

/// The value with these changes; a member that is null is left out.
fn with(value: &Value, changes: &[(&str, Value)]) -> Value {
    let mut value = value.clone();
    for (name, change) in changes {
        match change {
            Value::Null => drop(value.as_object_mut().unwrap().remove(*name)),
            change => value[name] = change.clone(),
        }
    }
    value
}

/// The left half of the SHA-256 hash (OpenID Connect Core 1.0 section 3.1.3.6).
fn half_hash(text: &str) -> String {
    base64url::encode(&HashAlgorithm::Sha256.digest(text.as_bytes())[..16])
}

/// The claims of a good ID Token.
fn good_claims() -> Value {
    with(
        &claims(),
        &[
            ("nonce", Value::Null),
            ("at_hash", json!(half_hash("at-1"))),
            (RT_HASH, json!(half_hash("rt-1"))),
            (AUTH_REQ_ID, json!("id-1")),
        ],
    )
}

/// The body of a push with these claims in its ID Token.
fn body(claims: &Value) -> Value {
    json!({
        "auth_req_id": "id-1",
        "access_token": "at-1",
        "token_type": "Bearer",
        "refresh_token": "rt-1",
        "expires_in": 120,
        "id_token": sign(claims),
    })
}

fn push(token: &str, body: &Value) -> Push {
    let authorization = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, authorization)]);
    Push::parse(&headers, body.to_string().as_bytes()).unwrap()
}

fn script_of(configuration: Configuration, push: Push) -> Script<VerifyPush> {
    Script::new(VerifyPush::new(configuration, &pending(), push))
}

fn script(body: &Value) -> Script<VerifyPush> {
    script_of(setup().build(), push("t-1", body))
}

fn keys() -> Event {
    Event::Received(response(200, key_set(&[&SERVER_KEY])))
}

/// The error of a push whose ID Token is looked at.
fn refused(configuration: Configuration, body: &Value) -> Error {
    let mut script = script_of(configuration, push("t-1", body));
    script.sends(Event::Begin);
    script.fails(keys())
}

#[track_caller]
fn assert_rejected(error: &Error, artefact: Artefact, reason: &Reason) {
    let rejection = error.rejection().unwrap();
    assert_eq!((rejection.artefact, &rejection.reason), (artefact, reason));
}

fn missing(member: &'static str) -> Reason {
    Reason::Missing {
        member: member.into(),
    }
}

fn mismatch(claim: &'static str) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: None,
        found: None,
    }
}

#[test]
fn the_tokens_of_a_good_push() {
    let mut script = script(&body(&good_claims()));
    let outbound = script.sends(Event::Begin);
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    let tokens = script.done(keys());
    assert_eq!(tokens.access_token().expose(), "at-1");
    assert_eq!(tokens.refresh_token().unwrap().expose(), "rt-1");
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(tokens.received_at(), UnixTime::from_seconds(NOW));
    assert_finished(&mut script.operation);
    assert!(!format!("{:?}", script.operation).contains("-1"));
}

#[test]
fn a_push_without_a_refresh_token_has_no_hash_of_one() {
    let claims = with(&good_claims(), &[(RT_HASH, Value::Null)]);
    let mut script = script(&with(&body(&claims), &[("refresh_token", Value::Null)]));
    script.sends(Event::Begin);
    assert!(script.done(keys()).refresh_token().is_none());
}

#[test]
fn the_id_token_binds_the_parts_of_the_push_together() {
    let rows: [(&str, Value, Reason); 8] = [
        (AUTH_REQ_ID, Value::Null, missing(AUTH_REQ_ID)),
        (AUTH_REQ_ID, json!("id-2"), mismatch(AUTH_REQ_ID)),
        ("at_hash", Value::Null, missing("at_hash")),
        ("at_hash", json!(half_hash("at-2")), mismatch("at_hash")),
        (RT_HASH, Value::Null, missing(RT_HASH)),
        (RT_HASH, json!(half_hash("rt-2")), mismatch(RT_HASH)),
        (
            "nonce",
            json!("n-1"),
            Reason::ClaimMismatch {
                claim: "nonce",
                expected: Some("none".to_owned()),
                found: None,
            },
        ),
        (
            "iat",
            json!(NOW - 91),
            Reason::Timestamp {
                claim: "iat",
                found: NOW - 91,
                rule: TimestampRule::TooOld,
                now: NOW,
                tolerance: Duration::from_secs(30),
            },
        ),
    ];
    for (claim, value, reason) in rows {
        let claims = with(&good_claims(), &[(claim, value)]);
        let error = refused(setup().build(), &body(&claims));
        assert_rejected(&error, Artefact::IdToken, &reason);
        // It can be revoked, and not used.
        let kept = error.rejection().unwrap().danger_refresh_token();
        assert!(kept.is_some() && error.refresh_token().is_none(), "{claim}");
    }
    // The refresh token was taken out.
    let without = with(&body(&good_claims()), &[("refresh_token", Value::Null)]);
    let member = RT_HASH.into();
    assert_rejected(
        &refused(setup().build(), &without),
        Artefact::IdToken,
        &Reason::Unexpected { member },
    );
}

#[test]
fn no_switch_skips_the_signature_or_a_hash() {
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    policy.danger.skip_at_hash_check = true;
    let configuration = setup().policy(policy).build();
    let another = SigningKey::generate(ES256).unwrap();
    let header = ProtectedHeader::new(ES256).kid("k1");
    let forged = json!(sign_with(&another, &header, &good_claims()));
    let forged = with(&body(&good_claims()), &[("id_token", forged)]);
    assert_rejected(
        &refused(configuration.clone(), &forged),
        Artefact::IdToken,
        &Reason::Jose(jose::Error::Signature),
    );
    let claims = with(&good_claims(), &[("at_hash", json!(half_hash("at-2")))]);
    assert_rejected(
        &refused(configuration, &body(&claims)),
        Artefact::IdToken,
        &mismatch("at_hash"),
    );
}

#[test]
fn a_push_of_a_stranger_sends_nothing() {
    let stranger = push("t-2", &body(&good_claims()));
    let mut script = script_of(setup().build(), stranger);
    let parameter = "client_notification_token";
    assert_rejected(
        &script.fails(Event::Begin),
        Artefact::Push,
        &Reason::ParameterMismatch {
            parameter,
            expected: None,
            found: None,
        },
    );
    assert_finished(&mut script.operation);
}

#[test]
fn members_that_are_missing() {
    for member in ["access_token", "token_type", "id_token"] {
        let body = with(&body(&good_claims()), &[(member, Value::Null)]);
        let error = script(&body).fails(Event::Begin);
        assert_rejected(&error, Artefact::Push, &missing(member));
        // The switches for token responses apply to pushes as well.
        let named = error
            .to_string()
            .contains("`danger.accept_missing_token_type`");
        assert_eq!(named, member == "token_type");
    }
    let body = with(&body(&good_claims()), &[("token_type", Value::Null)]);
    let mut policy = Policy::default();
    policy.danger.accept_missing_token_type = true;
    let configuration = setup().policy(policy).build();
    let mut script = script_of(configuration, push("t-1", &body));
    assert!(script.step(Event::Begin).is_ok());
}

#[test]
fn an_error_is_the_servers_only_with_the_token() {
    let body = json!({
        "auth_req_id": "id-1",
        "error": "access_denied",
        "error_description": "the person said no",
    });
    let error = script(&body).fails(Event::Begin);
    let Error::AuthorizationResponse(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.error, "access_denied");
    let description = error.error_description.as_deref();
    assert_eq!(description, Some("the person said no"));
    let mut script = script_of(setup().build(), push("t-2", &body));
    assert!(matches!(script.fails(Event::Begin), Error::Rejected(_)));
}

#[test]
fn a_push_after_the_lifetime_is_refused() {
    for (seconds, is_alive) in [(90, true), (91, false)] {
        let mut script = script(&body(&good_claims()));
        script.pass(Duration::from_secs(seconds));
        if is_alive {
            script.sends(Event::Begin);
            continue;
        }
        let error = script.fails(Event::Begin);
        let Error::Expired(expired) = error else {
            panic!("{error:?}");
        };
        assert_eq!(expired.credential, "auth_req_id");
    }
}

#[test]
fn a_client_in_another_mode_takes_no_push() {
    for (mode, is_right) in [("push", true), ("ping", false)] {
        let mut client = ClientMetadata::new("app");
        client.id_token_signed_response_alg = Some("ES256".into());
        client.backchannel_token_delivery_mode = Some(mode.to_owned());
        let configuration = setup().client_metadata(client).build();
        let mut script = script_of(configuration, push("t-1", &body(&good_claims())));
        if is_right {
            script.sends(Event::Begin);
            continue;
        }
        let argument = "backchannel_token_delivery_mode";
        let error = script.fails(Event::Begin);
        assert!(
            matches!(
                error,
                Error::Misuse(Misuse::InvalidArgument { argument: found, .. })
                    if found == argument
            ),
            "{error:?}"
        );
    }
}

#[test]
fn the_authentication_may_be_as_old_as_the_request_says() {
    let mut client = ClientMetadata::new("app");
    client.id_token_signed_response_alg = Some("ES256".into());
    client.default_max_age = Some(10);
    let configuration = setup().client_metadata(client).build();
    // The person took 60 seconds, and may have logged in 10 seconds before the request.
    for (age, is_right) in [(100, true), (101, false)] {
        let claims = with(&good_claims(), &[("auth_time", json!(NOW - age))]);
        let mut script = script_of(configuration.clone(), push("t-1", &body(&claims)));
        script.sends(Event::Begin);
        match is_right {
            true => drop(script.done(keys())),
            false => assert_rejected(
                &script.fails(keys()),
                Artefact::IdToken,
                &Reason::Timestamp {
                    claim: "auth_time",
                    found: NOW - age,
                    rule: TimestampRule::TooOld,
                    now: NOW,
                    tolerance: Duration::from_secs(30),
                },
            ),
        }
    }
}

#[test]
fn tokens_are_kept_while_the_keys_are_missing() {
    let mut script = script(&body(&good_claims()));
    script.sends(Event::Begin);
    let error = script.fails(Event::Unanswered(Unanswered {
        endpoint: EndpointName::Jwks,
        reason: NoAnswer::TimedOut {
            deadline: Duration::from_secs(30),
        },
        source: None,
    }));
    let Error::TokensUnverified(unverified) = error else {
        panic!("{error:?}");
    };
    let refresh_token = unverified.danger_tokens().refresh_token();
    assert_eq!(refresh_token.unwrap().expose(), "rt-1");
}

proptest! {
    /// Arbitrary bodies are read or refused, and none is accepted.
    #[test]
    fn no_body_causes_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        members in prop::collection::hash_map(
            prop::sample::select(vec![
                "access_token", "token_type", "expires_in", "refresh_token", "id_token", "error",
                "scope",
            ]),
            prop_oneof![Just(json!(null)), any::<i64>().prop_map(Value::from), "[ -~]{0,20}".prop_map(Value::from)],
            0..7,
        ),
    ) {
        let headers = HeaderMap::from_iter([(
            http::header::AUTHORIZATION,
            HeaderValue::from_static("Bearer t-1"),
        )]);
        prop_assert!(Push::parse(&headers, &bytes).is_err());
        let mut body = json!({ "auth_req_id": "id-1" });
        for (name, value) in members {
            body[name] = value;
        }
        script(&body).fails(Event::Begin);
    }
}

#[test]
fn other_events_are_refused() {
    let mut script = script(&body(&good_claims()));
    assert_unexpected(script.step(Event::Elapsed), "Begin", "Elapsed");
    assert_finished(&mut script.operation);
}
