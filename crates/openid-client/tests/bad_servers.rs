//! A server that misbehaves below the protocol, or is not one: every way ends in an error that says
//! what was expected and what was found, in time, and without a secret.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::{Duration, Instant};

use openid_client::http::{TransportError, TransportFailure};
use openid_client::oauth_core::error::{NoAnswer, Reason, TlsFault};
use openid_client::{Client, ClientBuilder, Error, IssuerOnly, Policy, oauth_core};

use self::support::{RawServer, discovery_document, response};

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server =
        RawServer::start(
            |mut connection| async move { while connection.request().await.is_some() {} },
        )
        .await;
    let begun = Instant::now();
    let error = discover(&server).timeout(SHORT).await.unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::TimedOut { deadline: SHORT });
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));
    assert!(begun.elapsed() >= SHORT);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn headers_that_stall_are_given_up() {
    let server = stalling_after("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A").await;
    let error = discover(&server).timeout(SHORT).await.unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::TimedOut { deadline: SHORT });
}

#[tokio::test]
async fn the_deadline_covers_the_body() {
    let server = stalling_after("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"issuer\"").await;
    let error = discover(&server).timeout(SHORT).await.unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::TimedOut { deadline: SHORT });
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_a_short_body() {
    let broken = [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ];
    for bytes in broken {
        let server = RawServer::answering(bytes).await;
        let error = discover(&server).await.unwrap_err();
        assert_eq!(no_answer(&error), NoAnswer::Interrupted, "{bytes}");
        assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
    }
}

#[tokio::test]
async fn a_connection_closed_before_the_head_is_interrupted() {
    let server = RawServer::answering("").await;
    let error = discover(&server).await.unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::Interrupted);
}

#[tokio::test]
async fn an_endless_body_is_refused_at_the_cap() {
    let server = RawServer::start(|mut connection| async move {
        connection.request().await;
        connection
            .write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await;
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        while connection.write(chunk.as_bytes()).await {}
    })
    .await;
    let error = discover(&server).await.unwrap_err();
    assert_eq!(
        no_answer(&error),
        NoAnswer::BodyTooLarge { cap: 1024 * 1024 }
    );
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_TOO_LARGE"));
}

#[tokio::test]
async fn a_length_above_the_cap_is_refused_before_the_body_comes() {
    let server = stalling_after("HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n").await;
    let error = discover(&server).await.unwrap_err();
    assert_eq!(
        no_answer(&error),
        NoAnswer::BodyTooLarge { cap: 1024 * 1024 }
    );
}

#[tokio::test]
async fn the_cap_is_exact() {
    let server = RawServer::start(|mut connection| async move {
        let document = discovery_document(&connection.url());
        while connection.request().await.is_some() {
            let answer = response("200 OK", "", &document);
            connection.write(answer.as_bytes()).await;
        }
    })
    .await;
    let length = discovery_document(&server.url()).len();
    for (cap, expected) in [
        (length, None),
        (length - 1, Some(NoAnswer::BodyTooLarge { cap: length - 1 })),
    ] {
        let mut policy = Policy::default();
        policy.set_body_cap(cap).danger_allow_insecure_requests();
        let result = Client::discover(server.url(), "app").policy(policy).await;
        assert_eq!(result.err().map(|error| no_answer(&error)), expected);
    }
}

#[tokio::test]
async fn a_refused_connection_names_the_host() {
    let server = RawServer::answering("").await;
    let (url, host) = (server.url(), server.host());
    drop(server);
    // The task that held the socket ends when it is polled next.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = Client::discover(url, "app")
        .danger_allow_insecure_requests()
        .await
        .unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::NotConnected { host });
    assert_eq!(
        error.transport().map(TransportError::failure),
        Some(TransportFailure::NotConnected)
    );
    assert_eq!(error.code(), Some("OAUTH_NOT_CONNECTED"));
}

