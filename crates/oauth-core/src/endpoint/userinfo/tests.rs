use bytes::Bytes;
use http::Response;
use serde_json::json;

use super::{ExpectedSubject, JsonOrJwt, UserInfoEndpoint, UserInfoResponse};
use crate::endpoint::Endpoint;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::metadata::ClientMetadata;
use crate::testing::{NOW, configuration, response, setup};
use crate::time::UnixTime;

#[test]
fn the_access_token_goes_into_a_header_and_nowhere_else() {
    let draft = alice().request().unwrap();
    assert_eq!(draft.method, "GET");
    assert_eq!(draft.url.as_str(), "https://op.example/userinfo");
    assert_eq!(draft.headers["authorization"], "Bearer at-1");
    assert!(draft.headers["authorization"].is_sensitive());
    assert_eq!(draft.headers["accept"], "application/json");
    assert!(!format!("{:?}", alice()).contains("at-1"));
    assert!(alice().authenticated().is_none());
}

#[test]
fn a_token_that_no_header_can_carry_is_refused() {
    for token in ["", "a b", "a\r\nHost: evil", "a\u{e9}", "a\0"] {
        let anybody = ExpectedSubject::DangerUnchecked;
        let error = UserInfoEndpoint::new(configuration(), token, anybody).request();
        let Err(Error::Misuse(Misuse::InvalidArgument {
            argument, found, ..
        })) = error
        else {
            panic!("{token:?}");
        };
        assert_eq!(argument, "access_token");
        assert_eq!(found, "something else");
    }
}

#[test]
fn the_claims_are_given_with_their_types() {
    let claims = json!({
        "sub": "alice",
        "name": "Alice",
        "email": "alice@example.com",
        "email_verified": true,
        "phone_number_verified": "false",
        "updated_at": 1_700_000_000.5,
        "address": {"country": "FR", "formatted": "1 rue\nParis"},
        "groups": ["staff"],
    });
    let user = read(&alice(), response(200, claims.to_string())).unwrap();
    assert_eq!(user.sub(), "alice");
    assert_eq!(user.name(), Some("Alice"));
    assert_eq!(user.email_verified(), Some(true));
    assert_eq!(user.phone_number_verified(), Some(false));
    let updated_at = UnixTime::from_seconds(1_700_000_000);
    assert_eq!(user.updated_at(), Some(updated_at));
    assert_eq!(user.address().unwrap().country(), Some("FR"));
    assert_eq!(user.claims()["groups"][0], "staff");
    assert!(!format!("{user:?}").contains("example.com"));
}

#[test]
fn a_claim_of_another_type_is_not_believed() {
    for value in [json!("yes"), json!("TRUE"), json!(1), json!(null)] {
        let claims = json!({"sub": "alice", "email_verified": value, "name": 7, "address": "x"});
        let user = read(&alice(), response(200, claims.to_string())).unwrap();
        assert_eq!(user.email_verified(), None);
        assert_eq!(user.name(), None);
        assert_eq!(user.address(), None);
    }
}

#[test]
fn the_answer_is_about_the_user_who_logged_in() {
    for sub in ["mallory", "alice ", "Alice", "alic"] {
        let body = json!({ "sub": sub }).to_string();
        let error = read(&alice(), response(200, body.clone())).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
        assert_eq!(
            rejection(error),
            Reason::AttributeMismatch {
                member: "sub",
                expected: Some("alice".to_owned()),
                found: Some(sub.to_owned()),
            }
        );
        let anybody = ExpectedSubject::DangerUnchecked;
        let endpoint = UserInfoEndpoint::new(configuration(), "at-1", anybody);
        assert_eq!(read(&endpoint, response(200, body)).unwrap().sub(), sub);
    }
}

