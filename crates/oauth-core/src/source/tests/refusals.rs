use http::StatusCode;

use super::{World, refused, tokens};
use crate::error::Error;
use crate::source::{LoginNeeded, Renewal, SourceError};

#[test]
fn invalid_grant_is_final_and_says_that_a_login_is_needed() {
    let invalid_grant = || refused(StatusCode::BAD_REQUEST, "invalid_grant", None);
    // While the old token would still serve as well.
    for seconds in [800, 1000] {
        let mut world = World::logged_in(tokens("a", 1000));
        world.pass(seconds);
        let attempt = world.ask().attempt.unwrap();
        let error = world
            .answer(attempt, Err(invalid_grant()))
            .answer
            .unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_LOGIN_NEEDED"));
        world.pass(100_000);
        assert_refused(&world.fails());
        assert!(world.source.ended().is_some());
    }
    let mut world = World::new(Renewal::Assertion);
    let attempt = world.begins();
    let _ = world.answer(attempt, Err(invalid_grant()));
    world.pass(100_000);
    assert_refused(&world.fails());
}

#[track_caller]
fn assert_refused(error: &SourceError) {
    match error {
        SourceError::LoginNeeded(needed) => {
            assert!(matches!(**needed, LoginNeeded::GrantRefused(_)), "{needed}");
            assert!(matches!(needed.cause(), Some(Error::ResponseBody(_))));
        }
        other => panic!("{other}"),
    }
}

/// No person has logged in, so another login cannot help.
#[test]
fn no_refusal_is_final_for_the_clients_own_credentials() {
    for error in ["invalid_grant", "invalid_client", "unauthorized_client"] {
        let mut world = World::new(Renewal::Credentials);
        let attempt = world.begins();
        let answered = world.answer(attempt, Err(refused(StatusCode::BAD_REQUEST, error, None)));
        assert!(!answered.answer.unwrap_err().is_login_needed());
        world.pass(1);
        let _attempt = world.begins();
    }
}

/// Another client secret, or a client that was switched on again, makes them good.
#[test]
fn a_refusal_of_the_client_is_not_final_for_a_login() {
    for error in ["invalid_client", "unauthorized_client"] {
        let mut world = World::logged_in(tokens("a", 1000));
        world.pass(1000);
        let attempt = world.begins();
        let answered = world.answer(attempt, Err(refused(StatusCode::UNAUTHORIZED, error, None)));
        assert!(!answered.answer.unwrap_err().is_login_needed());
        assert_eq!(world.refresh_token(), Some("rt-a".into()));
    }
}
