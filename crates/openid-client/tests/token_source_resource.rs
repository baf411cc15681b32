//! Protected resources with a source of tokens: who is sent what, and how often.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Method, Request, Response, TransportError,
};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::error::StepUp;
use openid_client::{Client, Error, ServerMetadata, SourceGrant, TokenSource, oauth_core};
use tokio::time::advance;

const RESOURCE: &str = "https://api.example/things";

/// Issues `at-1`, `at-2`, …; the resource answers the refusals in their order, then 200.
struct Script {
    token_type: &'static str,
    refusals: Mutex<Vec<Refusal>>,
    issued: Mutex<u32>,
    /// A token that is always refused.
    revoked: &'static str,
    /// Token and body of each request to the resource.
    sent: Mutex<Vec<(String, String)>>,
}

#[derive(Clone, Copy)]
enum Refusal {
    InvalidToken,
    Nonce(&'static str),
    Challenge(u16, &'static str),
    /// A refusal without a challenge, with this status and body.
    Bare(u16, &'static str),
}

impl Script {
    fn new(token_type: &'static str, refusals: &[Refusal]) -> Arc<Self> {
        Self::with_revoked("", token_type, refusals)
    }

    fn with_revoked(
        revoked: &'static str,
        token_type: &'static str,
        refusals: &[Refusal],
    ) -> Arc<Self> {
        Arc::new(Self {
            revoked,
            token_type,
            refusals: Mutex::new(refusals.iter().rev().copied().collect()),
            issued: Mutex::new(0),
            sent: Mutex::new(Vec::new()),
        })
    }

    fn token(&self) -> Response<Bytes> {
        let mut issued = self.issued.lock().unwrap();
        *issued += 1;
        let token_type = self.token_type;
        let body = format!(
            r#"{{"access_token":"at-{issued}","token_type":"{token_type}","expires_in":3600}}"#
        );
        Response::builder()
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap()
    }

    fn resource(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let token = authorization.split_once(' ').unwrap().1.to_owned();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        let revoked = (token == self.revoked).then_some(Refusal::InvalidToken);
        self.sent.lock().unwrap().push((token, body));
        let response = Response::builder();
        let response = match revoked.or_else(|| self.refusals.lock().unwrap().pop()) {
            None => response.status(200),
            Some(Refusal::Bare(status, body)) => {
                return response.status(status).body(Bytes::from(body)).unwrap();
            }
            Some(Refusal::InvalidToken) => {
                let challenge = format!("{} error=\"invalid_token\"", self.token_type);
                response.status(401).header("www-authenticate", challenge)
            }
            Some(Refusal::Nonce(nonce)) => response
                .status(401)
                .header("www-authenticate", "DPoP error=\"use_dpop_nonce\"")
                .header("dpop-nonce", nonce),
            Some(Refusal::Challenge(status, challenge)) => response
                .status(status)
                .header("www-authenticate", challenge),
        };
        response.body(Bytes::new()).unwrap()
    }

    fn tokens_sent(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(|(token, _)| token.clone()).collect()
    }

    fn issued(&self) -> u32 {
        *self.issued.lock().unwrap()
    }
}

impl HttpClient for Script {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            let response = match request.uri().path() {
                "/token" => self.token(),
                _ => self.resource(&request),
            };
            // A network takes its time, in which others ask.
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(response.map(Body::from))
        })
    }
}

fn client(script: &Arc<Script>) -> Client {
    let mut server = ServerMetadata::new("https://op.example");
    server.token_endpoint = Some("https://op.example/token".to_owned());
    let builder = Client::from_metadata(server, "app").http_client(Arc::clone(script));
    match script.token_type {
        "DPoP" => {
            let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
            builder.dpop_key(key).build().unwrap()
        }
        _ => builder.build().unwrap(),
    }
}

/// A source whose token is a minute old.
async fn source(client: &Client) -> TokenSource {
    let grant = SourceGrant::client_credentials().scope("read");
    let source = client.token_source(grant).build().unwrap();
    source.token().await.unwrap();
    advance(Duration::from_secs(60)).await;
    source
}

