//! A request that may not pass.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use oauth_core::report::write_chain;
use oauth_core::resource_server::Refusal;

use crate::store::StoreError;

/// Error for a request that may not pass. It has the reason, for the log, and the response, for the
/// client.
///
/// The response says little on purpose; details would help an attacker.
#[derive(Debug, Clone)]
pub struct Refused(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    refusal: Refusal,
    /// Why the store of used proofs failed.
    store: Option<StoreError>,
    response: Response<Bytes>,
}

impl Refused {
    pub(super) fn new(
        refusal: Refusal,
        store: Option<StoreError>,
        response: Response<Bytes>,
    ) -> Self {
        Self(Box::new(Inner {
            refusal,
            store,
            response,
        }))
    }

    /// Says in a response with status 503 when to try again (RFC 9110 section 10.2.3).
    pub(super) fn retried_after(mut self, time: Option<Duration>) -> Self {
        let response = &mut self.0.response;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            let time = time.unwrap_or_default().as_millis().div_ceil(1000).max(1);
            let seconds = u64::try_from(time).unwrap_or(u64::MAX);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        self
    }

    /// Why the request may not pass.
    pub const fn refusal(&self) -> &Refusal {
        &self.0.refusal
    }

    /// The response that the client is owed: its status, and for 400, 401 and 403 the challenges in
    /// `WWW-Authenticate` (RFC 6750 section 3, RFC 9449 sections 7.1 and 9, RFC 9470 section 3, RFC
    /// 9728 section 5.1) and `DPoP-Nonce` where nonces are required; for 503 `Retry-After`. The
    /// body is empty.
    pub fn response(&self) -> Response<Bytes> {
        self.0.response.clone()
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.response.status()
    }

    /// A stable code for programs and log searches, as listed at [`oauth_core::Error::code`].
    /// `None` for a token that was granted too little.
    pub fn code(&self) -> Option<&'static str> {
        match &self.0.refusal {
            Refusal::Error(error) => error.code(),
            _ => None,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => write_chain(f, self),
            false => self.0.refusal.fmt(f),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.store {
            Some(store) => Some(store),
            None => self.0.refusal.source(),
        }
    }
}

impl From<Refused> for Response<Bytes> {
    fn from(refused: Refused) -> Self {
        refused.0.response
    }
}
