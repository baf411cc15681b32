//! Responses in the browser that deviate without harm: what describes an access token that does not
//! come, and an `iss` in the wrong place or encoded once too often.

use super::*;
use crate::authorization::{AuthorizationRequest, PendingLogin};

const ISSUER: &str = "https%3A%2F%2Fop.example";

/// Adds parameters to a response with a code and an ID Token, in the fragment and in a form.
fn with(others: &str) -> [(Callback, AuthorizationCodeGrantChecks); 2] {
    let id_token = testing::sign(&hybrid_claims());
    let answer = format!("code=c&state=s&id_token={id_token}&{others}");
    let posted = AuthorizationCodeGrantChecks {
        response_mode: Some(ResponseMode::FormPost),
        ..hybrid_checks()
    };
    [
        (
            Callback::from_url(&format!("/cb#{answer}")).unwrap(),
            hybrid_checks(),
        ),
        (Callback::from_form_post(&answer), posted),
    ]
}

/// RFC 6749 section 4.2.2 has them for an access token.
#[test]
fn access_token_members_are_ignored_with_an_id_token() {
    for others in [
        "expires_in=3600",
        "token_type=Bearer",
        "scope=openid",
        "expires_in=&token_type=&scope=",
        "expires_in=3600&token_type=Bearer&scope=openid&session_state=x",
    ] {
        for (callback, checks) in with(others) {
            let handed_out = verify(&configuration(), callback, checks).unwrap();
            assert_eq!(handed_out.code, Some("c".into()), "{others}");
        }
    }
    // Once each (RFC 6749 section 3.1).
    for (callback, checks) in with("expires_in=1&expires_in=2") {
        let member = "expires_in".into();
        assert_refused(
            verify(&configuration(), callback, checks),
            INVALID,
            Artefact::AuthorizationResponse,
            &Reason::Duplicate { member },
        );
    }
}

#[test]
fn an_access_token_with_an_id_token_is_refused() {
    for (others, member) in [
        ("access_token=a", "access_token"),
        ("access_token=", "access_token"),
        (
            "token_type=Bearer&access_token=a&expires_in=1",
            "access_token",
        ),
        ("token=a&expires_in=1", "token"),
    ] {
        for (callback, checks) in with(others) {
            assert_refused(
                verify(&configuration(), callback, checks),
                UNSUPPORTED,
                Artefact::AuthorizationResponse,
                &Reason::ImplicitParameter { member },
            );
        }
    }
}

/// A response with a code and an ID Token in the fragment of a URL with this `query`.
fn split(query: &str, others: &str) -> Callback {
    let id_token = testing::sign(&hybrid_claims());
    let answer = format!("code=c&state=s&id_token={id_token}{others}");
    Callback::from_url(&format!("https://app.example/cb?{query}#{answer}")).unwrap()
}

fn accepting_split() -> Configuration {
    let mut policy = Policy::default();
    policy.danger.accept_iss_in_query = true;
    // So that a moved `iss` that got lost would be missed.
    policy.require_authorization_response_iss();
    configuration().with_policy(policy)
}

fn sent_to(
    configuration: &Configuration,
    redirect_uri: Option<&str>,
    callback: Callback,
) -> Result<HandedOut, Error> {
    let redirect_uri = redirect_uri.map(str::to_owned);
    let configuration = configuration.clone();
    let operation =
        VerifyAuthorizationResponse::new(configuration, callback, redirect_uri, hybrid_checks());
    finish(operation)
}

#[test]
fn an_iss_alone_in_the_query_is_read_where_that_is_permitted() {
    let keeps = Some("https://app.example/cb?keep=1");
    let query = format!("keep=1&iss={ISSUER}");
    let handed_out = sent_to(&accepting_split(), keeps, split(&query, "")).unwrap();
    assert_eq!(handed_out.code, Some("c".into()));
    // Read, and compared.
    assert_refused(
        sent_to(
            &accepting_split(),
            keeps,
            split("iss=https%3A%2F%2Fevil.example", ""),
        ),
        INVALID,
        Artefact::AuthorizationResponse,
        &Reason::ParameterMismatch {
            parameter: "iss",
            expected: Some("https://op.example".to_owned()),
            found: Some("https://evil.example".to_owned()),
        },
    );
    let error = sent_to(&configuration(), keeps, split(&query, "")).unwrap_err();
    assert_eq!(error.rejection().unwrap().reason, Reason::IssuerInQuery);
    assert!(error.to_string().contains("`danger.accept_iss_in_query`"));
    assert_eq!(error.code(), Some(INVALID));
}

