//! The bounds of claims of other parties.

use jose::SignatureAlgorithm;
use oauth_core::endpoint::{ExpectedSubject, UserInfoEndpoint};
use oauth_core::flow::{
    ClaimsProvider, FetchDistributedClaims, FetchUserInfo, VerifyAggregatedClaims,
};
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use oauth_core::validate::UnverifiedClaimSource;
use proptest::prelude::*;
use test_provider::Misbehaviour;

use crate::drive::{Bounds, answers, assert_within, at_most, drive, worst};
use crate::world;
use crate::world::World;

const VERIFY_AGGREGATED_CLAIMS: Bounds = at_most(2, 0);
const FETCH_DISTRIBUTED_CLAIMS: Bounds = at_most(3, 0);

/// Returns the source that UserInfo refers to, and the provider of its claims, whose keys are old.
fn source(misbehaviour: Misbehaviour) -> (World, UnverifiedClaimSource, ClaimsProvider) {
    let (world, configuration) = world();
    let tokens = world.log_in(&configuration).unwrap();
    world.provider.misbehave(misbehaviour);
    let subject = ExpectedSubject::from("alice");
    let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
    let user = world.run(FetchUserInfo::new(endpoint)).unwrap();
    let source = UnverifiedClaimSource::all(user.claims()).unwrap().remove(0);
    let provider = ClaimsProvider::new(configuration, [SignatureAlgorithm::RS256]).unwrap();
    world.pass(300);
    (world, source, provider)
}

fn aggregated() -> (World, impl Operation) {
    match source(Misbehaviour::UserInfoAggregatedClaims) {
        (world, UnverifiedClaimSource::Aggregated(source), provider) => {
            (world, VerifyAggregatedClaims::new(&source, &[provider]))
        }
        (_, other, _) => panic!("{other:?}"),
    }
}

fn distributed() -> (World, impl Operation) {
    match source(Misbehaviour::UserInfoDistributedClaims) {
        (world, UnverifiedClaimSource::Distributed(source), provider) => {
            let fetch = FetchDistributedClaims::new(source, &[provider], Policy::default());
            (world, fetch)
        }
        (_, other, _) => panic!("{other:?}"),
    }
}

#[test]
fn the_worst_case() {
    let (world, verification) = aggregated();
    assert_eq!(worst(&world, verification, &[]), VERIFY_AGGREGATED_CLAIMS);
    let (world, fetch) = distributed();
    assert_eq!(worst(&world, fetch, &[]), FETCH_DISTRIBUTED_CLAIMS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn verify_aggregated_claims(answers in answers()) {
        let (world, verification) = aggregated();
        assert_within(drive(&world, verification, &answers), VERIFY_AGGREGATED_CLAIMS);
    }

    #[test]
    fn fetch_distributed_claims(answers in answers()) {
        let (world, fetch) = distributed();
        assert_within(drive(&world, fetch, &answers), FETCH_DISTRIBUTED_CLAIMS);
    }
}
