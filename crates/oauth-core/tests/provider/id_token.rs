//! ID Tokens that are wrong or unusual, each in a whole login with a `max_age` of 600.

mod algorithms;
mod occasions;
pub(crate) mod table;

use std::time::Duration;

use jose::{KeySelectionError, SignatureAlgorithm};
use oauth_core::Error;
use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, Callback, ExpectedState, build_authorization_url,
};
use oauth_core::error::{Artefact, Reason, Unsupported};
use oauth_core::flow::{AuthorizationCodeGrant, TokenSet};
use oauth_core::pkce::CodeVerifier;
use oauth_core::run::Host;
use oauth_core::wire::Parameters;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use self::table::{ACCEPTED, refusals};
use crate::refusal::{COMPARISON, UNSUPPORTED, assert_covered, assert_rejected, claim_mismatch};
use crate::world::{REDIRECT_URI, World};

#[test]
fn a_wrong_token_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let (world, result) = log_in(misbehaviour);
        assert_rejected(result, code, Artefact::IdToken, &reason);
        // The client fetches no further key for such a token, and no URL that it names.
        assert_eq!(world.served(Endpoint::KeySet), 1, "{misbehaviour:?}");
        assert_eq!(world.sent.borrow().len(), 3, "{misbehaviour:?}");
    }
}

#[test]
fn an_unusual_token_is_accepted() {
    for misbehaviour in ACCEPTED {
        let (_, result) = log_in(misbehaviour);
        assert_eq!(result.unwrap().id_token().unwrap().sub(), "alice");
    }
}

#[test]
fn a_key_that_no_set_holds_is_looked_for_once() {
    let (world, result) = log_in(IdTokenKidUnknown);
    let error = result.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_KEY_SELECTION_FAILED"));
    let Error::TokensUnverified(unverified) = error else {
        panic!("{error}");
    };
    let reason = &unverified.cause().rejection().unwrap().reason;
    let Reason::KeySelection(KeySelectionError::None { alg, keys, search }) = reason else {
        panic!("{reason}");
    };
    assert_eq!((*alg, *keys), (SignatureAlgorithm::RS256, 1));
    // The error says where the key was searched, and why the others do not fit.
    let server = world.configuration();
    assert_eq!(search.origin(), server.server().jwks_uri.as_deref());
    assert!(search.kid().is_some());
    assert_eq!(search.unfit()[0].reason, jose::Unfit::Kid);
    assert_eq!(world.served(Endpoint::KeySet), 2);
}

#[test]
fn keys_may_change_between_logins() {
    let (world, first) = log_in(KeySetRotatedBetweenLogins);
    first.unwrap();
    let second = world.log_in(&world.configuration());
    second.unwrap();
    assert_eq!(world.served(Endpoint::KeySet), 2);
}

#[test]
fn an_encrypted_token_is_not_read() {
    for misbehaviour in [IdTokenEncrypted, IdTokenEncryptedRsa15] {
        let (_, result) = log_in(misbehaviour);
        let error = result.unwrap_err();
        assert_eq!(error.code(), Some(UNSUPPORTED));
        let cause = match &error {
            Error::TokensUnverified(unverified) => unverified.cause(),
            error => error,
        };
        assert!(matches!(
            cause,
            Error::Unsupported(Unsupported::Form {
                artefact: Artefact::IdToken,
                ..
            })
        ));
    }
}

/// If the request had no nonce, an ID Token with a nonce belongs to another login.
#[test]
fn a_nonce_that_was_not_sent_is_refused() {
    let world = World::wrong(IdTokenNonceUnasked);
    let configuration = world.configuration();
    let verifier = CodeVerifier::random(world.env().entropy).unwrap();
    let parameters = Parameters::from_iter([
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid"),
        ("state", "s-1"),
        ("code_challenge", &verifier.code_challenge()),
        ("code_challenge_method", "S256"),
    ]);
    let url = build_authorization_url(&configuration, parameters).unwrap();
    let callback = Callback::from_url(&world.browse(&url)).unwrap();
    let checks = AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("s-1".into()),
        id_token_expected: true,
        pkce_code_verifier: Some(verifier),
        ..AuthorizationCodeGrantChecks::default()
    };
    let grant = AuthorizationCodeGrant::new(&configuration, &callback, REDIRECT_URI, checks);
    let reason = claim_mismatch("nonce", Some("none"), None);
    assert_rejected(world.run(grant), COMPARISON, Artefact::IdToken, &reason);
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals().map(|(misbehaviour, ..)| misbehaviour);
    let tested = refused.chain(ACCEPTED).chain([
        IdTokenKidUnknown,
        IdTokenEncrypted,
        IdTokenEncryptedRsa15,
        IdTokenNonceUnasked,
        KeySetRotatedBetweenLogins,
        // Tested in `repeated_claims.rs`.
        IdTokenClaimsTwice,
        IdTokenDuplicateCountry,
    ]);
    assert_covered(tested, |misbehaviour| {
        let name = format!("{misbehaviour:?}");
        // Misbehaviours of an ID Token that comes through the browser are tested with the callback.
        let front_channel = misbehaviour.endpoint() == Endpoint::Authorization;
        (name.starts_with("IdToken") && !front_channel) || name.starts_with("KeySetRotated")
    });
}

fn log_in(misbehaviour: Misbehaviour) -> (World, Result<TokenSet, Error>) {
    let world = World::wrong(misbehaviour);
    let configuration = world.configuration();
    let request = World::request(&configuration).max_age(Duration::from_secs(600));
    let result = world.log_in_with(&configuration, request);
    (world, result)
}
