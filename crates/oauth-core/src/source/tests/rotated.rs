//! Refresh tokens that came in responses that were refused, with the grant that refuses them.

use serde_json::{Value, json};

use super::{World, changed, text, tokens};
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::error::{Error, NoAnswer};
use crate::flow::{RefreshTokenGrant, TokenSet};
use crate::key::KeyReference;
use crate::names::{EndpointName, KeyName};
use crate::operation::Event;
use crate::secret::Secret;
use crate::source::{Answered, LoginNeeded, SourceError};
use crate::testing::script::{Script, received, signed, unanswered};
use crate::testing::{SERVER_KEY, claims, configuration, key_set, sign};
use crate::validate::{IdToken, PreviousIdToken};

/// A source of a login by `alice`, whose token expires when the test begins.
fn expired_login() -> World {
    let Value::Object(claims) = claims() else {
        unreachable!("claims are an object");
    };
    let id_token = IdToken::restored(claims, Secret::from("e30.e30.c2ln")).unwrap();
    let login = PreviousIdToken::from(&id_token);
    let response = tokens("a", 1000).response().clone();
    let mut world = World::logged_in(TokenSet::restored(response, Some(id_token), Some(login)));
    world.pass(1000);
    world
}

/// Refreshes; the response brings `rt-b` and an ID Token with these claims.
fn refresh(world: &mut World, change: impl FnOnce(&mut Value)) -> Answered {
    let mut claims = claims();
    change(&mut claims);
    respond(
        world,
        json!({"refresh_token": "rt-b", "id_token": sign(&claims)}),
    )
}

/// Refreshes; the response has these members as well.
fn respond(world: &mut World, members: Value) -> Answered {
    let attempt = world.begins();
    let grant = attempt.refresh_token_grant(&configuration()).unwrap();
    let mut script = prefetched(grant);
    let mut body = json!({"access_token": "at-b", "token_type": "Bearer", "expires_in": 1000});
    let all = body.as_object_mut().unwrap();
    all.extend(members.as_object().unwrap().clone());
    let result = script.fails(received(200, body));
    world.answer(attempt, Err(result))
}

/// A grant that has fetched the keys and waits for its tokens.
fn prefetched(grant: RefreshTokenGrant) -> Script<RefreshTokenGrant> {
    let mut script = Script::new(grant);
    let keys = script.sends(Event::Begin);
    assert_eq!(keys.endpoint, EndpointName::Jwks);
    let token = script.sends(received(200, key_set(&[&SERVER_KEY])));
    assert_eq!(token.endpoint, EndpointName::Token);
    script
}

/// The successor is kept, and nothing else of the response.
#[track_caller]
fn assert_kept(mut world: World, answered: Answered) {
    assert_eq!(changed(&answered), Some("rt-b".into()));
    let error = answered.answer.unwrap_err();
    assert!(!error.is_login_needed(), "{error}");
    let kept = world.source.tokens().unwrap();
    assert_eq!(text(kept.access_token()), "at-a");
    assert_eq!(kept.login().unwrap().sub(), "alice");
    world.fails();
    world.pass(1);
    let attempt = world.begins();
    let refreshed = attempt.refreshed.unwrap();
    assert_eq!(text(refreshed.refresh_token().unwrap()), "rt-b");
}

/// The session at the server is that of the login, whichever response is refused.
#[test]
fn the_session_state_is_kept_over_refreshes() {
    let mut world = expired_login();
    let login = world.source.tokens().unwrap().as_ref().clone();
    world = World::logged_in(login.of_session(Some("x.y".into())));
    world.pass(1000);
    let _ = refresh(&mut world, |claims| claims["exp"] = json!(1));
    let kept = world.source.tokens().unwrap();
    assert_eq!(text(kept.refresh_token().unwrap()), "rt-b");
    assert_eq!(kept.session_state(), Some("x.y"));
    world.fails();
    world.pass(1);
    let attempt = world.begins();
    let grant = attempt.refresh_token_grant(&configuration()).unwrap();
    let mut script = Script::new(grant);
    assert_eq!(script.sends(Event::Begin).endpoint, EndpointName::Jwks);
    script.sends(received(200, key_set(&[&SERVER_KEY])));
    let body = json!({"access_token": "at-c", "token_type": "Bearer", "expires_in": 1000});
    let tokens = script.done(received(200, body));
    let _ = world.answer(attempt, Ok(tokens));
    let refreshed = world.source.tokens().unwrap();
    assert_eq!(text(refreshed.access_token()), "at-c");
    assert_eq!(refreshed.session_state(), Some("x.y"));
}

