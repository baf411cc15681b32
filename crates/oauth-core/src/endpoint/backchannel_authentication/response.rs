//! The response to a backchannel authentication request (CIBA Core 1.0 section 7.3).

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use crate::endpoint::device_authorization::{LONGEST_INTERVAL, LONGEST_LIFETIME};
use crate::error::{Artefact, Error};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Members, successful_object};

/// The values that poll the token endpoint, and those that a ping is compared with.
#[derive(Clone)]
pub struct BackchannelAuthenticationResponse {
    /// The identifier of the authentication, a secret between client and server.
    pub auth_req_id: Secret,
    /// The lifetime, from `received_at` on.
    pub expires_in: Duration,
    /// The shortest time between two polls; 5 seconds if the server sends none.
    pub interval: Option<Duration>,
    /// When the response was received, by the local clock.
    pub received_at: UnixTime,
    /// The token that a ping must contain, if one was sent.
    pub client_notification_token: Option<Secret>,
    /// The other members.
    pub extra: Map<String, Value>,
}

impl BackchannelAuthenticationResponse {
    pub(super) fn read(
        now: UnixTime,
        response: &Response<Bytes>,
        client_notification_token: Option<Secret>,
    ) -> Result<Self, Error> {
        let object = successful_object(ARTEFACT, response, "auth_req_id")?;
        let members = Members::new(ARTEFACT, &object);
        Ok(Self {
            auth_req_id: members.text("auth_req_id")?.into(),
            expires_in: Duration::from_secs(members.lifetime("expires_in", LONGEST_LIFETIME)?),
            interval: members.interval("interval", LONGEST_INTERVAL)?,
            received_at: now,
            client_notification_token,
            extra: members.extra(&["auth_req_id", "expires_in", "interval"]),
        })
    }
}

impl fmt::Debug for BackchannelAuthenticationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackchannelAuthenticationResponse")
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

const ARTEFACT: Artefact = Artefact::BackchannelAuthenticationResponse;
