//! Session management: the state of the session at the provider, as a frame receives it.

use bytes::Bytes;
use oauth_core::authorization::{ResponseMode, ResponseType};
use oauth_core::flow::RefreshTokenGrant;
use oauth_core::logout::EndSession;
use test_provider::ClientRegistration;
use url::Url;

use crate::world::{CLIENT_ID, REDIRECT_URI, World};

#[test]
fn the_session_state_of_the_callback_says_whether_the_session_has_changed() {
    let client = ClientRegistration::public(CLIENT_ID).session_management();
    let world = World::with_client(client);
    let configuration = world.configuration();
    let origin = Url::parse(REDIRECT_URI).unwrap().origin();
    let origin = origin.ascii_serialization();
    for (response_type, mode) in [
        (ResponseType::Code, ResponseMode::Query),
        (ResponseType::Code, ResponseMode::Jwt),
        (ResponseType::CodeIdToken, ResponseMode::Fragment),
    ] {
        let request = World::request(&configuration).response_type(response_type);
        let request = request.response_mode(mode);
        let tokens = world.log_in_with(&configuration, request).unwrap();
        // The session stays that of the login after any number of refreshes.
        let refresh = |tokens| {
            let grant = RefreshTokenGrant::from_tokens(configuration.clone(), tokens);
            world.run(grant.unwrap()).unwrap()
        };
        let refreshed = refresh(&refresh(&tokens));
        assert_ne!(refreshed.access_token(), tokens.access_token());
        assert_eq!(refreshed.session_state(), tokens.session_state());
        let session_state = tokens.session_state().unwrap();
        let question = format!("{CLIENT_ID} {session_state}");
        let answer = || world.provider.check_session(&question, &origin);
        assert_eq!(answer(), "unchanged");
        let elsewhere = world
            .provider
            .check_session(&question, "https://evil.example");
        assert_eq!(elsewhere, "changed");
        assert_eq!(
            world.provider.check_session(session_state, &origin),
            "error"
        );

        let logout = EndSession::new(configuration.clone()).url().unwrap();
        let request = http::Request::get(logout.as_str()).body(Bytes::new());
        world.provider.handle(&request.unwrap(), world.now.get());
        assert_eq!(answer(), "changed");
    }
}

#[test]
fn a_login_with_an_id_token_alone_gives_the_session_state_out() {
    let client = ClientRegistration::public(CLIENT_ID).session_management();
    let world = World::with_client(client);
    let configuration = world.configuration();
    let request = World::request(&configuration).response_type(ResponseType::IdToken);
    let (url, pending) = world.run(request.begin()).unwrap();
    let callback = world.follow(&url);
    let login = pending.resume_implicit(&configuration, &callback).unwrap();
    let response = world.run(login).unwrap();
    assert_eq!(response.id_token().sub(), "alice");
    let question = format!("{CLIENT_ID} {}", response.session_state().unwrap());
    let origin = Url::parse(REDIRECT_URI).unwrap().origin();
    let origin = origin.ascii_serialization();
    assert_eq!(
        world.provider.check_session(&question, &origin),
        "unchanged"
    );
}

#[test]
fn a_provider_without_session_management_sends_none() {
    let world = World::new();
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    assert_eq!(tokens.session_state(), None);
}

/// The library and the provider calculate the same value.
#[test]
fn the_calculation_for_tests() {
    let client = ClientRegistration::public(CLIENT_ID).session_management();
    let world = World::with_client(client);
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    let url = Url::parse(REDIRECT_URI).unwrap();
    let calculated = oauth_core::logout::session_state(CLIENT_ID, &url, "browser-0", "salt");
    assert_eq!(tokens.session_state(), Some(calculated.as_str()));
}
