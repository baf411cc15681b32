//! Authorization requests that are pushed or signed, and answers in other modes.

use jose::SigningKey;
use jose::jws::ProtectedHeader;
use jose::jws::SigningInput;
use serde_json::json;

use super::*;

fn authorized(provider: &Provider, pairs: &[(&str, &str)], now: i64) -> Response<Bytes> {
    let url = format!("{}?{}", provider.url(Endpoint::Authorization), form(pairs));
    get(provider, &url, now)
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
        authorized(
            &provider,
            &[("client_id", CLIENT_ID), ("request", &request)],
            NOW,
        )
    };
    let typ = "oauth-authz-req+jwt";
    let response = send(&good, &key, typ);
    assert_eq!(
        parameter(&callback(&response), "state").as_deref(),
        Some(STATE)
    );

    let again = send(&good, &key, typ);
    assert_eq!(again.status(), 400);
    let page = std::str::from_utf8(again.body()).unwrap();
    assert!(
        page.contains("the request object was used before"),
        "{page}"
    );

    good["jti"] = json!("2");
    assert_eq!(send(&good, &stranger, typ).status(), 400);
    assert_eq!(send(&good, &key, "JWT").status(), 400);
    for (name, value) in [
        ("iss", json!("other")),
        ("client_id", json!("other")),
        ("aud", json!("https://other.example")),
        ("aud", json!([ISSUER])),
        ("exp", json!(NOW)),
        ("exp", Value::Null),
        ("nbf", json!(NOW + 60)),
        ("iat", json!(NOW + 60)),
        ("jti", Value::Null),
        ("sub", json!(CLIENT_ID)),
        ("request_uri", json!("urn:x")),
        ("max_age", json!("600")),
    ] {
        let mut bad = good.clone();
        match value {
            Value::Null => drop(bad.as_object_mut().unwrap().remove(name)),
            value => bad[name] = value,
        }
        assert_eq!(send(&bad, &key, typ).status(), 400, "{name}");
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
