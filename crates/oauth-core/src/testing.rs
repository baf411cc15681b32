//! What unit tests share.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::env::Entropy;
use crate::env::EntropyFault;
use crate::env::Env;
use crate::env::UnixTime;
use crate::metadata::ClientMetadata;
use crate::metadata::ServerMetadata;
use crate::policy::Policy;

/// Entropy that is always the same byte.
pub(crate) struct FixedEntropy(pub(crate) u8);

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(self.0);
        Ok(())
    }
}

/// The moment that tests call now.
pub(crate) const NOW: i64 = 1_700_000_000;

/// An environment at `now` (seconds since the epoch) and `elapsed` (seconds of monotonic time).
pub(crate) fn env(now: i64, elapsed: u64, cache: &Cache) -> Env<'_> {
    Env {
        now: UnixTime::from_seconds(now),
        elapsed: Duration::from_secs(elapsed),
        entropy: &FixedEntropy(7),
        cache,
    }
}

/// The server `https://op.example` with its usual endpoints.
pub(crate) fn server() -> ServerMetadata {
    let mut server = ServerMetadata::new("https://op.example");
    server.authorization_endpoint = Some("https://op.example/authorize".to_owned());
    server.token_endpoint = Some("https://op.example/token".to_owned());
    server.userinfo_endpoint = Some("https://op.example/userinfo".to_owned());
    server.jwks_uri = Some("https://op.example/jwks".to_owned());
    server
}

/// The public client `app` at [`server`] under the default policy.
pub(crate) fn configuration() -> Configuration {
    Configuration::new(server(), ClientMetadata::new("app"), Policy::default()).unwrap()
}

/// A response with a body, labelled as JSON.
pub(crate) fn response(status: u16, body: impl Into<String>) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Bytes::from(body.into()))
        .unwrap()
}
