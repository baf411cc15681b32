//! This library's client meets this library's resource server.

use std::time::Duration;

use crate::challenge::Challenge;
use crate::dpop::DPoPKey;
use crate::endpoint::{AccessToken, ProtectedResourceEndpoint};
use crate::error::StepUp;
use crate::flow::FetchProtectedResource;
use crate::key::{KeyJob, KeyReference, KeyResult};
use crate::names::KeyName;
use crate::outbound::Outbound;
use crate::resource_server::{DPoPNonces, Refusal};
use crate::secret::Secret;
use crate::time::UnixTime;

use super::*;

const NOW_TIME: UnixTime = UnixTime::from_seconds(NOW);

/// `GET /items?page=2` with this token, by a client with [`CLIENT_KEY`].
struct Client {
    cache: Cache,
    fetch: FetchProtectedResource,
}

impl Client {
    fn new(token: AccessToken) -> Self {
        let reference = KeyReference {
            name: KeyName::new("dpop"),
            algorithm: ES256,
            kid: None,
        };
        let key = DPoPKey::new(reference, &CLIENT_KEY.public_jwk().unwrap()).unwrap();
        let configuration = testing::configuration().with_dpop_key(key);
        let url = "https://api.example/items?page=2";
        let endpoint = ProtectedResourceEndpoint::new(configuration, token, Method::GET, url);
        Self {
            cache: Cache::new(),
            fetch: FetchProtectedResource::new(endpoint.unwrap()),
        }
    }

    fn step(&mut self, mut event: Event) -> Result<Outbound, Error> {
        loop {
            match self.fetch.step(&mut env(NOW, 0, &self.cache), event)? {
                Action::UseKey(KeyJob::Sign {
                    algorithm, input, ..
                }) => {
                    let signature = CLIENT_KEY.sign(algorithm, &input).unwrap();
                    event = Event::KeyUsed(KeyResult::Signature(signature));
                }
                Action::Send(outbound) => return Ok(*outbound),
                _ => panic!("another action"),
            }
        }
    }
}

fn received(outbound: &Outbound) -> ResourceRequest {
    let request = &outbound.request;
    ResourceRequest::new(request.method(), request.uri(), request.headers())
}

#[test]
fn the_client_gets_a_nonce_and_passes() {
    let nonces = DPoPNonces::new(&[Secret::new(vec![7; 32])], Duration::from_secs(60)).unwrap();
    let server = server().with_nonces(nonces);
    let mut client = Client::new(AccessToken::dpop(access_token(&bound()), thumbprint()));
    let first = received(&client.step(Event::Begin).unwrap());
    let error = decide(&server, first.clone()).unwrap_err();
    let answer = server.answer(first.scheme(), &error.into(), NOW_TIME);
    let second = client.step(Event::Received(answer)).unwrap();
    let authorized = decide(&server, received(&second)).unwrap();
    assert_eq!(authorized.access_token.sub(), Some("alice"));
    assert_eq!(authorized.dpop_nonce, None);
}

#[test]
fn the_client_learns_what_is_insufficient() {
    let mut client = Client::new(AccessToken::bearer(access_token(&good())));
    let request = received(&client.step(Event::Begin).unwrap());
    let token = decide(&server(), request.clone()).unwrap().access_token;
    for (refusal, expected) in [
        (
            token.require_scope(&["read", "admin"]).unwrap_err(),
            StepUp::InsufficientScope {
                scope: Some("read admin".to_owned()),
            },
        ),
        (
            token
                .require_authentication(&["mfa"], Some(Duration::from_secs(5)), NOW_TIME)
                .unwrap_err(),
            StepUp::InsufficientUserAuthentication {
                acr_values: vec!["mfa".to_owned()],
                max_age: Some(Duration::from_secs(5)),
                scope: None,
            },
        ),
    ] {
        assert_eq!(step_up(&request, &refusal), Some(expected));
    }
}

/// What a client reads from the response to a refused request.
fn step_up(request: &ResourceRequest, refusal: &Refusal) -> Option<StepUp> {
    let answer = server().answer(request.scheme(), refusal, NOW_TIME);
    assert!(!Challenge::of_response(answer.headers()).is_empty());
    let mut client = Client::new(AccessToken::bearer(access_token(&good())));
    client.step(Event::Begin).unwrap();
    match client.step(Event::Received(answer)) {
        Err(Error::WwwAuthenticateChallenge(error)) => error.step_up(),
        other => panic!("{other:?}"),
    }
}
