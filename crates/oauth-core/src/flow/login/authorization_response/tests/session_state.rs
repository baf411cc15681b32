//! The `session_state` of a response.

use super::*;

/// The callback of each response type, with this parameter, and the checks for it.
fn with(session_state: &str) -> [(Callback, AuthorizationCodeGrantChecks); 3] {
    let code = AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("s".into()),
        ..AuthorizationCodeGrantChecks::default()
    };
    let alone = AuthorizationCodeGrantChecks {
        response_type: ResponseType::IdToken,
        ..hybrid_checks()
    };
    let fragment = |answer: &str, claims: &Value| {
        let id_token = testing::sign(claims);
        let url = format!("/cb#state=s&id_token={id_token}&{answer}&{session_state}");
        Callback::from_url(&url).unwrap()
    };
    [
        (
            Callback::from_query(&format!("code=c&state=s&{session_state}")),
            code,
        ),
        (fragment("code=c", &hybrid_claims()), hybrid_checks()),
        (fragment("", &testing::claims()), alone),
    ]
}

/// The verified response; a plain code needs no keys.
fn handed_out(callback: Callback, checks: AuthorizationCodeGrantChecks) -> HandedOut {
    if checks.response_type != ResponseType::Code {
        return verify(&configuration(), callback, checks).unwrap();
    }
    let mut operation = operation(&configuration(), callback, checks);
    let cache = Cache::default();
    done(operation.step(&mut testing::env(NOW, 0, &cache), Event::Begin))
}

/// OpenID Connect Session Management 1.0 section 2.
#[test]
fn the_session_state_is_handed_out_in_each_flow() {
    for (callback, checks) in with("session_state=x%2By.z") {
        let handed_out = handed_out(callback, checks);
        assert_eq!(handed_out.session_state, Some("x+y.z".into()));
        // Some servers put the identifier of the session here.
        let shown = format!("{handed_out:?}");
        assert!(!shown.contains("y.z"), "{shown}");
    }
    let callback = || with("session_state=x.y")[2].0.clone();
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let checks = hybrid_checks();
    let mut login = ImplicitAuthentication::new(&configuration(), callback(), checks);
    sent(login.step(&mut env, Event::Begin));
    let shown = format!("{login:?}");
    assert!(!shown.contains("x.y"), "{shown}");
    let response = done(login.step(&mut env, keys()));
    assert_eq!(response.session_state(), Some("x.y"));
    let shown = format!("{response:?}");
    assert!(!shown.contains("x.y"), "{shown}");
    assert_eq!(response.into_id_token().sub(), "alice");
}

/// It is opaque and proves nothing, so the login succeeds without it.
#[test]
fn an_unusable_session_state_is_left_out() {
    let longest = format!("session_state={}", "s".repeat(4096));
    for (callback, checks) in with(&longest) {
        assert!(handed_out(callback, checks).session_state.is_some());
    }
    for unusable in [
        "",
        "session_state=",
        "session_state=x&session_state=x",
        "session_state=x+y",
        "session_state=x%0Ay",
        "session_state=x%00",
        "session_state=%C2%85",
        &format!("{longest}s"),
    ] {
        for (callback, checks) in with(unusable) {
            let handed_out = handed_out(callback, checks);
            assert_eq!(handed_out.session_state, None, "{unusable}");
        }
    }
}
