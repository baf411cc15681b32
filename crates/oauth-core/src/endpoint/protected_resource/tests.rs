use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::Value;

use super::*;
use crate::cache::{Cache, ServerRole};
use crate::dpop::DPoPKey;
use crate::flow::FetchProtectedResource;
use crate::key::{KeyJob, KeyReference, KeyResult};
use crate::names::KeyName;
use crate::operation::{Action, Event, Operation};
use crate::outbound::{Outbound, RequestBody};
use crate::testing;
use crate::testing::{NOW, assert_finished, configuration};

mod transport;

const URL: &str = "https://rs.example/things/1?fields=a";
const ORIGIN: &str = "https://rs.example";

/// Returns a configuration with a DPoP key, and the private key.
fn bound() -> (Configuration, Arc<SigningKey>) {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let reference = KeyReference {
        name: KeyName::new("dpop"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    };
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    (configuration().with_dpop_key(dpop_key), Arc::new(key))
}

fn resource(
    configuration: &Configuration,
    token: impl Into<AccessToken>,
) -> ProtectedResourceEndpoint {
    ProtectedResourceEndpoint::new(configuration.clone(), token, Method::PUT, URL).unwrap()
}

/// The operation with a separate environment and a key that always answers.
struct Script {
    cache: Cache,
    key: Option<Arc<SigningKey>>,
    fetch: FetchProtectedResource,
}

impl Script {
    fn new(resource: ProtectedResourceEndpoint, key: Option<Arc<SigningKey>>) -> Self {
        Self {
            cache: Cache::new(),
            key,
            fetch: FetchProtectedResource::new(resource),
        }
    }

    fn begin(&mut self) -> Outbound {
        testing::sent(self.step(Event::Begin))
    }

    fn receive(&mut self, response: Response<Bytes>) -> Result<Action<Response<()>>, Error> {
        self.step(Event::Received(response))
    }

    fn step(&mut self, mut event: Event) -> Result<Action<Response<()>>, Error> {
        loop {
            let mut env = testing::env(NOW, 0, &self.cache);
            match self.fetch.step(&mut env, event)? {
                Action::UseKey(KeyJob::Sign {
                    algorithm, input, ..
                }) => {
                    let signature = self.key.as_ref().unwrap().sign(algorithm, &input).unwrap();
                    event = Event::KeyUsed(KeyResult::Signature(signature));
                }
                action => return Ok(action),
            }
        }
    }
}

fn head(status: u16, headers: &[(&'static str, &'static str)]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_static(value);
        response.headers_mut().append(*name, value);
    }
    response
}

fn claims(outbound: &Outbound) -> Value {
    let proof = outbound.request.headers()["dpop"].to_str().unwrap();
    let payload = proof.split('.').nth(1).unwrap();
    serde_json::from_slice(&jose::base64url::decode(payload).unwrap()).unwrap()
}

#[track_caller]
fn misuse<T>(result: Result<T, Error>) -> Misuse {
    match result {
        Err(Error::Misuse(misuse)) => misuse,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("accepted"),
    }
}

const DEMAND: &[(&str, &str)] = &[
    ("www-authenticate", "Bearer, dpop error=\"use_dpop_nonce\""),
    ("dpop-nonce", "n1"),
];

#[test]
fn a_bearer_request_as_it_was_asked_for() {
    let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("text/csv"))]);
    let request = resource(&configuration(), "at-1")
        .headers(headers)
        .unwrap()
        .body(DraftBody::Bytes(Bytes::from_static(b"1;2")));
    let mut script = Script::new(request, None);
    let outbound = script.begin();
    assert_eq!(outbound.request.method(), Method::PUT);
    assert_eq!(outbound.request.uri(), URL);
    assert_eq!(outbound.request.body(), "1;2");
    let headers = outbound.request.headers();
    assert_eq!(headers["authorization"], "Bearer at-1");
    assert!(headers["authorization"].is_sensitive());
    assert_eq!(headers["accept"], "text/csv");
    assert_eq!(headers.len(), 2);
    assert_eq!(outbound.body, RequestBody::Inline);
    assert_eq!(outbound.response, ResponseBody::Streamed);
    assert!(!outbound.client_certificate);
    assert!(!format!("{outbound:?}").contains("at-1"));

    let response = head(404, &[("x-answer", "no")]);
    let answer = testing::done(script.receive(response));
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(answer.headers()["x-answer"], "no");
    assert_finished(&mut script.fetch);
}

