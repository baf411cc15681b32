//! Rotated refresh tokens whose token response is refused.

use std::time::Duration;

use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::{DeviceAuthorizationEndpoint, Hint, RevocationEndpoint};
use oauth_core::error::{Artefact, Reason, TimestampRule};
use oauth_core::flow::{
    InitiateBackchannelAuthentication, InitiateDeviceAuthorization,
    PollBackchannelAuthenticationGrant, PollDeviceAuthorizationGrant, RefreshTokenGrant,
    TokenRevocation, TokenSet,
};
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{DPoPBehaviour, Misbehaviour};

use crate::refusal::{assert_rejected, claim_mismatch};
use crate::world::{CLIENT_ID, START, World};

fn refresh(
    world: &World,
    configuration: &Configuration,
    first: &TokenSet,
) -> Result<TokenSet, Error> {
    let refresh_token = first.refresh_token().unwrap().clone();
    let grant = RefreshTokenGrant::new(configuration.clone(), refresh_token);
    world.run(grant.previous(first.id_token().unwrap()))
}

/// Logs in, and refreshes a minute later at a provider that is wrong in one way.
fn refresh_at(misbehaviour: Misbehaviour) -> (World, Configuration, TokenSet, Error) {
    let world = World::new();
    let configuration = world.configuration();
    let request = World::request(&configuration).max_age(Duration::from_secs(600));
    let first = world.log_in_with(&configuration, request).unwrap();
    world.provider.misbehave(misbehaviour);
    world.pass(60);
    let error = refresh(&world, &configuration, &first).unwrap_err();
    (world, configuration, first, error)
}

/// Asserts that the refresh token works, and continues the same login.
#[track_caller]
fn assert_good(world: &World, configuration: &Configuration, first: &TokenSet, error: &Error) {
    let successor = error.refresh_token().expect("a refresh token").clone();
    let grant = RefreshTokenGrant::new(configuration.clone(), successor);
    let tokens = world.run(grant.previous(first.id_token().unwrap()));
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[test]
fn a_time_that_is_wrong_does_not_end_the_session() {
    for misbehaviour in [
        IdTokenIssuedInFuture,
        IdTokenExpired,
        IdTokenNotBeforeInFuture,
        IdTokenAuthTimeInFuture,
        RefreshAuthTimeMismatch,
    ] {
        let (world, configuration, first, error) = refresh_at(misbehaviour);
        assert!(matches!(error, Error::Rejected(_)), "{error:?}");
        world.provider.behave();
        assert_good(&world, &configuration, &first, &error);
    }
}

#[test]
fn a_clock_that_is_a_second_too_far_ahead_does_not_end_the_session() {
    let world = World::new();
    let configuration = world.configuration();
    let first = world.log_in(&configuration).unwrap();
    // The clock tolerance of a refresh equals that of a login.
    world.provider_ahead.set(30);
    let second = refresh(&world, &configuration, &first).unwrap();
    world.provider_ahead.set(31);
    let refresh_token = second.refresh_token().unwrap().clone();
    let grant = RefreshTokenGrant::new(configuration.clone(), refresh_token);
    let error = world.run(grant.previous(first.id_token().unwrap()));
    let error = error.unwrap_err();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Timestamp {
            claim: "iat",
            found: START + 31,
            rule: TimestampRule::InTheFuture,
            now: START,
            tolerance: Duration::from_secs(30),
        }
    );
    world.provider_ahead.set(0);
    assert_good(&world, &configuration, &first, &error);
}

#[test]
fn keys_that_cannot_be_had_do_not_end_the_session() {
    let world = World::new();
    let configuration = world.configuration();
    let first = world.log_in(&configuration).unwrap();
    world.provider.rotate_keys();
    world.unreachable.borrow_mut().push(EndpointName::Jwks);
    let error = refresh(&world, &configuration, &first).unwrap_err();
    assert!(matches!(error, Error::TokensUnverified(_)), "{error:?}");
    world.unreachable.borrow_mut().clear();
    world.pass(60);
    assert_good(&world, &configuration, &first, &error);

    let (world, configuration, first, error) = refresh_at(IdTokenKidUnknown);
    world.provider.behave();
    world.pass(60);
    assert_good(&world, &configuration, &first, &error);
}

