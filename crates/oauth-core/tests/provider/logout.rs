//! Logouts that the application begins, with the redirect back from them, and logouts that the
//! server reports to the application.

mod back_channel;
mod front_channel;
mod session;

use bytes::Bytes;
use http::header::LOCATION;
use oauth_core::Error;
use oauth_core::authorization::{Callback, ExpectedState, random_state};
use oauth_core::error::{Artefact, Reason};
use oauth_core::logout::{EndSession, check_return};
use oauth_core::run::Host;
use test_provider::Misbehaviour::*;
use test_provider::{ClientRegistration, Endpoint, Misbehaviour};

use crate::refusal::{INVALID, assert_covered, assert_rejected, duplicate, missing};
use crate::world::{CLIENT_ID, World};

const BYE: &str = "https://app.example.com/bye?keep=1";

/// Logs in and out with a `state`, and returns the callback.
fn log_out(misbehaviour: Option<Misbehaviour>) -> (Callback, ExpectedState) {
    let client = ClientRegistration::public(CLIENT_ID).post_logout_redirect_uri(BYE);
    let world = World::with_client(client);
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    if let Some(misbehaviour) = misbehaviour {
        world.provider.misbehave(misbehaviour);
    }
    let state = random_state(world.env().entropy).unwrap();
    let url = EndSession::new(configuration)
        .id_token_hint(tokens.id_token().unwrap().jwt())
        .post_logout_redirect_uri(BYE)
        .state(state.expose())
        .url()
        .unwrap();
    let request = http::Request::get(url.as_str()).body(Bytes::new()).unwrap();
    let response = world.provider.handle(&request, world.now.get());
    let location = response.headers()[LOCATION].to_str().unwrap();
    assert!(location.starts_with(BYE), "{location}");
    let callback = Callback::from_url(location).unwrap();
    (callback, ExpectedState::Equals(state))
}

/// Returns the wrong callbacks after a logout, and the reasons for which they are refused.
fn refusals() -> [(Misbehaviour, Reason); 2] {
    let mismatch = Reason::ParameterMismatch {
        parameter: "state",
        expected: None,
        found: None,
    };
    [
        (LogoutStateMismatch, mismatch),
        (LogoutStateMissing, missing("state")),
    ]
}

#[test]
fn the_browser_returns_with_the_state_that_was_sent() {
    let (callback, state) = log_out(None);
    check_return(&callback, &state).unwrap();
    check_return(&callback, &ExpectedState::DangerUnchecked).unwrap();
    let result = check_return(&callback, &ExpectedState::Absent);
    let member = "state".into();
    let unexpected = Reason::Unexpected { member };
    assert_rejected(
        result,
        INVALID,
        Artefact::PostLogoutRedirection,
        &unexpected,
    );
}

#[test]
fn another_return_is_refused_for_its_reason() {
    for (misbehaviour, reason) in refusals() {
        let (callback, state) = log_out(Some(misbehaviour));
        let result: Result<(), Error> = check_return(&callback, &state);
        assert_rejected(result, INVALID, Artefact::PostLogoutRedirection, &reason);
    }
    for expected in [ExpectedState::Absent, ExpectedState::Equals("s".into())] {
        let callback = Callback::from_query("state=s&state=s");
        let result = check_return(&callback, &expected);
        let reason = duplicate("state");
        assert_rejected(result, INVALID, Artefact::PostLogoutRedirection, &reason);
    }
    check_return(&Callback::from_query("x=1"), &ExpectedState::Absent).unwrap();
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let returns = refusals().map(|(misbehaviour, _)| misbehaviour);
    let tested = returns.into_iter().chain(back_channel::tested());
    assert_covered(tested, |misbehaviour| {
        misbehaviour.endpoint() == Endpoint::EndSession
    });
}