#[test]
fn the_scheme_follows_the_token_and_its_key() {
    let (bound, key) = bound();
    let thumbprint = bound.dpop_key().unwrap().thumbprint();
    for (configuration, token, scheme) in [
        (&configuration(), AccessToken::from("at"), "Bearer"),
        (&configuration(), AccessToken::bearer("at"), "Bearer"),
        (&bound, AccessToken::from("at"), "DPoP"),
        (&bound, AccessToken::dpop("at", thumbprint), "DPoP"),
        (&bound, AccessToken::bearer("at"), "Bearer"),
    ] {
        let key = Arc::clone(&key);
        let outbound = Script::new(resource(configuration, token), Some(key)).begin();
        let headers = outbound.request.headers();
        assert_eq!(headers["authorization"], format!("{scheme} at"));
        assert_eq!(headers.contains_key("dpop"), scheme == "DPoP");
    }
}

#[test]
fn a_bound_token_is_of_no_use_with_another_key() {
    let (one, _) = bound();
    let (another, _) = bound();
    let thumbprint = |configuration: &Configuration| {
        let key = configuration.dpop_key().unwrap();
        key.thumbprint().to_owned()
    };
    let token = AccessToken::dpop("at", thumbprint(&one));
    for (configuration, found) in [
        (another.clone(), Some(thumbprint(&another))),
        (configuration(), None),
    ] {
        let mut script = Script::new(resource(&configuration, token.clone()), None);
        let misuse = misuse(script.step(Event::Begin));
        let expected = thumbprint(&one);
        assert_eq!(misuse, Misuse::AnotherDPoPKey { expected, found });
    }
}

#[test]
fn a_demand_for_a_nonce_is_met_once() {
    let (configuration, key) = bound();
    let mut script = Script::new(resource(&configuration, "at"), Some(key));
    // The nonce of the authorization server at the same origin does not serve the resource.
    script
        .cache
        .store_dpop_nonce(ServerRole::AuthorizationServer, ORIGIN, "as");
    let first = script.begin();
    let proof = claims(&first);
    assert_eq!(proof["htm"], "PUT");
    assert_eq!(proof["htu"], "https://rs.example/things/1");
    assert!(proof["ath"].is_string());
    assert_eq!(proof.get("nonce"), None);

    let second = testing::sent(script.receive(head(401, DEMAND)));
    assert_eq!(claims(&second)["nonce"], "n1");
    let nonce = |role| script.cache.dpop_nonce(role, ORIGIN);
    assert_eq!(nonce(ServerRole::ResourceServer).as_deref(), Some("n1"));
    assert_eq!(
        nonce(ServerRole::AuthorizationServer).as_deref(),
        Some("as")
    );

    let again = [DEMAND[0], ("dpop-nonce", "n2")];
    let error = script.receive(head(401, &again)).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    let Error::WwwAuthenticateChallenge(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.status, StatusCode::UNAUTHORIZED);
    assert_eq!(error.challenges[1].error(), Some("use_dpop_nonce"));
}

