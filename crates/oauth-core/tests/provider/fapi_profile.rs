//! Clients under a FAPI profile: what works, and what the profile refuses before anything is sent.

mod by_hand;
mod request;
mod server;
mod set_up;
mod signature;

use oauth_core::Error;
use oauth_core::profile::{Party, Profile, Requirement};

use crate::fapi::{Bank, Bound};

impl Bank {
    /// The bank's client, under this profile.
    fn under(profile: Profile, bound: Bound) -> Self {
        let mut bank = Self::new(bound);
        bank.configuration = bank.configuration.with_profile(profile).unwrap();
        bank
    }
}

/// What a refusal must say.
#[track_caller]
fn assert_violation<T>(
    result: Result<T, Error>,
    requirement: Requirement,
    party: Party,
    found: &str,
) {
    let Err(error) = result else {
        panic!("accepted in spite of {requirement:?}");
    };
    let Some(violation) = error.profile_violation() else {
        panic!("not a violation: {error}");
    };
    assert_eq!(
        (violation.requirement, violation.party, &*violation.found),
        (requirement, party, found),
        "{error}"
    );
    // What a server lacks is a fact about the world, and the rest a mistake in the program.
    let code = (party == Party::Server).then_some("OAUTH_UNSUPPORTED_OPERATION");
    assert_eq!(error.code(), code);
    assert!(error.to_string().contains(violation.section()), "{error}");
}
