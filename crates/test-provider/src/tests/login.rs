//! Logins that succeed, with their variations.

use http::header::CACHE_CONTROL;
use jose::VerifyingKey;
use serde_json::json;

use super::*;
use crate::ClientAuthentication;

#[test]
fn the_metadata_is_at_both_places() {
    let provider = provider();
    let openid = get(
        &provider,
        &format!("{ISSUER}/.well-known/openid-configuration"),
        NOW,
    );
    let oauth = get(
        &provider,
        "https://id.example.com/.well-known/oauth-authorization-server/tenant",
        NOW,
    );
    assert_eq!(openid.status(), 200);
    assert_eq!(openid.body(), oauth.body());
    let document = json(&openid);
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(document["token_endpoint"], format!("{ISSUER}/token"));
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        json!(["RS256"])
    );
    assert_eq!(
        get(&provider, "https://id.example.com/tenant/nothing", NOW).status(),
        404
    );
    assert_eq!(
        get(&provider, "https://id.example.com/tenant/token", NOW).status(),
        405
    );
    assert_eq!(provider.served(Endpoint::Discovery), 2);
}

#[test]
fn a_login_with_each_algorithm() {
    let secret = "a client secret which is long enough for HS512: sixty-four bytes.";
    for algorithm in SignatureAlgorithm::ALL.iter().copied() {
        let provider = Provider::new(ISSUER);
        let authentication = if algorithm.is_symmetric() {
            ClientAuthentication::ClientSecretPost(secret.to_owned())
        } else {
            ClientAuthentication::None
        };
        let client = ClientRegistration::new(CLIENT_ID, authentication)
            .redirect_uri(REDIRECT_URI)
            .id_token_signed_response_alg(algorithm);
        provider.register(client);
        let code = code(&provider, NOW);
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        if algorithm.is_symmetric() {
            pairs.push(("client_secret", secret));
        }
        let response = post(&provider, Endpoint::Token, &pairs, NOW + 1);
        assert_eq!(response.status(), 200, "{algorithm}");
        let id_token = text(&json(&response), "id_token");
        let claims = if algorithm.is_symmetric() {
            let key = VerifyingKey::hmac(secret.as_bytes()).unwrap();
            let verified = jws::Unverified::parse(&id_token)
                .unwrap()
                .verify(&key, algorithm)
                .unwrap();
            verified.claims().unwrap().to_owned_map()
        } else {
            verify(&provider, &id_token, algorithm).unwrap()
        };
        assert_eq!(claims["nonce"], NONCE, "{algorithm}");
        let hashed = algorithm.hash().is_some();
        assert_eq!(claims.contains_key("at_hash"), hashed, "{algorithm}");
    }
}

#[test]
fn a_login_from_start_to_end() {
    let provider = provider();
    let callback = callback(&authorize(&provider, &authorization_parameters(), NOW));
    assert_eq!(parameter(&callback, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&callback, "iss").as_deref(), Some(ISSUER));
    let code = parameter(&callback, "code").unwrap();

    let response = redeem(&provider, &code, NOW + 1);
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let tokens = json(&response);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    let access_token = text(&tokens, "access_token");
    let claims = verify(
        &provider,
        &text(&tokens, "id_token"),
        SignatureAlgorithm::RS256,
    )
    .unwrap();
    let digest = HashAlgorithm::Sha256.digest(access_token.as_bytes());
    let expected = json!({
        "iss": ISSUER, "sub": "alice", "aud": CLIENT_ID, "iat": NOW + 1, "exp": NOW + 3601, "auth_time": NOW,
        "nonce": NONCE, "at_hash": base64url::encode(&digest[..16]),
    });
    assert_eq!(Value::Object(claims), expected);

    let response = user_info(&provider, &access_token, NOW + 2);
    let expected = json!({
        "sub": "alice", "name": "Alice Adams", "preferred_username": "alice",
        "email": "alice@example.com", "email_verified": true,
    });
    assert_eq!(Value::Object(json(&response)), expected);

    let refreshed = json(&refresh(
        &provider,
        &text(&tokens, "refresh_token"),
        NOW + 600,
    ));
    assert_ne!(refreshed["access_token"], tokens["access_token"]);
    assert_ne!(refreshed["refresh_token"], tokens["refresh_token"]);
    let claims = verify(
        &provider,
        &text(&refreshed, "id_token"),
        SignatureAlgorithm::RS256,
    )
    .unwrap();
    assert_eq!(
        (&claims["iat"], &claims["auth_time"]),
        (&json!(NOW + 600), &json!(NOW))
    );
    assert!(!claims.contains_key("nonce"));
}

#[test]
fn login_hint_chooses_the_user() {
    let provider = provider();
    let mut parameters = authorization_parameters();
    parameters.push(("login_hint", "bob".to_owned()));
    let code = parameter(&callback(&authorize(&provider, &parameters, NOW)), "code").unwrap();
    let tokens = json(&redeem(&provider, &code, NOW));
    let claims = verify(
        &provider,
        &text(&tokens, "id_token"),
        SignatureAlgorithm::RS256,
    )
    .unwrap();
    assert_eq!(claims["sub"], "bob");
}

#[test]
fn without_openid_there_is_no_id_token() {
    let provider = provider();
    let mut parameters = authorization_parameters();
    parameters.retain(|(name, _)| *name != "scope");
    let code = parameter(&callback(&authorize(&provider, &parameters, NOW)), "code").unwrap();
    let tokens = json(&redeem(&provider, &code, NOW));
    assert!(!tokens.contains_key("id_token"));
    let response = user_info(&provider, &text(&tokens, "access_token"), NOW);
    assert_eq!(error(&response), (403, "insufficient_scope".to_owned()));
}