fn refusal(error: Error) -> oauth_core::Error {
    match error {
        Error::Core(error @ oauth_core::Error::WwwAuthenticateChallenge(_)) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_and_the_request_sent_again() {
    let script = Script::new("Bearer", &[Refusal::InvalidToken]);
    let client = client(&script);
    let source = source(&client).await;
    let request = client.fetch_protected_resource(&source, Method::POST, RESOURCE);
    let response = request.body("hello").await.unwrap();
    assert_eq!(response.status(), 200);
    let expected = [("at-1", "hello"), ("at-2", "hello")];
    let expected = expected.map(|(token, body)| (token.to_owned(), body.to_owned()));
    assert_eq!(*script.sent.lock().unwrap(), expected);
    // The new token serves from now on.
    let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
    request.await.unwrap();
    assert_eq!((script.tokens_sent().len(), script.issued()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn parallel_refusals_replace_a_token_once() {
    let script = Script::with_revoked("at-1", "Bearer", &[]);
    let client = client(&script);
    let source = source(&client).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
        tasks.spawn(async move { request.await.unwrap().status() });
    }
    let statuses = tasks.join_all().await;
    assert!(statuses.iter().all(|status| *status == 200));
    assert_eq!((script.tokens_sent().len(), script.issued()), (16, 2));
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_is_the_result() {
    let script = Script::new("Bearer", &[Refusal::InvalidToken; 9]);
    let client = client(&script);
    let source = source(&client).await;
    let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
    let error = refusal(request.await.unwrap_err());
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    assert_eq!(script.tokens_sent(), ["at-1", "at-2"]);
    // And the next one of a token that is a moment old.
    let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
    refusal(request.await.unwrap_err());
    assert_eq!(script.tokens_sent(), ["at-1", "at-2", "at-2"]);
    assert_eq!(script.issued(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_there_only_once_is_not_sent_again() {
    for repeatable in [true, false] {
        let script = Script::new("Bearer", &[Refusal::InvalidToken]);
        let client = client(&script);
        let source = source(&client).await;
        let request = client.fetch_protected_resource(&source, Method::POST, RESOURCE);
        let body = || Body::from(Bytes::from_static(b"x"));
        let result = match repeatable {
            true => request.repeatable_body(body).await,
            false => request.body_once(body()).await,
        };
        if repeatable {
            assert_eq!(result.unwrap().status(), 200);
            let sent = script.sent.lock().unwrap();
            assert!(sent.iter().all(|(_, body)| body == "x"));
            assert_eq!(sent.len(), 2);
        } else {
            refusal(result.unwrap_err());
            assert_eq!(script.tokens_sent(), ["at-1"]);
            // The token is still replaced for the next request.
            let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
            request.await.unwrap();
            assert_eq!(script.tokens_sent(), ["at-1", "at-2"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_is_sent_three_times_at_most() {
    use Refusal::{InvalidToken, Nonce};
    for (refusals, tokens, succeeds) in [
        (&[Nonce("n1")][..], &["at-1", "at-1"][..], true),
        (
            &[Nonce("n1"), InvalidToken],
            &["at-1", "at-1", "at-2"],
            true,
        ),
        (
            &[InvalidToken, Nonce("n1")],
            &["at-1", "at-2", "at-2"],
            true,
        ),
        (
            &[Nonce("n1"), InvalidToken, Nonce("n2")],
            &["at-1", "at-1", "at-2"],
            false,
        ),
        (
            &[InvalidToken, Nonce("n1"), Nonce("n2")],
            &["at-1", "at-2", "at-2"],
            false,
        ),
    ] {
        let script = Script::new("DPoP", refusals);
        let client = client(&script);
        let source = source(&client).await;
        let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
        let result = request.await;
        assert_eq!(script.tokens_sent(), tokens);
        match result {
            Ok(response) => assert!(succeeds && response.status() == 200),
            Err(error) => {
                refusal(error);
                assert!(!succeeds);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_resource_asks_for_comes_back_typed() {
    let authentication = StepUp::InsufficientUserAuthentication {
        acr_values: vec!["gold".to_owned()],
        max_age: Some(Duration::from_secs(60)),
        scope: None,
    };
    let scope = StepUp::InsufficientScope {
        scope: Some("write".to_owned()),
    };
    for (status, challenge, expected) in [
        (
            401,
            "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\", max_age=60",
            authentication,
        ),
        (
            403,
            "Bearer error=\"insufficient_scope\", scope=\"write\"",
            scope,
        ),
    ] {
        let script = Script::new("Bearer", &[Refusal::Challenge(status, challenge)]);
        let client = client(&script);
        let source = source(&client).await;
        let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
        let error = refusal(request.await.unwrap_err());
        assert_eq!(error.step_up(), Some(expected));
        // Another token would be no better.
        assert_eq!((script.tokens_sent().len(), script.issued()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_that_nothing_can_replace_asks_for_a_login() {
    let script = Script::new("Bearer", &[Refusal::InvalidToken]);
    let client = client(&script);
    let tokens = client.client_credentials_grant().scope("read").await;
    // There is no refresh token.
    let source = client.token_source(tokens.unwrap()).build().unwrap();
    advance(Duration::from_secs(60)).await;
    let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
    let error = request.await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_LOGIN_NEEDED"));
    assert_eq!(script.tokens_sent(), ["at-1"]);
}

/// A response without a challenge refuses the token by the code in its body, or by the status 401.
#[tokio::test(start_paused = true)]
async fn a_refusal_without_a_challenge_counts_as_the_same() {
    let scope = r#"{"error":"insufficient_scope"}"#;
    for (status, body, sends) in [
        (401, "", 2),
        (401, "<html>Unauthorized</html>", 2),
        (403, r#"{"error":"invalid_token"}"#, 2),
        (401, scope, 1),
        (403, "no", 1),
        (404, r#"{"error":"invalid_token"}"#, 1),
    ] {
        let script = Script::new("Bearer", &[Refusal::Bare(status, body)]);
        let client = client(&script);
        let source = source(&client).await;
        let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
        let response = request.await.unwrap();
        assert_eq!(script.tokens_sent().len(), sends, "{status} {body}");
        if sends == 1 {
            // The caller receives the whole body.
            assert_eq!(response.status(), status);
            let received = response.into_body().collect(100).await.unwrap();
            assert_eq!(received, body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bare_401_of_a_token_that_was_issued_a_moment_ago_is_the_result() {
    let script = Script::new("Bearer", &[Refusal::Bare(401, "no"); 9]);
    let client = client(&script);
    let grant = SourceGrant::client_credentials().scope("read");
    let source = client.token_source(grant).build().unwrap();
    for (seconds, tokens) in [
        (29, &["at-1"][..]),
        (1, &["at-1", "at-1", "at-2"]),
        (29, &["at-1", "at-1", "at-2", "at-2"]),
    ] {
        source.token().await.unwrap();
        advance(Duration::from_secs(seconds)).await;
        let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
        let response = request.await.unwrap();
        assert_eq!(response.status(), 401);
        let body = response.into_body().collect(100).await.unwrap();
        assert_eq!(body, "no");
        assert_eq!(script.tokens_sent(), tokens);
    }
}

/// A resource that refuses everything costs one token request in 30 seconds, for any number of
/// requests.
#[tokio::test(start_paused = true)]
async fn a_resource_that_answers_every_request_with_401_costs_a_token_in_thirty_seconds() {
    let script = Script::new("Bearer", &[Refusal::Bare(401, "no"); 2000]);
    let client = client(&script);
    let source = source(&client).await;
    for _ in 0..600 {
        let request = client.fetch_protected_resource(&source, Method::GET, RESOURCE);
        assert_eq!(request.await.unwrap().status(), 401);
        advance(Duration::from_secs(1)).await;
    }
    // Ten minutes, and the token from the beginning.
    assert!(script.issued() <= 1 + 20, "{}", script.issued());
    assert!(script.tokens_sent().len() <= 600 + 20);
}
