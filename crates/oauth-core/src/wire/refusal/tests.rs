use super::*;
use crate::testing::{recorded, response};

/// A body with a content encoding is not read, even if it is plain text.
#[test]
fn a_refusal_is_not_read_through_an_encoding() {
    let response = Response::builder()
        .status(400)
        .header(header::CONTENT_ENCODING, "gzip")
        .body(Bytes::from_static(br#"{"error":"invalid_grant"}"#))
        .unwrap();
    let error = refusal(Artefact::TokenResponse, 200, &response);
    let reason = Reason::ContentEncoding {
        found: "gzip".to_owned(),
    };
    assert_eq!(error.rejection().unwrap().reason, reason);
}

/// The body of a redirect is ignored.
#[test]
fn an_oauth_error_comes_with_a_4xx_or_a_5xx() {
    for (status, surfaced) in [
        (302, false),
        (400, true),
        (499, true),
        (500, true),
        (503, true),
    ] {
        let response = Response::builder()
            .status(status)
            .body(Bytes::from_static(br#"{"error":"invalid_grant"}"#))
            .unwrap();
        match refusal(Artefact::TokenResponse, 200, &response) {
            Error::ResponseBody(answered) => {
                assert!(surfaced, "{status}");
                assert_eq!(answered.error, "invalid_grant");
                assert_eq!(answered.status, status);
            }
            error => {
                assert!(!surfaced, "{status}");
                assert_eq!(error.rejection().unwrap().reason, status_of(status));
            }
        }
    }
}

#[test]
fn what_is_no_oauth_error_is_a_status() {
    for file in [
        include_str!("../../../tests/cases/token-400-error-object.http"),
        include_str!("../../../tests/cases/token-400-errorcode.http"),
    ] {
        let error = refusal(Artefact::TokenResponse, 200, &recorded(file));
        assert_eq!(error.rejection().unwrap().reason, status_of(400));
        assert_eq!(error.status().unwrap(), 400);
    }
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"error":""}"#,
        r#"{"error":null}"#,
        r#"{"error":["invalid_grant"]}"#,
        r#"{"error":"invalid_grant","error":"invalid_grant"}"#,
    ] {
        let error = refusal(Artefact::TokenResponse, 200, &response(500, body));
        assert_eq!(error.rejection().unwrap().reason, status_of(500), "{body}");
    }
}

/// RFC 6749 section 5.2 requires both: the header names the scheme, and the body names the error.
#[test]
fn at_an_authorization_server_the_body_decides_and_the_challenge_rides_along() {
    let file = include_str!("../../../tests/cases/token-401-invalid-client-with-challenge.http");
    let error = refusal(Artefact::TokenResponse, 200, &recorded(file));
    assert_eq!(
        error.to_string(),
        "the server answered 401: invalid_client (Invalid client secret; expired 2026-01-01)"
    );
    let Error::ResponseBody(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.challenges.len(), 1);
    assert_eq!(error.challenges[0].scheme, "basic");
    assert_eq!(error.challenges[0].realm(), Some("op"));
}

#[test]
fn a_challenge_without_an_oauth_error_in_the_body_is_the_refusal() {
    for body in ["", "<html>", r#"{"error":{}}"#, r#"{"error":null}"#] {
        let response = challenged(401, r#"Basic realm="op""#, body);
        for refusal in [refusal, resource_refusal] {
            let Error::WwwAuthenticateChallenge(error) =
                refusal(Artefact::TokenResponse, 200, &response)
            else {
                panic!("{body}");
            };
            assert_eq!(error.challenges[0].scheme, "basic");
        }
    }
}

/// RFC 6750 section 3 puts the error into the challenge.
#[test]
fn where_a_token_is_shown_the_challenge_decides_and_the_body_rides_along() {
    let body = r#"{"error":"server_speak","error_description":"gone"}"#;
    let challenge = r#"Bearer error="invalid_token", error_description="expired""#;
    let response = challenged(401, challenge, body);
    let error = resource_refusal(Artefact::UserInfoResponse, 200, &response);
    assert_eq!(
        error.to_string(),
        "the server answered 401 with a challenge: bearer invalid_token (expired); \
         in the body: server_speak (gone)"
    );
    let Error::WwwAuthenticateChallenge(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.body.clone().unwrap()["error"], "server_speak");

    let unchallenged = self::response(401, body);
    let error = resource_refusal(Artefact::UserInfoResponse, 200, &unchallenged);
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

/// RFC 7591 section 3.2.2 and RFC 7592 section 2.1 define the two kinds of refusal.
#[test]
fn at_a_registration_the_challenge_decides_about_the_token_and_the_body_about_the_metadata() {
    const BODY: &str = r#"{"error":"invalid_client_metadata"}"#;
    for (status, challenge, code) in [
        (401, r#"Bearer error="invalid_token""#, CHALLENGE),
        (401, "DPoP", CHALLENGE),
        (403, r#"Bearer error="insufficient_scope""#, CHALLENGE),
        (401, "Basic", BODY_ERROR),
        (400, r#"Bearer realm="op""#, BODY_ERROR),
        (500, r#"Bearer realm="op""#, BODY_ERROR),
    ] {
        let error = registration_refusal(201, &challenged(status, challenge, BODY));
        assert_eq!(error.code(), Some(code), "{status} {challenge}");
    }
    let error = registration_refusal(201, &challenged(400, "Bearer", ""));
    assert_eq!(error.code(), Some(CHALLENGE));
}

const CHALLENGE: &str = "OAUTH_WWW_AUTHENTICATE_CHALLENGE";
const BODY_ERROR: &str = "OAUTH_RESPONSE_BODY_ERROR";

fn challenged(status: u16, challenge: &'static str, body: &str) -> Response<Bytes> {
    let mut response = response(status, body);
    let challenge = http::HeaderValue::from_static(challenge);
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}

const fn status_of(found: u16) -> Reason {
    Reason::Status {
        expected: 200,
        found,
        location: None,
    }
}

#[test]
fn a_redirect_is_reported_without_what_may_be_secret() {
    for (location, shown) in [
        (
            "https://u:p@op.example/a?code=c#f",
            Some("https://op.example/a"),
        ),
        ("//op.example/a?code=c", Some("https://op.example/a")),
        ("/a/b?code=c", Some("/a/b")),
        ("b", Some("/b")),
        ("https://", None),
    ] {
        let response = Response::builder()
            .status(302)
            .header(header::LOCATION, location)
            .body(Bytes::new())
            .unwrap();
        let error = refusal(Artefact::TokenResponse, 200, &response);
        let Some(Reason::Status { location, .. }) =
            error.rejection().map(|rejection| &rejection.reason)
        else {
            panic!("{error}");
        };
        assert_eq!(location.as_deref(), shown);
    }
}
