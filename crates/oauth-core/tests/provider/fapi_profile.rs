//! Clients under a FAPI profile: the operations that work, and those that the profile refuses
//! before a request is sent.

mod by_hand;
mod request;
mod server;
mod set_up;
mod signature;

use oauth_core::Error;
use oauth_core::profile::{Party, Profile, Requirement};

use crate::fapi::{Bank, Bound};

impl Bank {
    /// Creates a bank whose client uses this profile.
    fn under(profile: Profile, bound: Bound) -> Self {
        let mut bank = Self::new(bound);
        bank.configuration = bank.configuration.with_profile(profile).unwrap();
        bank
    }
}

/// Asserts that an operation is refused for this violation.
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
    // A deviation of the server has a code. The others are mistakes in the program and have none.
    let code = (party == Party::Server).then_some("OAUTH_UNSUPPORTED_OPERATION");
    assert_eq!(error.code(), code);
    let text = error.to_string();
    assert!(text.contains(violation.section()), "{text}");
    assert!(
        text.ends_with(&format!("; {}", violation.remedy())),
        "{text}"
    );
}
