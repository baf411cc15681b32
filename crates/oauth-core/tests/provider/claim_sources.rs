//! Aggregated and distributed claims, from UserInfo to the verified claims.

use jose::SignatureAlgorithm;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{ExpectedSubject, UserInfoEndpoint};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{
    ClaimsProvider, FetchDistributedClaims, FetchUserInfo, VerifyAggregatedClaims,
};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use oauth_core::validate::UnverifiedClaimSource;
use serde_json::json;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{COMPARISON, assert_rejected};
use crate::world::{CLIENT_ID, World};

/// Returns the only source that UserInfo refers to, and the provider of its claims.
fn source_at(world: &World) -> (UnverifiedClaimSource, ClaimsProvider) {
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    let subject = ExpectedSubject::from("alice");
    let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
    let user = world.run(FetchUserInfo::new(endpoint)).unwrap();
    let mut sources = UnverifiedClaimSource::all(user.claims()).unwrap();
    assert_eq!(sources.len(), 1);
    let provider = ClaimsProvider::new(configuration, [SignatureAlgorithm::RS256]).unwrap();
    (sources.remove(0), provider)
}

/// A provider of claims that the application knows, and that has issued nothing here.
fn another() -> ClaimsProvider {
    let mut server = ServerMetadata::new("https://claims.example");
    server.jwks_uri = Some("https://claims.example/jwks".to_owned());
    let client = ClientMetadata::new(CLIENT_ID);
    let configuration = Configuration::new(server, client, Policy::default()).unwrap();
    ClaimsProvider::new(configuration, [SignatureAlgorithm::RS256]).unwrap()
}

fn unknown_issuer() -> Reason {
    Reason::ClaimMismatch {
        claim: "iss",
        expected: None,
        found: Some("https://id.example.com/tenant".to_owned()),
    }
}

/// The module `oidcc-client-test-aggregated-claims`.
#[test]
fn aggregated_claims_are_verified_where_the_application_lists_their_issuer() {
    let world = World::wrong(Misbehaviour::UserInfoAggregatedClaims);
    let (UnverifiedClaimSource::Aggregated(source), provider) = source_at(&world) else {
        panic!("not aggregated");
    };
    assert_eq!(source.names(), ["address"]);
    let verified = VerifyAggregatedClaims::new(&source, &[another(), provider]);
    let verified = world.run(verified).unwrap();
    assert_eq!(verified.claims()["address"], json!({"country": "NL"}));
    let refused = world.run(VerifyAggregatedClaims::new(&source, &[another()]));
    assert_rejected(
        refused,
        COMPARISON,
        Artefact::SourcedClaims,
        &unknown_issuer(),
    );
}

/// The module `oidcc-client-test-distributed-claims`.
#[test]
fn distributed_claims_are_fetched_with_the_token_of_their_source() {
    let world = World::wrong(Misbehaviour::UserInfoDistributedClaims);
    let (UnverifiedClaimSource::Distributed(source), provider) = source_at(&world) else {
        panic!("not distributed");
    };
    // Reading UserInfo fetches nothing.
    assert_eq!(world.served(Endpoint::DistributedClaims), 0);
    let policy = Policy::default();
    let fetch = FetchDistributedClaims::new(source.clone(), &[provider], policy.clone());
    let verified = world.run(fetch).unwrap();
    assert_eq!(verified.claims()["address"], json!({"country": "NL"}));
    assert_eq!(world.served(Endpoint::DistributedClaims), 1);
    assert!(
        world
            .sent
            .borrow()
            .contains(&EndpointName::DistributedClaims)
    );
    let refused = world.run(FetchDistributedClaims::new(source, &[another()], policy));
    assert_rejected(
        refused,
        COMPARISON,
        Artefact::SourcedClaims,
        &unknown_issuer(),
    );
}