#[tokio::test]
async fn a_name_without_an_address_is_told_from_a_refused_connection() {
    // A label of more than 63 characters: no name server has to be asked.
    let host = format!("{}.invalid", "a".repeat(64));
    let error = Client::discover(format!("http://{host}"), "app")
        .danger_allow_insecure_requests()
        .await
        .unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::NotConnected { host });
    assert_eq!(
        error.transport().map(TransportError::failure),
        Some(TransportFailure::NotResolved)
    );
}

#[tokio::test]
async fn a_server_without_tls_behind_an_https_url_is_not_trusted() {
    let server = RawServer::start(|mut connection| async move {
        connection.write(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let error = Client::discover(server.url().replace("http:", "https:"), "app")
        .await
        .unwrap_err();
    let host = server.host();
    assert_eq!(
        no_answer(&error),
        NoAnswer::NotTrusted {
            host,
            cause: TlsFault::Handshake,
        }
    );
    assert_eq!(error.code(), Some("OAUTH_TLS_NOT_TRUSTED"));
}

#[tokio::test]
async fn plain_http_is_refused_and_nothing_is_sent() {
    let server = RawServer::answering("").await;
    let error = Client::discover(server.url(), "app").await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    assert_eq!(
        error.to_string(),
        format!(
            "`issuer` must be an https URL, found {}; `danger_allow_insecure_requests` permits http, \
             which others on the network can read and change; use it only on one machine",
            server.url()
        )
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let target = RawServer::answering("").await;
    let location = format!("Location: {}/elsewhere?secret=x\r\n", target.url());
    let server = RawServer::answering(response("302 Found", &location, "")).await;
    let error = discover(&server).await.unwrap_err();
    assert_eq!(
        reason(&error),
        &Reason::Status {
            expected: 200,
            found: 302,
            location: Some(format!("{}/elsewhere", target.url())),
        }
    );
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn an_html_page_is_named_as_one() {
    let page = response(
        "200 OK",
        "Content-Type: text/html\r\n",
        "<html>hello</html>",
    );
    let server = RawServer::answering(page).await;
    let error = discover(&server).await.unwrap_err();
    assert_eq!(
        reason(&error),
        &Reason::MediaType {
            expected: "application/json",
            found: Some("text/html".to_owned()),
        }
    );
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_JSON"));
}

#[tokio::test]
async fn a_server_error_is_named_by_its_status() {
    let server = RawServer::answering(response("500 Oops", "", "sorry")).await;
    let error = discover(&server).await.unwrap_err();
    assert_eq!(
        reason(&error),
        &Reason::Status {
            expected: 200,
            found: 500,
            location: None,
        }
    );
}

#[tokio::test]
async fn an_encoded_body_is_refused() {
    let gzip = response("200 OK", "Content-Encoding: gzip\r\n", "{}");
    let server = RawServer::answering(gzip).await;
    let error = discover(&server).await.unwrap_err();
    assert_eq!(
        reason(&error),
        &Reason::ContentEncoding {
            found: "gzip".to_owned(),
        }
    );
}

fn discover(server: &RawServer) -> ClientBuilder<IssuerOnly> {
    Client::discover(server.url(), "app").danger_allow_insecure_requests()
}

/// Returns a server that writes this and then nothing more, until the client closes the connection.
async fn stalling_after(bytes: &'static str) -> RawServer {
    RawServer::start(move |mut connection| async move {
        connection.request().await;
        connection.write(bytes.as_bytes()).await;
        connection.request().await;
    })
    .await
}

fn no_answer(error: &Error) -> NoAnswer {
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => unanswered.reason.clone(),
        _ => panic!("expected no answer, found {error:?}"),
    }
}

fn reason(error: &Error) -> &Reason {
    let rejection = error.core().and_then(oauth_core::Error::rejection);
    &rejection
        .unwrap_or_else(|| panic!("expected a rejection, found {error:?}"))
        .reason
}