#[test]
fn the_successor_is_kept_when_a_time_alone_was_wrong() {
    type Change = fn(&mut Value);
    let changes: [Change; 4] = [
        |claims| claims["iat"] = json!(4_000_000_000_u64),
        |claims| claims["exp"] = json!(1),
        |claims| claims["nbf"] = json!(4_000_000_000_u64),
        |claims| claims["auth_time"] = json!(4_000_000_000_u64),
    ];
    for change in changes {
        let mut world = expired_login();
        let answered = refresh(&mut world, change);
        assert_kept(world, answered);
    }
}

#[test]
fn the_successor_is_kept_when_the_keys_could_not_be_had() {
    let mut world = expired_login();
    let attempt = world.begins();
    let grant = attempt.refresh_token_grant(&configuration()).unwrap();
    let mut script = prefetched(grant);
    let header = jose::jws::ProtectedHeader::new(jose::SignatureAlgorithm::ES256).kid("k9");
    let id_token = crate::testing::sign_with(&SERVER_KEY, &header, &claims());
    let body = json!({
        "access_token": "at-b", "token_type": "Bearer", "refresh_token": "rt-b",
        "id_token": id_token,
    });
    let again = script.sends(received(200, body));
    assert_eq!(again.endpoint, EndpointName::Jwks);
    let error = script.fails(unanswered(NoAnswer::Interrupted));
    assert!(matches!(error, Error::TokensUnverified(_)), "{error}");
    let answered = world.answer(attempt, Err(error));
    assert_kept(world, answered);
}

/// Nothing of the response is used, and the old tokens neither.
#[track_caller]
fn assert_ended(mut world: World, answered: Answered, expected: fn(&LoginNeeded) -> bool) {
    assert!(answered.changed.is_none());
    for error in [answered.answer.unwrap_err(), world.fails()] {
        match error {
            SourceError::LoginNeeded(needed) => assert!(expected(&needed), "{needed:?}"),
            other => panic!("{other}"),
        }
    }
    assert!(world.source.tokens().is_none());
    world.pass(1_000_000);
    world.fails();
}

const fn is_mismatch(needed: &LoginNeeded) -> bool {
    matches!(needed, LoginNeeded::Mismatch(_))
}

#[test]
fn the_source_ends_when_the_response_is_about_another_login() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 5] = [
        ("iss", |claims| {
            claims["iss"] = json!("https://other.example")
        }),
        ("sub", |claims| claims["sub"] = json!("mallory")),
        ("aud", |claims| claims["aud"] = json!("other")),
        ("azp", |claims| claims["azp"] = json!("app")),
        ("nonce", |claims| claims["nonce"] = json!("n-2")),
    ];
    for (claim, change) in changes {
        let mut world = expired_login();
        let answered = refresh(&mut world, change);
        let error = answered.answer.as_ref().unwrap_err();
        let rejection = error.cause().unwrap().rejection().unwrap();
        assert!(rejection.reason.to_string().contains(claim), "{rejection}");
        assert_ended(world, answered, is_mismatch);
    }
    // Also without a new refresh token, because the response belongs to another person.
    let mut world = expired_login();
    let mut claims = claims();
    claims["sub"] = json!("mallory");
    let answered = respond(&mut world, json!({"id_token": sign(&claims)}));
    assert_ended(world, answered, is_mismatch);
}

#[test]
fn the_source_ends_when_the_token_is_not_bound_to_the_clients_key() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(1000);
    let attempt = world.begins();
    let grant = attempt.refresh_token_grant(&with_dpop_key()).unwrap();
    let mut script = Script::new(grant);
    let job = script.uses_key(Event::Begin);
    script.sends(signed(&SERVER_KEY, &job));
    let body = json!({"access_token": "at-b", "token_type": "Bearer", "refresh_token": "rt-b"});
    let error = script.fails(received(200, body));
    let answered = world.answer(attempt, Err(error));
    assert_ended(world, answered, is_mismatch);
}

fn with_dpop_key() -> Configuration {
    let reference = KeyReference {
        name: KeyName::new("dpop"),
        algorithm: jose::SignatureAlgorithm::ES256,
        kid: None,
    };
    let public = SERVER_KEY.public_jwk().unwrap();
    configuration().with_dpop_key(DPoPKey::new(reference, &public).unwrap())
}

#[test]
fn a_successor_that_cannot_be_believed_ends_the_source() {
    let forged = || {
        let mut jwt = sign(&claims());
        jwt.truncate(jwt.rfind('.').unwrap());
        jwt + "." + &"A".repeat(86)
    };
    let mut world = expired_login();
    let members = json!({"refresh_token": "rt-b", "id_token": forged()});
    let answered = respond(&mut world, members);
    assert_ended(world, answered, |needed| {
        matches!(needed, LoginNeeded::SuccessorRefused(_))
    });
    // Where none came, the old one has not been replaced.
    let mut world = expired_login();
    let answered = respond(&mut world, json!({"id_token": forged()}));
    assert!(!answered.answer.unwrap_err().is_login_needed());
    assert_eq!(world.refresh_token(), Some("rt-a".into()));
}
