//! Discovery of a user's issuer by WebFinger, and a login there.

use oauth_core::Error;
use oauth_core::endpoint::{
    DiscoveryAlgorithm, DiscoveryEndpoint, UserIdentifier, WebFingerEndpoint,
};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{Discover, FindIssuer};
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{CONFORM, INVALID, assert_covered, assert_rejected, missing};
use crate::world::{ISSUER, World};

fn find(world: &World, identifier: &str) -> Result<String, Error> {
    let identifier = UserIdentifier::parse(identifier)?;
    let endpoint = WebFingerEndpoint::new(identifier, Policy::default());
    world.run(FindIssuer::new(endpoint))
}

fn assert_found(identifier: &str) {
    let world = World::new();
    let issuer = find(&world, identifier).unwrap();
    assert_eq!(issuer, ISSUER);
    assert_eq!(world.sent.borrow().as_slice(), [EndpointName::WebFinger]);
    let oidc = DiscoveryAlgorithm::Oidc;
    let discovery = DiscoveryEndpoint::new(&issuer, oidc, Policy::default()).unwrap();
    assert_eq!(world.run(Discover::new(discovery)).unwrap().issuer, ISSUER);
}

#[test]
fn the_issuer_is_found_from_an_account() {
    assert_found("alice@id.example.com");
    assert_found("acct:bob@id.example.com");
}

#[test]
fn the_issuer_is_found_from_a_url() {
    assert_found("https://id.example.com/alice");
    assert_found("id.example.com");
}

fn refusals() -> [(Misbehaviour, &'static str, Reason); 2] {
    let http = Reason::Url {
        member: "href".into(),
        expected: "an https URL without user name, query and fragment",
        found: ISSUER.replace("https://", "http://"),
    };
    let relation = missing("http://openid.net/specs/connect/1.0/issuer");
    [
        (WebFingerIssuerHttp, "OAUTH_HTTP_REQUEST_FORBIDDEN", http),
        (WebFingerIssuerMissing, INVALID, relation),
    ]
}

#[test]
fn a_wrong_response_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let world = World::wrong(misbehaviour);
        let result = find(&world, "alice@id.example.com");
        assert_rejected(result, code, Artefact::WebFingerResponse, &reason);
    }
    let unknown = find(&World::new(), "nobody@id.example.com").unwrap_err();
    assert_eq!(unknown.code(), Some(CONFORM));
    assert_eq!(unknown.status().map(|status| status.as_u16()), Some(404));
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let tested = refusals()
        .into_iter()
        .map(|(misbehaviour, ..)| misbehaviour);
    assert_covered(tested, |misbehaviour| {
        misbehaviour.endpoint() == Endpoint::WebFinger
    });
}
