use std::time::Duration;

use serde_json::json;

use super::*;
use crate::authorization::ExpectedState;
use crate::cache::Cache;
use crate::error::{Artefact, NoAnswer, Reason, Unanswered};
use crate::names::EndpointName;
use crate::pkce::CodeVerifier;
use crate::policy::Policy;
use crate::testing;
use crate::testing::{NOW, SERVER_KEY, assert_finished, assert_unexpected, done, sent};

const REDIRECT_URI: &str = "https://app.example/cb?a=b c";

/// Checks for a login in plain OAuth.
fn plain() -> AuthorizationCodeGrantChecks {
    AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("s".into()),
        ..AuthorizationCodeGrantChecks::default()
    }
}

fn with_verifier() -> AuthorizationCodeGrantChecks {
    AuthorizationCodeGrantChecks {
        pkce_code_verifier: Some(CodeVerifier::new("v".repeat(43)).unwrap()),
        ..plain()
    }
}

/// Checks for a login with OpenID Connect, answered by [`testing::claims`].
fn openid() -> AuthorizationCodeGrantChecks {
    AuthorizationCodeGrantChecks {
        expected_nonce: Some("n-1".into()),
        ..plain()
    }
}

fn grant(checks: AuthorizationCodeGrantChecks) -> AuthorizationCodeGrant {
    let configuration = testing::configuration();
    let callback = Callback::from_query("code=c&state=s");
    AuthorizationCodeGrant::new(&configuration, &callback, REDIRECT_URI, checks)
}

fn step(grant: &mut AuthorizationCodeGrant, event: Event) -> Step {
    step_with(&Cache::default(), grant, event)
}

fn step_with(cache: &Cache, grant: &mut AuthorizationCodeGrant, event: Event) -> Step {
    grant.step(&mut testing::env(NOW, 0, cache), event)
}

fn keys() -> Event {
    Event::Received(testing::response(200, testing::key_set(&[&SERVER_KEY])))
}

/// A token response, with this ID Token.
fn tokens(id_token: Option<&str>) -> Event {
    let mut body = json!({"access_token": "at", "token_type": "Bearer"});
    if let Some(id_token) = id_token {
        body["id_token"] = json!(id_token);
    }
    Event::Received(testing::response(200, body.to_string()))
}

fn refusal(result: Step) -> (Artefact, Reason) {
    let error = result.expect_err("accepted");
    let rejection = error.rejection().expect("a rejection");
    (rejection.artefact, rejection.reason.clone())
}

#[test]
fn the_code_is_redeemed_where_and_how_it_was_asked_for() {
    let verifier = "v".repeat(43);
    let checks = AuthorizationCodeGrantChecks {
        pkce_code_verifier: Some(CodeVerifier::new(verifier.clone()).unwrap()),
        ..plain()
    };
    let mut grant = grant(checks)
        .parameter("resource", "https://a.example")
        .parameter("resource", "https://b.example")
        .parameter("code", "another");
    let outbound = sent(step(&mut grant, Event::Begin));
    assert_eq!(outbound.endpoint, EndpointName::Token);
    assert_eq!(
        std::str::from_utf8(outbound.request.body()).unwrap(),
        format!(
            "resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example\
             &grant_type=authorization_code&code=c\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fa%3Db+c\
             &code_verifier={verifier}&client_id=app"
        )
    );
    let tokens = done(step(&mut grant, tokens(None)));
    assert_eq!(tokens.access_token().expose(), "at");
    assert!(tokens.id_token().is_none());
    assert_finished(&mut grant);
}

/// Where the application has compared `state` itself. With an ID Token from the browser it cannot
/// be done without.
#[test]
fn the_state_may_be_left_to_the_caller() {
    let checks = AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::DangerUnchecked,
        ..with_verifier()
    };
    sent(step(&mut grant(checks), Event::Begin));
}

