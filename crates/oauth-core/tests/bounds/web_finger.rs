//! The bounds of the search for a person's provider.

use oauth_core::endpoint::{UserIdentifier, WebFingerEndpoint};
use oauth_core::flow::FindIssuer;
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use proptest::prelude::*;

use crate::drive::{Bounds, answers, assert_within, at_most, drive, worst};
use crate::{CLOSED, world};

/// Once more after a closed connection.
const FIND_ISSUER: Bounds = at_most(2, 0);

fn find_issuer() -> impl Operation {
    let identifier = UserIdentifier::parse("alice@id.example.com").unwrap();
    FindIssuer::new(WebFingerEndpoint::new(identifier, Policy::default()))
}

#[test]
fn the_worst_case() {
    let (world, _) = world();
    assert_eq!(worst(&world, find_issuer(), &CLOSED), FIND_ISSUER);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn find_issuer_of_a_person(answers in answers()) {
        let (world, _) = world();
        assert_within(drive(&world, find_issuer(), &answers), FIND_ISSUER);
    }
}
