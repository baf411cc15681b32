//! The same ID Tokens in every other flow that returns one.

use std::time::Duration;

use oauth_core::Error;
use oauth_core::authorization::{AuthorizationRequest, ResponseMode, ResponseType};
use oauth_core::endpoint::{DeviceAuthorizationEndpoint, Hint};
use oauth_core::error::{Artefact, Reason, TimestampRule};
use oauth_core::flow::{
    InitiateBackchannelAuthentication, InitiateDeviceAuthorization,
    PollBackchannelAuthenticationGrant, PollDeviceAuthorizationGrant,
};
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use super::table::{ACCEPTED, Refusal, refusals};
use crate::refusal::{TIMESTAMP, assert_rejected};
use crate::world::{START, World};

/// A flow that returns an ID Token. The result is the `sub` of the token.
type Occasion = fn(&World, &dyn Fn()) -> Result<String, Error>;

fn request(world: &World) -> AuthorizationRequest {
    World::request(&world.configuration()).max_age(Duration::from_secs(600))
}

/// Logs in and returns the `sub`. `turn_wrong` makes the provider misbehave after the callback.
fn log_in(
    world: &World,
    request: AuthorizationRequest,
    turn_wrong: &dyn Fn(),
) -> Result<String, Error> {
    let (url, pending) = world.run(request.begin())?;
    let callback = world.follow(&url);
    turn_wrong();
    let tokens = world.run(pending.resume(&world.configuration(), &callback)?)?;
    Ok(tokens.id_token().unwrap().sub().to_owned())
}

fn hybrid(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    let request = request(world).response_type(ResponseType::CodeIdToken);
    log_in(world, request, turn_wrong)
}

fn hybrid_by_form_post(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    let request = request(world)
        .response_type(ResponseType::CodeIdToken)
        .response_mode(ResponseMode::FormPost);
    log_in(world, request, turn_wrong)
}

/// Logs in with a response that is a JWT.
fn packed(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    let request = request(world).response_mode(ResponseMode::Jwt);
    log_in(world, request, turn_wrong)
}

fn code_by_form_post(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    let request = request(world).response_mode(ResponseMode::FormPost);
    log_in(world, request, turn_wrong)
}

fn implicit_in(world: &World, mode: ResponseMode, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    turn_wrong();
    let request = request(world)
        .response_type(ResponseType::IdToken)
        .response_mode(mode);
    let (url, pending) = world.run(request.begin())?;
    let callback = world.follow(&url);
    let response = world.run(pending.resume_implicit(&world.configuration(), &callback)?)?;
    Ok(response.id_token().sub().to_owned())
}

fn implicit(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    implicit_in(world, ResponseMode::Fragment, turn_wrong)
}

fn implicit_by_form_post(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    implicit_in(world, ResponseMode::FormPost, turn_wrong)
}

fn device(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    turn_wrong();
    let request = DeviceAuthorizationEndpoint::new(world.configuration()).scope("openid");
    let begun = world.run(InitiateDeviceAuthorization::new(request))?;
    world.provider.approve_after(0);
    let grant = PollDeviceAuthorizationGrant::new(world.configuration(), &begun);
    Ok(world.run(grant)?.id_token().unwrap().sub().to_owned())
}

fn backchannel_poll(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    backchannel(world, false, turn_wrong)
}

fn backchannel_ping(world: &World, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    backchannel(world, true, turn_wrong)
}

fn backchannel(world: &World, pings: bool, turn_wrong: &dyn Fn()) -> Result<String, Error> {
    turn_wrong();
    let hint = Hint::LoginHint("alice".to_owned());
    let mut request = InitiateBackchannelAuthentication::new(world.configuration(), hint);
    if pings {
        request = request.ping();
    }
    let begun = world.run(request)?;
    world.provider.approve_after(0);
    let mut grant = PollBackchannelAuthenticationGrant::new(world.configuration(), &begun);
    if pings {
        grant = grant.after_ping();
    }
    Ok(world.run(grant)?.id_token().unwrap().sub().to_owned())
}

/// Moves the times in a reason, because flows take different times.
fn moved(reason: Reason, by: i64) -> Reason {
    match reason {
        Reason::Timestamp {
            claim,
            found,
            rule,
            now,
            tolerance,
        } => Reason::Timestamp {
            claim,
            found: found + by,
            rule,
            now: now + by,
            tolerance,
        },
        reason => reason,
    }
}

