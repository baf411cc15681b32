use http::HeaderValue;
use serde_json::json;

use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::endpoint::{TokenResponse, TokenType};
use crate::error::{Artefact, Error, Reason};
use crate::policy::Danger;
use crate::secret::Secret;
use crate::testing;
use crate::testing::NOW;
use crate::time::UnixTime;

use super::*;

type Switch = fn(&mut Danger);

fn configuration(switch: Switch) -> Configuration {
    let configuration = testing::configuration();
    let mut policy = configuration.policy().clone();
    switch(&mut policy.danger);
    configuration.with_policy(policy)
}

fn read_at(
    configuration: &Configuration,
    response: &Response<Bytes>,
) -> Result<TokenResponse, Error> {
    TokenResponse::read(configuration, UnixTime::from_seconds(NOW), response)
}

fn read(switch: Switch, body: &str) -> Result<TokenResponse, Error> {
    read_at(&configuration(switch), &testing::response(200, body))
}

fn labelled(status: u16, media_type: &'static str, body: &str) -> Response<Bytes> {
    let mut response = testing::response(status, body);
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert("content-type", media_type);
    response
}

#[track_caller]
fn assert_refused(result: Result<TokenResponse, Error>, reason: Reason, way_out: &str) {
    let error = result.expect_err("accepted");
    let rejection = error.rejection().expect("a rejection");
    assert_eq!(rejection.artefact, Artefact::TokenResponse);
    assert_eq!(rejection.reason, reason);
    assert_eq!(
        error.to_string(),
        format!("token response refused: {reason}{way_out}")
    );
}

fn missing(member: &'static str) -> Reason {
    Reason::Missing {
        member: member.into(),
    }
}

const fn strict(_: &mut Danger) {}

const fn no_type(danger: &mut Danger) {
    danger.accept_missing_token_type = true;
}

const fn array(danger: &mut Danger) {
    danger.accept_scope_array = true;
}

const fn form(danger: &mut Danger) {
    danger.accept_form_encoded_tokens = true;
    danger.accept_missing_token_type = true;
}

fn within(danger: &mut Danger) {
    danger.token_response_within = Some("authed_user".to_owned());
}

#[test]
fn a_missing_token_type_is_bearer_under_its_switch() {
    const WAY_OUT: &str = "; `danger.accept_missing_token_type` takes it for Bearer";
    let body = include_str!("../../../../tests/cases/token-no-token-type.json");
    assert_refused(read(strict, body), missing("token_type"), WAY_OUT);
    let tokens = read(no_type, body).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.expires_in().map(|it| it.as_secs()), Some(86_400));
    assert_eq!(tokens.extra()["user_id"], 1);

    let null = r#"{"access_token":"at","token_type":null}"#;
    assert_refused(read(strict, null), missing("token_type"), WAY_OUT);
    assert_eq!(read(no_type, null).unwrap().token_type(), TokenType::Bearer);
    // A type that is present is still checked.
    for (body, found) in [("mac", "mac"), ("user", "user"), ("bot", "bot")] {
        let body = format!(r#"{{"access_token":"at","token_type":"{body}"}}"#);
        let reason = Reason::UnsupportedTokenType {
            expected: "Bearer",
            found: found.to_owned(),
        };
        assert_refused(read(no_type, &body), reason, "");
    }
}

/// A missing type does not turn a token that should be bound into a Bearer token.
#[test]
fn a_missing_token_type_is_no_bound_token() {
    let key = crate::key::KeyReference {
        name: crate::names::KeyName::new("dpop"),
        algorithm: jose::SignatureAlgorithm::ES256,
        kid: None,
    };
    let public = testing::SERVER_KEY.public_jwk().unwrap();
    let key = DPoPKey::new(key, &public).unwrap();
    let bound = configuration(no_type).with_dpop_key(key);
    let response = testing::response(200, r#"{"access_token":"at"}"#);
    let reason = Reason::UnsupportedTokenType {
        expected: "DPoP",
        found: "Bearer".to_owned(),
    };
    assert_refused(
        read_at(&bound, &response),
        reason,
        "; `danger.accept_bearer_for_dpop` accepts it",
    );
}

#[test]
fn a_scope_may_be_an_array_under_its_switch() {
    let body = |scope: Value| {
        json!({"access_token": "at", "token_type": "Bearer", "scope": scope}).to_string()
    };
    let ill_typed = |expected, found: &str| Reason::IllTyped {
        member: "scope".into(),
        expected,
        found: found.to_owned(),
    };
    let two = body(json!(["user:read", "chat:edit"]));
    assert_refused(
        read(strict, &two),
        ill_typed("a string", "array"),
        "; `danger.accept_scope_array` accepts it",
    );
    assert_eq!(
        read(array, &two).unwrap().scope(),
        Some("user:read chat:edit")
    );
    assert_eq!(read(array, &body(json!([]))).unwrap().scope(), Some(""));
    assert_eq!(
        read(array, &body(json!("a b"))).unwrap().scope(),
        Some("a b")
    );
    for (scope, found) in [
        (json!(["a", 1]), "number"),
        (json!(["a", null]), "null"),
        (json!(["a b"]), "string"),
        (json!([""]), "string"),
    ] {
        let reason = ill_typed("an array of scope values", found);
        assert_refused(read(array, &body(scope)), reason, "");
    }
    let reason = ill_typed("a string", "object");
    assert_refused(read(array, &body(json!({"a": 1}))), reason, "");
}

#[test]
fn a_form_is_read_under_its_switch() {
    let body = "access_token=gho_1%2B&scope=&token_type=bearer&expires_in=3600&refresh_token=r";
    for media_type in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "Text/Plain;charset=UTF-8",
    ] {
        let response = labelled(200, media_type, body);
        let reason = Reason::MediaType {
            expected: "application/json",
            found: Some(media_type.to_owned()),
        };
        assert_refused(
            read_at(&configuration(strict), &response),
            reason,
            "; `danger.accept_form_encoded_tokens` accepts a form",
        );
        let tokens = read_at(&configuration(form), &response).unwrap();
        assert_eq!(tokens.access_token(), &Secret::from("gho_1+"));
        assert_eq!(tokens.refresh_token(), Some(&Secret::from("r")));
        assert_eq!(tokens.expires_in().map(|it| it.as_secs()), Some(3600));
        assert_eq!(tokens.scope(), None);
    }
    // JSON with the wrong media type is read as JSON.
    let json = labelled(200, "text/plain", " {\"access_token\":\"at\"}");
    assert!(read_at(&configuration(form), &json).is_ok());
}