/// Even if an ID Token cannot be verified, its claims must not name another login.
#[test]
fn keys_that_are_missing_hide_no_other_login() {
    for (misbehaviour, is_good) in [
        (IdTokenExpired, true),
        (IdTokenIssuedInFuture, true),
        (RefreshAuthTimeMismatch, true),
        (RefreshIssuerMismatch, false),
        (RefreshSubjectMismatch, false),
        (RefreshAudienceMismatch, false),
        (RefreshFurtherAudience, false),
        (RefreshAuthorizedPartyMismatch, false),
        (RefreshNonceMismatch, false),
        (IdTokenAccessTokenHashMismatch, false),
        (IdTokenTypeAccessToken, false),
        (IdTokenEvents, false),
        (IdTokenSubjectMissing, false),
        (IdTokenDuplicateSubject, false),
        (IdTokenNotAnObject, false),
    ] {
        let world = World::new();
        let configuration = world.configuration();
        let request = World::request(&configuration).max_age(Duration::from_secs(600));
        let first = world.log_in_with(&configuration, request).unwrap();
        world.provider.misbehave(IdTokenKidUnknown);
        world.provider.misbehave(misbehaviour);
        world.pass(60);
        let error = refresh(&world, &configuration, &first).unwrap_err();
        let Error::TokensUnverified(unverified) = &error else {
            panic!("{misbehaviour:?} {error:?}");
        };
        let cause = unverified.cause().rejection().unwrap();
        assert!(matches!(cause.reason, Reason::KeySelection(_)), "{error}");
        assert_eq!(error.refresh_token().is_some(), is_good, "{misbehaviour:?}");
        assert!(error.danger_refresh_token().is_some(), "{misbehaviour:?}");
    }
}

/// An ID Token that the client cannot decrypt does not show to which login it belongs.
#[test]
fn an_id_token_for_no_key_makes_the_refresh_token_dangerous() {
    let (_, _, _, error) = refresh_at(IdTokenEncrypted);
    assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
    assert!(matches!(error, Error::TokensUnverified(_)), "{error:?}");
    assert_eq!(error.refresh_token(), None);
    assert!(error.danger_refresh_token().is_some());
}

/// Without the previous login, nothing shows to which login the tokens belong.
#[test]
fn an_id_token_that_was_not_expected_makes_the_refresh_token_dangerous() {
    let world = World::new();
    let configuration = world.configuration();
    let first = world.log_in(&configuration).unwrap();
    let refresh_token = first.refresh_token().unwrap().clone();
    let grant = RefreshTokenGrant::new(configuration, refresh_token);
    let error = world.run(grant).unwrap_err();
    assert_eq!(error.refresh_token(), None);
    assert!(error.danger_refresh_token().is_some());
}

#[test]
fn a_token_of_unknown_owner_can_only_be_revoked() {
    for misbehaviour in [
        RefreshIssuerMismatch,
        RefreshSubjectMismatch,
        RefreshAudienceMismatch,
        RefreshFurtherAudience,
        RefreshAuthorizedPartyMismatch,
        RefreshNonceMismatch,
        IdTokenSignatureBroken,
        IdTokenSignedByStranger,
        IdTokenAlgorithmNone,
        IdTokenAlternateAlgorithm,
        IdTokenAccessTokenHashMismatch,
        IdTokenTypeAccessToken,
        IdTokenEvents,
        IdTokenSubjectMissing,
        IdTokenDuplicateSubject,
        IdTokenNotAnObject,
    ] {
        let (world, configuration, _, error) = refresh_at(misbehaviour);
        assert!(matches!(error, Error::Rejected(_)), "{error:?}");
        assert_eq!(error.refresh_token(), None, "{misbehaviour:?}");
        let refresh_token = error.danger_refresh_token().unwrap().clone();
        world.provider.behave();
        let revocation = RevocationEndpoint::new(configuration.clone(), refresh_token.clone());
        world.run(TokenRevocation::new(revocation)).unwrap();
        let revoked = RefreshTokenGrant::new(configuration, refresh_token);
        let Err(Error::ResponseBody(answered)) = world.run(revoked) else {
            panic!("{misbehaviour:?}");
        };
        assert_eq!(answered.error, "invalid_grant");
    }
}

/// If the response is refused before its ID Token is read, nothing shows to which login it belongs.
#[test]
fn a_token_response_that_is_refused_gives_its_refresh_token_out_as_dangerous() {
    for misbehaviour in [
        TokenAccessTokenMissing,
        TokenAccessTokenEmpty,
        TokenAccessTokenNotAString,
        TokenTypeUnknown,
        TokenExpiresInNegative,
        TokenExpiresInText,
        TokenIdTokenEmpty,
        TokenIdTokenNotAString,
        TokenCreated,
        TokenContentEncoding,
    ] {
        let (_, _, _, error) = refresh_at(misbehaviour);
        assert_eq!(
            error.rejection().unwrap().artefact,
            Artefact::TokenResponse,
            "{misbehaviour:?}"
        );
        assert_eq!(error.refresh_token(), None, "{misbehaviour:?}");
        assert!(error.danger_refresh_token().is_some(), "{misbehaviour:?}");
        assert!(!format!("{error:?}").contains(error.danger_refresh_token().unwrap().expose()));
    }
    let (_, _, _, error) = refresh_at(TokenRefreshTokenEmpty);
    assert_eq!(error.danger_refresh_token(), None);
    // A login needs an ID Token. The response contains a refresh token, but no ID Token.
    let world = World::wrong(TokenIdTokenMissing);
    let error = world.log_in(&world.configuration()).unwrap_err();
    assert_eq!(error.refresh_token(), None);
    assert!(error.danger_refresh_token().is_some());
}

