//! The conversion of an error of `jose` to the reason of a rejection.

use std::borrow::Cow;

use jose::KeyRejected;

use crate::reason::{Reason, printable};

impl Reason {
    /// Returns the reason why a JSON object is not a key set.
    pub(crate) fn of_key_set(error: jose::Error) -> Self {
        match error {
            jose::Error::KeyRejected(KeyRejected::MissingMember { member }) => Self::Missing {
                member: member.into(),
            },
            jose::Error::KeyRejected(KeyRejected::Member {
                member,
                expected,
                found,
            }) => Self::IllTyped {
                member: member.into(),
                expected,
                found: found.to_owned(),
            },
            error => Self::Jose(error),
        }
    }
}

impl From<jose::Error> for Reason {
    fn from(error: jose::Error) -> Self {
        match error {
            jose::Error::Claim {
                claim,
                expected,
                found,
            } => Self::IllTyped {
                member: Cow::Owned(printable(&claim)),
                expected,
                found: found.to_owned(),
            },
            jose::Error::KeySelection(error) => Self::KeySelection(error),
            error => Self::Jose(error),
        }
    }
}
