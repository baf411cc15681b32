//! The error in a response that is refused: for the log, and for nothing else.

use super::*;

/// The refusal of a callback in a login with state `s`.
fn refused(callback: Callback, mode: Option<ResponseMode>) -> Error {
    let cache = Cache::default();
    let setup = testing::setup().server(|it| {
        it.authorization_response_iss_parameter_supported = Some(true);
        it.authorization_signing_alg_values_supported = Some(vec!["ES256".to_owned()]);
    });
    let checks = AuthorizationCodeGrantChecks {
        response_mode: mode,
        ..packed_checks()
    };
    let mut operation = VerifyAuthorizationResponse::new(setup.build(), callback, None, checks);
    operation
        .step(&mut testing::env(NOW, 0, &cache), Event::Begin)
        .unwrap_err()
}

#[track_caller]
fn assert_carried(error: &Error, reason: &str, carried: &str) {
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::AuthorizationResponse);
    assert_eq!(rejection.unverified_error().unwrap().to_string(), carried);
    assert_eq!(
        error.to_string(),
        format!(
            "authorization response refused: {reason}; it carries an unverified error: \
             {carried}"
        )
    );
}

#[test]
fn without_or_with_a_wrong_state_or_issuer_the_error_is_kept_as_unverified() {
    const ISS: &str = "iss=https%3A%2F%2Fop.example";
    for (query, reason) in [
        (format!("error=x&{ISS}"), "`state` is missing"),
        (
            format!("error=x&state=&{ISS}"),
            "parameter `state` does not match",
        ),
        (
            format!("error=x&state=t&{ISS}"),
            "parameter `state` does not match",
        ),
        ("error=x&state=s".to_owned(), "`iss` is missing"),
        (
            "error=x&state=s&iss=https%3A%2F%2Fevil.example".to_owned(),
            "parameter `iss` does not match: expected https://op.example, found \
             https://evil.example",
        ),
        (
            format!("error=x&state=s&state=s&{ISS}"),
            "`state` occurs more than once",
        ),
    ] {
        let error = refused(Callback::from_query(&query), None);
        assert_eq!(error.code(), Some(INVALID), "{query}");
        assert_carried(&error, reason, "x");
    }
    let right = format!("error=x&state=s&{ISS}");
    let error = refused(Callback::from_query(&right), None);
    assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
}

#[test]
fn the_callbacks_of_real_servers() {
    let file = include_str!("../../../../../tests/cases/callback-error-without-state.txt");
    let mut configuration = refused(Callback::from_url(file.trim()).unwrap(), None);
    let kept = configuration
        .rejection()
        .unwrap()
        .unverified_error()
        .unwrap();
    assert_eq!(kept.error(), "invalid_scope");
    assert_eq!(kept.error_description(), Some("The scope is not valid"));

    // Its state was in a request object alone.
    let file = include_str!("../../../../../tests/cases/providers/hydra-jar-callback.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let shown = file["callback"].as_str().unwrap();
    let url = shown
        .strip_prefix("Url(\"")
        .and_then(|url| url.strip_suffix("\")"));
    let callback = Callback::from_url(url.unwrap()).unwrap();
    configuration = refused(callback, None);
    let kept = configuration
        .rejection()
        .unwrap()
        .unverified_error()
        .unwrap();
    assert_eq!(kept.error(), "unsupported_response_type");
    let description = kept.error_description().unwrap();
    assert!(description.contains("`The request is missing the 'response_type' parameter."));
}

#[test]
fn an_error_in_another_channel_is_kept() {
    let mode = "expected response mode query, found fragment";
    let fragment = Callback::from_url("/cb#error=x&error_description=y&state=s").unwrap();
    assert_carried(&refused(fragment, None), mode, "x (y)");
    let plain = Callback::from_query("error=x&state=s");
    let mode = "expected response mode jwt, found query";
    assert_carried(&refused(plain, Some(ResponseMode::Jwt)), mode, "x");
}

#[test]
fn an_error_in_a_packed_response_that_is_refused_is_kept() {
    let mut claims = packed_claims();
    claims["error"] = json!("x");
    claims["iss"] = json!("https://evil.example");
    let callback = packed(&testing::sign(&claims));
    let kept = callback.unverified_error().unwrap();
    assert_eq!(kept.to_string(), "x");
    // The keys are fetched first; without them nothing in it is known.
    let header = r#"{"alg":"none"}"#;
    let jwt = [header.as_bytes(), claims.to_string().as_bytes()].map(jose::base64url::encode);
    let unsigned = packed(&format!("{}.{}.", jwt[0], jwt[1]));
    let error = refused(unsigned, Some(ResponseMode::Jwt));
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.unverified_error().unwrap().error(), "x");
}

/// Anyone may have written it.
#[test]
fn the_text_is_escaped_and_capped() {
    let long = "é".repeat(300);
    let query = format!("error=a%1B%0Ab&error_description={long}");
    let error = refused(Callback::from_query(&query), None);
    let kept = error.rejection().unwrap().unverified_error().unwrap();
    assert_eq!(kept.error(), "a\\u{1b}\\nb");
    assert_eq!(kept.error_description().unwrap(), "é".repeat(200) + "…");
    assert!(!error.to_string().contains('\u{1b}'));
}

#[test]
fn a_refused_response_without_an_error_carries_none() {
    for query in ["code=c", "error=&code=c", "error_description=x"] {
        let error = refused(Callback::from_query(query), None);
        assert!(error.rejection().unwrap().unverified_error().is_none());
        assert!(!error.to_string().contains("unverified error"));
    }
}