#[test]
fn sub_is_required_for_every_expected_subject() {
    let anybody = UserInfoEndpoint::new(configuration(), "at-1", ExpectedSubject::DangerUnchecked);
    for endpoint in [alice(), anybody] {
        for body in [r#"{"name":"Alice"}"#, r#"{"sub":null}"#] {
            let error = read(&endpoint, response(200, body)).unwrap_err();
            let member = "sub".into();
            assert_eq!(rejection(error), Reason::Missing { member });
        }
        let refused = response(200, r#"{"error":"invalid_token"}"#);
        let error = read(&endpoint, refused).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
        let long = format!(r#"{{"sub":"{}"}}"#, "a".repeat(256));
        for body in [
            r#"{"sub":7}"#,
            r#"{"sub":""}"#,
            r#"{"sub":["alice"]}"#,
            &long,
        ] {
            let error = read(&endpoint, response(200, body)).unwrap_err();
            assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
            assert!(matches!(
                rejection(error),
                Reason::IllTyped { member, .. } if member == "sub"
            ));
        }
        let error = read(
            &endpoint,
            response(200, r#"{"sub":"mallory","sub":"alice"}"#),
        );
        let member = "sub".to_owned();
        assert_eq!(
            rejection(error.unwrap_err()),
            Reason::Json(jose::json::Error::Duplicate { member })
        );
    }
}

#[test]
fn a_refusal_carries_the_challenge() {
    let mut refused = response(401, "");
    let challenge = r#"Bearer error="invalid_token""#.parse().unwrap();
    refused.headers_mut().insert("www-authenticate", challenge);
    let error = read(&alice(), refused).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    let Error::WwwAuthenticateChallenge(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.status, 401);
    assert!(error.to_string().contains("invalid_token"));
}

#[test]
fn a_challenge_on_a_success_is_a_response() {
    let mut accepted = response(200, r#"{"sub":"alice"}"#);
    let challenge = r#"DPoP algs="ES256""#.parse().unwrap();
    accepted.headers_mut().insert("www-authenticate", challenge);
    assert_eq!(read(&alice(), accepted).unwrap().sub(), "alice");
}

#[test]
fn what_was_registered_is_asked_for_and_not_silently_done_without() {
    let body = r#"{"sub":"alice"}"#;
    let mut signed = ClientMetadata::new("app");
    signed.userinfo_signed_response_alg = Some("ES256".into());
    let mut encrypted = ClientMetadata::new("app");
    encrypted.userinfo_encrypted_response_alg = Some("RSA-OAEP".to_owned());
    for (client, code, reason) in [
        (
            signed,
            "OAUTH_JWT_USERINFO_EXPECTED",
            Reason::NotSigned {
                expected: "ES256".to_owned(),
            },
        ),
        (
            encrypted,
            "OAUTH_INVALID_RESPONSE",
            Reason::NotEncrypted {
                expected: "RSA-OAEP".to_owned(),
            },
        ),
    ] {
        let configuration = setup().client_metadata(client).build();
        let subject = ExpectedSubject::Equals("alice".to_owned());
        let endpoint = UserInfoEndpoint::new(configuration, "at-1", subject);
        let accept = &endpoint.request().unwrap().headers["accept"];
        assert_eq!(accept, "application/jwt");
        let error = read(&endpoint, response(200, body)).unwrap_err();
        assert_eq!(error.code(), Some(code));
        assert_eq!(rejection(error), reason);
    }
}

fn alice() -> UserInfoEndpoint {
    let subject = ExpectedSubject::Equals("alice".to_owned());
    UserInfoEndpoint::new(configuration(), "at-1", subject)
}

fn read(endpoint: &UserInfoEndpoint, response: Response<Bytes>) -> Result<UserInfoResponse, Error> {
    match endpoint.response(UnixTime::from_seconds(NOW), &response)? {
        JsonOrJwt::Json(response) => Ok(*response),
        JsonOrJwt::Jwt(_) => panic!("a JWT"),
    }
}

fn rejection(error: Error) -> Reason {
    match error {
        Error::Rejected(rejection) => {
            assert_eq!(rejection.artefact, Artefact::UserInfoResponse);
            rejection.reason.clone()
        }
        error => panic!("{error}"),
    }
}
