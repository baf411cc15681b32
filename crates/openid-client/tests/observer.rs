//! What an application sees of its requests.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, HttpClient, Method, Observation, ObservedEvent, Request, Response, StatusCode,
    TransportError, TransportFailure,
};
use openid_client::oauth_core::error::NoAnswer;
use openid_client::oauth_core::names::EndpointName;
use openid_client::{Client, Report};
use test_provider::Endpoint;

use self::support::RawServer;
use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, begin};

type Seen = Arc<Mutex<Vec<Observation>>>;

fn watching() -> (Seen, impl Fn(&Observation) + Send + Sync + 'static) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    (seen, move |it| kept.lock().unwrap().push(it.clone()))
}

#[tokio::test]
async fn each_request_is_told_of_when_it_leaves_and_when_it_is_answered() {
    let transport = InProcess::new();
    let (seen, observer) = watching();
    let client = Client::discover(ISSUER, "app")
        .redirect_uri(REDIRECT_URI)
        .http_client(Arc::clone(&transport))
        .observer(observer)
        .await
        .unwrap();
    let (url, pending) = begin(&client).await;
    let callback = transport.browse(url);
    let tokens = client
        .authorization_code_grant(pending, callback)
        .await
        .unwrap();
    let resource = format!(
        "{}?account=4711",
        transport.provider.url(Endpoint::Resource)
    );
    let resource = client.fetch_protected_resource(&tokens, Method::GET, &resource);
    resource.await.unwrap();
    let seen = seen.lock().unwrap();
    let endpoints = [
        EndpointName::Discovery,
        EndpointName::Jwks,
        EndpointName::Token,
        EndpointName::ProtectedResource,
    ];
    assert_eq!(seen.len(), 2 * endpoints.len());
    for ((pair, endpoint), id) in seen.chunks(2).zip(endpoints).zip(0..) {
        let [sent, answered] = pair else { panic!() };
        assert_eq!((sent.id, sent.endpoint), (id, endpoint));
        assert_eq!((answered.id, &answered.url), (id, &sent.url));
        let ObservedEvent::Sent { headers, .. } = &sent.event else {
            panic!("{sent:?}");
        };
        assert!(
            headers["user-agent"]
                .to_str()
                .unwrap()
                .starts_with("openid-client/")
        );
        let ObservedEvent::Answered {
            status, headers, ..
        } = &answered.event
        else {
            panic!("{answered:?}");
        };
        assert_eq!(*status, StatusCode::OK);
        assert!(headers.contains_key("content-type"));
    }
    let last = seen.last().unwrap();
    assert!(last.url.ends_with("?account=***"), "{last}");
    let ObservedEvent::Sent { headers, .. } = &seen[6].event else {
        panic!();
    };
    assert_eq!(headers["authorization"], "***");
    let line = seen[4].to_string();
    assert_eq!(line, format!("#2 POST {ISSUER}/token (token)"));
    let line = seen[5].to_string();
    assert!(
        line.starts_with(&format!("#2 POST {ISSUER}/token (token): 200 after ")),
        "{line}"
    );
}

#[tokio::test]
async fn a_request_without_an_answer_is_told_of_too() {
    let closed = RawServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").await;
    let (seen, observer) = watching();
    let client = Client::discover(closed.url(), "app").danger_allow_insecure_requests();
    let error = client.observer(observer).await.unwrap_err();
    let seen = seen.lock().unwrap();
    let kinds: Vec<_> = seen
        .iter()
        .map(|it| std::mem::discriminant(&it.event))
        .collect();
    assert_eq!(kinds.len(), 3, "the head came, and not all of the body");
    let ObservedEvent::Unanswered {
        error: unanswered,
        duration,
        ..
    } = &seen[2].event
    else {
        panic!("{:?}", seen[2]);
    };
    assert_eq!(unanswered.reason, NoAnswer::Interrupted);
    assert!(*duration < Duration::from_secs(30));
    // The whole chain in one line, each cause once.
    let text = format!("{error:#}");
    let begin = "discovery request: the connection broke before the response was complete: ";
    assert!(text.starts_with(begin) && !text.contains('\n'), "{text}");
    assert_eq!(Report::from(error).to_string(), text);
}

/// The message of a transport may contain the URL with its query.
#[tokio::test]
async fn what_the_transport_says_of_a_failure_is_not_observed() {
    struct Talkative;
    impl HttpClient for Talkative {
        fn send(
            &self,
            request: Request<Body>,
        ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
            let words = format!("{} failed, ?code=hidden", request.uri());
            let error = TransportError::with_source(TransportFailure::NotConnected, words);
            Box::pin(std::future::ready(Err(error)))
        }
    }
    let (seen, observer) = watching();
    let client = Client::discover(ISSUER, "app").http_client(Arc::new(Talkative));
    let error = client.observer(observer).await.unwrap_err();
    let seen = seen.lock().unwrap();
    let ObservedEvent::Unanswered {
        error: unanswered, ..
    } = &seen[1].event
    else {
        panic!("{:?}", seen[1]);
    };
    let host = "id.example.com".to_owned();
    assert_eq!(unanswered.reason, NoAnswer::NotConnected { host });
    assert!(unanswered.source.is_none());
    let shown = format!("{seen:?} {}", seen[1]);
    assert!(!shown.contains("hidden"), "{shown}");
    // The caller has it.
    assert!(error.transport().is_some());
}

/// The hook is the application's; the login is not its to end.
#[tokio::test]
async fn an_observer_that_panics_stops_nothing() {
    let transport = InProcess::new();
    let client = Client::discover(ISSUER, "app")
        .redirect_uri(REDIRECT_URI)
        .http_client(Arc::clone(&transport))
        .observer(|_| panic!("the log is full"))
        .await
        .unwrap();
    let (url, pending) = begin(&client).await;
    let callback = transport.browse(url);
    client
        .authorization_code_grant(pending, callback)
        .await
        .unwrap();
}
