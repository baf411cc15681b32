//! Tokens that the provider pushes to the client (CIBA Core 1.0 sections 10.3.1 and 12).

use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{BackchannelAuthenticationResponse, Hint, Push};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{InitiateBackchannelAuthentication, TokenSet, VerifyPush};
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{
    COMPARISON, INVALID, assert_covered, assert_rejected, claim_mismatch, missing,
};
use crate::world::World;

const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";

fn begin(world: &World, configuration: &Configuration) -> BackchannelAuthenticationResponse {
    let hint = Hint::LoginHint("bob".to_owned());
    let request = InitiateBackchannelAuthentication::new(configuration.clone(), hint);
    world.run(request.push()).unwrap()
}

/// The push that the provider sends to the client.
fn pushed(world: &World, begun: &BackchannelAuthenticationResponse) -> Push {
    let auth_req_id = begun.auth_req_id.expose();
    let sent = world.provider.push(auth_req_id, world.now.get()).unwrap();
    Push::parse(sent.headers(), sent.body()).unwrap()
}

fn log_in(world: &World) -> Result<TokenSet, Error> {
    let configuration = world.configuration();
    let begun = begin(world, &configuration);
    let push = pushed(world, &begun);
    assert_eq!(push.auth_req_id(), begun.auth_req_id.expose());
    world.run(VerifyPush::new(configuration, &begun, push))
}

#[test]
fn the_tokens_of_a_push_work() {
    let world = World::new();
    let tokens = log_in(&world).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    assert!(tokens.refresh_token().is_some());
    assert_eq!(world.served(Endpoint::Token), 0);
}

#[test]
fn a_person_who_says_no_is_reported() {
    let world = World::new();
    world.provider.deny_after(0);
    let Error::AuthorizationResponse(error) = log_in(&world).unwrap_err() else {
        panic!("another error");
    };
    assert_eq!(error.error, "access_denied");
}

#[test]
fn the_push_of_another_authentication_is_refused() {
    let world = World::new();
    let configuration = world.configuration();
    let [begun, other] = [(), ()].map(|()| begin(&world, &configuration));
    let push = pushed(&world, &other);
    let parameter = "client_notification_token";
    let reason = Reason::ParameterMismatch {
        parameter,
        expected: None,
        found: None,
    };
    let verification = VerifyPush::new(configuration, &begun, push);
    let result = world.run(verification);
    assert_rejected(result, INVALID, Artefact::Push, &reason);
}

/// Returns the wrong pushes, the stable codes, and the reasons for which they are refused.
fn refusals() -> [(Misbehaviour, &'static str, Artefact, Reason); 8] {
    let token = Reason::ParameterMismatch {
        parameter: "client_notification_token",
        expected: None,
        found: None,
    };
    let mismatch = |claim| claim_mismatch(claim, None, None);
    let id_token = Artefact::IdToken;
    [
        (PushTokenMismatch, INVALID, Artefact::Push, token),
        (
            PushIdTokenMissing,
            INVALID,
            Artefact::Push,
            missing("id_token"),
        ),
        (
            PushRequestIdMissing,
            INVALID,
            id_token,
            missing(AUTH_REQ_ID),
        ),
        (
            PushRequestIdMismatch,
            COMPARISON,
            id_token,
            mismatch(AUTH_REQ_ID),
        ),
        (
            PushAccessTokenHashMissing,
            INVALID,
            id_token,
            missing("at_hash"),
        ),
        (
            PushAccessTokenHashMismatch,
            COMPARISON,
            id_token,
            mismatch("at_hash"),
        ),
        (
            PushRefreshTokenHashMissing,
            INVALID,
            id_token,
            missing(RT_HASH),
        ),
        (
            PushRefreshTokenHashMismatch,
            COMPARISON,
            id_token,
            mismatch(RT_HASH),
        ),
    ]
}

#[test]
fn a_wrong_push_is_refused_for_its_reason() {
    for (misbehaviour, code, artefact, reason) in refusals() {
        let world = World::wrong(misbehaviour);
        assert_rejected(log_in(&world), code, artefact, &reason);
    }
}

/// The ID Token of a push is an ID Token, and its signature signs the push.
#[test]
fn a_wrong_id_token_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in [
        (
            IdTokenSignatureBroken,
            INVALID,
            Reason::Jose(jose::Error::Signature),
        ),
        (
            IdTokenAlgorithmNone,
            INVALID,
            Reason::Jose(jose::Error::Unsecured),
        ),
        (
            IdTokenNonceUnasked,
            COMPARISON,
            claim_mismatch("nonce", Some("none"), None),
        ),
    ] {
        let world = World::wrong(misbehaviour);
        assert_rejected(log_in(&world), code, Artefact::IdToken, &reason);
    }
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let tested = refusals().map(|(misbehaviour, ..)| misbehaviour);
    assert_covered(tested.into_iter(), is_of_a_push);
}

/// Whether the misbehaviour is one of a push, and not of a pushed authorization request.
pub(crate) fn is_of_a_push(misbehaviour: Misbehaviour) -> bool {
    let name = format!("{misbehaviour:?}");
    name.starts_with("Push") && !name.starts_with("Pushed")
}
