//! Logins that need the same key set at the same time share one request for it, and none of them
//! depends on another's patience.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, HttpClient, Request, Response, TransportError, TransportFailure,
};
use openid_client::oauth_core::error::NoAnswer;
use openid_client::{Client, Error, PendingLogin, Policy, TokenSet, oauth_core};
use test_provider::Misbehaviour;
use tokio::task::JoinHandle;

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI};

#[tokio::test]
async fn ten_logins_fetch_the_key_set_once() {
    let transport = InProcess::gated();
    let client = client(&transport, Duration::from_secs(30)).await;
    let mut logins = Vec::new();
    for _ in 0..10 {
        logins.push(finish(&client, begin(&client, &transport).await));
    }
    waiting_for_keys(&transport).await;
    transport.gate.close();
    for login in logins {
        let tokens = login.await.unwrap().unwrap();
        assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    }
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_affect_the_others() {
    let transport = InProcess::gated();
    let client = client(&transport, Duration::from_secs(30)).await;
    let leader = finish(&client, begin(&client, &transport).await);
    waiting_for_keys(&transport).await;
    let follower = finish(&client, begin(&client, &transport).await);
    tokio::task::yield_now().await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    transport.gate.close();
    let tokens = follower.await.unwrap().unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failed_flight_fails_every_login_and_the_next_one_flies_again() {
    let transport = InProcess::gated();
    let deadline = Duration::from_millis(300);
    let client = client(&transport, deadline).await;
    let logins = [
        finish(&client, begin(&client, &transport).await),
        finish(&client, begin(&client, &transport).await),
    ];
    for login in logins {
        let error = login.await.unwrap().unwrap_err();
        assert_eq!(no_answer(&error), NoAnswer::TimedOut { deadline });
    }
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
    transport.gate.close();
    // For a second, the failure applies to all callers.
    let login = finish(&client, begin(&client, &transport).await);
    let error = login.await.unwrap().unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::TimedOut { deadline });
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let login = finish(&client, begin(&client, &transport).await);
    login.await.unwrap().unwrap();
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 2);
}

/// Every login of these callbacks is given up while the key set is on its way.
#[tokio::test]
async fn callbacks_that_are_cancelled_cost_one_request_and_its_answer_is_kept() {
    let transport = InProcess::gated();
    let client = client(&transport, Duration::from_secs(30)).await;
    for _ in 0..500 {
        let login = finish(&client, begin(&client, &transport).await);
        waiting_for_keys(&transport).await;
        tokio::task::yield_now().await;
        login.abort();
        assert!(login.await.unwrap_err().is_cancelled());
    }
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
    transport.gate.close();
    let kept = async {
        while client.export_jwks_cache().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), kept)
        .await
        .unwrap();
    let login = finish(&client, begin(&client, &transport).await);
    login.await.unwrap().unwrap();
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
}

/// The runtime of the first login is alive, and nothing drives it.
#[tokio::test]
async fn no_login_waits_for_the_runtime_of_another() {
    let transport = InProcess::gated();
    let client = client(&transport, Duration::from_secs(1)).await;
    let login = begin(&client, &transport).await;
    let leader = client.clone();
    let stalled = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async {
            let login = finish(&leader, login);
            tokio::time::sleep(Duration::from_millis(50)).await;
            login.abort();
        });
        runtime
    });
    let stalled = stalled.join().unwrap();
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
    transport.gate.close();
    let mut logins = Vec::new();
    for _ in 0..20 {
        logins.push(finish(&client, begin(&client, &transport).await));
    }
    for login in logins {
        let login = tokio::time::timeout(Duration::from_secs(10), login).await;
        login.unwrap().unwrap().unwrap();
    }
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 2);
    stalled.shutdown_background();
}

