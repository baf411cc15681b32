//! Front-channel logout: requests that come through the browser.

use bytes::Bytes;
use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::TokenSet;
use oauth_core::logout::{EndSession, FrontChannelLogout};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use test_provider::ClientRegistration;

use crate::refusal::{INVALID, assert_rejected, duplicate, missing};
use crate::world::{CLIENT_ID, ISSUER, World};

const LOGOUT: &str = "https://app.example.com/logout?keep=1";

fn logged_in() -> (World, Configuration, TokenSet) {
    let client = ClientRegistration::public(CLIENT_ID).frontchannel_logout_uri(LOGOUT);
    let world = World::with_client(client);
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    (world, configuration, tokens)
}

/// Returns the same client with a registration that requires `iss` and `sid`.
fn strict(world: &World) -> Configuration {
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.frontchannel_logout_session_required = Some(true);
    world.configure(client, Policy::default())
}

/// Returns the URLs that the logout page loads in frames.
fn frames(world: &World, url: &str) -> Vec<String> {
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    let response = world.provider.handle(&request, world.now.get());
    let page = String::from_utf8(response.into_body().to_vec()).unwrap();
    let frames = page.split("<iframe src=\"").skip(1);
    let frames = frames.map(|rest| rest.split_once('"').unwrap().0.replace("&amp;", "&"));
    frames.collect()
}

fn check(configuration: &Configuration, tokens: &TokenSet, url: &str) -> Result<(), Error> {
    let request = FrontChannelLogout::from_url(url)?;
    request.check(configuration, tokens.id_token().unwrap())
}

#[test]
fn the_logout_page_ends_the_session_of_the_client() {
    let (world, configuration, tokens) = logged_in();
    let id_token = tokens.id_token().unwrap();
    let logout = EndSession::new(configuration.clone());
    let logout = logout.id_token_hint(id_token.jwt()).url().unwrap();
    let frames = frames(&world, logout.as_str());
    let [frame] = &frames[..] else {
        panic!("{frames:?}");
    };
    assert!(frame.starts_with("https://app.example.com/logout?keep=1&iss="));
    let request = FrontChannelLogout::from_url(frame).unwrap();
    assert_eq!(request.sid(), id_token.sid());
    check(&configuration, &tokens, frame).unwrap();
    check(&strict(&world), &tokens, frame).unwrap();
    assert!(!format!("{request:?}").contains("session-"), "{request:?}");
}

#[test]
fn a_provider_that_ends_the_session_itself_loads_the_same_address() {
    let (world, configuration, tokens) = logged_in();
    let end_session = configuration.server().end_session_endpoint.clone().unwrap();
    let frames = frames(&world, &end_session);
    assert_eq!(frames.len(), 1);
    check(&configuration, &tokens, &frames[0]).unwrap();
}

#[test]
fn a_request_about_another_session_is_refused() {
    let (world, configuration, tokens) = logged_in();
    let strict = strict(&world);
    let sid = tokens.id_token().unwrap().sid().unwrap();
    let other_issuer = Reason::ParameterMismatch {
        parameter: "iss",
        expected: Some(ISSUER.to_owned()),
        found: Some("https://evil.example".to_owned()),
    };
    let other_session = Reason::ParameterMismatch {
        parameter: "sid",
        expected: None,
        found: None,
    };
    let refused = |result: Result<(), Error>, reason: &Reason| {
        assert_rejected(result, INVALID, Artefact::FrontChannelLogout, reason);
    };
    for configuration in [&configuration, &strict] {
        for (query, reason) in [
            (format!("iss=https://evil.example&sid={sid}"), &other_issuer),
            (format!("iss={ISSUER}&sid={sid}1"), &other_session),
            (format!("iss={ISSUER}&sid="), &other_session),
            (format!("iss={ISSUER}"), &missing("sid")),
            (
                format!("iss={ISSUER}&sid={sid}&sid={sid}"),
                &duplicate("sid"),
            ),
            (
                format!("iss={ISSUER}&iss={ISSUER}&sid={sid}"),
                &duplicate("iss"),
            ),
        ] {
            refused(
                check(configuration, &tokens, &format!("/logout?{query}")),
                reason,
            );
        }
    }
    // Unless the registration requires both, they may be absent, and `sid` may come without `iss`.
    for query in [String::new(), format!("sid={sid}")] {
        let url = format!("/logout?{query}");
        check(&configuration, &tokens, &url).unwrap();
        refused(check(&strict, &tokens, &url), &missing("iss"));
    }
    let alone = check(&configuration, &tokens, &format!("/logout?sid={sid}1"));
    refused(alone, &other_session);
}

/// A request with a `sid` does not end a session whose ID Token has no `sid`.
#[test]
fn a_session_without_a_name_is_not_ended_by_one() {
    let world = World::new();
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    let result = check(
        &configuration,
        &tokens,
        &format!("/logout?iss={ISSUER}&sid=s"),
    );
    let other_session = Reason::ParameterMismatch {
        parameter: "sid",
        expected: None,
        found: None,
    };
    assert_rejected(
        result,
        INVALID,
        Artefact::FrontChannelLogout,
        &other_session,
    );
}
