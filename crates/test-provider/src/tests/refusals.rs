//! What a careful provider refuses.

use http::header::WWW_AUTHENTICATE;

use super::*;
use crate::client::ClientAuthentication;

#[test]
fn a_code_is_good_once_and_its_tokens_die_with_it() {
    let provider = provider();
    let code = code(&provider, NOW);
    let tokens = json(&redeem(&provider, &code, NOW));
    assert_eq!(
        error(&redeem(&provider, &code, NOW)),
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(
        user_info(&provider, &text(&tokens, "access_token"), NOW).status(),
        401
    );
    let refreshed = refresh(&provider, &text(&tokens, "refresh_token"), NOW);
    assert_eq!(error(&refreshed), (400, "invalid_grant".to_owned()));
}

#[test]
fn a_refresh_token_is_good_once_and_reuse_ends_the_grant() {
    let provider = provider();
    let tokens = json(&redeem(&provider, &code(&provider, NOW), NOW));
    let first = text(&tokens, "refresh_token");
    let second = text(&json(&refresh(&provider, &first, NOW)), "refresh_token");
    assert_eq!(
        error(&refresh(&provider, &first, NOW)),
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(
        error(&refresh(&provider, &second, NOW)),
        (400, "invalid_grant".to_owned())
    );
}

#[test]
fn a_code_is_bound_to_what_asked_for_it() {
    let wrong = [
        (
            "redirect_uri",
            "https://app.example.com/other",
            "invalid_grant",
        ),
        (
            "code_verifier",
            "another-verifier-another-verifier-another-v",
            "invalid_grant",
        ),
        ("code", "unknown", "invalid_grant"),
        ("client_id", "other-app", "invalid_grant"),
        ("grant_type", "password", "unsupported_grant_type"),
    ];
    for (name, value, expected) in wrong {
        let provider = provider();
        provider.register(ClientRegistration::public("other-app").redirect_uri(REDIRECT_URI));
        let code = code(&provider, NOW);
        let mut pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        pairs
            .iter_mut()
            .find(|(known, _)| *known == name)
            .unwrap()
            .1 = value;
        assert_eq!(
            error(&post(&provider, Endpoint::Token, &pairs, NOW)),
            (400, expected.to_owned()),
            "{name}"
        );
    }
    let provider = provider();
    let code = code(&provider, NOW);
    assert_eq!(
        error(&redeem(&provider, &code, NOW + 60)),
        (400, "invalid_grant".to_owned()),
        "expired"
    );
}

#[test]
fn authorization_requests_are_checked() {
    let provider = provider();
    for (name, value) in [
        ("client_id", "nobody"),
        ("redirect_uri", "https://app.example.com/cb"),
    ] {
        let mut parameters = authorization_parameters();
        parameters.retain(|(known, _)| *known != name);
        parameters.push((name, value.to_owned()));
        let response = authorize(&provider, &parameters, NOW);
        assert_eq!(response.status(), 400, "{name}");
        assert!(!response.headers().contains_key(LOCATION), "{name}");
    }
    let redirected = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_mode", "web_message", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
    ];
    for (name, value, expected) in redirected {
        let mut parameters = authorization_parameters();
        parameters.retain(|(known, _)| *known != name);
        parameters.push((name, value.to_owned()));
        let callback = callback(&authorize(&provider, &parameters, NOW));
        assert_eq!(
            parameter(&callback, "error").as_deref(),
            Some(expected),
            "{name}"
        );
        assert_eq!(
            parameter(&callback, "state").as_deref(),
            Some(STATE),
            "{name}"
        );
        assert_eq!(parameter(&callback, "code"), None, "{name}");
    }
}

/// The `c_hash` that belongs beside the code cannot be made.
#[test]
fn a_code_beside_an_id_token_signed_with_ml_dsa_is_not_supported() {
    let ask = |response_type: &str| {
        let provider = Provider::new(ISSUER);
        provider.register(
            ClientRegistration::new(CLIENT_ID, ClientAuthentication::None)
                .redirect_uri(REDIRECT_URI)
                .id_token_signed_response_alg(SignatureAlgorithm::MlDsa65),
        );
        let mut parameters = authorization_parameters();
        parameters.retain(|(known, _)| *known != "response_type");
        parameters.push(("response_type", response_type.to_owned()));
        let response = authorize(&provider, &parameters, NOW);
        response.headers()[LOCATION].to_str().unwrap().to_owned()
    };
    let refused = ask("code id_token");
    assert!(
        refused.contains("error=unsupported_response_type"),
        "{refused}"
    );
    assert!(refused.contains("SHAKE256"), "{refused}");
    assert!(!refused.contains("code="), "{refused}");
    let alone = ask("id_token");
    assert!(
        alone.contains("id_token=") && !alone.contains("error="),
        "{alone}"
    );
    let claims = alone
        .split("id_token=")
        .nth(1)
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap();
    let claims: Value = serde_json::from_slice(&base64url::decode(claims).unwrap()).unwrap();
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["s_hash"], Value::Null);
}

#[test]
fn user_info_wants_a_good_token() {
    let provider = provider();
    let without = get(&provider, &provider.url(Endpoint::UserInfo), NOW);
    assert_eq!(without.status(), 401);
    assert_eq!(
        without.headers()[WWW_AUTHENTICATE],
        "Bearer realm=\"test-provider\""
    );
    let unknown = user_info(&provider, "unknown", NOW);
    assert_eq!(error(&unknown), (401, "invalid_token".to_owned()));
    assert!(
        unknown.headers()[WWW_AUTHENTICATE]
            .to_str()
            .unwrap()
            .contains("error=\"invalid_token\"")
    );
    let access_token = text(
        &json(&redeem(&provider, &code(&provider, NOW), NOW)),
        "access_token",
    );
    assert_eq!(
        user_info(&provider, &access_token, NOW + 3599).status(),
        200
    );
    assert_eq!(
        user_info(&provider, &access_token, NOW + 3600).status(),
        401
    );
}

#[test]
fn logout_returns_only_to_registered_places() {
    let provider = provider();
    let id_token = text(
        &json(&redeem(&provider, &code(&provider, NOW), NOW)),
        "id_token",
    );
    let end = |pairs: &[(&str, &str)]| {
        get(
            &provider,
            &format!("{}?{}", provider.url(Endpoint::EndSession), form(pairs)),
            NOW,
        )
    };
    let good = end(&[
        ("id_token_hint", &id_token),
        ("post_logout_redirect_uri", LOGOUT_URI),
        ("state", "s 1"),
    ]);
    assert_eq!(
        good.headers()[LOCATION],
        "https://app.example.com/bye?state=s+1"
    );
    assert_eq!(end(&[("id_token_hint", &id_token)]).status(), 200);
    let refused: [&[(&str, &str)]; 4] = [
        &[
            ("id_token_hint", &id_token),
            ("post_logout_redirect_uri", "https://stranger.example"),
        ],
        &[
            ("id_token_hint", "e30.e30.e30"),
            ("post_logout_redirect_uri", LOGOUT_URI),
        ],
        &[("id_token_hint", &id_token), ("client_id", "other-app")],
        &[("post_logout_redirect_uri", LOGOUT_URI)],
    ];
    for pairs in refused {
        assert_eq!(end(pairs).status(), 400, "{pairs:?}");
    }
}