/// RFC 9700 sections 2.1.1, 4.5 and 4.7.
#[test]
fn a_code_that_nothing_ties_to_the_login_is_not_redeemed() {
    let begin = |supported: &[&str], accept: bool, checks: AuthorizationCodeGrantChecks| {
        let supported = supported.iter().map(ToString::to_string).collect();
        let mut policy = Policy::default();
        policy.danger.accept_unbound_code = accept;
        let setup = testing::setup().policy(policy);
        let setup = setup.server(|it| it.code_challenge_methods_supported = Some(supported));
        let configuration = setup.build();
        let callback = Callback::from_query("code=c&state=s");
        step(
            &mut AuthorizationCodeGrant::new(&configuration, &callback, REDIRECT_URI, checks),
            Event::Begin,
        )
    };
    let unchecked = || AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::DangerUnchecked,
        ..plain()
    };
    let id_token = || AuthorizationCodeGrantChecks {
        id_token_expected: true,
        ..plain()
    };
    let max_age = || AuthorizationCodeGrantChecks {
        max_age: Some(Duration::from_secs(60)),
        ..plain()
    };
    for (supported, checks, reason) in [
        (&["S256"][..], plain(), "since the server knows PKCE"),
        (&["plain"], unchecked(), "unless an `expected_state`"),
        (&[], unchecked(), "unless an `expected_state`"),
        (&[], id_token(), "unless an `expected_nonce`"),
        (&["S256"], max_age(), "unless an `expected_nonce`"),
    ] {
        let Err(Error::Misuse(Misuse::InvalidArgument {
            argument, expected, ..
        })) = begin(supported, false, checks.clone())
        else {
            panic!("{supported:?} {checks:?}");
        };
        assert_eq!(argument, "pkce_code_verifier");
        assert!(expected.contains(reason), "{expected}");
        assert!(expected.contains("`danger.accept_unbound_code`"));
        sent(begin(supported, true, checks));
    }
    for checks in [plain(), openid(), with_verifier()] {
        sent(begin(&[], false, checks));
    }
    for checks in [openid(), with_verifier()] {
        sent(begin(&["S256"], false, checks));
    }
}

#[test]
fn an_empty_nonce_is_not_expected() {
    for verifier in [None, with_verifier().pkce_code_verifier] {
        let checks = AuthorizationCodeGrantChecks {
            expected_nonce: Some("".into()),
            pkce_code_verifier: verifier,
            ..plain()
        };
        let error = step(&mut grant(checks), Event::Begin).unwrap_err();
        assert!(matches!(
            error,
            Error::Misuse(Misuse::InvalidArgument {
                argument: "expected_nonce",
                ..
            })
        ));
    }
}

#[test]
fn an_expected_id_token_must_come() {
    let missing = Reason::Missing {
        member: "id_token".into(),
    };
    for checks in [
        openid(),
        AuthorizationCodeGrantChecks {
            id_token_expected: true,
            ..with_verifier()
        },
        AuthorizationCodeGrantChecks {
            max_age: Some(Duration::from_secs(60)),
            ..with_verifier()
        },
    ] {
        let cache = Cache::default();
        let mut grant = grant(checks);
        let prefetch = sent(step_with(&cache, &mut grant, Event::Begin));
        assert_eq!(prefetch.endpoint, EndpointName::Jwks);
        let redemption = sent(step_with(&cache, &mut grant, keys()));
        assert_eq!(redemption.endpoint, EndpointName::Token);
        let refused = refusal(step_with(&cache, &mut grant, tokens(None)));
        assert_eq!(refused, (Artefact::TokenResponse, missing.clone()));
        assert_finished(&mut grant);
    }
}

/// Runs a grant whose token response holds an ID Token with these claims.
fn with_claims(checks: AuthorizationCodeGrantChecks, claims: &serde_json::Value) -> Step {
    let cache = Cache::default();
    let mut grant = grant(checks);
    let mut event = Event::Begin;
    let id_token = testing::sign(claims);
    loop {
        let action = step_with(&cache, &mut grant, event)?;
        event = match action {
            Action::Send(outbound) if outbound.endpoint == EndpointName::Jwks => keys(),
            Action::Send(_) => tokens(Some(&id_token)),
            action => return Ok(action),
        };
    }
}

#[test]
fn an_id_token_is_verified_whether_or_not_it_was_expected() {
    let mut claims = testing::claims();
    assert!(done(with_claims(openid(), &claims)).id_token().is_some());

    // Not expected: a nonce shows that it belongs to another login.
    let (artefact, reason) = refusal(with_claims(plain(), &claims));
    assert_eq!(artefact, Artefact::IdToken);
    assert!(
        matches!(reason, Reason::ClaimMismatch { claim: "nonce", .. }),
        "{reason}"
    );
    claims.as_object_mut().unwrap().remove("nonce");
    assert!(done(with_claims(plain(), &claims)).id_token().is_some());
    let nonce = Reason::Missing {
        member: "nonce".into(),
    };
    assert_eq!(
        refusal(with_claims(openid(), &claims)),
        (Artefact::IdToken, nonce)
    );

    claims["aud"] = json!("another");
    let (artefact, reason) = refusal(with_claims(plain(), &claims));
    assert_eq!(artefact, Artefact::IdToken);
    assert!(
        matches!(reason, Reason::ClaimMismatch { claim: "aud", .. }),
        "{reason}"
    );
}

