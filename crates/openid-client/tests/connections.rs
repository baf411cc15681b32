//! Connections under load, and servers that misuse them.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use openid_client::http::{
    BoxFuture, Bytes, Method, PublicAddresses, Resolve, Response, TransportFailure,
};
use openid_client::oauth_core::error::NoAnswer;
use openid_client::oauth_core::wire::Parameters;
use openid_client::{Client, Error, ServerMetadata, oauth_core};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::support::{Connection, RawServer, response};

/// Ten times as many requests as a host may have connections all succeed, and in one process the
/// 2,500 of a bad morning as well.
#[tokio::test]
async fn a_crowd_takes_turns() {
    for (limit, crowd, most) in [(Some(8), 80, 8), (None, 2500, 100)] {
        let open = Arc::new(Open::default());
        let server = counting(&open).await;
        let client = match limit {
            Some(limit) => builder(&server).connections_per_host(limit),
            None => builder(&server),
        };
        let client = client.build().unwrap();
        let begun = Instant::now();
        let mut waiting = JoinSet::new();
        for _ in 0..crowd {
            let (client, url) = (client.clone(), server.url());
            waiting.spawn(async move { get(&client, &url).await });
        }
        for answer in waiting.join_all().await {
            assert_eq!(answer.unwrap(), "answer");
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
        assert_eq!(open.most.load(Ordering::SeqCst), most);
    }
}

/// A wait for a turn ends with the deadline of the request, and leaves the turn to others.
#[tokio::test]
async fn a_wait_for_a_turn_has_the_deadline_of_the_request() {
    let server = RawServer::start(|mut connection| async move {
        while connection.request().await.is_some() {
            sleep(SHORT / 2).await;
            connection
                .write(response("200 OK", "", "answer").as_bytes())
                .await;
        }
    })
    .await;
    let client = builder(&server).connections_per_host(1).timeout(SHORT);
    let client = client.build().unwrap();
    let mut waiting = JoinSet::new();
    for _ in 0..8 {
        let (client, url) = (client.clone(), server.url());
        waiting.spawn(async move { get(&client, &url).await });
    }
    let (answered, late): (Vec<_>, Vec<_>) = waiting
        .join_all()
        .await
        .into_iter()
        .partition(Result::is_ok);
    assert!((1..=2).contains(&answered.len()), "{}", answered.len());
    for error in late {
        assert_eq!(no_answer(error), NoAnswer::TimedOut { deadline: SHORT });
    }
    assert_eq!(get(&client, &server.url()).await.unwrap(), "answer");
}

/// What a server sends too late does not answer the next request.
#[tokio::test]
async fn a_connection_whose_exchange_timed_out_is_closed() {
    let closed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&closed);
    let server = RawServer::start(move |mut connection| {
        let seen = Arc::clone(&seen);
        async move {
            while let Some(request) = connection.request().await {
                if request.contains("/late") {
                    sleep(SHORT * 2).await;
                }
                let late = response(
                    "200 OK",
                    "",
                    if request.contains("/late") {
                        "late"
                    } else {
                        "answer"
                    },
                );
                connection.write(late.as_bytes()).await;
            }
            seen.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let client = builder(&server).timeout(SHORT).build().unwrap();
    assert_eq!(get(&client, &server.url()).await.unwrap(), "answer");
    let late = get(&client, &format!("{}/late", server.url())).await;
    assert_eq!(no_answer(late), NoAnswer::TimedOut { deadline: SHORT });
    for _ in 0..3 {
        assert_eq!(get(&client, &server.url()).await.unwrap(), "answer");
    }
    assert_eq!(server.connections(), 2);
    sleep(SHORT * 3).await;
    assert_eq!(
        closed.load(Ordering::SeqCst),
        1,
        "the first connection is still open"
    );
}

/// A server that answers twice: the second answer meets no request.
#[tokio::test]
async fn bytes_that_arrive_before_a_request_answer_nothing() {
    let answers_twice = RawServer::start(|mut connection| async move {
        while connection.request().await.is_some() {
            let mut both = response("200 OK", "", "answer");
            both.push_str(&response("200 OK", "", "forged"));
            connection.write(both.as_bytes()).await;
        }
    })
    .await;
    let client = builder(&answers_twice).build().unwrap();
    for _ in 0..5 {
        assert_eq!(get(&client, &answers_twice.url()).await.unwrap(), "answer");
    }
    assert_eq!(answers_twice.connections(), 5);

    // The second comes a moment later, on a connection that is idle.
    let answers_later = RawServer::start(|mut connection| async move {
        while connection.request().await.is_some() {
            connection
                .write(response("200 OK", "", "answer").as_bytes())
                .await;
            sleep(Duration::from_millis(20)).await;
            connection
                .write(response("200 OK", "", "forged").as_bytes())
                .await;
        }
    })
    .await;
    let client = builder(&answers_later).build().unwrap();
    for _ in 0..3 {
        assert_eq!(get(&client, &answers_later.url()).await.unwrap(), "answer");
        sleep(Duration::from_millis(60)).await;
    }
}

/// Connections that the server closes instead of an answer: a GET is sent again over another, and a
/// refresh token is not.
#[tokio::test]
async fn a_closed_connection_costs_a_get_nothing_and_a_token_is_sent_once() {
    let (gets, posts) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (seen_gets, seen_posts) = (Arc::clone(&gets), Arc::clone(&posts));
    let server = RawServer::start(move |mut connection| {
        let (gets, posts) = (Arc::clone(&seen_gets), Arc::clone(&seen_posts));
        async move {
            // One answer for each connection; the second request is read and not answered.
            for answers in [true, false] {
                let Some(request) = connection.request().await else {
                    return;
                };
                let seen = if request.starts_with("GET") {
                    &gets
                } else {
                    &posts
                };
                seen.fetch_add(1, Ordering::SeqCst);
                if answers {
                    connection
                        .write(response("200 OK", "", "answer").as_bytes())
                        .await;
                }
            }
        }
    })
    .await;
    let client = builder(&server).build().unwrap();
    for _ in 0..3 {
        assert_eq!(get(&client, &server.url()).await.unwrap(), "answer");
    }
    // Two of the three met a connection that was closed.
    assert_eq!(gets.load(Ordering::SeqCst), 5);
    let refresh = oauth_core::flow::Call::new(oauth_core::endpoint::RefreshTokenRequest {
        configuration: client.configuration().clone(),
        refresh_token: "token".into(),
        parameters: Parameters::default(),
    });
    let error = client.run(refresh).await.unwrap_err();
    assert_eq!(reason(&error), NoAnswer::ClosedUnanswered);
    assert_eq!(posts.load(Ordering::SeqCst), 1);
    // A new connection that is closed is no reason to try again.
    let closes = RawServer::start(|mut connection| async move {
        connection.request().await;
    })
    .await;
    let client = builder(&closes).build().unwrap();
    assert_eq!(
        no_answer(get(&client, &closes.url()).await),
        NoAnswer::Interrupted
    );
    assert_eq!(closes.connections(), 1);
}

/// A body that drips is within its idle time-out for ever.
#[tokio::test]
async fn a_resource_body_is_collected_within_a_time() {
    let server = RawServer::start(|mut connection| async move {
        connection.request().await;
        connection
            .write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            .await;
        while connection.write(b" ").await {
            sleep(SHORT / 10).await;
        }
    })
    .await;
    let client = builder(&server).build().unwrap();
    let request = client.fetch_protected_resource("token", Method::GET, server.url());
    let body = request.await.unwrap().into_body();
    let collected = timeout(SHORT * 10, body.collect_within(100_000, SHORT))
        .await
        .unwrap();
    assert_eq!(collected.unwrap_err().failure(), TransportFailure::TimedOut);
}

/// A resolver of the application's own answers for names, and the destination policy judges it.
#[tokio::test]
async fn a_resolver_is_asked_and_judged() {
    let open = Arc::new(Open::default());
    let server = counting(&open).await;
    let port = server.host().rsplit(':').next().unwrap().to_owned();
    let asked = Arc::new(AtomicUsize::new(0));
    let url = format!("http://rs.example:{port}/");
    let resolver = || Loopback(Arc::clone(&asked));
    let client = builder(&server).resolver(resolver()).build().unwrap();
    for _ in 0..2 {
        assert_eq!(get(&client, &url).await.unwrap(), "answer");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let unknown = format!("http://unknown.example:{port}/");
    let host = format!("unknown.example:{port}");
    assert_eq!(
        no_answer(get(&client, &unknown).await),
        NoAnswer::NotConnected { host }
    );

    let judged = builder(&server)
        .resolver(resolver())
        .destination_policy(PublicAddresses);
    let answer = get(&judged.build().unwrap(), &url).await;
    let host = format!("rs.example:{port}");
    assert_eq!(no_answer(answer), NoAnswer::DestinationRefused { host });
}

/// Says that one name is this machine.
struct Loopback(Arc<AtomicUsize>);

impl Resolve for Loopback {
    fn resolve(&self, host: &str) -> BoxFuture<'_, io::Result<Vec<IpAddr>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let known = host == "rs.example";
        Box::pin(async move {
            match known {
                true => Ok(vec![[127, 0, 0, 1].into()]),
                false => Err(io::ErrorKind::NotFound.into()),
            }
        })
    }
}

/// Connections that are open, and the most that were.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Answers every request after a while, and counts its connections.
async fn counting(open: &Arc<Open>) -> RawServer {
    let open = Arc::clone(open);
    RawServer::start(move |mut connection: Connection| {
        let open = Arc::clone(&open);
        async move {
            let now = open.now.fetch_add(1, Ordering::SeqCst).saturating_add(1);
            open.most.fetch_max(now, Ordering::SeqCst);
            while connection.request().await.is_some() {
                sleep(Duration::from_millis(20)).await;
                connection
                    .write(response("200 OK", "", "answer").as_bytes())
                    .await;
            }
            open.now.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await
}

fn builder(server: &RawServer) -> openid_client::ClientBuilder<ServerMetadata> {
    let mut metadata = ServerMetadata::new(server.url());
    metadata.token_endpoint = Some(format!("{}/token", server.url()));
    Client::from_metadata(metadata, "app").danger_allow_insecure_requests()
}

async fn get(client: &Client, url: &str) -> Result<Bytes, Error> {
    let response: Response<_> = client
        .fetch_protected_resource("token", Method::GET, url)
        .await?;
    Ok(response.into_body().collect(1000).await.unwrap())
}

fn no_answer(result: Result<Bytes, Error>) -> NoAnswer {
    reason(&result.unwrap_err())
}

fn reason(error: &Error) -> NoAnswer {
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => unanswered.reason.clone(),
        error => panic!("expected no answer, found {error:?}"),
    }
}

const SHORT: Duration = Duration::from_millis(400);
