//! Refreshes: their results, and ID Tokens that do not continue the login.

use std::time::Duration;

use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::UserInfoEndpoint;
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{FetchUserInfo, RefreshTokenGrant, TokenSet};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{INVALID, assert_rejected, claim_mismatch};
use crate::world::{CLIENT_ID, ISSUER, START, World};

fn grant(configuration: &Configuration, tokens: &TokenSet) -> RefreshTokenGrant {
    let refresh_token = tokens.refresh_token().expect("a refresh token");
    RefreshTokenGrant::new(configuration.clone(), refresh_token.clone())
}

#[test]
fn what_the_refresh_brought_opens_user_info_when_the_first_token_is_over() {
    let world = World::new();
    let configuration = world.configuration();
    let first = world.log_in(&configuration).unwrap();
    let ask = |tokens: &TokenSet| {
        let subject = first.id_token().unwrap();
        let endpoint = UserInfoEndpoint::new(configuration.clone(), tokens, subject);
        world.run(FetchUserInfo::new(endpoint))
    };
    world.pass(3_000);
    let refresh = grant(&configuration, &first).previous(first.id_token().unwrap());
    let second = world.run(refresh).unwrap();
    world.pass(1_000);
    assert_eq!(ask(&second).unwrap().sub(), "alice");
    let over = ask(&first).unwrap_err();
    assert_eq!(over.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

/// Logs in, and refreshes a minute later at a provider that is wrong in one way.
fn refresh_at(misbehaviour: Option<Misbehaviour>) -> (World, TokenSet, Result<TokenSet, Error>) {
    let world = World::new();
    let configuration = world.configuration();
    let request = World::request(&configuration).max_age(Duration::from_secs(600));
    let first = world.log_in_with(&configuration, request).unwrap();
    if let Some(misbehaviour) = misbehaviour {
        world.provider.misbehave(misbehaviour);
    }
    world.pass(60);
    let grant = grant(&configuration, &first).previous(first.id_token().unwrap());
    let second = world.run(grant);
    (world, first, second)
}

#[test]
fn a_refresh_yields_new_tokens_for_the_same_person() {
    let (world, first, second) = refresh_at(None);
    let second = second.unwrap();
    assert_ne!(second.access_token(), first.access_token());
    assert_ne!(second.refresh_token(), first.refresh_token());
    assert_eq!(second.id_token().unwrap().sub(), "alice");
    assert_eq!(world.served(Endpoint::KeySet), 1);

    // The first refresh token has been replaced.
    let configuration = world.configuration();
    let error = world.run(grant(&configuration, &first)).unwrap_err();
    let Error::ResponseBody(answered) = &error else {
        panic!("{error}");
    };
    assert_eq!(answered.error, "invalid_grant");
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[test]
fn the_old_refresh_token_stays_until_a_new_one_comes() {
    let (world, first, second) = refresh_at(Some(RefreshWithoutRotation));
    let second = second.unwrap();
    assert_eq!(second.refresh_token(), first.refresh_token());
    let configuration = world.configuration();
    let third = grant(&configuration, &second).previous(first.id_token().unwrap());
    assert!(world.run(third).is_ok());
}

#[test]
fn an_id_token_need_not_come() {
    let (_, _, second) = refresh_at(Some(RefreshIdTokenMissing));
    assert!(second.unwrap().id_token().is_none());
}

#[test]
fn the_nonce_of_the_login_may_stay() {
    let (_, _, second) = refresh_at(Some(RefreshNonceKept));
    assert!(second.unwrap().id_token().unwrap().nonce().is_some());
}

/// The checks of OpenID Connect Core 1.0 section 12.2.
#[test]
fn an_id_token_that_does_not_continue_the_login_is_refused() {
    let issuer = format!("{ISSUER}1");
    let later = (START + 1).to_string();
    let start = START.to_string();
    let cases = [
        (
            RefreshIssuerMismatch,
            "iss",
            Some(ISSUER),
            Some(issuer.as_str()),
        ),
        (RefreshSubjectMismatch, "sub", Some("alice"), Some("alice1")),
        (
            RefreshAudienceMismatch,
            "aud",
            Some(CLIENT_ID),
            Some("a-stranger"),
        ),
        (RefreshFurtherAudience, "azp", None, Some(CLIENT_ID)),
        (RefreshAuthorizedPartyAdded, "azp", None, Some(CLIENT_ID)),
        (
            RefreshAuthorizedPartyMismatch,
            "azp",
            Some(CLIENT_ID),
            Some("a-stranger"),
        ),
        (
            RefreshAuthTimeMismatch,
            "auth_time",
            Some(&start),
            Some(&later),
        ),
        (RefreshNonceMismatch, "nonce", None, None),
    ];
    for (misbehaviour, claim, expected, found) in cases {
        let (_, _, second) = refresh_at(Some(misbehaviour));
        assert_rejected(
            second,
            "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
            Artefact::IdToken,
            &claim_mismatch(claim, expected, found),
        );
    }
}

#[test]
fn an_id_token_with_nothing_to_hold_it_against_is_refused_but_the_tokens_are_kept() {
    let world = World::new();
    let configuration = world.configuration();
    let first = world.log_in(&configuration).unwrap();
    let error = world.run(grant(&configuration, &first)).unwrap_err();
    assert_eq!(error.code(), Some(INVALID));
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::TokenResponse);
    let member = "id_token".into();
    assert_eq!(rejection.reason, Reason::Unexpected { member });

    // The refresh token was replaced, so the session needs the new one.
    let Error::TokensUnverified(unverified) = error else {
        panic!("{error}");
    };
    let rotated = unverified.danger_tokens().refresh_token().unwrap().clone();
    let grant = RefreshTokenGrant::new(configuration.clone(), rotated);
    let third = world.run(grant.previous(first.id_token().unwrap()));
    assert!(third.unwrap().id_token().is_some());
}

#[test]
fn the_comparison_with_the_login_can_be_switched_off_and_nothing_else_with_it() {
    let mut policy = Policy::default();
    policy.danger.skip_continuity_check = true;
    let world = World::new();
    let configuration = world.configure(ClientMetadata::new(CLIENT_ID), policy);
    let first = world.log_in(&configuration).unwrap();
    world.provider.misbehave(RefreshSubjectMismatch);
    let second = world.run(grant(&configuration, &first)).unwrap();
    assert_eq!(second.id_token().unwrap().sub(), "alice1");

    world.provider.misbehave(IdTokenSignatureBroken);
    assert_rejected(
        world.run(grant(&configuration, &second)),
        INVALID,
        Artefact::IdToken,
        &Reason::Jose(jose::Error::Signature),
    );
}

#[test]
fn keys_are_fetched_before_the_refresh_token_is_spent() {
    let world = World::new();
    let configuration = world.configuration();
    let first = world.log_in(&configuration).unwrap();
    world.pass(300);
    world.sent.borrow_mut().clear();
    let id_token = first.id_token().unwrap();
    world
        .run(grant(&configuration, &first).previous(id_token))
        .unwrap();
    assert_eq!(
        *world.sent.borrow(),
        [EndpointName::Jwks, EndpointName::Token]
    );
}

#[test]
fn a_narrower_scope_is_asked_for() {
    let world = World::new();
    let configuration = world.configuration();
    let request = World::request(&configuration).scope("openid profile email");
    let first = world.log_in_with(&configuration, request).unwrap();
    let narrower = grant(&configuration, &first)
        .scope("openid email")
        .previous(first.id_token().unwrap());
    let second = world.run(narrower).unwrap();
    assert_eq!(first.scope(), Some("openid profile email"));
    assert_eq!(second.scope(), Some("openid email"));
}
