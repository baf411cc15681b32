//! Real documents and responses of other providers. The tests assert the values that are read.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is a failed test"
)]

mod callbacks;
mod key_sets;
mod logout_token;
mod metadata;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use oauth_core::cache::Cache;
use oauth_core::configuration::Configuration;
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use serde_json::Value;

/// The text of a file in `cases/providers`.
macro_rules! case {
    ($name:literal) => {
        include_str!(concat!("../cases/providers/", $name))
    };
}
pub(crate) use case;

const KEYCLOAK: &str = case!("discovery-keycloak-26.4.7.json");

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Returns a policy for providers that were recorded with http.
fn laboratory() -> Policy {
    let mut policy = Policy::default();
    policy.danger_allow_insecure_requests();
    policy
}

fn configuration(document: &str, client: ClientMetadata, policy: Policy) -> Configuration {
    let server = ServerMetadata::from_json(document.as_bytes()).unwrap();
    Configuration::new(server, client, policy).unwrap()
}

fn json(body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

fn env(now: i64, cache: &Cache) -> Env<'_> {
    Env {
        now: UnixTime::from_seconds(now),
        elapsed: Duration::ZERO,
        entropy: &Sevens,
        cache,
    }
}