/// OpenID Connect Core 1.0 section 3.1.3.8: the hash is that of the access token in the response.
#[test]
fn the_access_token_is_compared_with_at_hash() {
    let hash = |token: &str| {
        let hash = jose::HashAlgorithm::Sha256.digest(token.as_bytes());
        jose::base64url::encode(&hash[..16])
    };
    let mut claims = testing::claims();
    claims["at_hash"] = json!(hash("at"));
    assert!(with_claims(openid(), &claims).is_ok());
    claims["at_hash"] = json!(hash("another"));
    let (_, reason) = refusal(with_claims(openid(), &claims));
    assert!(
        matches!(
            reason,
            Reason::ClaimMismatch {
                claim: "at_hash",
                ..
            }
        ),
        "{reason}"
    );
}

#[test]
fn a_maximum_age_reaches_the_id_token() {
    let checks = AuthorizationCodeGrantChecks {
        max_age: Some(Duration::from_secs(60)),
        ..openid()
    };
    let mut claims = testing::claims();
    let missing = Reason::Missing {
        member: "auth_time".into(),
    };
    assert_eq!(
        refusal(with_claims(checks.clone(), &claims)),
        (Artefact::IdToken, missing)
    );
    claims["auth_time"] = json!(NOW - 60);
    assert!(with_claims(checks.clone(), &claims).is_ok());
    claims["auth_time"] = json!(NOW - 100);
    let (_, reason) = refusal(with_claims(checks, &claims));
    assert!(
        matches!(
            reason,
            Reason::Timestamp {
                claim: "auth_time",
                ..
            }
        ),
        "{reason}"
    );
}

#[test]
fn a_callback_that_is_refused_sends_nothing() {
    let checks = AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("t".into()),
        ..openid()
    };
    let mut grant = grant(checks);
    let mismatch = Reason::ParameterMismatch {
        parameter: "state",
        expected: None,
        found: None,
    };
    assert_eq!(
        refusal(step(&mut grant, Event::Begin)),
        (Artefact::AuthorizationResponse, mismatch)
    );
    assert_finished(&mut grant);
}

#[test]
fn the_session_state_of_the_callback_comes_with_the_tokens_and_is_not_shown() {
    let callback = Callback::from_query("code=c&state=s&session_state=x.y");
    let configuration = testing::configuration();
    let mut grant = AuthorizationCodeGrant::new(&configuration, &callback, REDIRECT_URI, plain());
    sent(step(&mut grant, Event::Begin));
    let shown = format!("{grant:?}");
    assert!(!shown.contains("x.y"), "{shown}");
    let tokens = done(step(&mut grant, tokens(None)));
    assert_eq!(tokens.session_state(), Some("x.y"));
    let shown = format!("{tokens:?}");
    assert!(!shown.contains("x.y"), "{shown}");
}

/// A grant at each of its states, with what that state waits for.
fn at_each_state(cache: &Cache) -> Vec<(AuthorizationCodeGrant, &'static str)> {
    let answer = "Received or Unanswered";
    let mut prefetching = grant(openid());
    sent(prefetching.step(&mut testing::env(NOW, 0, cache), Event::Begin));
    let mut redeeming = grant(plain());
    sent(step_with(cache, &mut redeeming, Event::Begin));
    let mut verifying = grant(plain());
    sent(step_with(cache, &mut verifying, Event::Begin));
    let id_token = testing::sign(&testing::claims());
    let fetch = sent(step_with(cache, &mut verifying, tokens(Some(&id_token))));
    assert_eq!(fetch.endpoint, EndpointName::Jwks);
    vec![
        (grant(plain()), "Begin"),
        (prefetching, answer),
        (redeeming, answer),
        (verifying, answer),
    ]
}

#[test]
fn a_wrong_event_ends_the_grant_in_each_state() {
    let cache = Cache::default();
    for (mut grant, expected) in at_each_state(&cache) {
        let result = step_with(&cache, &mut grant, Event::Elapsed);
        assert_unexpected(result, expected, "Elapsed");
        assert_finished(&mut grant);
    }
    for (mut grant, _) in at_each_state(&Cache::default()) {
        let error = step(&mut grant, Event::Aborted).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_ABORT"), "{error:?}");
        assert_finished(&mut grant);
    }
}

#[test]
fn no_answer_ends_the_grant_in_each_state() {
    for (mut grant, expected) in at_each_state(&Cache::default()).into_iter().skip(1) {
        assert_eq!(expected, "Received or Unanswered");
        let unanswered = Unanswered {
            endpoint: EndpointName::Token,
            reason: NoAnswer::Interrupted,
            source: None,
        };
        let error = step(&mut grant, Event::Unanswered(unanswered)).unwrap_err();
        assert_eq!(
            error.code(),
            Some("OAUTH_RESPONSE_INTERRUPTED"),
            "{error:?}"
        );
        assert_finished(&mut grant);
    }
}
