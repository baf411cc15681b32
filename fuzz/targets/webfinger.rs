//! An identifier asks its own host over https, and an issuer that is accepted is an https URL.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use oauth_core::cache::Cache;
use oauth_core::endpoint::{UserIdentifier, WebFingerEndpoint};
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::flow::FindIssuer;
use oauth_core::operation::{Action, Event, Operation as _};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use url::Url;

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let input = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    if let Ok(input) = std::str::from_utf8(input)
        && let Ok(identifier) = UserIdentifier::parse(input)
    {
        check(&identifier);
        ask(identifier, body);
    }
});

/// Normalisation is complete: it changes nothing the second time.
fn check(identifier: &UserIdentifier) {
    let resource = identifier.resource();
    let again = UserIdentifier::parse(resource).expect("a normalised identifier");
    assert_eq!(&again, identifier);
    assert!(!resource.contains('#'));
    assert!(!resource.contains(|c: char| c.is_control() || c.is_whitespace()));
}

fn ask(identifier: UserIdentifier, body: &[u8]) {
    let cache = Cache::default();
    let mut env = Env {
        now: UnixTime::from_seconds(0),
        elapsed: Duration::ZERO,
        entropy: &Fixed,
        cache: &cache,
    };
    let endpoint = WebFingerEndpoint::new(identifier.clone(), Policy::default());
    let mut operation = FindIssuer::new(endpoint);
    let outbound = match operation.step(&mut env, Event::Begin) {
        Ok(Action::Send(outbound)) => outbound,
        result => panic!("no request for {identifier:?}: {result:?}"),
    };
    let url = Url::parse(&outbound.request.uri().to_string()).expect("a URL");
    assert_eq!(
        (url.scheme(), url.path()),
        ("https", "/.well-known/webfinger")
    );
    assert!(url.username().is_empty() && url.password().is_none());
    let query: Vec<_> = url.query_pairs().collect();
    assert_eq!(query.len(), 2);
    assert_eq!(query[0], ("resource".into(), identifier.resource().into()));
    assert_eq!(query[1].0, "rel");
    assert_eq!(url.host_str(), host(identifier.resource()).as_deref());

    let event = Event::Received(Response::new(Bytes::copy_from_slice(body)));
    if let Ok(Action::Done(issuer)) = operation.step(&mut env, event) {
        let issuer = Url::parse(&issuer).expect("a URL");
        assert_eq!(issuer.scheme(), "https");
        assert!(issuer.query().is_none() && issuer.fragment().is_none());
        assert!(issuer.username().is_empty() && issuer.password().is_none());
    }
}

/// The host of a resource, found in another way: by what follows the last `@` of an account.
fn host(resource: &str) -> Option<String> {
    let page = match resource.split_once(':') {
        Some((scheme, account)) if scheme.eq_ignore_ascii_case("acct") => {
            let (_, host) = account.rsplit_once('@')?;
            Url::parse(&format!("https://{host}/"))
        }
        _ => Url::parse(resource),
    };
    page.ok()?.host_str().map(str::to_owned)
}