/// Everything else that is split stays what it was: an answer in another mode.
#[test]
fn nothing_else_may_come_in_the_query() {
    let mode = Reason::ResponseMode {
        expected: "fragment",
        found: "query",
    };
    let plain = Some("https://app.example/cb");
    for (redirect_uri, query, others) in [
        (plain, format!("iss={ISSUER}&state=s"), ""),
        (plain, format!("iss={ISSUER}&code=c"), ""),
        (plain, format!("iss={ISSUER}&iss={ISSUER}"), ""),
        (plain, format!("iss={ISSUER}&error=access_denied"), ""),
        (
            plain,
            format!("iss={ISSUER}"),
            "&iss=https%3A%2F%2Fop.example",
        ),
        // The application's own, which says nothing.
        (
            Some("https://app.example/cb?iss=1"),
            format!("iss={ISSUER}"),
            "",
        ),
        (
            Some("https://app.example/cb?a&is%73=#x"),
            format!("iss={ISSUER}"),
            "",
        ),
        // Not known what was sent.
        (None, format!("iss={ISSUER}"), ""),
    ] {
        // The switch would not help, so that it is not named either.
        for configuration in [accepting_split(), configuration()] {
            let callback = split(&query, others);
            assert_refused(
                sent_to(&configuration, redirect_uri, callback),
                INVALID,
                Artefact::AuthorizationResponse,
                &mode,
            );
        }
    }
}

/// The whole login: the `redirect_uri` that counts is the one that was remembered.
#[test]
fn a_remembered_login_knows_what_was_sent() {
    for (redirect_uri, accepted) in [
        ("https://app.example/cb", true),
        ("https://app.example/cb?iss=mine", false),
    ] {
        let (configuration, cache) = (accepting_split(), Cache::default());
        let mut env = testing::env(NOW, 0, &cache);
        let request = AuthorizationRequest::new(configuration.clone())
            .redirect_uri(redirect_uri)
            .response_type(ResponseType::IdToken);
        let (url, pending): (_, PendingLogin) = done(request.begin().step(&mut env, Event::Begin));
        let nonce = url.query_pairs().find(|(name, _)| name == "nonce").unwrap();
        let claims = changed(testing::claims(), "nonce", json!(nonce.1));
        let callback = Callback::from_url(&format!(
            "/cb?iss={ISSUER}#id_token={}&state={}&expires_in=3600",
            testing::sign(&claims),
            pending.state()
        ));
        let callback = callback.unwrap();
        let mut login = pending.resume_implicit(&configuration, &callback).unwrap();
        match login.step(&mut env, Event::Begin) {
            Ok(action) => {
                assert!(accepted, "{action:?}");
                sent(Ok(action));
                let response = done(login.step(&mut env, keys()));
                assert_eq!(response.id_token().sub(), "alice");
            }
            Err(error) => {
                let reason = &error.rejection().unwrap().reason;
                assert!(!accepted, "{error}");
                assert!(matches!(reason, Reason::ResponseMode { .. }), "{error}");
            }
        }
    }
}

#[test]
fn an_iss_that_is_encoded_once_too_often_is_accepted_by_name() {
    let mut policy = Policy::default();
    policy.danger.accept_percent_encoded_iss = true;
    let lenient = configuration().with_policy(policy);
    let twice = "iss=https%253A%252F%252Fop.example";
    for (callback, checks) in with(twice) {
        let error = verify(&configuration(), callback, checks).unwrap_err();
        let reason = &error.rejection().unwrap().reason;
        assert_eq!(*reason, Reason::PercentEncodedIssuer);
        let named = "`danger.accept_percent_encoded_iss`";
        assert!(error.to_string().contains(named), "{error}");
    }
    for (callback, checks) in with(twice) {
        assert!(verify(&lenient, callback, checks).is_ok());
    }
    for other in [
        "https%253A%252F%252Fevil.example",
        "https%253A%252F%252Fop.example%252F",
        "https%25253A%25252F%25252Fop.example",
        "https%253a%252f%252fop.example",
    ] {
        for (callback, checks) in with(&format!("iss={other}")) {
            let error = verify(&lenient, callback, checks).unwrap_err();
            let reason = &error.rejection().unwrap().reason;
            assert!(
                matches!(
                    reason,
                    Reason::ParameterMismatch {
                        parameter: "iss",
                        ..
                    }
                ),
                "{other}: {reason}"
            );
        }
    }
}
