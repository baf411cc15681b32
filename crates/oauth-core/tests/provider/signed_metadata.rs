//! Metadata that another party has signed (RFC 8414 section 2.1).

use std::time::Duration;

use jose::SignatureAlgorithm;
use oauth_core::Error;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::error::{Artefact, Reason, TimestampRule};
use oauth_core::flow::Discover;
use oauth_core::metadata::ServerMetadata;
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use oauth_core::validate::MetadataSigner;
use test_provider::Misbehaviour::*;
use test_provider::{Misbehaviour, Provider};

use crate::refusal::{
    COMPARISON, INVALID, TIMESTAMP, assert_covered, assert_rejected, claim_mismatch, missing,
};
use crate::world::{ISSUER, START, World};

/// Fetches the metadata, and verifies what the signer has signed.
fn discover(misbehaviour: Option<Misbehaviour>) -> Result<ServerMetadata, Error> {
    let world = World::new();
    world.provider.sign_metadata();
    if let Some(misbehaviour) = misbehaviour {
        world.provider.misbehave(misbehaviour);
    }
    let policy = Policy::default();
    let algorithm = DiscoveryAlgorithm::Oidc;
    let discovery = DiscoveryEndpoint::new(ISSUER, algorithm, policy.clone()).unwrap();
    let server = world.run(Discover::new(discovery)).unwrap();
    let jwks = Provider::metadata_signer_jwks();
    let algorithms = [SignatureAlgorithm::Ed25519];
    let signer = MetadataSigner::new(Provider::METADATA_SIGNER, jwks.as_bytes(), algorithms);
    let now = UnixTime::from_seconds(world.now.get());
    signer.unwrap().verify(&server, &policy, now)
}

#[test]
fn the_signed_values_are_used() {
    let token_endpoint = Some(format!("{ISSUER}/token"));
    for misbehaviour in [None, Some(DiscoverySignedMetadataDiffer)] {
        let server = discover(misbehaviour).unwrap();
        assert_eq!(server.token_endpoint, token_endpoint, "{misbehaviour:?}");
        assert_eq!(server.issuer, ISSUER);
    }
}

/// Returns the wrong metadata, the stable codes, and the reasons for which they are refused.
fn refusals() -> [(Misbehaviour, &'static str, Reason); 7] {
    let signer = Provider::METADATA_SIGNER;
    let nested = Reason::Unexpected {
        member: "signed_metadata".into(),
    };
    let expired = Reason::Timestamp {
        claim: "exp",
        found: START - 360,
        rule: TimestampRule::Expired,
        now: START,
        tolerance: Duration::from_secs(30),
    };
    let changed = |value: &str| Some(format!("{value}1"));
    [
        (
            DiscoverySignedMetadataMissing,
            INVALID,
            missing("signed_metadata"),
        ),
        (
            DiscoverySignedMetadataSignatureBroken,
            INVALID,
            Reason::Jose(jose::Error::Signature),
        ),
        (
            DiscoverySignedMetadataAlgorithmNone,
            INVALID,
            Reason::Jose(jose::Error::Unsecured),
        ),
        (
            DiscoverySignedMetadataSignerMismatch,
            COMPARISON,
            claim_mismatch("iss", Some(signer), changed(signer).as_deref()),
        ),
        (
            DiscoverySignedMetadataIssuerMismatch,
            COMPARISON,
            claim_mismatch("issuer", Some(ISSUER), changed(ISSUER).as_deref()),
        ),
        (DiscoverySignedMetadataExpired, TIMESTAMP, expired),
        (DiscoverySignedMetadataNested, INVALID, nested),
    ]
}

#[test]
fn wrong_metadata_are_refused_for_their_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let result = discover(Some(misbehaviour));
        assert_rejected(result, code, Artefact::SignedMetadata, &reason);
    }
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let tested = refusals().map(|(misbehaviour, ..)| misbehaviour);
    let tested = tested.into_iter().chain([DiscoverySignedMetadataDiffer]);
    assert_covered(tested, is_of_signed_metadata);
}

/// Whether the misbehaviour is one of signed metadata.
pub(crate) fn is_of_signed_metadata(misbehaviour: Misbehaviour) -> bool {
    format!("{misbehaviour:?}").starts_with("DiscoverySignedMetadata")
}
