//! Authorization requests that are pushed or signed, and the response modes.

use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::json;

use super::*;

pub(super) fn authorized(provider: &Provider, pairs: &[(&str, &str)], now: i64) -> Response<Bytes> {
    let url = format!("{}?{}", provider.url(Endpoint::Authorization), form(pairs));
    get(provider, &url, now)
}

/// Asserts that the response is a page with the reason, and not a redirect.
#[track_caller]
pub(super) fn assert_refused(response: &Response<Bytes>, why: &str) {
    let page = std::str::from_utf8(response.body()).unwrap();
    assert_eq!(response.status(), 400, "{why}");
    assert!(page.contains(&format!("<p>{why}</p>")), "{why}: {page}");
}

fn push(provider: &Provider) -> String {
    let parameters = authorization_parameters();
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let response = post(provider, Endpoint::PushedAuthorization, &pairs, NOW);
    assert_eq!(response.status(), 201);
    assert_eq!(json(&response)["expires_in"], 60);
    text(&json(&response), "request_uri")
}

#[test]
fn a_pushed_request_is_good_for_one_use() {
    let provider = provider();
    let request_uri = push(&provider);
    let pairs = [("client_id", CLIENT_ID), ("request_uri", &*request_uri)];
    let response = authorized(&provider, &pairs, NOW + 59);
    assert!(parameter(&callback(&response), "code").is_some());
    assert_eq!(authorized(&provider, &pairs, NOW + 59).status(), 400);

    let request_uri = push(&provider);
    let pairs = [("client_id", CLIENT_ID), ("request_uri", &*request_uri)];
    assert_eq!(authorized(&provider, &pairs, NOW + 60).status(), 400);

    provider.register(ClientRegistration::public("other").redirect_uri(REDIRECT_URI));
    let request_uri = push(&provider);
    let pairs = [("client_id", "other"), ("request_uri", &*request_uri)];
    assert_eq!(authorized(&provider, &pairs, NOW).status(), 400);
}

#[test]
fn a_client_can_be_held_to_pushed_or_signed_requests() {
    let provider = Provider::new(ISSUER);
    provider.register(registration().require_pushed_authorization_requests());
    let plain = authorize(&provider, &authorization_parameters(), NOW);
    assert_eq!(plain.status(), 400);
    push(&provider);
    provider.register(registration().require_signed_request_object());
    let plain = authorize(&provider, &authorization_parameters(), NOW);
    assert_eq!(plain.status(), 400);
}

#[test]
fn a_request_object_is_verified() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let provider = Provider::new(ISSUER);
    let keys = json!({ "keys": [key.public_jwk().unwrap().to_json()] });
    provider.register(registration().keys(keys.to_string()));
    let mut good = json!({
        "iss": CLIENT_ID, "aud": ISSUER, "exp": NOW + 60, "nbf": NOW, "iat": NOW, "jti": "1",
        "resource": ["urn:a", "urn:b"],
    });
    for (name, value) in authorization_parameters() {
        good[name] = json!(value);
    }
    good["max_age"] = json!(600);
    let send = |claims: &Value, key: &SigningKey, typ: &str| {
        let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ(typ);
        let input = SigningInput::new(&header, claims.to_string().as_bytes());
        let request = input.sign(key).unwrap();
        let outside = [
            ("client_id", CLIENT_ID),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("request", &request),
        ];
        authorized(&provider, &outside, NOW)
    };
    let typ = "oauth-authz-req+jwt";
    let response = send(&good, &key, typ);
    assert_eq!(
        parameter(&callback(&response), "state").as_deref(),
        Some(STATE)
    );

    let again = send(&good, &key, typ);
    assert_refused(&again, "the request object was used before");

    good["jti"] = json!("2");
    assert_refused(
        &send(&good, &stranger, typ),
        "the request object has a wrong signature",
    );
    assert_refused(
        &send(&good, &key, "JWT"),
        "the request object has the typ of another token",
    );
    for (name, value, why) in [
        ("iss", json!("other"), "the request object has a wrong iss"),
        ("iss", Value::Null, "the request object has a wrong iss"),
        (
            "client_id",
            json!("other"),
            "the request object has a wrong client_id",
        ),
        (
            "aud",
            json!("https://other.example"),
            "the request object has a wrong aud",
        ),
        ("aud", json!([ISSUER]), "the request object has a wrong aud"),
        ("aud", Value::Null, "the request object has a wrong aud"),
        ("exp", json!(NOW), "the request object has a wrong exp"),
        (
            "exp",
            json!(NOW + 3_601),
            "the request object has a wrong exp",
        ),
        ("exp", Value::Null, "the request object has a wrong exp"),
        (
            "nbf",
            json!(NOW + 60),
            "the request object has a wrong nbf or iat",
        ),
        (
            "iat",
            json!(NOW + 60),
            "the request object has a wrong nbf or iat",
        ),
        ("jti", Value::Null, "the request object has no jti"),
        (
            "sub",
            json!(CLIENT_ID),
            "the request object has a sub, like a client assertion",
        ),
        (
            "request",
            json!("e30.e30.e30"),
            "the request object holds another",
        ),
        (
            "request_uri",
            json!("urn:x"),
            "the request object holds another",
        ),
        (
            "max_age",
            json!("600"),
            "the request object has a max_age that is not a number",
        ),
    ] {
        let mut bad = good.clone();
        match value {
            Value::Null => drop(bad.as_object_mut().unwrap().remove(name)),
            value => bad[name] = value,
        }
        assert_refused(&send(&bad, &key, typ), why);
    }
}

#[test]
fn an_answer_comes_back_in_the_mode_asked_for() {
    let provider = provider();
    let answer = |mode: &str| {
        let mut parameters = authorization_parameters();
        parameters.push(("response_mode", mode.to_owned()));
        authorize(&provider, &parameters, NOW)
    };
    for (mode, start) in [
        ("query", "&code="),
        ("fragment", "#code="),
        ("jwt", "&response=ey"),
        ("query.jwt", "&response=ey"),
        ("fragment.jwt", "#response=ey"),
        ("else", "&error=invalid_request"),
    ] {
        let response = answer(mode);
        let location = response.headers()[LOCATION].to_str().unwrap();
        assert!(location[REDIRECT_URI.len()..].starts_with(start), "{mode}");
    }
    for (mode, name) in [("form_post", "code"), ("form_post.jwt", "response")] {
        let page = answer(mode);
        assert_eq!(page.status(), 200);
        let page = std::str::from_utf8(page.body()).unwrap();
        assert!(
            page.contains(&format!("action=\"{REDIRECT_URI}\"")),
            "{page}"
        );
        assert!(page.contains(&format!("name=\"{name}\"")), "{page}");
    }
}

#[test]
fn authorization_details_are_granted_or_refused_by_type() {
    let provider = provider();
    let ask = |details: &str| {
        let mut parameters = authorization_parameters();
        parameters.push(("authorization_details", details.to_owned()));
        callback(&authorize(&provider, &parameters, NOW))
    };
    for refused in [
        r#"[{"type":"unknown"}]"#,
        r#"{"type":"payment"}"#,
        "[{}]",
        "[",
    ] {
        let error = parameter(&ask(refused), "error");
        assert_eq!(error.as_deref(), Some("invalid_authorization_details"));
    }
    let code = parameter(&ask(r#"[{"type":"payment"}]"#), "code").unwrap();
    let tokens = json(&redeem(&provider, &code, NOW));
    assert_eq!(
        tokens["authorization_details"],
        json!([{"type": "payment"}])
    );
}
