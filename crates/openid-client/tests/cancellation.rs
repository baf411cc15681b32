//! A caller that gives up, at every point where it waits.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use openid_client::http::{Body, BoxFuture, HttpClient, Method, Request, Response, TransportError};
use openid_client::{Client, TokenSet};
use test_provider::Endpoint;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use self::support::in_process::{self, ISSUER, InProcess, browse};

/// Each operation is dropped after every number of polls until it completes. Afterwards the client
/// works, and the provider has seen no more than one request of each kind from the attempt.
#[tokio::test]
async fn a_dropped_operation_leaves_a_client_that_works() {
    for operation in [
        Operation::Discovery,
        Operation::Login,
        Operation::Refresh,
        Operation::UserInfo,
        Operation::Resource,
    ] {
        let mut completed_at = None;
        for points in 0..200 {
            let world = World::new().await;
            let tokens = world.log_in().await;
            // It has no keys yet, so that their flight is among the points.
            let client = world.client().await;
            world.sent.lock().unwrap().clear();
            let attempt = operation.run(&world, &client, &tokens);
            let completed = drop_after(points, attempt).await;
            // The tasks of flights go on to their end.
            sleep(Duration::from_millis(2)).await;
            let sent = world.sent.lock().unwrap().clone();
            for path in &sent {
                let times = sent.iter().filter(|sent| *sent == path).count();
                assert_eq!(times, 1, "{operation:?} at {points}: {sent:?}");
            }
            let again = async {
                let tokens = world.log_in_with(&client).await;
                operation.run(&world, &client, &tokens).await;
            };
            let again = timeout(Duration::from_secs(5), again).await;
            assert!(again.is_ok(), "{operation:?} at {points}: the client hangs");
            if completed {
                completed_at = Some(points);
                break;
            }
        }
        assert!(completed_at.unwrap() > 2, "{operation:?}: {completed_at:?}");
    }
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    Discovery,
    Login,
    Refresh,
    UserInfo,
    Resource,
}

impl Operation {
    async fn run(self, world: &World, client: &Client, tokens: &TokenSet) {
        match self {
            Self::Discovery => drop(world.client().await),
            Self::Login => drop(world.log_in_with(client).await),
            Self::Refresh => drop(client.refresh_token_grant(tokens).await.unwrap()),
            Self::UserInfo => drop(client.fetch_user_info(tokens).await.unwrap()),
            Self::Resource => {
                let url = world.provider.provider.url(Endpoint::Resource);
                let request = client.fetch_protected_resource(tokens, Method::GET, url);
                assert_eq!(request.await.unwrap().status(), 200);
            }
        }
    }
}

/// Polls a future this many times and drops it. Whether it completed.
async fn drop_after(polls: usize, future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    let left = AtomicUsize::new(polls);
    poll_fn(|context| {
        if left.load(Ordering::Relaxed) == 0 {
            return Poll::Ready(false);
        }
        left.fetch_sub(1, Ordering::Relaxed);
        future.as_mut().poll(context).map(|()| true)
    })
    .await
}

/// A provider whose requests and answers take their time.
struct World {
    provider: Arc<InProcess>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl World {
    async fn new() -> Self {
        Self {
            provider: InProcess::new(),
            sent: Arc::default(),
        }
    }

    async fn client(&self) -> Client {
        let transport = Slow {
            inner: Arc::clone(&self.provider),
            sent: Arc::clone(&self.sent),
        };
        let client = Client::discover(ISSUER, "app").http_client(Arc::new(transport));
        client.await.unwrap()
    }

    async fn log_in(&self) -> TokenSet {
        self.log_in_with(&self.client().await).await
    }

    async fn log_in_with(&self, client: &Client) -> TokenSet {
        let (url, pending) = in_process::begin(client).await;
        let callback = browse(&self.provider.provider, url);
        client
            .authorization_code_grant(pending, callback)
            .await
            .unwrap()
    }
}

struct Slow {
    inner: Arc<InProcess>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl HttpClient for Slow {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            yield_now().await;
            let path = request.uri().path().to_owned();
            self.sent.lock().unwrap().push(path);
            let response = self.inner.send(request).await;
            yield_now().await;
            response
        })
    }
}
