//! The notification that a backchannel authentication is over (CIBA Core 1.0 section 10.2).

use std::fmt;

use http::{HeaderMap, header};
use jose::json;

use crate::endpoint::BackchannelAuthenticationResponse;
use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::wire::{Members, json_text};

/// A ping as it arrived at the client's notification endpoint.
///
/// Read it, find the pending authentication by [`auth_req_id`](Self::auth_req_id), and
/// [`check`](Self::check) it; only then go on. Answer `204 No Content` when it is good, and 401 when
/// it is not.
#[derive(Clone)]
pub struct Ping {
    auth_req_id: Secret,
    token: Secret,
}

impl Ping {
    /// Reads headers and body of the POST request. Nothing in them is believed yet.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`]: [`Reason::Missing`] or [`Reason::IllTyped`] for `authorization`, which
    /// must hold one Bearer token, and for `auth_req_id`; [`Reason::Json`] when the body is not one
    /// strict JSON object.
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

    /// Which authentication the ping says that it is about: a key for a store, and no more.
    pub fn auth_req_id(&self) -> &str {
        self.auth_req_id.expose()
    }

    /// Checks that the server of `pending` sent the ping, and about this authentication. Both are
    /// compared in constant time.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`]: [`Reason::ParameterMismatch`] for `client_notification_token` or
    /// `auth_req_id`, and [`Reason::Unexpected`] when the request had no token.
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

/// The token of the one `Authorization` header (RFC 6750 section 2.1).
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
