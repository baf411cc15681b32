//! What the transport decides, and what becomes of a request that met a closed connection.

use super::*;
use crate::error::{NoAnswer, Unanswered};

/// A second opinion on where a request ends, or on which host it is for, smuggles another request.
#[test]
fn a_header_that_the_transport_decides_is_refused() {
    for name in [
        "Connection",
        "Content-Length",
        "Host",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
    ] {
        let header = HeaderName::try_from(name).unwrap();
        let headers = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static("*/*")),
            (header, HeaderValue::from_static("1")),
        ]);
        let misuse = misuse(resource(&configuration(), "at").headers(headers));
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "headers",
                expected: "without headers that the transport decides",
                found: name.to_lowercase(),
            }
        );
    }
}

fn closed() -> Event {
    Event::Unanswered(Unanswered {
        endpoint: EndpointName::ProtectedResource,
        reason: NoAnswer::ClosedUnanswered,
        source: None,
    })
}

/// The second attempt has another proof, because a server may accept an identifier only once.
#[test]
fn a_get_is_sent_once_more_after_a_closed_connection() {
    let (configuration, key) = bound();
    let token = AccessToken::dpop("at", key.public_jwk().unwrap().thumbprint());
    let get = ProtectedResourceEndpoint::new(configuration, token, Method::GET, URL).unwrap();
    let mut script = Script::new(get, Some(key));
    let first = script.begin();
    let second = testing::sent(script.step(closed()));
    let proof = |outbound: &Outbound| outbound.request.headers()["dpop"].clone();
    assert_ne!(proof(&first), proof(&second), "the proof was signed once");
    assert_eq!(first.request.uri(), second.request.uri());
    let error = script.step(closed()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
    assert_finished(&mut script.fetch);
}

#[test]
fn what_may_change_something_is_not_sent_again() {
    let get_with_body = (Method::GET, DraftBody::Bytes(Bytes::from_static(b"x")));
    let callers = DraftBody::Callers { repeatable: true };
    for (method, body) in [
        get_with_body,
        (Method::GET, callers),
        (Method::PUT, DraftBody::Empty),
        (Method::POST, DraftBody::Empty),
        (Method::DELETE, DraftBody::Empty),
    ] {
        let resource = ProtectedResourceEndpoint::new(configuration(), "at", method, URL);
        let mut script = Script::new(resource.unwrap().body(body), None);
        script.begin();
        let error = script.step(closed()).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
        assert_finished(&mut script.fetch);
    }
}
