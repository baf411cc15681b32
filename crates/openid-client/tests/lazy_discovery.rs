//! A client starts while its provider is down, and follows its provider's metadata.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, HttpClient, Request, Response, TransportError, TransportFailure,
};
use openid_client::{Client, CoreError, Error, LazyClient, NoAnswer, Profile, Reason};
use tokio::sync::Notify;

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, log_in};

/// A transport to a provider whose metadata a test changes, holds back and takes away.
struct Switched {
    inner: Arc<InProcess>,
    is_down: AtomicBool,
    /// Whether metadata wait for `released`.
    is_held: AtomicBool,
    released: Notify,
    /// Text in the metadata, and what replaces it.
    replaced: Mutex<Option<(String, String)>>,
    documents: AtomicUsize,
}

impl Switched {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: InProcess::new(),
            is_down: AtomicBool::new(false),
            is_held: AtomicBool::new(false),
            released: Notify::new(),
            replaced: Mutex::default(),
            documents: AtomicUsize::new(0),
        })
    }

    fn documents(&self) -> usize {
        self.documents.load(Ordering::SeqCst)
    }

    fn replace(&self, text: &str, by: &str) {
        *self.replaced.lock().unwrap() = Some((text.to_owned(), by.to_owned()));
    }

    fn release(&self) {
        self.is_held.store(false, Ordering::SeqCst);
        self.released.notify_waiters();
    }

    fn lazy(self: &Arc<Self>) -> LazyClient {
        let client = Client::discover(ISSUER, "app").redirect_uri(REDIRECT_URI);
        client.http_client(Arc::clone(self)).lazy().build().unwrap()
    }
}

impl HttpClient for Switched {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let is_document = request.uri().path().contains("/.well-known/");
            if !is_document {
                return self.inner.send(request).await;
            }
            self.documents.fetch_add(1, Ordering::SeqCst);
            if self.is_down.load(Ordering::SeqCst) {
                return Err(TransportError::new(TransportFailure::NotConnected));
            }
            let released = self.released.notified();
            if self.is_held.load(Ordering::SeqCst) {
                released.await;
            }
            let (head, body) = self.inner.send(request).await?.into_parts();
            let body = body.collect(usize::MAX).await?;
            let body = match &*self.replaced.lock().unwrap() {
                None => body,
                Some((text, by)) => {
                    let document = std::str::from_utf8(&body).unwrap();
                    assert!(document.contains(text), "{text} in {document}");
                    document.replace(text, by).into()
                }
            };
            Ok(Response::from_parts(head, Body::from(body)))
        })
    }
}

const HOUR: Duration = Duration::from_secs(3600);

fn is_not_connected(error: &Error) -> bool {
    matches!(error, Error::Core(CoreError::Unanswered(unanswered))
        if matches!(unanswered.reason, NoAnswer::NotConnected { .. }))
}

#[tokio::test(start_paused = true)]
async fn an_application_starts_while_its_provider_is_down() {
    let transport = Switched::new();
    transport.is_down.store(true, Ordering::SeqCst);
    let lazy = transport.lazy();
    assert_eq!(transport.documents(), 0);
    // One request, and then pauses that grow.
    for (pause, requests) in [(0, 1), (999, 1), (1, 2), (1999, 2), (1, 3), (3999, 3)] {
        tokio::time::advance(Duration::from_millis(pause)).await;
        let error = lazy.client().await.unwrap_err();
        assert!(is_not_connected(&error), "{error}");
        assert_eq!(transport.documents(), requests, "after {pause} ms");
        assert!(is_not_connected(&lazy.failure().unwrap()));
    }
    transport.is_down.store(false, Ordering::SeqCst);
    tokio::time::advance(Duration::from_millis(1)).await;
    let client = lazy.client().await.unwrap();
    log_in(&client, &transport.inner).await.unwrap();
    assert!(lazy.failure().is_none());
    assert_eq!(
        lazy.client().await.unwrap().server_metadata().issuer,
        ISSUER
    );
    assert_eq!(transport.documents(), 4);
}

