//! Tokens whose keys cannot be fetched.

use std::time::Duration;

use oauth_core::Error;
use oauth_core::authorization::ResponseType;
use oauth_core::error::{Artefact, Misuse, Reason};
use oauth_core::flow::RefreshTokenGrant;
use oauth_core::names::EndpointName;
use test_provider::Endpoint;
use test_provider::Misbehaviour::*;

use crate::world::World;

#[test]
fn a_code_is_not_spent_when_the_keys_are_out_of_reach() {
    let world = World::new();
    let configuration = world.configuration();
    world.unreachable.borrow_mut().push(EndpointName::Jwks);
    let error = world.log_in(&configuration).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));
    let Error::Unanswered(unanswered) = error else {
        panic!("{error}");
    };
    assert_eq!(unanswered.endpoint, EndpointName::Jwks);
    assert_eq!(world.served(Endpoint::Token), 0);
}

#[test]
fn tokens_are_kept_when_their_key_cannot_be_fetched() {
    let world = World::new();
    let configuration = world.configuration();
    let first = world.log_in(&configuration).unwrap();
    world.provider.rotate_keys();
    world.unreachable.borrow_mut().push(EndpointName::Jwks);

    // The keys in the cache are fresh, so the refresh token is redeemed. The new ID Token has an
    // unknown key.
    let refresh_token = first.refresh_token().unwrap().clone();
    let grant = RefreshTokenGrant::new(configuration.clone(), refresh_token);
    let error = world
        .run(grant.previous(first.id_token().unwrap()))
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));
    let Error::TokensUnverified(unverified) = &error else {
        panic!("{error}");
    };
    let Error::Unanswered(cause) = unverified.cause() else {
        panic!("{error}");
    };
    assert_eq!(cause.endpoint, EndpointName::Jwks);
    assert_eq!(
        error.to_string(),
        "tokens received, but not verified: JWKS request: no answer within 30 s"
    );
    let tokens = unverified.danger_tokens();
    for shown in [format!("{error:?}"), error.to_string()] {
        for token in [tokens.access_token(), tokens.refresh_token().unwrap()] {
            assert!(!shown.contains(token.expose()), "{shown}");
        }
    }

    // When the keys can be fetched again, the rotated refresh token continues the session.
    world.unreachable.borrow_mut().clear();
    world.pass(60);
    let rotated = tokens.refresh_token().unwrap().clone();
    let grant = RefreshTokenGrant::new(configuration, rotated);
    let second = world
        .run(grant.previous(first.id_token().unwrap()))
        .unwrap();
    assert!(second.id_token().is_some());
}

#[test]
fn tokens_are_kept_when_no_key_fits_or_the_key_set_is_wrong() {
    let cases = [
        (
            IdTokenKidUnknown,
            Artefact::IdToken,
            "OAUTH_KEY_SELECTION_FAILED",
        ),
        (
            IdTokenEncrypted,
            Artefact::IdToken,
            "OAUTH_UNSUPPORTED_OPERATION",
        ),
    ];
    for (misbehaviour, artefact, code) in cases {
        let world = World::wrong(misbehaviour);
        let error = world.log_in(&world.configuration()).unwrap_err();
        assert_eq!(error.code(), Some(code), "{error}");
        assert!(matches!(error, Error::TokensUnverified(_)), "{error:?}");
        if let Some(rejection) = error.rejection() {
            assert_eq!(rejection.artefact, artefact);
        }
    }
}

/// Tokens with a false ID Token are not kept, because a retry cannot make it valid.
#[test]
fn tokens_are_not_kept_when_their_id_token_is_false() {
    for misbehaviour in [IdTokenSignatureBroken, IdTokenNonceMismatch, IdTokenExpired] {
        let world = World::wrong(misbehaviour);
        let error = world.log_in(&world.configuration()).unwrap_err();
        let Error::Rejected(rejection) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(rejection.artefact, Artefact::IdToken);
        assert!(!matches!(rejection.reason, Reason::KeySelection(_)));
    }
}

#[test]
fn a_login_that_took_too_long_spends_nothing() {
    let world = World::new();
    let configuration = world.configuration();
    for response_type in [
        ResponseType::Code,
        ResponseType::CodeIdToken,
        ResponseType::IdToken,
    ] {
        let request = World::request(&configuration).response_type(response_type);
        let (url, pending) = world.run(request.begin()).unwrap();
        let callback = world.follow(&url);
        world.pass(3601);
        let error = match response_type {
            ResponseType::IdToken => {
                let login = pending.resume_implicit(&configuration, &callback).unwrap();
                world.run(login).unwrap_err()
            }
            _ => {
                let grant = pending.resume(&configuration, &callback).unwrap();
                world.run(grant).unwrap_err()
            }
        };
        let Error::Misuse(misuse) = error else {
            panic!("{error}");
        };
        assert_eq!(
            misuse,
            Misuse::LoginExpired {
                limit: Duration::from_secs(3600)
            }
        );
        assert_eq!(*world.sent.borrow(), [EndpointName::Discovery]);
    }
}
