//! Logins that a person confirms on another device (CIBA).

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::Duration;

use openid_client_blocking::{
    BackchannelAuthenticationResponse, Client, CoreError, Hint, Ping, Push, SignatureAlgorithm,
    SigningKey,
};
use test_provider::{ClientRegistration, Endpoint, Provider};

use self::support::Site;

/// A provider that lets clients poll often.
fn site() -> (Site, Client) {
    let interval = Duration::from_millis(100);
    let site = Site::of(|issuer| Provider::new(issuer).poll_interval(interval));
    let provider = site.server.provider();
    provider.register(ClientRegistration::public("app"));
    let client = client(&site);
    (site, client)
}

fn client(site: &Site) -> Client {
    Client::discover(site.server.url(), "app")
        .root_certificate_pem(site.server.ca_certificate_pem())
        .send()
        .unwrap()
}

fn bob() -> Hint {
    Hint::LoginHint("bob".to_owned())
}

#[test]
fn a_person_confirms_a_login_on_another_device() {
    let (site, client) = site();
    let provider = site.server.provider();
    provider.approve_after(2);
    let request = client.initiate_backchannel_authentication(bob());
    let request = request.scope("openid email").binding_message("W4SCT");
    let begun = request.send().unwrap();
    let tokens = client.poll_backchannel_authentication_grant(&begun).send();
    let tokens = tokens.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    assert_eq!(provider.served(Endpoint::Token), 3);
    provider.deny_after(0);
    let begun = client.initiate_backchannel_authentication(bob()).send();
    let grant = client.poll_backchannel_authentication_grant(&begun.unwrap());
    let denied = grant.send().unwrap_err();
    assert_eq!(denied.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    assert!(denied.to_string().contains("access_denied"), "{denied}");
}

fn ping(site: &Site, begun: &BackchannelAuthenticationResponse) -> Ping {
    let auth_req_id = begun.auth_req_id.expose();
    let request = site.server.provider().ping(auth_req_id).unwrap();
    Ping::parse(request.headers(), request.body()).unwrap()
}

#[test]
fn a_ping_is_good_for_its_request_alone() {
    let (site, client) = site();
    let begin = || {
        let request = client.initiate_backchannel_authentication(bob());
        request.ping().send().unwrap()
    };
    let (one, two) = (begin(), begin());
    let ping = ping(&site, &one);
    let grant = client.poll_backchannel_authentication_grant(&two);
    let refused = grant.after_ping(&ping).send().unwrap_err();
    assert!(
        matches!(refused.core(), Some(CoreError::Rejected(_))),
        "{refused:?}"
    );
    assert_eq!(site.server.provider().served(Endpoint::Token), 0);
    let grant = client.poll_backchannel_authentication_grant(&one);
    let tokens = grant.after_ping(&ping).send().unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "bob");
}

#[test]
fn tokens_that_are_pushed_are_verified() {
    let (site, client) = site();
    let request = client.initiate_backchannel_authentication(bob());
    let begun = request.push().send().unwrap();
    let other = client.initiate_backchannel_authentication(bob()).push();
    let other = other.send().unwrap();
    let now = client.now().seconds();
    let provider = site.server.provider();
    let request = provider.push(begun.auth_req_id.expose(), now).unwrap();
    let push = || Push::parse(request.headers(), request.body()).unwrap();
    let refused = client.verify_push(&other, push()).unwrap_err();
    assert!(
        matches!(refused.core(), Some(CoreError::Rejected(_))),
        "{refused:?}"
    );
    let tokens = client.verify_push(&begun, push()).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "bob");
}

#[test]
fn requests_are_signed_by_the_key_of_all_requests() {
    let (site, _) = site();
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let app = ClientRegistration::public("bank").key(&key);
    site.server.provider().register(app);
    let bank = || {
        Client::discover(site.server.url(), "bank")
            .root_certificate_pem(site.server.ca_certificate_pem())
    };
    let good = bank().request_object_key(key).send().unwrap();
    good.initiate_backchannel_authentication(bob())
        .send()
        .unwrap();
    // The provider sees that a signature is there, because another one is refused.
    let other = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let bad = bank().request_object_key(other).send().unwrap();
    let refused = bad.initiate_backchannel_authentication(bob()).send();
    assert_eq!(
        refused.unwrap_err().code(),
        Some("OAUTH_RESPONSE_BODY_ERROR")
    );
}