#[tokio::test]
async fn a_login_with_little_time_fails_no_other() {
    let transport = InProcess::gated();
    let client = client(&transport, Duration::from_secs(30)).await;
    let mut policy = Policy::default();
    policy.set_timeout(Duration::from_millis(200)).unwrap();
    let impatient = client.with_policy(policy);
    let leader = finish(&impatient, begin(&client, &transport).await);
    waiting_for_keys(&transport).await;
    let follower = finish(&client, begin(&client, &transport).await);
    let deadline = Duration::from_millis(200);
    let error = leader.await.unwrap().unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::TimedOut { deadline });
    transport.gate.close();
    let follower = tokio::time::timeout(Duration::from_secs(10), follower).await;
    follower.unwrap().unwrap().unwrap();
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_dead_endpoint_is_not_asked_by_each_callback() {
    let transport = InProcess::new();
    let client = client(&transport, Duration::from_secs(30)).await;
    transport
        .provider
        .misbehave(Misbehaviour::KeySetServerError);
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        let login = finish(&client, begin(&client, &transport).await);
        let error = login.await.unwrap().unwrap_err();
        assert_eq!(
            error.code(),
            Some("OAUTH_RESPONSE_IS_NOT_CONFORM"),
            "{error}"
        );
    }
    // After one, two, four seconds, the next one asks.
    let most = 1 + usize::try_from(begun.elapsed().as_secs()).unwrap();
    assert!(transport.key_set_requests.load(Ordering::SeqCst) <= most);
}

#[tokio::test]
async fn logins_in_flight_across_a_key_rotation_share_two_requests() {
    let transport = InProcess::new();
    let client = client(&transport, Duration::from_secs(30)).await;
    client.prefetch_keys().await.unwrap();
    let mut begun = Vec::new();
    for _ in 0..1000 {
        begun.push(begin(&client, &transport).await);
    }
    transport.provider.rotate_keys();
    let logins: Vec<_> = begun
        .into_iter()
        .map(|login| finish(&client, login))
        .collect();
    for login in logins {
        let tokens = login.await.unwrap().unwrap();
        assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    }
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_sibling_with_less_patience_gives_up_alone() {
    let transport = InProcess::gated();
    let client = client(&transport, Duration::from_secs(30)).await;
    let leader = finish(&client, begin(&client, &transport).await);
    waiting_for_keys(&transport).await;
    let mut policy = Policy::default();
    policy.set_timeout(Duration::from_millis(300)).unwrap();
    let impatient = client.with_policy(policy);
    let follower = finish(&impatient, begin(&client, &transport).await);
    let followed = tokio::time::timeout(Duration::from_secs(10), follower).await;
    let error = followed.unwrap().unwrap().unwrap_err();
    assert_eq!(
        no_answer(&error),
        NoAnswer::StillUnderWay {
            deadline: Duration::from_millis(300)
        }
    );
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));
    // It has not ended the flight for later callers.
    let another = finish(&client, begin(&client, &transport).await);
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    transport.gate.close();
    leader.await.unwrap().unwrap();
    another.await.unwrap().unwrap();
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
}

/// Meets a closed connection with the first request for the key set.
struct ClosedOnce(Arc<InProcess>, AtomicBool);

impl HttpClient for ClosedOnce {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let is_closed =
                request.uri().path().contains("jwks") && !self.1.swap(true, Ordering::SeqCst);
            match is_closed {
                true => Err(TransportError::new(TransportFailure::ClosedUnanswered)),
                false => self.0.send(request).await,
            }
        })
    }
}

#[tokio::test]
async fn a_closed_connection_costs_a_login_nothing() {
    let transport = InProcess::new();
    let closed = ClosedOnce(Arc::clone(&transport), AtomicBool::new(false));
    let client = Client::discover(ISSUER, "app").http_client(Arc::new(closed));
    let client = client.await.unwrap();
    let login = finish(&client, begin(&client, &transport).await);
    login.await.unwrap().unwrap();
    assert_eq!(transport.key_set_requests.load(Ordering::SeqCst), 1);
}

async fn client(transport: &Arc<InProcess>, timeout: Duration) -> Client {
    Client::discover(ISSUER, "app")
        .http_client(Arc::clone(transport))
        .timeout(timeout)
        .await
        .unwrap()
}

async fn begin(client: &Client, transport: &InProcess) -> (PendingLogin, String) {
    let request = client.authorization_request().redirect_uri(REDIRECT_URI);
    let (url, pending) = request.await.unwrap();
    (pending, transport.browse(url))
}

fn finish(
    client: &Client,
    (pending, callback): (PendingLogin, String),
) -> JoinHandle<Result<TokenSet, Error>> {
    let client = client.clone();
    tokio::spawn(async move { client.authorization_code_grant(pending, callback).await })
}

/// Waits until a request for the key set is under way.
async fn waiting_for_keys(transport: &InProcess) {
    while transport.key_set_requests.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
}

fn no_answer(error: &Error) -> NoAnswer {
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => unanswered.reason.clone(),
        error => panic!("expected no answer, found {error:?}"),
    }
}
