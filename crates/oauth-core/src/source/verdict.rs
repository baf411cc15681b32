//! The effect of a failed attempt on the source.

use std::time::Duration;

use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::source::error::LoginNeeded;
use crate::source::renewal::Renewal;
use crate::time::UnixTime;
use crate::wire::retry_after;

/// What to do after a failed attempt.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Try again later, with this refresh token if one came, otherwise with the old one.
    Later {
        successor: Option<Secret>,
        asked_for: Option<Duration>,
    },
    /// No refresh token is left that may be used.
    End(LoginNeeded),
}

impl Verdict {
    pub(super) const fn is_end(&self) -> bool {
        matches!(self, Self::End(_))
    }
}

impl Renewal {
    /// Whether this error ends a source: no refresh token is left that may be used.
    pub fn is_ended_by(self, error: &Error) -> bool {
        verdict(error.clone(), self, UnixTime::from_seconds(0)).is_end()
    }
}

pub(super) fn verdict(error: Error, renewal: Renewal, now: UnixTime) -> Verdict {
    if renewal != Renewal::Credentials && is_invalid_grant(&error) {
        return Verdict::End(LoginNeeded::GrantRefused(error));
    }
    if renewal.is_of_a_login() && error.refresh_token().is_none() {
        if is_mismatch(&error) {
            return Verdict::End(LoginNeeded::Mismatch(error));
        }
        if error.danger_refresh_token().is_some() {
            return Verdict::End(LoginNeeded::SuccessorRefused(error));
        }
    }
    Verdict::Later {
        successor: error.refresh_token().cloned(),
        asked_for: asked_for(&error, now),
    }
}

/// RFC 6749 section 5.2: the grant is invalid, expired, revoked, or belongs to another client.
fn is_invalid_grant(error: &Error) -> bool {
    matches!(error, Error::ResponseBody(refusal) if refusal.error == "invalid_grant")
}

/// Whether the response belongs to another login (OpenID Connect Core 1.0 section 12.2), or its
/// tokens to another key (RFC 9449 section 5).
fn is_mismatch(error: &Error) -> bool {
    let Some(rejection) = error.rejection() else {
        return false;
    };
    match (&rejection.artefact, &rejection.reason) {
        // Every claim but `auth_time` says whose token it is or what it was issued with.
        (Artefact::IdToken, Reason::ClaimMismatch { claim, .. }) => *claim != "auth_time",
        (Artefact::IdToken, Reason::TenantRefused { .. }) => true,
        (Artefact::TokenResponse, Reason::UnsupportedTokenType { .. }) => true,
        _ => false,
    }
}

/// `Retry-After`, which comes with 429 and 503 (RFC 6585 section 4, RFC 9110 section 15.6.4).
pub(super) fn asked_for(error: &Error, now: UnixTime) -> Option<Duration> {
    let headers = match error {
        Error::ResponseBody(refusal) => &refusal.headers,
        // A server that is overloaded may answer with a page.
        error => error.refused_response()?.headers(),
    };
    retry_after(headers, now)
}
