//! The tokens, or the error, that the server pushes to the client (CIBA Core 1.0 sections 10.3.1
//! and 12).

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use jose::json;

use super::notification::Notification;
use crate::configuration::Configuration;
use crate::endpoint::{BackchannelAuthenticationResponse, TokenResponse};
use crate::error::{Artefact, AuthorizationResponseError, Error, Reason};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::json_text;

/// A push that arrived at the client's notification endpoint: the tokens of an authentication, or
/// the error that ended it.
///
/// Read it, find the pending authentication by [`auth_req_id`](Self::auth_req_id), and answer with
/// `204 No Content` when [`check`](Self::check) accepts it, and with 401 when not. A redirect is
/// not a permitted answer. [`VerifyPush`](crate::flow::VerifyPush) makes the same check, and all
/// others. Remove the pending authentication after that, so that a push is accepted once, and a
/// push of a stranger costs nothing.
#[derive(Clone)]
pub struct Push {
    notification: Notification,
    body: Secret<Vec<u8>>,
}

impl Push {
    /// Reads headers and body of the POST request, without verifying them.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Missing`] or [`Reason::IllTyped`] for `authorization`,
    /// which must contain one Bearer token, and for `auth_req_id`; with [`Reason::Json`] if the
    /// body is not one strict JSON object.
    pub fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let notification = Notification::read(ARTEFACT, headers, &object(body)?)?;
        Ok(Self {
            notification,
            body: Secret::new(body.to_vec()),
        })
    }

    /// The authentication that the push claims to be about, unverified. Use it only as the key for
    /// a store.
    pub fn auth_req_id(&self) -> &str {
        self.notification.auth_req_id.expose()
    }

    /// Checks that the push comes from the server of `pending` and is about this authentication.
    /// Both values are compared in constant time. Its tokens are still to be verified.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::ParameterMismatch`] for `client_notification_token` or
    /// `auth_req_id`, and with [`Reason::Unexpected`] if the request had no token.
    pub fn check(&self, pending: &BackchannelAuthenticationResponse) -> Result<(), Error> {
        self.notification.check(ARTEFACT, pending)
    }

    /// The tokens in the push, received at `now`.
    pub(crate) fn tokens(
        &self,
        configuration: &Configuration,
        now: UnixTime,
    ) -> Result<TokenResponse, Error> {
        let object = object(self.body.expose())?;
        let text = |name: &str| {
            let text = object.get(name).and_then(json::Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        // Section 12.
        if let Some(error) = text("error") {
            let parameter = |(name, value): (&str, &json::Value<'_>)| {
                Some((name.to_owned(), value.as_str()?.to_owned()))
            };
            return Err(Arc::new(AuthorizationResponseError {
                error,
                error_description: text("error_description"),
                parameters: object.iter().filter_map(parameter).collect(),
            })
            .into());
        }
        TokenResponse::read_pushed(configuration, now, &object)
    }
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push").finish_non_exhaustive()
    }
}

fn object(body: &[u8]) -> Result<json::Object<'_>, Error> {
    json::parse_object(json_text(body), json::Limits::DOCUMENT)
        .map_err(|error| ARTEFACT.rejected(Reason::Json(error)).into())
}

const ARTEFACT: Artefact = Artefact::Push;

#[cfg(test)]
mod tests;