#[test]
fn a_bearer_request_is_never_repeated() {
    let (configuration, _) = bound();
    let mut script = Script::new(resource(&configuration, AccessToken::bearer("at")), None);
    let outbound = script.begin();
    assert!(!outbound.request.headers().contains_key("dpop"));
    let error = script.receive(head(401, DEMAND)).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

#[test]
fn the_callers_body_is_repeated_when_it_can_be() {
    for repeatable in [true, false] {
        let (configuration, key) = bound();
        let request = resource(&configuration, "at").body(DraftBody::Callers { repeatable });
        let mut script = Script::new(request, Some(key));
        let first = script.begin();
        assert_eq!(first.body, RequestBody::Callers);
        assert!(first.request.body().is_empty());
        let answer = script.receive(head(401, DEMAND));
        if repeatable {
            assert_eq!(testing::sent(answer).body, RequestBody::Callers);
        } else {
            assert_eq!(misuse(answer), Misuse::BodySpent);
            let nonce = script.cache.dpop_nonce(ServerRole::ResourceServer, ORIGIN);
            assert_eq!(nonce.as_deref(), Some("n1"));
        }
    }
}

#[test]
fn a_challenge_refuses_unless_the_request_succeeded() {
    let challenge = ("www-authenticate", "Bearer error=\"insufficient_scope\"");
    let unreadable = ("www-authenticate", "Bearer error=\"insufficient_scope");
    for (status, challenge, refused) in [
        (401, challenge, true),
        (403, challenge, true),
        (302, challenge, true),
        (503, challenge, true),
        (200, challenge, false),
        (206, challenge, false),
        (401, unreadable, false),
    ] {
        let mut script = Script::new(resource(&configuration(), "at"), None);
        script.begin();
        match script.receive(head(status, &[challenge])) {
            Ok(Action::Done(answer)) => {
                assert!(!refused, "{status}");
                assert_eq!(answer.status().as_u16(), status);
            }
            Err(Error::WwwAuthenticateChallenge(error)) => {
                assert!(refused, "{status}");
                assert_eq!(error.status.as_u16(), status);
                assert_eq!(error.challenges[0].error(), Some("insufficient_scope"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_header_that_the_access_token_decides_is_refused() {
    for name in [header::AUTHORIZATION, DPOP] {
        let headers = HeaderMap::from_iter([(name.clone(), HeaderValue::from_static("x"))]);
        let misuse = misuse(resource(&configuration(), "at").headers(headers));
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "headers",
                expected: "without authorization and dpop, which the access token decides",
                found: name.to_string(),
            }
        );
    }
}

#[test]
fn where_an_access_token_may_go() {
    let new = |configuration: Configuration, url: &str| {
        ProtectedResourceEndpoint::new(configuration, "at", Method::GET, url)
    };
    for (url, code) in [
        ("http://rs.example/", "OAUTH_HTTP_REQUEST_FORBIDDEN"),
        ("ftp://rs.example/", "OAUTH_REQUEST_PROTOCOL_FORBIDDEN"),
        ("data:,x", "OAUTH_REQUEST_PROTOCOL_FORBIDDEN"),
    ] {
        let error = new(configuration(), url).unwrap_err();
        assert_eq!(error.code(), Some(code), "{url}");
    }
    let long = format!("https://rs.example/{}", "a".repeat(70_000));
    for (url, expected) in [
        ("/things", "an absolute URL"),
        (
            "https://me:secret@rs.example/",
            "a URL without user name and password",
        ),
        (long.as_str(), "a URL that can be requested"),
    ] {
        match misuse(new(configuration(), url)) {
            Misuse::InvalidArgument {
                argument: "url",
                expected: found,
                ..
            } => assert_eq!(found, expected),
            misuse => panic!("{misuse}"),
        }
    }
    let mut policy = Policy::default();
    policy.danger_allow_insecure_requests();
    let insecure = configuration().with_policy(policy);
    new(insecure.clone(), "http://127.0.0.1:8080/").unwrap();
    let error = new(insecure, "file:///etc/passwd").unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_REQUEST_PROTOCOL_FORBIDDEN"));

    for method in [Method::CONNECT, Method::TRACE] {
        let refused = ProtectedResourceEndpoint::new(configuration(), "at", method.clone(), URL);
        assert_eq!(
            misuse(refused),
            Misuse::InvalidArgument {
                argument: "method",
                expected: "neither CONNECT nor TRACE",
                found: method.to_string(),
            }
        );
    }
}

#[test]
fn nothing_is_shown_that_may_be_secret() {
    let secret = HeaderValue::from_static("secret");
    let headers = HeaderMap::from_iter([(header::COOKIE, secret)]);
    let url = "https://rs.example/things?access_token=secret";
    let resource =
        ProtectedResourceEndpoint::new(configuration(), "secret", Method::GET, url).unwrap();
    let resource = resource.headers(headers).unwrap();
    assert_eq!(
        format!("{resource:?}"),
        "ProtectedResource { method: GET, url: \"https://rs.example/things\", \
         headers: [\"cookie\"], body: Empty, .. }"
    );
    let fetch = FetchProtectedResource::new(resource);
    assert!(!format!("{fetch:?}").contains("secret"));
}
