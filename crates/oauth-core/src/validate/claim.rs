//! One claim of a token: whether it is there, and what it must be.

use jose::json::Value;
use jose::jwt::Claims;

use crate::error::Reason;

pub(super) fn required<T>(claim: &'static str, value: Option<T>) -> Result<T, Reason> {
    value.ok_or(Reason::Missing {
        member: claim.into(),
    })
}

/// A claim that must be a string where it is present. One that is `null` is absent.
pub(super) fn text<'c>(claims: &'c Claims<'_>, claim: &str) -> Result<Option<&'c str>, Reason> {
    match claims.get(claim) {
        Some(Value::Null) => Ok(None),
        _ => claims.get_string(claim).map_err(Reason::from),
    }
}