#[test]
fn a_token_that_is_not_bound_to_the_dpop_key_makes_the_refresh_token_dangerous() {
    let mut world = World::new();
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let reference = KeyReference {
        name: KeyName::new("dpop"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    };
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    world.add_key("dpop", key);
    let plain = world.configuration();
    let first = world.log_in(&plain).unwrap();
    let bound = plain.with_dpop_key(dpop_key);
    world.provider.treat_dpop(DPoPBehaviour::BearerIssued);
    let error = refresh(&world, &bound, &first).unwrap_err();
    assert!(matches!(
        error.rejection().unwrap().reason,
        Reason::UnsupportedTokenType { .. }
    ));
    assert_eq!(error.refresh_token(), None);
    assert!(error.danger_refresh_token().is_some());
}

/// Every grant keeps a new refresh token. A grant that begins a session returns it as dangerous,
/// because it would continue a login that was refused.
#[test]
fn every_grant_keeps_the_refresh_token() {
    for misbehaviour in [
        IdTokenExpired,
        IdTokenIssuedInFuture,
        IdTokenAudienceMismatch,
        IdTokenSignatureBroken,
        IdTokenKidUnknown,
    ] {
        for grant in [code, device, backchannel] {
            let world = World::new();
            let configuration = world.configuration();
            // The first login fetches the keys.
            world.log_in(&configuration).unwrap();
            world.provider.misbehave(misbehaviour);
            let error = grant(&world, &configuration).unwrap_err();
            assert_eq!(error.rejection().unwrap().artefact, Artefact::IdToken);
            assert_eq!(error.refresh_token(), None, "{misbehaviour:?} {error}");
            assert!(error.danger_refresh_token().is_some(), "{misbehaviour:?}");
        }
    }
}

/// A refresh token after a refused login would bypass `max_age`.
#[test]
fn a_login_that_is_too_long_ago_gives_no_refresh_token_to_go_on_with() {
    for (misbehaviour, expected) in [
        (IdTokenAuthTimeTooOld, "claim `auth_time` is"),
        (IdTokenAuthTimeMissing, "`auth_time` is missing"),
    ] {
        let world = World::wrong(misbehaviour);
        let configuration = world.configuration();
        let request = World::request(&configuration).max_age(Duration::from_secs(600));
        let error = world.log_in_with(&configuration, request).unwrap_err();
        let reason = error.rejection().unwrap().reason.to_string();
        assert!(reason.starts_with(expected), "{reason}");
        assert_eq!(error.refresh_token(), None);
        assert!(error.danger_refresh_token().is_some());
    }
}

fn code(world: &World, configuration: &Configuration) -> Result<TokenSet, Error> {
    world.log_in(configuration)
}

fn device(world: &World, configuration: &Configuration) -> Result<TokenSet, Error> {
    let request = DeviceAuthorizationEndpoint::new(configuration.clone()).scope("openid");
    let begun = world.run(InitiateDeviceAuthorization::new(request))?;
    world.provider.approve_after(0);
    world.run(PollDeviceAuthorizationGrant::new(
        configuration.clone(),
        &begun,
    ))
}

fn backchannel(world: &World, configuration: &Configuration) -> Result<TokenSet, Error> {
    let hint = Hint::LoginHint("alice".to_owned());
    let request = InitiateBackchannelAuthentication::new(configuration.clone(), hint);
    let begun = world.run(request)?;
    world.provider.approve_after(0);
    world.run(PollBackchannelAuthenticationGrant::new(
        configuration.clone(),
        &begun,
    ))
}

#[test]
fn another_auth_time_after_a_refresh_has_a_separate_switch() {
    let mut policy = Policy::default();
    policy.danger.skip_auth_time_continuity_check = true;
    let world = World::new();
    let configuration = world.configure(ClientMetadata::new(CLIENT_ID), policy);
    let request = World::request(&configuration).max_age(Duration::from_secs(600));
    let first = world.log_in_with(&configuration, request).unwrap();
    world.provider.misbehave(RefreshAuthTimeMismatch);
    world.pass(60);
    let second = refresh(&world, &configuration, &first).unwrap();
    assert_eq!(
        second.id_token().unwrap().auth_time().unwrap().seconds(),
        START + 1
    );
    assert_eq!(second.login().unwrap().sub(), "alice");
    // The other claims are still compared.
    world.provider.behave();
    world.provider.misbehave(RefreshSubjectMismatch);
    assert_rejected(
        refresh(&world, &configuration, &second),
        "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
        Artefact::IdToken,
        &claim_mismatch("sub", Some("alice"), Some("alice1")),
    );

    // Without the switch, the message names it.
    let (_, _, _, error) = refresh_at(RefreshAuthTimeMismatch);
    assert_eq!(
        error.to_string(),
        format!(
            "ID Token refused: claim `auth_time` does not match: expected {START}, found {}; \
             `danger.skip_auth_time_continuity_check` accepts it",
            START + 1
        )
    );
}
