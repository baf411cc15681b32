//! What goes out with every request, and what holds for every transport.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::Duration;

use std::sync::{Arc, Mutex};

use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError, TransportFailure,
};
use openid_client::oauth_core::error::{Misuse, NoAnswer, TlsFault};
use openid_client::{Client, ClientMetadata, Error, Policy, ServerMetadata, oauth_core};

use self::support::{RawServer, discovery_document, response};

#[tokio::test]
async fn a_request_names_the_client_and_nothing_else() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let server = recording(&seen).await;
    for client in [builder(&server), builder(&server).user_agent("my-app/2.0")] {
        client.await.unwrap();
    }
    let expected = ["openid-client/0.1.0", "my-app/2.0"].map(|user_agent| {
        format!(
            "GET /.well-known/openid-configuration HTTP/1.1\r\naccept: application/json\r\n\
             user-agent: {user_agent}\r\nhost: {}\r\n\r\n",
            server.host()
        )
    });
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn connections_are_used_again_and_cookies_are_not_kept() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let server = recording(&seen).await;
    let client = builder(&server).await.unwrap();
    for _ in 0..3 {
        let issuer = server.url();
        let policy = client.configuration().policy().clone();
        let endpoint =
            oauth_core::endpoint::DiscoveryEndpoint::new(&issuer, Default::default(), policy);
        let discover = oauth_core::flow::Discover::new(endpoint.unwrap());
        assert_eq!(client.run(discover).await.unwrap().issuer, issuer);
    }
    assert_eq!(server.connections(), 1);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 4);
    assert!(
        seen.iter().all(|request| !request.contains("cookie")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_user_agent_that_is_no_header_is_refused() {
    let error = Client::discover("https://id.example.com", "app")
        .user_agent("two\r\nlines")
        .await
        .unwrap_err();
    assert_eq!(
        misuse(&error),
        Misuse::InvalidArgument {
            argument: "user_agent",
            expected: "visible ASCII characters and spaces",
            found: "two\\r\\nlines".to_owned(),
        }
    );
}

#[tokio::test]
async fn the_first_setting_that_is_refused_is_reported() {
    let error = Client::discover("https://id.example.com", "app")
        .clock_tolerance(Duration::from_secs(601))
        .timeout(std::time::Duration::ZERO)
        .clock_tolerance(Duration::from_secs(30))
        .await
        .unwrap_err();
    assert_eq!(
        misuse(&error),
        Misuse::InvalidArgument {
            argument: "clock_tolerance",
            expected: "at most 600 seconds",
            found: "601 s".to_owned(),
        }
    );
    assert_eq!(error.code(), None);
}

#[tokio::test]
async fn client_metadata_takes_neither_the_name_nor_the_secret() {
    for (secret, kept) in [(None, "first"), (Some("second"), "second")] {
        let mut metadata = ClientMetadata::new("another");
        metadata.client_secret = secret.map(Into::into);
        let server = ServerMetadata::new("https://id.example.com");
        let client = Client::from_metadata(server, "app")
            .client_secret("first")
            .client_metadata(metadata)
            .build()
            .unwrap();
        let metadata = client.client_metadata();
        assert_eq!(metadata.client_id, "app");
        assert_eq!(metadata.client_secret, Some(kept.into()));
    }
}

#[tokio::test]
async fn the_cap_holds_for_a_transport_of_the_applications_own() {
    let document = discovery_document("https://id.example.com");
    let length = document.len();
    for (cap, refused) in [(length, false), (length - 1, true)] {
        let mut policy = Policy::default();
        policy.set_body_cap(cap);
        let result = Client::discover("https://id.example.com", "app")
            .policy(policy)
            .http_client(Arc::new(Canned(Ok(document.clone()))))
            .await;
        let reason = result.err().map(|error| no_answer(&error));
        assert_eq!(reason, refused.then_some(NoAnswer::BodyTooLarge { cap }));
    }
}

#[tokio::test]
async fn a_failure_of_a_transport_keeps_its_kind() {
    for (failure, reason) in [
        (
            TransportFailure::TimedOut,
            NoAnswer::TimedOut {
                deadline: Duration::from_secs(30),
            },
        ),
        (TransportFailure::NotResolved, not_connected()),
        (TransportFailure::NotConnected, not_connected()),
        (
            TransportFailure::DestinationRefused,
            NoAnswer::DestinationRefused {
                host: "id.example.com:8443".to_owned(),
            },
        ),
        (
            TransportFailure::NotTrusted,
            NoAnswer::NotTrusted {
                host: "id.example.com:8443".to_owned(),
                cause: TlsFault::Handshake,
            },
        ),
        (TransportFailure::Interrupted, NoAnswer::Interrupted),
        (TransportFailure::Other, NoAnswer::Failed),
    ] {
        let error = Client::discover("https://id.example.com:8443", "app")
            .http_client(Arc::new(Canned(Err(failure))))
            .await
            .unwrap_err();
        assert_eq!(no_answer(&error), reason);
        assert_eq!(
            error.transport().map(TransportError::failure),
            Some(failure)
        );
    }
}

#[tokio::test]
async fn an_own_transport_brings_its_own_trust() {
    let certificate = test_provider::server::LoopbackCertificate::generate();
    let error = Client::discover("https://id.example.com", "app")
        .root_certificate_pem(certificate.ca_pem())
        .http_client(Arc::new(Canned(Err(TransportFailure::Other))))
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Conflict {
            setting: "root_certificate",
            other: "http_client"
        }
    ));
}