/// Whether the misbehaviour affects only logins through the browser.
fn is_of_a_login(misbehaviour: Misbehaviour) -> bool {
    matches!(
        misbehaviour,
        IdTokenNonceMismatch
            | IdTokenNonceMissing
            | IdTokenNonceNull
            | IdTokenNonceNotAString
            | IdTokenAuthTimeMissing
            | IdTokenAuthTimeTooOld
    )
}

fn refused(occasion: Occasion, wrong_from_the_start: bool, refusal: Refusal) -> World {
    let (misbehaviour, code, reason) = refusal;
    let world = World::new();
    let turn_wrong = || world.provider.misbehave(misbehaviour);
    if wrong_from_the_start {
        turn_wrong();
    }
    let result = occasion(&world, &turn_wrong);
    let reason = moved(reason, world.now.get() - START);
    assert_rejected(result, code, Artefact::IdToken, &reason);
    world
}

/// FAPI 1.0 Advanced, OpenID Connect hybrid and implicit: a wrong ID Token from the browser is
/// refused before the code is redeemed.
#[test]
fn a_wrong_token_with_a_code_is_refused_before_the_code_is_used() {
    // `at_hash` is not checked, because no access token comes with this ID Token.
    let is_beside_a_code =
        |(misbehaviour, ..): &Refusal| !matches!(misbehaviour, IdTokenAccessTokenHashMismatch);
    for occasion in [
        hybrid as Occasion,
        hybrid_by_form_post,
        implicit,
        implicit_by_form_post,
    ] {
        for refusal in refusals().filter(is_beside_a_code) {
            let world = refused(occasion, true, refusal);
            assert_eq!(world.served(Endpoint::Token), 0);
        }
    }
}

/// The limit for an ID Token that comes with a code is an hour. In backchannel authentication, it
/// is the time of the request. Otherwise the application decides.
#[test]
fn a_token_that_is_a_week_old_is_refused_where_it_must_be_new() {
    let week = 7 * 24 * 3600;
    let too_old = Reason::Timestamp {
        claim: "iat",
        found: START - week,
        rule: TimestampRule::TooOld,
        now: START,
        tolerance: Duration::from_secs(30),
    };
    for occasion in [
        hybrid as Occasion,
        hybrid_by_form_post,
        backchannel_poll,
        backchannel_ping,
    ] {
        let refusal = (IdTokenIssuedWeekAgo, TIMESTAMP, too_old.clone());
        refused(occasion, true, refusal);
    }
    for occasion in [implicit as Occasion, implicit_by_form_post, packed, device] {
        let world = World::wrong(IdTokenIssuedWeekAgo);
        assert_eq!(occasion(&world, &|| {}).unwrap(), "alice");
    }
}

#[test]
fn a_wrong_token_from_the_token_endpoint_is_refused_after_every_response() {
    for occasion in [hybrid as Occasion, packed, code_by_form_post] {
        for refusal in refusals() {
            let world = refused(occasion, false, refusal);
            assert_eq!(world.served(Endpoint::Token), 1);
            assert_eq!(world.served(Endpoint::UserInfo), 0);
        }
    }
}

#[test]
fn a_wrong_token_is_refused_without_a_browser() {
    for occasion in [device as Occasion, backchannel_poll, backchannel_ping] {
        for refusal in refusals().filter(|(misbehaviour, ..)| !is_of_a_login(*misbehaviour)) {
            let world = refused(occasion, false, refusal);
            assert_eq!(world.served(Endpoint::Token), 1);
        }
    }
}

#[test]
fn an_unusual_token_is_accepted_on_every_way() {
    for occasion in [
        hybrid as Occasion,
        hybrid_by_form_post,
        implicit,
        implicit_by_form_post,
        packed,
        code_by_form_post,
        device,
        backchannel_poll,
        backchannel_ping,
    ] {
        // The maximum age depends on the flow.
        for misbehaviour in ACCEPTED
            .into_iter()
            .filter(|misbehaviour| *misbehaviour != IdTokenIssuedWeekAgo)
        {
            let world = World::new();
            world.provider.misbehave(misbehaviour);
            let subject = occasion(&world, &|| {});
            assert_eq!(subject.unwrap(), "alice", "{misbehaviour:?}");
        }
    }
}
