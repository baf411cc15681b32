//! Bodies of protected resources: of any length, as they come, and given up when they stop coming.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::{Duration, Instant};

use openid_client::http::{Method, TransportFailure};
use openid_client::oauth_core::error::{Misuse, NoAnswer};
use openid_client::{Client, Error, ServerMetadata, access_token_is_dead, oauth_core};

use self::support::{RawServer, response};

/// Returns a client whose deadline is half a second and whose body limit is ten bytes.
fn client() -> Client {
    let mut policy = openid_client::Policy::default();
    policy.danger_allow_insecure_requests().set_body_cap(10);
    policy.set_timeout(Duration::from_millis(500)).unwrap();
    Client::from_metadata(ServerMetadata::new("https://id.example.com"), "app")
        .policy(policy)
        .build()
        .unwrap()
}

async fn fetch(server: &RawServer) -> Result<http::Response<openid_client::http::Body>, Error> {
    let url = server.url() + "/things";
    client()
        .fetch_protected_resource("at", Method::GET, url)
        .await
}

#[tokio::test]
async fn a_body_longer_than_the_cap_for_protocol_responses_arrives() {
    let length = 3 * 1024 * 1024;
    let server = RawServer::answering(response("200 OK", "", &"x".repeat(length))).await;
    let mut body = fetch(&server).await.unwrap().into_body();
    let mut received = 0;
    while let Some(chunk) = body.chunk().await.unwrap() {
        received = chunk.len().saturating_add(received);
    }
    assert_eq!(received, length);
}

