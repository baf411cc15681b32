//! Logins that begin at the provider or at another website.

use oauth_core::Error;
use oauth_core::authorization::{AuthorizationRequest, Callback, LoginInitiation};
use oauth_core::error::{Artefact, Reason};
use test_provider::ClientRegistration;
use url::Url;

use crate::refusal::{INVALID, assert_rejected};
use crate::world::{CLIENT_ID, ISSUER, World};

const TARGET: &str = "https://app.example.com/course?id=1";

fn world() -> World {
    let client = ClientRegistration::public(CLIENT_ID);
    World::with_client(client.initiate_login_uri("https://app.example.com/login?tenant=1"))
}

fn accept(world: &World, url: &str) -> Result<(AuthorizationRequest, Option<Url>), Error> {
    let request = World::request(&world.configuration());
    LoginInitiation::from_url(url)?.accept(request, |target| {
        target.origin().ascii_serialization() == "https://app.example.com"
    })
}

#[test]
fn the_provider_begins_a_login() {
    let world = world();
    let url = world.provider.login_initiation(CLIENT_ID, TARGET).unwrap();
    assert!(url.starts_with("https://app.example.com/login?tenant=1&iss="));
    let (request, target) = accept(&world, &url).unwrap();
    assert_eq!(target.unwrap().as_str(), TARGET);
    let (pending, callback) = world.visit(request);
    let callback = Callback::from_url(&callback).unwrap();
    let configuration = world.configuration();
    let tokens = world.run(pending.resume(&configuration, &callback).unwrap());
    // The login hint of the provider names this user.
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "bob");
}

#[test]
fn another_provider_or_page_is_refused() {
    let world = world();
    let url = world.provider.login_initiation(CLIENT_ID, TARGET).unwrap();
    let elsewhere = url.replace("id.example.com", "evil.example");
    let mismatch = Reason::ParameterMismatch {
        parameter: "iss",
        expected: Some(ISSUER.to_owned()),
        found: Some(ISSUER.replace("id.example.com", "evil.example")),
    };
    let result = accept(&world, &elsewhere);
    assert_rejected(result, INVALID, Artefact::LoginInitiation, &mismatch);

    let target = "https://evil.example/phish";
    let url = world.provider.login_initiation(CLIENT_ID, target).unwrap();
    let refused = Reason::Url {
        member: "target_link_uri".into(),
        expected: "a page of the application",
        found: target.to_owned(),
    };
    let result = accept(&world, &url);
    let code = "OAUTH_HTTP_REQUEST_FORBIDDEN";
    assert_rejected(result, code, Artefact::LoginInitiation, &refused);
}
