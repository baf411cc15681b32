//! The notification that a backchannel authentication has ended (CIBA Core 1.0 section 10.2).

use std::fmt;

use http::HeaderMap;
use jose::json;

use super::notification::Notification;
use crate::endpoint::BackchannelAuthenticationResponse;
use crate::error::{Artefact, Error, Reason};
use crate::wire::json_text;

/// A ping that arrived at the client's notification endpoint.
///
/// Read it, find the pending authentication by [`auth_req_id`](Self::auth_req_id), and
/// [`check`](Self::check) the ping before anything else. Answer a valid ping with `204 No Content`,
/// and any other with 401.
#[derive(Clone)]
pub struct Ping(Notification);

impl Ping {
    /// Reads headers and body of the POST request, without verifying them.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Missing`] or [`Reason::IllTyped`] for `authorization`,
    /// which must contain one Bearer token, and for `auth_req_id`; with [`Reason::Json`] if the
    /// body is not one strict JSON object.
    pub fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let object = json::parse_object(json_text(body), json::Limits::DOCUMENT)
            .map_err(|error| ARTEFACT.rejected(Reason::Json(error)))?;
        Notification::read(ARTEFACT, headers, &object).map(Self)
    }

    /// The authentication that the ping claims to be about, unverified. Use it only as the key for
    /// a store.
    pub fn auth_req_id(&self) -> &str {
        self.0.auth_req_id.expose()
    }

    /// Checks that the ping comes from the server of `pending` and is about this authentication.
    /// Both values are compared in constant time.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::ParameterMismatch`] for `client_notification_token` or
    /// `auth_req_id`, and with [`Reason::Unexpected`] if the request had no token.
    pub fn check(&self, pending: &BackchannelAuthenticationResponse) -> Result<(), Error> {
        self.0.check(ARTEFACT, pending)
    }
}

impl fmt::Debug for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ping").finish_non_exhaustive()
    }
}

const ARTEFACT: Artefact = Artefact::Ping;

#[cfg(test)]
mod tests;
