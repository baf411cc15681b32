use http::HeaderValue;

use super::*;
use crate::client_auth::{ClientAuthentication, ClientSecretBasic};
use crate::endpoint::{AuthorizationCodeTokenRequest, Endpoint, ExpectedSubject, UserInfoEndpoint};
use crate::flow::Call;
use crate::operation::Event;
use crate::testing;
use crate::testing::recorded;
use crate::testing::script::Script;
use crate::wire::{Parameters, access_token_is_dead};

const SECRET: &str = "a-client-secret";
const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

/// The error behind the answer to a code grant by a client with this method.
fn refused(method: ClientAuthentication, response: Response<Bytes>) -> Error {
    answered(
        AuthorizationCodeTokenRequest {
            configuration: testing::setup().authentication(method).build(),
            code: CODE.into(),
            redirect_uri: "https://app.example/cb".to_owned(),
            code_verifier: None,
            parameters: Parameters::new(),
        },
        response,
    )
}

fn answered<E>(endpoint: E, response: Response<Bytes>) -> Error
where
    E: Endpoint,
    E::Output: std::fmt::Debug,
{
    let mut script = Script::new(Call::new(endpoint));
    script.sends(Event::Begin);
    script.fails(Event::Received(response))
}

fn post() -> ClientAuthentication {
    ClientAuthentication::ClientSecretPost(SECRET.into())
}

fn user_info(response: Response<Bytes>) -> Error {
    let subject = ExpectedSubject::Equals("alice".to_owned());
    answered(
        UserInfoEndpoint::new(testing::configuration(), "at-12345", subject),
        response,
    )
}

fn challenged(status: u16, challenge: &'static str, body: &str) -> Response<Bytes> {
    let mut response = testing::response(status, body);
    let challenge = HeaderValue::from_static(challenge);
    response.headers_mut().insert("www-authenticate", challenge);
    response
}

#[test]
fn a_refused_client_authentication_says_which_method_was_sent() {
    let file = include_str!("../../../tests/cases/token-401-invalid-client-with-challenge.http");
    let basic = ClientAuthentication::ClientSecretBasic(ClientSecretBasic::new(SECRET));
    for (method, sent, hint) in [
        (
            post(),
            "client_secret_post",
            ", and the setter `client_secret_basic` selects the other method",
        ),
        (
            basic,
            "client_secret_basic",
            ", and the setter `client_secret_post` selects the other method",
        ),
        (
            ClientAuthentication::None,
            "none",
            ": a secret is set with `client_secret_basic` or `client_secret_post`, a key with \
             `private_key`",
        ),
    ] {
        let secret = match sent {
            "none" => "",
            _ => " and the client secret",
        };
        let error = refused(method, recorded(file));
        assert_eq!(
            error.to_string(),
            format!(
                "the server answered 401: invalid_client (Invalid client secret; expired \
                 2026-01-01); check the client_id{secret}; the client authenticated with {sent}{hint}"
            )
        );
        let Error::ResponseBody(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.client_authentication.as_deref(), Some(sent));
        assert!(format!("{error:?}").contains(sent));
    }
}

#[test]
fn the_beginning_of_a_refusal_in_another_form_can_be_read() {
    let object = include_str!("../../../tests/cases/token-400-error-object.http");
    let error = refused(post(), recorded(object));
    let response = error.refused_response().unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(
        response.beginning_of_body(),
        r#"{"error":{"message":"This authorization code has been used.","type":"OAuthException","code":100}}\n"#
    );
    let code = include_str!("../../../tests/cases/token-400-errorcode.http");
    let error = refused(post(), recorded(code));
    assert_eq!(
        error.refused_response().unwrap().beginning_of_body(),
        r#"{"errorCode":"invalid_client","errorSummary":"Invalid value for 'client_id' parameter."}\n"#
    );
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("errorSummary"), "{shown}");
    }
}

#[test]
fn each_form_of_refusal_keeps_its_response_without_the_secrets() {
    let echo = format!("you sent {CODE} and {SECRET}");
    let quoted = format!("{{\"error\":\"invalid_grant\",\"error_description\":\"{echo}\"}}");
    let masked = "you sent *** and ***";
    for (status, body, challenge, code) in [
        (400, &quoted, None, "OAUTH_RESPONSE_BODY_ERROR"),
        (503, &quoted, Some("Basic"), "OAUTH_RESPONSE_BODY_ERROR"),
        (
            401,
            &echo,
            Some("Basic"),
            "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
        ),
        (503, &echo, None, "OAUTH_RESPONSE_IS_NOT_CONFORM"),
        (302, &quoted, None, "OAUTH_RESPONSE_IS_NOT_CONFORM"),
        (200, &echo, None, "OAUTH_PARSE_ERROR"),
        (
            200,
            &format!("{{\"x\":\"{echo}\"}}"),
            None,
            "OAUTH_INVALID_RESPONSE",
        ),
    ] {
        let mut response = testing::response(status, body.as_str());
        let headers = response.headers_mut();
        headers.insert("retry-after", HeaderValue::from_static("120"));
        headers.insert("x-echo", HeaderValue::from_str(&echo).unwrap());
        if let Some(challenge) = challenge {
            headers.insert("www-authenticate", HeaderValue::from_static(challenge));
        }
        let error = refused(post(), response);
        assert_eq!(error.code(), Some(code), "{status}");
        assert_eq!(error.status().unwrap(), status);
        let response = error.refused_response().unwrap();
        assert_eq!(response.headers()["retry-after"], "120");
        assert_eq!(response.headers()["x-echo"], masked);
        assert!(
            response.beginning_of_body().contains(masked),
            "{response:?}"
        );
        for shown in [
            error.to_string(),
            format!("{error:?}"),
            format!("{response:?}"),
        ] {
            assert!(!shown.contains(CODE) && !shown.contains(SECRET), "{shown}");
        }
    }
}

