//! Assertions about refusals: the stable code, the object that is refused, and the exact reason.

use oauth_core::Error;
use oauth_core::error::{Artefact, Reason};
use test_provider::Misbehaviour;

pub(crate) const INVALID: &str = "OAUTH_INVALID_RESPONSE";
pub(crate) const PARSE: &str = "OAUTH_PARSE_ERROR";
pub(crate) const CONFORM: &str = "OAUTH_RESPONSE_IS_NOT_CONFORM";
pub(crate) const COMPARISON: &str = "OAUTH_JWT_CLAIM_COMPARISON_FAILED";
pub(crate) const TIMESTAMP: &str = "OAUTH_JWT_TIMESTAMP_CHECK_FAILED";
pub(crate) const UNSUPPORTED: &str = "OAUTH_UNSUPPORTED_OPERATION";

#[track_caller]
pub(crate) fn assert_rejected<T>(
    result: Result<T, Error>,
    code: &str,
    artefact: Artefact,
    reason: &Reason,
) {
    let Err(error) = result else {
        panic!("accepted instead of {reason}");
    };
    assert_eq!(error.code(), Some(code), "{error}");
    let Error::Rejected(rejection) = &error else {
        panic!("not a rejection: {error}");
    };
    assert_eq!(rejection.artefact, artefact);
    assert_eq!(&rejection.reason, reason);
}

pub(crate) fn missing(member: &'static str) -> Reason {
    Reason::Missing {
        member: member.into(),
    }
}

pub(crate) fn duplicate(member: &'static str) -> Reason {
    Reason::Duplicate {
        member: member.into(),
    }
}

pub(crate) fn ill_typed(member: &'static str, expected: &'static str, found: &str) -> Reason {
    Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    }
}

pub(crate) fn claim_mismatch(
    claim: &'static str,
    expected: Option<&str>,
    found: Option<&str>,
) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: expected.map(str::to_owned),
        found: found.map(str::to_owned),
    }
}

/// Returns the reason for a status other than 200.
pub(crate) fn status(found: u16, location: Option<&str>) -> Reason {
    Reason::Status {
        expected: 200,
        found,
        location: location.map(str::to_owned),
    }
}

/// Asserts that every misbehaviour of one kind is tested.
#[track_caller]
pub(crate) fn assert_covered(
    tested: impl Iterator<Item = Misbehaviour>,
    kind: impl Fn(Misbehaviour) -> bool,
) {
    let tested: Vec<_> = tested.collect();
    let all = Misbehaviour::ALL.iter().copied();
    let missed: Vec<_> = all.filter(|it| kind(*it) && !tested.contains(it)).collect();
    assert_eq!(missed, []);
}
