//! A request to the client's notification endpoint: what pings and pushes have in common (CIBA Core
//! 1.0 sections 10.2 and 10.3.1).

use http::{HeaderMap, header};
use jose::json;

use crate::endpoint::BackchannelAuthenticationResponse;
use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::wire::Members;

/// The authentication that a notification claims to be about, and the token that it comes with.
#[derive(Clone)]
pub(super) struct Notification {
    pub(super) auth_req_id: Secret,
    token: Secret,
}

impl Notification {
    /// Reads the headers and the members of the body, without verifying them.
    pub(super) fn read(
        artefact: Artefact,
        headers: &HeaderMap,
        object: &json::Object<'_>,
    ) -> Result<Self, Error> {
        let token = bearer(headers).map_err(|reason| artefact.rejected(reason))?;
        let auth_req_id = Members::new(artefact, object).text("auth_req_id")?;
        Ok(Self {
            auth_req_id: auth_req_id.into(),
            token: token.into(),
        })
    }

    /// Compares both values in constant time with those of `pending`.
    pub(super) fn check(
        &self,
        artefact: Artefact,
        pending: &BackchannelAuthenticationResponse,
    ) -> Result<(), Error> {
        let mismatch = |parameter| Reason::ParameterMismatch {
            parameter,
            expected: None,
            found: None,
        };
        let reason = match &pending.client_notification_token {
            None => Reason::Unexpected {
                member: "authorization".into(),
            },
            Some(token) if *token != self.token => mismatch("client_notification_token"),
            Some(_) if pending.auth_req_id != self.auth_req_id => mismatch("auth_req_id"),
            Some(_) => return Ok(()),
        };
        Err(artefact.rejected(reason).into())
    }
}

/// Returns the token of the only `Authorization` header (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Result<&str, Reason> {
    const EXPECTED: &str = "one Bearer token";
    let ill_typed = |found: &str| Reason::IllTyped {
        member: "authorization".into(),
        expected: EXPECTED,
        found: found.to_owned(),
    };
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Reason::Missing {
        member: "authorization".into(),
    })?;
    if values.next().is_some() {
        return Err(ill_typed("several headers"));
    }
    let text = value.to_str().map_err(|_| ill_typed("not ASCII"))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => {
            let token = token.trim_matches(' ');
            match token.is_empty() {
                true => Err(ill_typed("no token")),
                false => Ok(token),
            }
        }
        _ => Err(ill_typed("another scheme")),
    }
}