/// A caller whose request is under way gives up.
async fn first_gives_up(transport: &Switched, lazy: &LazyClient) {
    let lazy = lazy.clone();
    let first = tokio::spawn(async move { lazy.client().await.map(drop) });
    while transport.documents() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn callers_share_one_request_and_none_depends_on_the_first() {
    let transport = Switched::new();
    transport.is_held.store(true, Ordering::SeqCst);
    let lazy = transport.lazy();
    first_gives_up(&transport, &lazy).await;
    let others: Vec<_> = (0..10)
        .map(|_| {
            let lazy = lazy.clone();
            tokio::spawn(async move { lazy.client().await.map(drop) })
        })
        .collect();
    tokio::task::yield_now().await;
    transport.release();
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(transport.documents(), 1);
}

#[tokio::test]
async fn the_answer_is_kept_when_no_caller_waits_for_it() {
    let transport = Switched::new();
    transport.is_held.store(true, Ordering::SeqCst);
    let lazy = transport.lazy();
    first_gives_up(&transport, &lazy).await;
    transport.release();
    settle().await;
    // It would wait again.
    transport.is_held.store(true, Ordering::SeqCst);
    lazy.client().await.unwrap();
    assert_eq!(transport.documents(), 1);
}

/// Lets the tasks of the client run.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn old_metadata_are_renewed_and_no_caller_waits() {
    let transport = Switched::new();
    let lazy = transport.lazy();
    lazy.client().await.unwrap();
    tokio::time::advance(HOUR).await;
    let moved = "https://id.example.com/moved";
    transport.replace("https://id.example.com/token", moved);
    transport.is_held.store(true, Ordering::SeqCst);
    for _ in 0..5 {
        let client = lazy.client().await.unwrap();
        let endpoint = client.server_metadata().token_endpoint.clone();
        assert_eq!(endpoint.as_deref(), Some("https://id.example.com/token"));
        settle().await;
    }
    assert_eq!(transport.documents(), 2);
    transport.release();
    settle().await;
    let client = lazy.client().await.unwrap();
    let endpoint = client.server_metadata().token_endpoint.as_deref();
    assert_eq!(endpoint, Some(moved));
    assert_eq!(transport.documents(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_names_another_issuer_is_refused() {
    let transport = Switched::new();
    let url = format!("{ISSUER}/.well-known/openid-configuration");
    // Discovery of a document compares no issuer.
    let lazy = Client::danger_discover_document(url, "app").redirect_uri(REDIRECT_URI);
    let lazy = lazy.http_client(Arc::clone(&transport)).lazy();
    let lazy = lazy
        .metadata_max_age(Duration::from_secs(60))
        .build()
        .unwrap();
    lazy.client().await.unwrap();
    transport.replace(
        &format!(r#""issuer":"{ISSUER}""#),
        r#""issuer":"https://evil.example""#,
    );
    tokio::time::advance(Duration::from_secs(60)).await;
    lazy.client().await.unwrap();
    settle().await;
    assert_eq!(transport.documents(), 2);
    let Some(Error::Core(failure)) = lazy.failure() else {
        panic!("{:?}", lazy.failure());
    };
    assert_eq!(
        failure.rejection().unwrap().reason,
        Reason::AttributeMismatch {
            member: "issuer",
            expected: Some(ISSUER.to_owned()),
            found: Some("https://evil.example".to_owned()),
        }
    );
    let client = lazy.client().await.unwrap();
    log_in(&client, &transport.inner).await.unwrap();
}

/// The renewed metadata do not comply with the profile of the client.
#[tokio::test(start_paused = true)]
async fn metadata_that_do_not_fit_the_settings_do_not_replace_those_that_do() {
    let transport = Switched::new();
    let client = Client::discover(ISSUER, "app").redirect_uri(REDIRECT_URI);
    let key = openid_client::SigningKey::generate(openid_client::SignatureAlgorithm::ES256);
    let client = client
        .profile(Profile::Fapi2SecurityProfile)
        .dpop_key(key.unwrap());
    let key = openid_client::SigningKey::generate(openid_client::SignatureAlgorithm::ES256);
    let client = client.private_key(key.unwrap());
    let lazy = client
        .http_client(Arc::clone(&transport))
        .lazy()
        .build()
        .unwrap();
    // The provider signs ID Tokens by an algorithm that the profile forbids.
    let refused = lazy.client().await.unwrap_err();
    assert!(
        matches!(refused, Error::Core(CoreError::Profile(_))),
        "{refused}"
    );
    // The same again, and nothing is sent for it.
    lazy.client().await.unwrap_err();
    assert_eq!(transport.documents(), 1);
    transport.replace(r#"["RS256"]"#, r#"["ES256"]"#);
    tokio::time::advance(HOUR).await;
    lazy.client().await.unwrap_err();
    settle().await;
    lazy.client().await.unwrap();
    assert!(lazy.failure().is_none());
    *transport.replaced.lock().unwrap() = None;
    tokio::time::advance(HOUR).await;
    lazy.client().await.unwrap();
    settle().await;
    let kept = lazy.client().await.unwrap();
    let algorithms = &kept.server_metadata().id_token_signing_alg_values_supported;
    assert_eq!(algorithms.as_deref(), Some(&["ES256".to_owned()][..]));
    let failure = lazy.failure();
    assert!(
        matches!(failure, Some(Error::Core(CoreError::Profile(_)))),
        "{failure:?}"
    );
    assert_eq!(transport.documents(), 3);
}

#[tokio::test]
async fn settings_that_are_not_valid_are_refused_before_anything_is_sent() {
    let of = |issuer: &str| {
        let transport = Switched::new();
        Client::discover(issuer, "app")
            .http_client(transport)
            .lazy()
    };
    let refused = of("http://id.example.com").build().unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    let short = of(ISSUER).metadata_max_age(Duration::from_secs(59)).build();
    assert!(short.unwrap_err().to_string().contains("metadata_max_age"));
    let document = Client::danger_discover_document(ISSUER, "app").lazy();
    let refused = document
        .profile(Profile::Fapi2SecurityProfile)
        .build()
        .unwrap_err();
    assert!(matches!(
        refused,
        Error::Conflict {
            setting: "profile",
            other: "danger_discover_document",
        }
    ));
}
