//! Operations and a hostile server, which answers with any events in any order.
//!
//! No step panics, an operation ends within its bound, and after its end every step returns an
//! error.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use oauth_core::Error;
use oauth_core::authorization::{AuthorizationCodeGrantChecks, Callback, ExpectedState};
use oauth_core::cache::Cache;
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DiscoveryEndpoint, DiscoveryAlgorithm, ExpectedSubject, UserInfoEndpoint};
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::error::{KeyFault, Misuse, NoAnswer, Unanswered};
use oauth_core::flow::{AuthorizationCodeGrant, Discover, FetchUserInfo, RefreshTokenGrant};
use oauth_core::key::{KeyReference, KeyResult};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::secret::Secret;
use oauth_core::time::UnixTime;

/// The maximum number of steps of these operations. Each request has at most one retry, and each
/// attempt uses one or two keys.
const BOUND: usize = 16;

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [operation, authentication, events @ ..] = data else {
        return;
    };
    let configuration = configuration(*authentication);
    match operation % 4 {
        0 => {
            let policy = Policy::default();
            let discovery =
                DiscoveryEndpoint::new("https://op.example", DiscoveryAlgorithm::default(), policy);
            drive(Discover::new(discovery.expect("an issuer")), events);
        }
        1 => {
            let callback = Callback::from_query("code=c&state=s&iss=https%3A%2F%2Fop.example");
            let checks = AuthorizationCodeGrantChecks {
                expected_state: ExpectedState::Equals(Secret::from("s")),
                expected_nonce: Some(Secret::from("n")),
                ..Default::default()
            };
            drive(
                AuthorizationCodeGrant::new(&configuration, &callback, "https://app.example/cb", checks),
                events,
            );
        }
        2 => drive(RefreshTokenGrant::new(configuration, "r"), events),
        _ => {
            let subject = ExpectedSubject::Equals("alice".to_owned());
            drive(
                FetchUserInfo::new(UserInfoEndpoint::new(configuration, Secret::from("a"), subject)),
                events,
            );
        }
    }
});

fn configuration(authentication: u8) -> Configuration {
    let mut server = ServerMetadata::new("https://op.example");
    server.token_endpoint = Some("https://op.example/token".to_owned());
    server.userinfo_endpoint = Some("https://op.example/userinfo".to_owned());
    server.jwks_uri = Some("https://op.example/jwks".to_owned());
    let client = ClientMetadata::new("app");
    let authentication = match authentication % 2 {
        0 => ClientAuthentication::None,
        _ => ClientAuthentication::PrivateKeyJwt(
            PrivateKeyJwt::new(KeyReference {
                name: KeyName::new("k"),
                algorithm: jose::SignatureAlgorithm::ES256,
                kid: None,
            })
            .expect("a key"),
        ),
    };
    Configuration::with_authentication(server, client, authentication, Policy::default())
        .expect("a configuration")
}

fn drive<O: Operation>(mut operation: O, events: &[u8]) {
    let cache = Cache::default();
    let mut env = Env {
        now: UnixTime::from_seconds(1_700_000_000),
        elapsed: Duration::ZERO,
        entropy: &Fixed,
        cache: &cache,
    };
    let mut steps = 0;
    let mut next = Some(Event::Begin);
    let mut chunks = events.split(|byte| *byte == 0xff);
    while let Some(event) = next.take() {
        steps += 1;
        assert!(steps <= BOUND, "an operation without end");
        let endpoint = match operation.step(&mut env, event) {
            Ok(Action::Done(_)) | Err(_) => break,
            Ok(Action::Send(outbound)) => Some(outbound.endpoint),
            Ok(Action::UseKey(_) | Action::Wait(_)) => None,
        };
        next = Some(answer(chunks.next().unwrap_or_default(), endpoint));
    }
    for event in [Event::Begin, Event::Elapsed, answer(&[4], None)] {
        assert!(matches!(
            operation.step(&mut env, event),
            Err(Error::Misuse(Misuse::Finished))
        ));
    }
}

/// Makes an event from bytes. The first byte chooses the kind, the second the status, the third the
/// headers. The rest is the body, or a part of a body that is otherwise valid.
fn answer(chunk: &[u8], endpoint: Option<EndpointName>) -> Event {
    let (kind, status, headers, rest) = match chunk {
        [kind, status, headers, rest @ ..] => (*kind, *status, *headers, rest),
        _ => (chunk.len().try_into().unwrap_or(0), 0, 0, chunk),
    };
    match kind % 16 {
        0 => Event::Unanswered(Unanswered {
            endpoint: endpoint.unwrap_or(EndpointName::Token),
            reason: NoAnswer::TimedOut {
                deadline: Duration::from_secs(30),
            },
            source: None,
        }),
        1 => Event::Elapsed,
        2 => Event::Aborted,
        3 => Event::KeyUnavailable(KeyFault {
            key: KeyName::new("k"),
            source: None,
        }),
        4..=7 => Event::KeyUsed(KeyResult::Signature(vec![status; 64])),
        8..=11 => Event::Received(response(status, headers, rest)),
        _ => {
            let good: &[u8] = match endpoint {
                Some(EndpointName::Jwks) => br#"{"keys":[],"":""#,
                Some(EndpointName::UserInfo) => br#"{"sub":"alice","":""#,
                _ => br#"{"access_token":"a","token_type":"bearer","id_token":""#,
            };
            Event::Received(response(0, headers, &[good, rest, br#""}"#].concat()))
        }
    }
}

fn response(status: u8, headers: u8, body: &[u8]) -> Response<Bytes> {
    let status = [200, 201, 204, 302, 400, 401, 404, 500, 503][usize::from(status) % 9];
    let header = [
        ("content-type", "application/json"),
        ("content-type", "application/jwt"),
        ("content-type", "text/html"),
        ("content-encoding", "gzip"),
        ("www-authenticate", "DPoP error=\"use_dpop_nonce\""),
        ("dpop-nonce", "n1"),
        ("location", "https://elsewhere.example/?code=c"),
        ("retry-after", "99999999999"),
    ];
    let mut response = Response::builder().status(status);
    for (bit, (name, value)) in header.iter().enumerate() {
        if headers >> bit & 1 == 1 {
            response = response.header(*name, *value);
        }
    }
    response
        .body(Bytes::copy_from_slice(body))
        .expect("a response")
}