#[tokio::test]
async fn a_sibling_under_another_policy_is_held_to_its_own() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let server = recording(&seen).await;
    let insecure = builder(&server).await.unwrap();
    let strict = insecure.with_policy(Policy::default());
    let request = strict
        .authorization_request()
        .redirect_uri("https://app.example.com/cb");
    let error = request.await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    let request = insecure
        .authorization_request()
        .redirect_uri("https://app.example.com/cb");
    request.await.unwrap();
}

/// An operation that asks for plain http without looking at any policy.
struct Careless(Option<Box<oauth_core::outbound::Outbound>>);

impl oauth_core::operation::Operation for Careless {
    type Output = http::StatusCode;

    fn step(
        &mut self,
        _: &mut oauth_core::env::Env<'_>,
        event: oauth_core::operation::Event,
    ) -> Result<oauth_core::operation::Action<Self::Output>, oauth_core::Error> {
        use oauth_core::operation::{Action, Event};
        match event {
            Event::Received(response) => Ok(Action::Done(response.status())),
            Event::Unanswered(unanswered) => Err(unanswered.into()),
            _ => Ok(Action::Send(self.0.take().unwrap())),
        }
    }
}

#[tokio::test]
async fn plain_http_does_not_leave_without_the_policys_word() {
    let server = RawServer::answering(response("200 OK", "", "")).await;
    let metadata = ServerMetadata::new("https://id.example.com");
    let strict = Client::from_metadata(metadata, "app").build().unwrap();
    let careless = || {
        let request = Request::get(server.url()).body(Bytes::new()).unwrap();
        let endpoint = oauth_core::names::EndpointName::Token;
        let outbound = oauth_core::outbound::Outbound::new(
            request,
            endpoint,
            std::time::Duration::from_secs(30),
            1024,
        );
        Careless(Some(Box::new(outbound)))
    };
    let error = strict.run(careless()).await.unwrap_err();
    let host = server.host();
    assert_eq!(no_answer(&error), NoAnswer::DestinationRefused { host });
    assert_eq!(server.connections(), 0);

    let mut policy = Policy::default();
    policy.danger_allow_insecure_requests();
    assert_eq!(
        strict.with_policy(policy).run(careless()).await.unwrap(),
        200
    );
}

/// Answers everything with the same text, or fails in the same way.
struct Canned(Result<String, TransportFailure>);

impl HttpClient for Canned {
    fn send(
        &self,
        _request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let answer = self.0.clone();
        Box::pin(async {
            let text = answer.map_err(TransportError::new)?;
            Ok(Response::new(Body::from(Bytes::from(text))))
        })
    }
}

fn builder(server: &RawServer) -> openid_client::ClientBuilder<openid_client::IssuerOnly> {
    Client::discover(server.url(), "app").danger_allow_insecure_requests()
}

/// Returns a server that records every request, and sets a cookie in every response.
async fn recording(seen: &Arc<Mutex<Vec<String>>>) -> RawServer {
    let seen = Arc::clone(seen);
    RawServer::start(move |mut connection| {
        let seen = Arc::clone(&seen);
        async move {
            let document = discovery_document(&connection.url());
            let answer = response("200 OK", "Set-Cookie: a=b\r\n", &document);
            while let Some(request) = connection.request().await {
                seen.lock().unwrap().push(request);
                connection.write(answer.as_bytes()).await;
            }
        }
    })
    .await
}

fn not_connected() -> NoAnswer {
    let host = "id.example.com:8443".to_owned();
    NoAnswer::NotConnected { host }
}

fn no_answer(error: &Error) -> NoAnswer {
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => unanswered.reason.clone(),
        _ => panic!("expected no answer, found {error:?}"),
    }
}

fn misuse(error: &Error) -> Misuse {
    match error.core() {
        Some(oauth_core::Error::Misuse(misuse)) => misuse.clone(),
        _ => panic!("expected misuse, found {error:?}"),
    }
}
