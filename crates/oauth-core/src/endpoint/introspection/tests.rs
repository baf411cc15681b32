use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::error::ResponseBodyError;
use crate::metadata::ClientMetadata;
use crate::testing;
use crate::testing::NOW;

fn endpoint(client: ClientMetadata) -> IntrospectionEndpoint {
    let configuration = testing::setup().client_metadata(client).build();
    IntrospectionEndpoint::new(configuration, "mF_9.B5f-4.1JqM")
}

fn plain() -> IntrospectionEndpoint {
    endpoint(ClientMetadata::new("app"))
}

fn read(body: &Value) -> Result<IntrospectionResponse, Error> {
    let response = testing::response(200, body.to_string());
    match plain().response(UnixTime::from_seconds(NOW), &response)? {
        JsonOrJwt::Json(response) => Ok(*response),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_refused<T>(result: Result<T, Error>, code: &str, reason: Reason) {
    let Err(error) = result else {
        panic!("accepted");
    };
    assert_eq!(error.code(), Some(code));
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::IntrospectionResponse);
    assert_eq!(rejection.reason, reason);
}

fn ill_typed(member: &str, expected: &'static str, found: &str) -> Reason {
    Reason::IllTyped {
        member: member.to_owned().into(),
        expected,
        found: found.to_owned(),
    }
}

#[test]
fn a_scope_value_is_compared_as_a_whole() {
    let scope = |active: bool, scope: &str| json!({"active": active, "scope": scope});
    for (body, value, granted) in [
        (scope(true, "read write"), "read", true),
        (scope(true, "read write"), "write", true),
        (scope(true, "readwrite"), "read", false),
        (scope(true, "read"), "READ", false),
        (scope(true, "read write"), "read write", false),
        (scope(true, "read  write"), "", false),
        (scope(true, ""), "", false),
        (scope(false, "read"), "read", false),
        (json!({"active": true}), "read", false),
    ] {
        assert_eq!(read(&body).unwrap().has_scope(value), granted, "{body}");
    }
}

/// The example in RFC 7662 section 2.1.
#[test]
fn the_request_of_the_specification() {
    let mut endpoint = plain();
    endpoint
        .parameters
        .append("token_type_hint", "access_token");
    endpoint.parameters.append("token", "another");
    let mut draft = endpoint.request().unwrap();
    assert_eq!(draft.url.as_str(), "https://op.example/introspect");
    assert_eq!(draft.headers[header::ACCEPT], "application/json");
    assert_eq!(
        draft.form_mut().unwrap().encode(),
        "token_type_hint=access_token&token=mF_9.B5f-4.1JqM"
    );
    assert!(!format!("{endpoint:?}").contains("mF_9"));
}

/// The example in RFC 7662 section 2.2.
#[test]
fn the_response_of_the_specification() {
    let response = read(&json!({
        "active": true,
        "client_id": "l238j323ds-23ij4",
        "username": "jdoe",
        "scope": "read write dolphin",
        "sub": "Z5O3upPC88QrAjx00dis",
        "aud": "https://protected.example.net/resource",
        "iss": "https://server.example.com/",
        "exp": 1419356238,
        "iat": 1419350238,
        "nbf": 1419350239.5,
        "jti": "j-1",
        "sid": "s-1",
        "token_type": "DPoP",
        "cnf": {"jkt": "a", "x5t#S256": "b"},
        "authorization_details": [{"type": "payment"}],
        "extension_field": "twenty-seven",
    }))
    .unwrap();
    assert!(response.active());
    assert_eq!(response.client_id(), Some("l238j323ds-23ij4"));
    assert_eq!(response.username(), Some("jdoe"));
    assert_eq!(response.scope(), Some("read write dolphin"));
    assert_eq!(response.sub(), Some("Z5O3upPC88QrAjx00dis"));
    assert_eq!(response.aud(), ["https://protected.example.net/resource"]);
    assert_eq!(response.iss(), Some("https://server.example.com/"));
    assert_eq!(response.exp().unwrap().seconds(), 1_419_356_238);
    assert_eq!(response.iat().unwrap().seconds(), 1_419_350_238);
    assert_eq!(response.nbf().unwrap().seconds(), 1_419_350_239);
    assert_eq!(response.jti(), Some("j-1"));
    assert_eq!(response.sid(), Some("s-1"));
    assert_eq!(response.token_type(), Some("DPoP"));
    let cnf = response.cnf().unwrap();
    assert_eq!((cnf.jkt, cnf.x5t_s256), (Some("a"), Some("b")));
    assert_eq!(
        response.authorization_details(),
        [json!({"type": "payment"})]
    );
    assert_eq!(response.members()["extension_field"], "twenty-seven");
    assert!(!format!("{response:?}").contains("jdoe"));
}

#[test]
fn an_inactive_token_says_nothing_more() {
    let response = read(&json!({"active": false})).unwrap();
    assert!(!response.active());
    assert_eq!(response.scope(), None);
    assert!(response.aud().is_empty());
    assert!(response.cnf().is_none());
    assert!(response.authorization_details().is_empty());
}

#[test]
fn active_is_a_boolean_and_nothing_like_one() {
    for body in [json!({"sub": "alice"}), json!({"active": null})] {
        assert_refused(
            read(&body),
            "OAUTH_INVALID_RESPONSE",
            Reason::Missing {
                member: "active".into(),
            },
        );
    }
    let error = read(&json!({"error": "invalid_request"})).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    for (value, found) in [
        (json!("true"), "string"),
        (json!(1), "number"),
        (json!([true]), "array"),
    ] {
        assert_refused(
            read(&json!({"active": value})),
            "OAUTH_INVALID_RESPONSE",
            ill_typed("active", "a boolean", found),
        );
    }
    let twice = testing::response(200, r#"{"active":true,"active":false}"#);
    assert_refused(
        plain().response(UnixTime::from_seconds(NOW), &twice),
        "OAUTH_PARSE_ERROR",
        Reason::Json(jose::json::Error::Duplicate {
            member: "active".to_owned(),
        }),
    );
}

#[test]
fn members_that_are_null_are_absent() {
    let response = read(&json!({
        "active": true,
        "client_id": null,
        "scope": null,
        "sid": null,
        "token_type": null,
        "username": null,
        "authorization_details": null,
        "iss": null,
        "sub": null,
        "aud": null,
        "jti": null,
        "exp": null,
        "nbf": null,
        "iat": null,
    }))
    .unwrap();
    assert!(response.active());
    assert_eq!(response.client_id(), None);
    assert_eq!(response.scope(), None);
    assert_eq!(
        (response.iss(), response.sub(), response.jti()),
        (None, None, None)
    );
    assert!(response.aud().is_empty());
    assert_eq!(
        (response.exp(), response.nbf(), response.iat()),
        (None, None, None)
    );
    assert!(response.cnf().is_none());
    assert!(response.authorization_details().is_empty());
    // A bound token must not look like an unbound one.
    assert_refused(
        read(&json!({"active": true, "cnf": null})),
        "OAUTH_INVALID_RESPONSE",
        ill_typed("cnf", "an object", "null"),
    );
}

#[test]
fn members_of_the_wrong_type() {
    let text = [
        "client_id",
        "scope",
        "sid",
        "token_type",
        "username",
        "iss",
        "sub",
        "jti",
    ];
    let cases = text.iter().map(|name| (*name, "a string")).chain([
        ("exp", "a number"),
        ("iat", "a number"),
        ("nbf", "a number"),
        ("aud", "a string or an array of strings"),
        ("cnf", "an object"),
        ("authorization_details", "an array of objects"),
    ]);
    for (member, expected) in cases {
        let mut body = json!({"active": true});
        body[member] = json!([7]);
        assert_refused(
            read(&body),
            "OAUTH_INVALID_RESPONSE",
            ill_typed(member, expected, "array"),
        );
    }
}

#[test]
fn what_was_registered_must_come() {
    let now = UnixTime::from_seconds(NOW);
    let mut signed = ClientMetadata::new("app");
    signed.introspection_signed_response_alg = Some("ES256".into());
    let mut encrypted = signed.clone();
    encrypted.introspection_encrypted_response_alg = Some("ECDH-ES".to_owned());
    // The default signature algorithm applies.
    let mut encrypted_alone = encrypted.clone();
    encrypted_alone.introspection_signed_response_alg = None;
    let not_encrypted = || Reason::NotEncrypted {
        expected: "ECDH-ES".to_owned(),
    };
    for (client, code, reason) in [
        (
            signed,
            "OAUTH_JWT_INTROSPECTION_EXPECTED",
            Reason::NotSigned {
                expected: "ES256".to_owned(),
            },
        ),
        (encrypted, "OAUTH_INVALID_RESPONSE", not_encrypted()),
        (encrypted_alone, "OAUTH_INVALID_RESPONSE", not_encrypted()),
    ] {
        let endpoint = endpoint(client);
        let draft = endpoint.request().unwrap();
        assert_eq!(draft.headers[header::ACCEPT], MEDIA_TYPE);
        let response = testing::response(200, r#"{"active":true}"#);
        assert_refused(endpoint.response(now, &response), code, reason);
    }
}

#[test]
fn a_jwt_is_told_by_its_media_type() {
    let now = UnixTime::from_seconds(NOW);
    let mut response = testing::response(200, "a.b.c");
    let value = HeaderValue::from_static("Application/Token-Introspection+JWT; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    let Ok(JsonOrJwt::Jwt(jwt)) = plain().response(now, &response) else {
        panic!();
    };
    assert_eq!(jwt.expose(), "a.b.c");
    let gzip = HeaderValue::from_static("gzip");
    response
        .headers_mut()
        .insert(header::CONTENT_ENCODING, gzip);
    assert_refused(
        plain().response(now, &response),
        "OAUTH_RESPONSE_IS_NOT_CONFORM",
        Reason::ContentEncoding {
            found: "gzip".to_owned(),
        },
    );
}

#[test]
fn a_refusal_is_passed_on() {
    let response = testing::response(401, r#"{"error":"invalid_client"}"#);
    match plain().response(UnixTime::from_seconds(NOW), &response) {
        Err(Error::ResponseBody(refusal)) => {
            let ResponseBodyError { error, status, .. } = &*refusal;
            assert_eq!((error.as_str(), status.as_u16()), ("invalid_client", 401));
        }
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(status in 100_u16..600, body: Vec<u8>, jwt: bool) {
        let media_type = if jwt { MEDIA_TYPE } else { "application/json" };
        let response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, media_type)
            .body(Bytes::from(body))
            .unwrap();
        let _ = plain().response(UnixTime::from_seconds(NOW), &response);
    }
}