/// Without an access token, the client cannot use the UserInfo endpoint (OpenID Connect Core
/// section 5.4).
#[test]
fn an_id_token_alone_holds_what_the_scope_releases() {
    let provider = provider();
    for (response_type, email) in [
        ("id_token", Some("alice@example.com")),
        ("code id_token", None),
    ] {
        let mut parameters = authorization_parameters();
        parameters.retain(|(name, _)| *name != "response_type");
        parameters.push(("response_type", response_type.to_owned()));
        let response = authorize(&provider, &parameters, NOW);
        let location = response.headers()[LOCATION].to_str().unwrap();
        let (_, fragment) = location.split_once('#').unwrap();
        let fragment: Vec<_> = form_urlencoded::parse(fragment.as_bytes())
            .into_owned()
            .collect();
        let id_token = parameter(&fragment, "id_token").unwrap();
        let claims = verify(&provider, &id_token, SignatureAlgorithm::RS256).unwrap();
        assert_eq!(claims.get("email").and_then(Value::as_str), email);
        assert_eq!(claims["sub"], "alice");
    }
}

#[test]
fn a_person_logs_in_or_says_no() {
    let provider = Provider::new(ISSUER).interactive();
    provider.register(registration());
    let page = || {
        let response = authorize(&provider, &authorization_parameters(), NOW);
        assert_eq!(response.status(), 200);
        let html = String::from_utf8(response.body().to_vec()).unwrap();
        let (_, rest) = html.split_once("name=\"interaction\" value=\"").unwrap();
        let (interaction, _) = rest.split_once('"').unwrap();
        interaction.to_owned()
    };
    let interaction = page();
    let login = post(
        &provider,
        Endpoint::Login,
        &[("interaction", &interaction), ("user", "bob")],
        NOW + 5,
    );
    let code = parameter(&callback(&login), "code").unwrap();
    let tokens = json(&redeem(&provider, &code, NOW + 6));
    let claims = verify(
        &provider,
        &text(&tokens, "id_token"),
        SignatureAlgorithm::RS256,
    )
    .unwrap();
    assert_eq!(
        (&claims["sub"], &claims["auth_time"]),
        (&json!("bob"), &json!(NOW + 5))
    );

    let again = post(
        &provider,
        Endpoint::Login,
        &[("interaction", &interaction), ("user", "bob")],
        NOW,
    );
    assert_eq!(again.status(), 400);
    let denied = post(
        &provider,
        Endpoint::Login,
        &[("interaction", &page()), ("deny", "deny")],
        NOW,
    );
    assert_eq!(
        parameter(&callback(&denied), "error").as_deref(),
        Some("access_denied")
    );
    let unknown = post(
        &provider,
        Endpoint::Login,
        &[("interaction", &page()), ("user", "eve")],
        NOW,
    );
    assert_eq!(unknown.status(), 400);

    let mut silent = authorization_parameters();
    silent.push(("prompt", "none".to_owned()));
    let silent = callback(&authorize(&provider, &silent, NOW));
    assert_eq!(
        parameter(&silent, "error").as_deref(),
        Some("login_required")
    );
}

#[test]
fn keys_rotate() {
    let provider = provider();
    let old = text(
        &json(&redeem(&provider, &code(&provider, NOW), NOW)),
        "id_token",
    );
    provider.rotate_keys();
    assert!(matches!(
        verify(&provider, &old, SignatureAlgorithm::RS256),
        Err(jose::Error::KeySelection(
            jose::KeySelectionError::None { .. }
        ))
    ));
    let new = text(
        &json(&redeem(&provider, &code(&provider, NOW), NOW)),
        "id_token",
    );
    verify(&provider, &new, SignatureAlgorithm::RS256).unwrap();
}

#[test]
fn the_seed_decides_codes_and_tokens() {
    let first = |provider: Provider| {
        provider.register(registration());
        code(&provider, NOW)
    };
    assert_eq!(first(Provider::new(ISSUER)), first(Provider::new(ISSUER)));
    assert_ne!(
        first(Provider::new(ISSUER)),
        first(Provider::new(ISSUER).seed("other"))
    );
}

fn authorization_url(provider: &Provider, mode: &str) -> String {
    let parameters = authorization_parameters();
    let mut pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    pairs.push(("response_mode", mode));
    format!("{}?{}", provider.url(Endpoint::Authorization), form(&pairs))
}

#[test]
fn a_browser_is_sent_back_by_redirect_or_by_form() {
    let provider = provider();
    let callback = provider.log_in(authorization_url(&provider, "query"), NOW);
    assert!(callback.starts_with(&format!("{REDIRECT_URI}&code=")));
    let body = provider.log_in_by_form_post(authorization_url(&provider, "form_post"), NOW);
    let fields: Vec<_> = form_urlencoded::parse(body.as_bytes()).collect();
    assert_eq!(fields[0].0, "code");
    assert_eq!(fields[1], ("state".into(), STATE.into()));
    assert_eq!(fields[2], ("iss".into(), ISSUER.into()));
    assert_eq!(fields.len(), 3);
}

#[test]
#[should_panic(expected = "no redirect: <!doctype html>")]
fn a_form_is_no_redirect() {
    let provider = provider();
    provider.log_in(authorization_url(&provider, "form_post"), NOW);
}

#[test]
#[should_panic(expected = "no form that posts itself: <!doctype html>")]
fn a_form_for_a_person_does_not_post_itself() {
    let provider = Provider::new(ISSUER).interactive();
    provider.register(registration());
    provider.log_in_by_form_post(authorization_url(&provider, "form_post"), NOW);
}
