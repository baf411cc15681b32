//! The bounds of the way from a protected resource to its authorization server.

use oauth_core::flow::{DiscoverAuthorizationServer, FetchProtectedResourceMetadata};
use oauth_core::metadata::ResourceIdentifier;
use oauth_core::policy::Policy;
use oauth_core::validate::ResourceChallenge;
use proptest::prelude::*;

use crate::drive::{Answer, Bounds, Kind, answers, assert_within, at_most, drive};
use crate::world::World;

/// Two places, and each once more after a closed connection.
const FETCH_PROTECTED_RESOURCE_METADATA: Bounds = at_most(4, 0);
/// Three places, and each once more after a closed connection.
const DISCOVER_AUTHORIZATION_SERVER: Bounds = at_most(6, 0);

fn metadata() -> FetchProtectedResourceMetadata {
    let policy = Policy::default();
    let resource = ResourceIdentifier::new("https://mcp.example/mcp", &policy).unwrap();
    let challenge = ResourceChallenge::default();
    FetchProtectedResourceMetadata::new(&resource, &challenge, None, &policy).unwrap()
}

fn server() -> DiscoverAuthorizationServer {
    DiscoverAuthorizationServer::new("https://mcp.example/tenant", Policy::default()).unwrap()
}

/// The connection is closed, and the document is not there, at each place.
const ABSENT: [Answer; 6] = [
    Answer::Event(Kind::Closed),
    Answer::Event(Kind::Received(404, "")),
    Answer::Event(Kind::Closed),
    Answer::Event(Kind::Received(404, "")),
    Answer::Event(Kind::Closed),
    Answer::Event(Kind::Received(404, "")),
];

#[test]
fn the_worst_case() {
    let world = World::new();
    let asked = drive(&world, metadata(), &ABSENT);
    assert_eq!(asked, FETCH_PROTECTED_RESOURCE_METADATA);
    let asked = drive(&world, server(), &ABSENT);
    assert_eq!(asked, DISCOVER_AUTHORIZATION_SERVER);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fetch_protected_resource_metadata(answers in answers()) {
        let asked = drive(&World::new(), metadata(), &answers);
        assert_within(asked, FETCH_PROTECTED_RESOURCE_METADATA);
    }

    #[test]
    fn discover_authorization_server(answers in answers()) {
        let asked = drive(&World::new(), server(), &answers);
        assert_within(asked, DISCOVER_AUTHORIZATION_SERVER);
    }
}
