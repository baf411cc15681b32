//! A server that never stops sending: the client keeps little of what it repeats, gives up in time
//! and hangs up.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::Duration;

use openid_client::oauth_core::error::NoAnswer;
use openid_client::{Client, oauth_core};
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::support::RawServer;

#[tokio::test]
async fn headers_without_end() {
    let head = "HTTP/1.1 200 OK\r\n";
    assert_eq!(answer(head, "X-Filler: 1\r\n").await, NoAnswer::Interrupted);
    let long = format!("HTTP/1.1 200 OK\r\nX-Filler: {}", " ".repeat(100));
    assert_eq!(
        answer(&long, &"y".repeat(1000)).await,
        NoAnswer::Interrupted
    );
}

#[tokio::test]
async fn informational_responses_without_end() {
    let repeated = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    assert_eq!(answer("", repeated).await, NoAnswer::Interrupted);
}

#[tokio::test]
async fn trailers_without_end() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n";
    assert_eq!(answer(head, "X-Filler: 1\r\n").await, NoAnswer::Interrupted);
}

#[tokio::test]
async fn a_chunk_extension_without_end() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=";
    assert_eq!(answer(head, "extension").await, NoAnswer::Interrupted);
}

#[tokio::test]
async fn a_body_that_drips() {
    let server = RawServer::start(|mut connection| async move {
        connection.request().await;
        connection
            .write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            .await;
        while connection.write(b" ").await {
            tokio::time::sleep(SHORT / 10).await;
        }
    })
    .await;
    assert_eq!(discovery(&server).await, GIVEN_UP);
}

/// What discovery ends in at a server that sends `begin` and then `again` for ever; it must find
/// the connection closed soon after.
async fn answer(begin: &str, again: &str) -> NoAnswer {
    let (begin, again) = (begin.to_owned(), again.to_owned());
    let (closed, mut seen) = mpsc::unbounded_channel();
    let server = RawServer::start(move |mut connection| {
        let (begin, again, closed) = (begin.clone(), again.clone(), closed.clone());
        async move {
            connection.request().await;
            connection.write(begin.as_bytes()).await;
            while connection.write(again.as_bytes()).await {}
            closed.send(()).unwrap();
        }
    })
    .await;
    let answer = discovery(&server).await;
    let hung_up = timeout(Duration::from_secs(10), seen.recv()).await;
    assert_eq!(hung_up, Ok(Some(())), "the connection is still open");
    answer
}

async fn discovery(server: &RawServer) -> NoAnswer {
    let client = Client::discover(server.url(), "app")
        .danger_allow_insecure_requests()
        .timeout(SHORT);
    let error = timeout(Duration::from_secs(10), client.into_future())
        .await
        .unwrap();
    match error.unwrap_err().core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => unanswered.reason.clone(),
        error => panic!("expected no answer, found {error:?}"),
    }
}

const SHORT: Duration = Duration::from_secs(1);
const GIVEN_UP: NoAnswer = NoAnswer::TimedOut { deadline: SHORT };