#[tokio::test]
async fn the_head_is_there_before_the_body() {
    let server = RawServer::start(|mut connection| async move {
        connection.request().await;
        let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n";
        connection.write(head.as_bytes()).await;
        // Longer than the deadline in all, and never idle for so long.
        for byte in ["a", "b", "c", "d"] {
            tokio::time::sleep(Duration::from_millis(300)).await;
            connection.write(byte.as_bytes()).await;
        }
    })
    .await;
    let response = fetch(&server).await.unwrap();
    assert_eq!(response.status(), 404);
    let body = response.into_body().collect(4).await.unwrap();
    assert_eq!(&*body, b"abcd");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let server = RawServer::start(|mut connection| async move {
        connection.request().await;
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na";
        connection.write(head.as_bytes()).await;
        // Stays open until the client goes.
        connection.request().await;
    })
    .await;
    let mut body = fetch(&server).await.unwrap().into_body();
    assert_eq!(&*body.chunk().await.unwrap().unwrap(), b"a");
    let error = body.chunk().await.unwrap_err();
    assert_eq!(error.failure(), TransportFailure::TimedOut);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_and_not_its_end() {
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab";
    let server = RawServer::answering(broken).await;
    let body = fetch(&server).await.unwrap().into_body();
    let error = body.collect(4).await.unwrap_err();
    assert_eq!(error.failure(), TransportFailure::Interrupted);
}

#[tokio::test]
async fn a_server_that_says_nothing_meets_the_deadline() {
    let server = RawServer::start(|mut connection| async move {
        connection.request().await;
        connection.request().await;
    })
    .await;
    let error = fetch(&server).await.unwrap_err();
    let Error::Core(oauth_core::Error::Unanswered(unanswered)) = error else {
        panic!("{error}");
    };
    assert_eq!(
        unanswered.reason,
        NoAnswer::TimedOut {
            deadline: Duration::from_millis(500)
        }
    );
}

#[tokio::test]
async fn more_than_the_caller_wants_is_an_error() {
    let server = RawServer::answering(response("200 OK", "", "12345")).await;
    let body = fetch(&server).await.unwrap().into_body();
    let error = body.collect(4).await.unwrap_err();
    assert_eq!(error.failure(), TransportFailure::BodyTooLarge { cap: 4 });
    assert_eq!(error.to_string(), "the body is longer than 4 bytes");
}

#[tokio::test]
async fn redirects_are_answers_and_challenges_are_errors() {
    let location = "Location: https://elsewhere.example/\r\n";
    let server = RawServer::answering(response("302 Found", location, "")).await;
    let response = fetch(&server).await.unwrap();
    assert_eq!(response.headers()["location"], "https://elsewhere.example/");

    let challenge = "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
    let answer = support::response("401 Unauthorized", challenge, "no");
    let server = RawServer::answering(answer).await;
    let error = fetch(&server).await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    assert!(error.access_token_is_dead());
}

/// Without a challenge the response is the caller's, and the question is the same.
#[tokio::test]
async fn a_response_without_a_challenge_can_be_asked_whether_the_token_is_dead() {
    for (status, body, dead) in [
        ("401 Unauthorized", "", true),
        ("401 Unauthorized", r#"{"error":"invalid_token"}"#, true),
        ("400 Bad Request", r#"{"error":"invalid_token"}"#, true),
        ("401 Unauthorized", r#"{"error":"use_dpop_nonce"}"#, false),
        ("403 Forbidden", "", false),
        ("200 OK", r#"{"error":"invalid_token"}"#, false),
    ] {
        let server = RawServer::answering(response(status, "", body)).await;
        let (head, body) = fetch(&server).await.unwrap().into_parts();
        let beginning = body.collect(100).await.unwrap();
        assert_eq!(
            access_token_is_dead(head.status, &head.headers, &beginning),
            dead,
            "{status} {beginning:?}"
        );
    }
}

/// The beginning of the body rides along with a challenge, at most 16 KiB of it.
#[tokio::test]
async fn the_body_of_a_refusal_is_in_the_error() {
    const CHALLENGE: &str = "WWW-Authenticate: Bearer error=\"insufficient_scope\"\r\n";
    let refused = async |body: String| {
        let answer = response("403 Forbidden", CHALLENGE, &body);
        let server = RawServer::answering(answer).await;
        fetch(&server).await.unwrap_err()
    };
    let error = refused(r#"{"error":"no","why":"this needs billing"}"#.to_owned()).await;
    let response = error.refused_response().unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(
        response.beginning_of_body(),
        r#"{"error":"no","why":"this needs billing"}"#
    );
    assert!(error.to_string().ends_with("; in the body: no"), "{error}");
    let long = refused("x".repeat(100_000)).await;
    let beginning = long.refused_response().unwrap().beginning_of_body();
    assert_eq!(beginning, "x".repeat(1000) + "…");
}

/// A body that breaks off, or does not come to an end within the deadline, takes no refusal away.
#[tokio::test]
async fn a_refusal_does_not_wait_for_its_body() {
    const ANSWER: &str =
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 9\r\n\r\nno";
    let broken = RawServer::answering(ANSWER).await;
    let silent = RawServer::start(|mut connection| async move {
        connection.request().await;
        connection.write(ANSWER.as_bytes()).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    for server in [broken, silent] {
        let error = fetch(&server).await.unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
        assert_eq!(error.refused_response().unwrap().beginning_of_body(), "no");
    }
}

/// The deadline is that of the request: what the head took of it the body does not get.
#[tokio::test]
async fn the_body_of_a_refusal_has_what_is_left_of_the_deadline() {
    let server = RawServer::start(|mut connection| async move {
        connection.request().await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let head =
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 9\r\n\r\n";
        connection.write(head.as_bytes()).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let mut policy = openid_client::Policy::default();
    policy.danger_allow_insecure_requests();
    policy.set_timeout(Duration::from_secs(1)).unwrap();
    let url = server.url() + "/things";
    let begun = Instant::now();
    let error = client()
        .with_policy(policy)
        .fetch_protected_resource("at", Method::GET, url)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

#[tokio::test]
async fn a_header_that_http_does_not_allow_is_refused() {
    let request = client()
        .fetch_protected_resource("at", Method::GET, "https://rs.example.com/")
        .header("x-one", "a\r\nb");
    let error = request.await.unwrap_err();
    let Error::Core(oauth_core::Error::Misuse(misuse)) = error else {
        panic!("{error}");
    };
    assert_eq!(
        misuse,
        Misuse::InvalidArgument {
            argument: "header",
            expected: "a name and a value that HTTP allows",
            found: "x-one".to_owned(),
        }
    );
}
