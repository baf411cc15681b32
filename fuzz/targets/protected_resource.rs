//! A challenge leads to https alone, and metadata are accepted only for the resource that was asked
//! for, with a few https issuers.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, Response};
use oauth_core::cache::Cache;
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::flow::FetchProtectedResourceMetadata;
use oauth_core::metadata::{ResourceIdentifier, Scope};
use oauth_core::operation::{Action, Event, Operation as _};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use oauth_core::validate::ResourceChallenge;
use url::Url;

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

const RESOURCE: &str = "https://mcp.example/mcp";

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let header = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    if let Ok(header) = HeaderValue::from_bytes(header) {
        headers.insert(WWW_AUTHENTICATE, header);
    }
    let Ok(challenge) = ResourceChallenge::of_response(&headers) else {
        return;
    };
    if let Some(scope) = challenge.scope() {
        let written = scope.to_string();
        assert_eq!(Scope::parse(&written).as_ref(), Some(scope));
        assert!(written.len() <= 4096);
    }
    let policy = Policy::default();
    let resource = ResourceIdentifier::new(RESOURCE, &policy).expect("a resource");
    // A URL in the challenge that is not https is refused here.
    if let Ok(fetch) = FetchProtectedResourceMetadata::new(&resource, &challenge, None, &policy) {
        fetched(fetch, &challenge, body);
    }
});

fn fetched(mut fetch: FetchProtectedResourceMetadata, challenge: &ResourceChallenge, body: &[u8]) {
    let cache = Cache::default();
    let mut env = Env {
        now: UnixTime::from_seconds(1_700_000_000),
        elapsed: Duration::ZERO,
        entropy: &Fixed,
        cache: &cache,
    };
    // A URL that HTTP cannot carry is refused.
    let Ok(Action::Send(outbound)) = fetch.step(&mut env, Event::Begin) else {
        assert!(challenge.resource_metadata().is_some());
        return;
    };
    let url = Url::parse(&outbound.request.uri().to_string()).expect("a URL");
    assert_eq!(url.scheme(), "https");
    assert!(url.username().is_empty() && url.password().is_none());
    if challenge.resource_metadata().is_none() {
        let place = "/.well-known/oauth-protected-resource/mcp";
        assert_eq!((url.host_str(), url.path()), (Some("mcp.example"), place));
    }
    let response = Response::new(Bytes::copy_from_slice(body));
    let Ok(Action::Done(metadata)) = fetch.step(&mut env, Event::Received(response)) else {
        return;
    };
    let found = Url::parse(&metadata.resource).expect("the resource");
    assert_eq!(found.as_str(), RESOURCE);
    let servers = metadata
        .authorization_servers
        .as_deref()
        .unwrap_or_default();
    assert!((1..=16).contains(&servers.len()));
    for server in servers {
        let issuer = Url::parse(server).expect("an issuer");
        assert_eq!(issuer.scheme(), "https");
        assert!(issuer.query().is_none() && issuer.fragment().is_none());
        assert!(issuer.username().is_empty() && issuer.password().is_none());
    }
    assert!(metadata.scope().is_some());
}
