//! Aggregated and distributed claims, from UserInfo to the verified claims.

use std::time::Duration;

use jose::SignatureAlgorithm;
use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{ExpectedSubject, UserInfoEndpoint};
use oauth_core::error::{Artefact, Reason, TimestampRule};
use oauth_core::flow::{
    ClaimsProvider, FetchDistributedClaims, FetchUserInfo, VerifyAggregatedClaims,
};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use oauth_core::validate::{SourcedClaims, UnverifiedClaimSource};
use serde_json::json;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{
    COMPARISON, CONFORM, INVALID, TIMESTAMP, assert_covered, assert_rejected, claim_mismatch,
    status,
};
use crate::world::{CLIENT_ID, START, World};

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

/// Verifies the aggregated claims, or fetches the distributed ones, of a provider that misbehaves.
fn claims_of(misbehaviour: Misbehaviour) -> (World, Result<SourcedClaims, Error>) {
    let world = World::wrong(misbehaviour);
    if misbehaviour.endpoint() == Endpoint::DistributedClaims {
        world.provider.misbehave(UserInfoDistributedClaims);
    }
    let (source, provider) = source_at(&world);
    let result = match source {
        UnverifiedClaimSource::Aggregated(source) => {
            world.run(VerifyAggregatedClaims::new(&source, &[provider]))
        }
        UnverifiedClaimSource::Distributed(source) => {
            let policy = Policy::default();
            world.run(FetchDistributedClaims::new(source, &[provider], policy))
        }
    };
    (world, result)
}

/// Returns the hostile sources, the stable codes, and the reasons for which they are refused.
fn refusals() -> [(Misbehaviour, &'static str, Reason); 12] {
    let signature = || Reason::Jose(jose::Error::Signature);
    let issuer = || claim_mismatch("iss", None, Some("https://id.example.com/tenant1"));
    let expired = || Reason::Timestamp {
        claim: "exp",
        found: START - 360,
        rule: TimestampRule::Expired,
        now: START,
        tolerance: Duration::from_secs(30),
    };
    let typ = Reason::TokenType {
        expected: "JWT",
        found: "at+jwt".to_owned(),
    };
    let no_jwt = Reason::MediaType {
        expected: "application/jwt",
        found: Some("text/html; charset=utf-8".to_owned()),
    };
    let moved = "/tenant/claims";
    [
        (AggregatedClaimsSignatureBroken, INVALID, signature()),
        (
            AggregatedClaimsAlgorithmNone,
            INVALID,
            Reason::Jose(jose::Error::Unsecured),
        ),
        (AggregatedClaimsIssuerMismatch, COMPARISON, issuer()),
        (
            AggregatedClaimsAudienceMismatch,
            COMPARISON,
            claim_mismatch("aud", Some(CLIENT_ID), Some("stranger")),
        ),
        (AggregatedClaimsExpired, TIMESTAMP, expired()),
        (AggregatedClaimsTypeAccessToken, INVALID, typ),
        (DistributedClaimsSignatureBroken, INVALID, signature()),
        (DistributedClaimsIssuerMismatch, COMPARISON, issuer()),
        (DistributedClaimsExpired, TIMESTAMP, expired()),
        (DistributedClaimsHtml, "OAUTH_JWT_CLAIMS_EXPECTED", no_jwt),
        (DistributedClaimsServerError, CONFORM, status(500, None)),
        (DistributedClaimsRedirect, CONFORM, status(307, Some(moved))),
    ]
}

#[test]
fn hostile_sources_are_refused_for_their_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let (_, result) = claims_of(misbehaviour);
        assert_rejected(result, code, Artefact::SourcedClaims, &reason);
    }
    let (_, result) = claims_of(DistributedClaimsUnauthorized);
    let error = result.unwrap_err();
    assert!(
        matches!(error, Error::WwwAuthenticateChallenge(_)),
        "{error}"
    );
}

#[test]
fn the_access_token_of_a_source_goes_to_no_plain_endpoint() {
    let (world, result) = claims_of(DistributedClaimsEndpointHttp);
    let reason = Reason::Url {
        member: "endpoint".into(),
        expected: "an https URL without user name",
        found: "http://id.example.com/tenant/claims".to_owned(),
    };
    let code = "OAUTH_HTTP_REQUEST_FORBIDDEN";
    assert_rejected(result, code, Artefact::ClaimSources, &reason);
    assert_eq!(world.served(Endpoint::DistributedClaims), 0);
}

#[test]
fn every_hostile_source_is_tested() {
    let tested = refusals().map(|(misbehaviour, ..)| misbehaviour);
    let tested = tested
        .into_iter()
        .chain([DistributedClaimsUnauthorized, DistributedClaimsEndpointHttp]);
    assert_covered(tested, is_of_a_source);
}

/// Whether the misbehaviour is one of a claims provider.
pub(crate) fn is_of_a_source(misbehaviour: Misbehaviour) -> bool {
    let name = format!("{misbehaviour:?}");
    name.starts_with("AggregatedClaims") || name.starts_with("DistributedClaims")
}
