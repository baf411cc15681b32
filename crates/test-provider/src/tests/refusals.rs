//! The requests that a careful provider refuses.

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
        ("code_challenge", "too-short", "invalid_request"),
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

/// Returns the error of a redirect and its description.
fn description(parameters: &[(&str, String)]) -> (String, String) {
    let response = authorize(&provider(), parameters, NOW);
    let location = response.headers()[LOCATION].to_str().unwrap();
    let url = Url::parse(&location.replace('#', "&")).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let text = |name| parameter(&pairs, name).unwrap();
    (text("error"), text("error_description"))
}

/// OpenID Connect Core sections 3.2.2.1 and 3.3.2.1 require both.
#[test]
fn an_id_token_in_the_browser_needs_openid_and_a_nonce() {
    for response_type in ["id_token", "code id_token"] {
        for (name, value, expected) in [
            ("nonce", "", ("invalid_request", "nonce is missing")),
            ("scope", "email", ("invalid_scope", "openid is missing")),
            ("scope", "", ("invalid_scope", "openid is missing")),
        ] {
            let mut parameters = authorization_parameters();
            parameters.retain(|(known, _)| *known != name && *known != "response_type");
            parameters.push(("response_type", response_type.to_owned()));
            parameters.push((name, value.to_owned()));
            let (error, description) = description(&parameters);
            assert_eq!((&*error, &*description), expected, "{response_type}");
        }
    }
}

/// RFC 7636 sections 4.1 and 4.2 define their syntax.
#[test]
fn challenge_and_verifier_have_their_form() {
    let mut parameters = authorization_parameters();
    parameters.retain(|(known, _)| *known != "code_challenge");
    parameters.push(("code_challenge", "short".to_owned()));
    let expected = ("invalid_request", "code_challenge is no SHA-256 digest");
    let (error, description) = description(&parameters);
    assert_eq!((&*error, &*description), expected);

    let provider = provider();
    for verifier in ["short", &"a".repeat(129), &"é".repeat(43)] {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("code", &code(&provider, NOW)),
            ("code_verifier", verifier),
        ];
        let response = json(&post(&provider, Endpoint::Token, &pairs, NOW));
        assert_eq!(response["error"], "invalid_grant");
        assert_eq!(
            response["error_description"],
            "code_verifier is not 43 to 128 unreserved characters"
        );
    }
}

/// RFC 6749 section 2.3.1 and RFC 6750 section 2.3 forbid secrets in the URL.
#[test]
fn what_is_secret_is_not_taken_from_a_query() {
    let provider = provider();
    let tokens = json(&redeem(&provider, &code(&provider, NOW), NOW));
    let token = text(&tokens, "access_token");
    for endpoint in [Endpoint::UserInfo, Endpoint::Resource] {
        let url = format!("{}?access_token={token}", provider.url(endpoint));
        for authorization in [None, Some(format!("Bearer {token}"))] {
            let mut request = Request::get(&url);
            if let Some(authorization) = authorization {
                request = request.header(AUTHORIZATION, authorization);
            }
            let response = provider.handle(&request.body(Bytes::new()).unwrap(), NOW);
            assert_eq!(response.status(), 400);
            let document = json(&response);
            assert_eq!(document["error"], "invalid_request");
            assert_eq!(
                document["error_description"],
                "an access token is in the query"
            );
        }
    }
    for name in ["client_secret", "client_assertion"] {
        let body = form(&[("grant_type", "refresh_token"), ("client_id", CLIENT_ID)]);
        let url = format!("{}?{name}=x", provider.url(Endpoint::Token));
        let request = Request::post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body));
        let response = provider.handle(&request.unwrap(), NOW);
        assert_eq!(error(&response), (401, "invalid_client".to_owned()));
        assert_eq!(
            json(&response)["error_description"],
            "credentials of the client are in the query"
        );
    }
}

/// The ID Token must contain `c_hash`, which cannot be computed for ML-DSA.
#[test]
fn a_code_with_an_id_token_signed_with_ml_dsa_is_not_supported() {
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
