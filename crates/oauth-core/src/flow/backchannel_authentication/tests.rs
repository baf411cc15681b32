use jose::jws::Unverified;
use jose::{SignatureAlgorithm, VerifyingKey};
use serde_json::{Value, json};

use super::*;
use crate::error::KeyFault;
use crate::key::KeyReference;
use crate::names::{EndpointName, KeyName};
use crate::testing;
use crate::testing::script::{Script, form, received, signed};
use crate::testing::{NOW, SERVER_KEY, assert_finished, assert_unexpected};

fn request() -> InitiateBackchannelAuthentication {
    let hint = Hint::LoginHint("alice".to_owned());
    InitiateBackchannelAuthentication::new(testing::configuration(), hint)
}

fn object() -> RequestObject {
    RequestObject::new(KeyReference {
        name: KeyName::new("client key"),
        algorithm: SignatureAlgorithm::ES256,
        kid: Some("c1".to_owned()),
    })
    .unwrap()
}

fn answer() -> Event {
    received(200, json!({"auth_req_id": "id-1", "expires_in": 120}))
}

#[test]
fn one_request_and_one_answer() {
    let mut script = Script::new(
        request()
            .scope("openid email")
            .binding_message("W4SCT")
            .user_code("1234")
            .requested_expiry(Duration::from_secs(300))
            .acr_values("loa-2 loa-1"),
    );
    let outbound = script.sends(Event::Begin);
    assert_eq!(outbound.endpoint, EndpointName::BackchannelAuthentication);
    assert_eq!(
        form(&outbound).encode(),
        "binding_message=W4SCT&user_code=1234&requested_expiry=300&acr_values=loa-2+loa-1\
         &scope=openid+email&login_hint=alice&client_id=app"
    );
    let response = script.done(answer());
    assert_eq!(response.auth_req_id.expose(), "id-1");
    assert!(response.client_notification_token.is_none());
    assert_finished(&mut script.operation);
}

#[test]
fn the_token_for_a_ping_is_drawn_and_kept() {
    let mut script = Script::new(request().ping());
    let form = form(&script.sends(Event::Begin));
    let token = form.first("client_notification_token").unwrap().to_owned();
    assert_eq!(token, jose::base64url::encode(&[7; 32]));
    let response = script.done(answer());
    assert_eq!(response.client_notification_token, Some(token.into()));

    let own = request().ping().client_notification_token("my-own-token");
    let mut script = Script::new(own);
    script.sends(Event::Begin);
    let response = script.done(answer());
    let kept = response.client_notification_token.unwrap();
    assert_eq!(kept.expose(), "my-own-token");
}

#[test]
fn a_signed_request_is_a_jwt_and_nothing_else() {
    let mut script = Script::new(
        request()
            .ping()
            .requested_expiry(Duration::from_secs(300))
            .parameter("resource", "https://a.example")
            .parameter("resource", "https://b.example")
            .parameter("resource", "https://c.example")
            .parameter("authorization_details", r#"[{"type":"payment"}]"#)
            .request_object(object()),
    );
    let job = script.uses_key(Event::Begin);
    assert_eq!(job.key().as_str(), "client key");
    let form = form(&script.sends(signed(&SERVER_KEY, &job)));
    let names: Vec<&str> = form.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["request", "client_id"]);

    let token = Unverified::parse(form.first("request").unwrap()).unwrap();
    assert_eq!(token.header().kid(), Some("c1"));
    assert_eq!(token.header().typ(), None);
    let public = SERVER_KEY.public_jwk().unwrap();
    let public = VerifyingKey::from_jwk(&public).unwrap();
    let verified = token.verify(&public, SignatureAlgorithm::ES256).unwrap();
    let random = jose::base64url::encode(&[7; 32]);
    assert_eq!(
        Value::Object(verified.claims().unwrap().to_owned_map()),
        json!({
            "scope": "openid",
            "login_hint": "alice",
            "client_notification_token": random,
            "requested_expiry": 300,
            "resource": ["https://a.example", "https://b.example", "https://c.example"],
            "authorization_details": [{"type": "payment"}],
            "iss": "app",
            "aud": "https://op.example",
            "iat": NOW,
            "nbf": NOW,
            "exp": NOW + 60,
            "jti": random,
        })
    );
    assert_eq!(
        script.done(answer()).client_notification_token,
        Some(random.into())
    );
}