#[test]
fn a_form_that_is_no_token_response_is_refused() {
    let refuse = |media_type, body, reason| {
        let response = labelled(200, media_type, body);
        assert_refused(read_at(&configuration(form), &response), reason, "");
    };
    const FORM: &str = "application/x-www-form-urlencoded";
    refuse(FORM, "", missing("access_token"));
    refuse(FORM, "access_token=", missing("access_token"));
    let member = "access_token".into();
    refuse(
        FORM,
        "access_token=a&access_token=a",
        Reason::Duplicate { member },
    );
    let reason = Reason::UnexpectedWithSwitch {
        member: "id_token",
        switch: "accept_form_encoded_tokens",
    };
    refuse(FORM, "access_token=a&id_token=x.y.z", reason);
    let reason = Reason::MediaType {
        expected: "application/json",
        found: Some("text/html".to_owned()),
    };
    refuse("text/html", "access_token=a", reason);
}

#[test]
fn an_error_may_be_a_form_under_the_switch() {
    let body = "error=bad_verification_code&error_description=It+is+over.";
    for status in [200, 400] {
        let response = labelled(status, "application/x-www-form-urlencoded", body);
        let error = read_at(&configuration(form), &response).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the server answered {status}: bad_verification_code (It is over.)")
        );
        let error = read_at(&configuration(strict), &response).unwrap_err();
        assert!(error.rejection().is_some(), "{error}");
    }
}

const NESTED: &str = r#"{"ok":true,"authed_user":{"id":"U1","access_token":"xoxp","token_type":"user",
    "scope":"chat:write","refresh_token":"xoxe","expires_in":43200},"team":{"id":"T1"}}"#;

#[test]
fn a_token_within_a_member_is_read_under_its_switch() {
    let reason = Reason::Nested {
        member: "access_token",
        within: "authed_user".to_owned(),
    };
    assert_refused(
        read(strict, NESTED),
        reason,
        "; `danger.token_response_within` reads it there",
    );
    let tokens = read(within, NESTED).unwrap();
    assert_eq!(tokens.access_token(), &Secret::from("xoxp"));
    assert_eq!(tokens.refresh_token(), Some(&Secret::from("xoxe")));
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.scope(), Some("chat:write"));
    assert_eq!(tokens.expires_in().map(|it| it.as_secs()), Some(43_200));
    assert_eq!(tokens.extra()["id"], "U1");
    // The response to a refresh lacks the member.
    let refreshed = r#"{"ok":true,"access_token":"xoxp-2","token_type":"user"}"#;
    let tokens = read(within, refreshed).unwrap();
    assert_eq!(tokens.access_token(), &Secret::from("xoxp-2"));
}

/// The token of the response itself belongs to another party, here a bot.
#[test]
fn the_own_token_does_not_stand_in_for_the_one_within() {
    let body = r#"{"access_token":"xoxb","token_type":"bot","authed_user":{"id":"U1"}}"#;
    assert_refused(read(within, body), missing("access_token"), "");
    let both = r#"{"access_token":"xoxb","token_type":"Bearer","authed_user":{"access_token":"xoxp","token_type":"user"}}"#;
    let tokens = read(within, both).unwrap();
    assert_eq!(tokens.access_token(), &Secret::from("xoxp"));
    let tokens = read(strict, both).unwrap();
    assert_eq!(tokens.access_token(), &Secret::from("xoxb"));
}

#[test]
fn no_id_token_comes_with_a_token_within_a_member() {
    for body in [
        r#"{"id_token":"x.y.z","authed_user":{"access_token":"a","token_type":"user"}}"#,
        r#"{"authed_user":{"access_token":"a","token_type":"user","id_token":"x.y.z"}}"#,
    ] {
        let reason = Reason::UnexpectedWithSwitch {
            member: "id_token",
            switch: "token_response_within",
        };
        assert_refused(read(within, body), reason, "");
    }
    let refused = read(within, r#"{"ok":false,"error":"invalid_code"}"#).unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}
