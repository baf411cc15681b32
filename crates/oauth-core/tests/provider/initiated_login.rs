//! Logins that begin at the provider or at another website.

use oauth_core::Error;
use oauth_core::authorization::{
    AuthorizationRequest, Callback, LoginInitiation, ResponseMode, ResponseType,
};
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

/// An LTI 1.3 launch: the platform posts a form, and gets back an ID Token by form post (LTI
/// Security Framework 1.1 section 5.1.1).
#[test]
fn a_platform_launches_a_tool() {
    let world = world();
    let configuration = world.configuration();
    let form = format!(
        "iss={ISSUER}&client_id={CLIENT_ID}&login_hint=bob&lti_message_hint=m-1\
         &lti_deployment_id=d-1&target_link_uri={}",
        "https%3A%2F%2Fapp.example.com%2Fcourse%3Fid%3D1"
    );
    let initiation = LoginInitiation::from_form_post(&form).unwrap();
    assert_eq!(initiation.lti_deployment_id(), Some("d-1"));
    let request = World::request(&configuration)
        .response_type(ResponseType::IdToken)
        .response_mode(ResponseMode::FormPost)
        .prompt("none");
    let is_own = |target: &Url| target.origin().ascii_serialization() == "https://app.example.com";
    let (request, target) = initiation.accept(request, is_own).unwrap();
    assert_eq!(target.unwrap().as_str(), TARGET);
    let (url, pending) = world.run(request.begin()).unwrap();
    let sent: Vec<_> = url.query_pairs().into_owned().collect();
    for expected in [
        ("lti_message_hint", "m-1"),
        ("login_hint", "bob"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
    ] {
        let expected = (expected.0.to_owned(), expected.1.to_owned());
        assert!(sent.contains(&expected), "{expected:?}");
    }
    let callback = world.follow(&url);
    let login = pending.resume_implicit(&configuration, &callback).unwrap();
    assert_eq!(world.run(login).unwrap().id_token().sub(), "bob");
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