#[test]
fn a_signature_that_cannot_be_had_ends_it() {
    let ready = || Script::new(request().request_object(object()));
    let mut script = ready();
    script.uses_key(Event::Begin);
    let fault = KeyFault {
        key: KeyName::new("client key"),
        source: None,
    };
    let error = script.fails(Event::KeyUnavailable(fault));
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
    assert_finished(&mut script.operation);

    let mut script = ready();
    script.uses_key(Event::Begin);
    let short = crate::key::KeyResult::Signature(vec![1; 63]);
    let error = script.fails(Event::KeyUsed(short));
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));

    let mut script = ready();
    script.uses_key(Event::Begin);
    let awaited = "KeyUsed or KeyUnavailable";
    assert_unexpected(script.step(answer()), awaited, "Received");
    assert_finished(&mut script.operation);

    assert!(matches!(ready().fails(Event::Aborted), Error::Aborted));
    assert_unexpected(ready().step(Event::Elapsed), "Begin", "Elapsed");
}

#[test]
fn what_cannot_be_sent_is_found_before_a_key_is_used() {
    for (request, argument) in [
        (request().scope("email"), "scope"),
        (
            request().requested_expiry(Duration::from_secs(0)),
            "requested_expiry",
        ),
        (request().parameter("login_hint", "bob"), "parameter"),
        (request().parameter("aud", "https://x.example"), "parameter"),
        (request().parameter("claims", "{"), "parameters"),
        (
            request().parameter("authorization_details", r#"[{"a":1,"a":2}]"#),
            "parameters",
        ),
        (
            request()
                .parameter("authorization_details", "[]")
                .parameter("authorization_details", "[]"),
            "parameters",
        ),
    ] {
        let mut script = Script::new(request.request_object(object()));
        assert_eq!(misused(script.fails(Event::Begin)), argument);
    }
}

fn misused(error: Error) -> &'static str {
    match error {
        Error::Misuse(Misuse::InvalidArgument { argument, .. }) => argument,
        error => panic!("{error}"),
    }
}

/// CIBA Core 1.0 section 4.
#[test]
fn the_usual_request_object_signs_where_client_or_server_say_so() {
    let request = |registered: Option<&str>, listed: &[&str]| {
        let setup = testing::setup().server(|it| {
            it.backchannel_authentication_request_signing_alg_values_supported =
                Some(listed.iter().map(|it| (*it).to_owned()).collect());
        });
        let setup = setup.client(|it| {
            it.backchannel_authentication_request_signing_alg = registered.map(Into::into);
        });
        let hint = Hint::LoginHint("alice".to_owned());
        InitiateBackchannelAuthentication::new(setup.build(), hint).usual_request_object(object())
    };
    for (registered, listed) in [
        (Some("ES256"), &[][..]),
        (Some("ES256"), &["PS256"]),
        (None, &["PS256", "ES256"]),
    ] {
        let mut script = Script::new(request(registered, listed));
        let job = script.uses_key(Event::Begin);
        let form = form(&script.sends(signed(&SERVER_KEY, &job)));
        let names: Vec<&str> = form.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["request", "client_id"], "{registered:?} {listed:?}");
    }
    for listed in [&[][..], &["PS256"], &["es256", "none"]] {
        let mut script = Script::new(request(None, listed));
        let form = form(&script.sends(Event::Begin));
        assert_eq!(form.encode(), "scope=openid&login_hint=alice&client_id=app");
    }
    // A request object that the caller asked for is signed in any case.
    let mut script = Script::new(request(None, &[]).request_object(object()));
    script.uses_key(Event::Begin);

    for registered in ["PS256", "ES384"] {
        let mut script = Script::new(request(Some(registered), &["ES256"]));
        let Error::Misuse(misuse) = script.fails(Event::Begin) else {
            panic!("{registered}");
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "request_object_key",
                expected: "a key for backchannel_authentication_request_signing_alg",
                found: "one for ES256".to_owned(),
            }
        );
    }
}
