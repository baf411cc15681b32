//! The notification that a backchannel authentication has ended (CIBA Core 1.0 section 10.2).

use std::fmt;

use http::{HeaderMap, header};
use jose::json;

use crate::endpoint::BackchannelAuthenticationResponse;
use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::wire::{Members, json_text};

/// A ping that arrived at the client's notification endpoint.
///
/// Read it, find the pending authentication by [`auth_req_id`](Self::auth_req_id), and
/// [`check`](Self::check) the ping before anything else. Answer a valid ping with `204 No Content`,
/// and any other with 401.
#[derive(Clone)]
pub struct Ping {
    auth_req_id: Secret,
    token: Secret,
}

impl Ping {
    /// Reads headers and body of the POST request, without verifying them.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Missing`] or [`Reason::IllTyped`] for `authorization`,
    /// which must contain one Bearer token, and for `auth_req_id`; with [`Reason::Json`] if the
    /// body is not one strict JSON object.
    pub fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let token = bearer(headers).map_err(|reason| ARTEFACT.rejected(reason))?;
        let object = json::parse_object(json_text(body), json::Limits::DOCUMENT)
            .map_err(|error| ARTEFACT.rejected(Reason::Json(error)))?;
        let auth_req_id = Members::new(ARTEFACT, &object).text("auth_req_id")?;
        Ok(Self {
            auth_req_id: auth_req_id.into(),
            token: token.into(),
        })
    }

    /// The authentication that the ping claims to be about, unverified. Use it only as the key for
    /// a store.
    pub fn auth_req_id(&self) -> &str {
        self.auth_req_id.expose()
    }

    /// Checks that the ping comes from the server of `pending` and is about this authentication.
    /// Both values are compared in constant time.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::ParameterMismatch`] for `client_notification_token` or
    /// `auth_req_id`, and with [`Reason::Unexpected`] if the request had no token.
    pub fn check(&self, pending: &BackchannelAuthenticationResponse) -> Result<(), Error> {
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
        Err(ARTEFACT.rejected(reason).into())
    }
}

impl fmt::Debug for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ping").finish_non_exhaustive()
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

const ARTEFACT: Artefact = Artefact::Ping;

#[cfg(test)]
mod tests;