/// What the description repeats is part of messages.
#[test]
fn descriptions_repeat_no_secret() {
    let body = format!(r#"{{"error":"invalid {CODE}","error_description":"no {SECRET}"}}"#);
    let error = refused(post(), testing::response(400, body));
    assert_eq!(
        error.to_string(),
        "the server answered 400: invalid *** (no ***)"
    );
    let challenge = r#"Bearer error="no at-12345", error_description="at-12345 is over""#;
    let error = user_info(challenged(
        401,
        challenge,
        r#"{"error":"x","error_description":"at-12345"}"#,
    ));
    assert_eq!(
        error.to_string(),
        "the server answered 401 with a challenge: bearer no *** (*** is over); in the body: x (***)"
    );
    assert!(!format!("{error:?}").contains("at-12345"));
}

#[test]
fn an_encoded_body_is_not_shown() {
    let mut response = testing::response(400, CODE);
    let gzip = HeaderValue::from_static("gzip");
    response.headers_mut().insert("content-encoding", gzip);
    let error = refused(post(), response);
    assert_eq!(error.refused_response().unwrap().beginning_of_body(), "");
}

/// The reason says what is wrong with it, and its body holds personal data.
#[test]
fn a_success_that_fails_a_check_is_not_kept() {
    let error = user_info(testing::response(
        200,
        r#"{"sub":"bob","email":"b@example"}"#,
    ));
    assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
    assert!(error.refused_response().is_none());
    assert_eq!(error.status(), None);
}

#[test]
fn a_dead_access_token_is_recognised_in_every_form() {
    const INVALID: &str = r#"{"error":"invalid_token"}"#;
    for (status, challenge, body, dead) in [
        (401, Some(r#"Bearer error="invalid_token""#), "", true),
        (401, Some(r#"DPoP error="invalid_token""#), "", true),
        (400, Some(r#"Bearer error="invalid_token""#), "", true),
        (401, Some("Bearer"), "", true),
        (401, Some(r#"Bearer realm="op""#), INVALID, true),
        (401, None, INVALID, true),
        (403, None, INVALID, true),
        (401, None, "", true),
        (401, None, "<html>", true),
        (
            401,
            None,
            r#"{"error":{"code":"InvalidAuthenticationToken"}}"#,
            true,
        ),
        (401, None, r#"{"error":"invalid_request"}"#, true),
        (401, Some(r#"DPoP error="use_dpop_nonce""#), "", false),
        (401, Some(r#"DPoP error="invalid_dpop_proof""#), "", false),
        (
            401,
            Some(r#"Bearer error="insufficient_user_authentication""#),
            "",
            false,
        ),
        (403, Some(r#"Bearer error="insufficient_scope""#), "", false),
        (401, None, r#"{"error":"insufficient_scope"}"#, false),
        (403, None, "", false),
        (404, None, "", false),
        (500, Some("Bearer"), "", false),
        (503, None, r#"{"error":"temporarily_unavailable"}"#, false),
    ] {
        let response = match challenge {
            Some(challenge) => challenged(status, challenge, body),
            None => testing::response(status, body),
        };
        // A protected resource's response, which may be no error, is judged in the same way.
        let of_response =
            access_token_is_dead(response.status(), response.headers(), response.body());
        let error = user_info(response);
        assert_eq!(
            (error.access_token_is_dead(), of_response),
            (dead, dead),
            "{status} {challenge:?} {body}"
        );
    }
    // Of a client that was refused, no access token was shown.
    for challenge in ["Basic", "Bearer"] {
        let refused = refused(post(), challenged(401, challenge, ""));
        assert!(!refused.access_token_is_dead());
    }
    let refused = refused(post(), testing::response(401, ""));
    assert!(!refused.access_token_is_dead());
    assert!(!Error::Aborted.access_token_is_dead());
}

#[test]
fn of_a_response_that_is_no_error_head_and_body_say_whether_the_token_is_dead() {
    const INVALID: &str = r#"{"error":"invalid_token"}"#;
    let dead = |response: &Response<Bytes>| {
        access_token_is_dead(response.status(), response.headers(), response.body())
    };
    for status in [200, 204, 302] {
        let challenge = r#"Bearer error="invalid_token""#;
        assert!(!dead(&challenged(status, challenge, INVALID)), "{status}");
    }
    assert!(dead(&testing::response(403, format!("\u{feff}{INVALID}"))));
    // The beginning of an object is none.
    assert!(!dead(&testing::response(
        403,
        r#"{"error":"invalid_token","#
    )));
    // What an encoding hides says nothing; the status does.
    let gzip = HeaderValue::from_static("gzip");
    for (status, expected) in [(403, false), (401, true)] {
        let mut response = testing::response(status, INVALID);
        let headers = response.headers_mut();
        headers.insert("content-encoding", gzip.clone());
        assert_eq!(dead(&response), expected, "{status}");
    }
    // Credentials of another scheme are not the token.
    let basic = r#"Basic error="invalid_token""#;
    assert!(!dead(&challenged(403, basic, "")));
}
