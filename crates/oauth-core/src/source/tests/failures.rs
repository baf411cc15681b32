use http::StatusCode;

use super::{World, refused, text, tokens, unanswered};
use crate::error::Error;
use crate::source::{Renewal, SourceError, Warning};

#[test]
fn a_failed_refresh_ahead_keeps_the_old_token_and_backs_off() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(800);
    for pause in [1, 2, 4, 8, 16] {
        let (token, attempt) = world.gets_and_refreshes();
        assert_eq!(token, "at-a");
        let answered = world.answer(attempt, Err(unanswered()));
        let served = answered.answer.unwrap();
        assert_eq!(text(served.access_token()), "at-a");
        assert!(served.warning().is_none());
        // One attempt in each step of the back-off.
        for _ in 0..pause {
            assert_eq!(world.gets(), "at-a");
            world.pass(1);
        }
    }
    let (_, attempt) = world.gets_and_refreshes();
    let next = world.tokens("b", 1000);
    let _ = world.answer(attempt, Ok(next));
    assert_eq!(world.gets(), "at-b");
    // Success takes the back-off to its beginning.
    world.pass(800);
    let (_, attempt) = world.gets_and_refreshes();
    let _ = world.answer(attempt, Err(unanswered()));
    world.pass(1);
    let _attempt = world.gets_and_refreshes();
}

#[test]
fn the_server_says_when_to_come_back() {
    let busy = |after| {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        refused(status, "temporarily_unavailable", Some(after))
    };
    // More than an hour is an hour; less than the back-off is the back-off.
    for (after, seconds) in [("90", 90), ("999999", 3600), ("0", 1)] {
        let mut world = World::new(Renewal::Credentials);
        let attempt = world.begins();
        let error = world.answer(attempt, Err(busy(after))).answer.unwrap_err();
        let SourceError::Failed { retry_in, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(retry_in.as_secs(), seconds, "{after}");
        world.pass(seconds - 1);
        world.fails();
        world.pass(1);
        let _attempt = world.begins();
    }
}

#[test]
fn the_longest_pause_is_five_minutes() {
    let mut world = World::new(Renewal::Credentials);
    for _ in 0..40 {
        let attempt = world.begins();
        let error = world.answer(attempt, Err(unanswered())).answer.unwrap_err();
        let SourceError::Failed { retry_in, .. } = error else {
            panic!("{error}");
        };
        assert!(retry_in.as_secs() <= 300, "{retry_in:?}");
        world.elapsed += retry_in;
    }
}

/// No answer says nothing about the refresh token, which the next attempt sends again.
#[test]
fn the_old_refresh_token_stays_when_the_server_is_unavailable() {
    for error in [
        refused(StatusCode::BAD_REQUEST, "temporarily_unavailable", None),
        refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", None),
        unanswered(),
        Error::Aborted,
    ] {
        let mut world = World::logged_in(tokens("a", 1000));
        world.pass(1000);
        let attempt = world.begins();
        let answered = world.answer(attempt, Err(error.clone()));
        assert!(answered.changed.is_none());
        assert!(!answered.answer.unwrap_err().is_login_needed(), "{error}");
        assert_eq!(world.refresh_token(), Some("rt-a".into()));
        world.pass(1);
        let attempt = world.begins();
        assert_eq!(sent(&attempt), "rt-a");
    }
}

#[test]
fn a_token_under_the_margin_serves_on_with_a_warning_when_it_cannot_be_replaced() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(980);
    let attempt = world.begins();
    let answered = world.answer(attempt, Err(unanswered()));
    for tokens in [
        answered.answer.unwrap(),
        super::handed_out(world.ask().answer),
    ] {
        assert_eq!(text(tokens.access_token()), "at-a");
        match tokens.warning() {
            Some(Warning::NotReplaced {
                left,
                cause: Some(Error::Unanswered(_)),
            }) => assert_eq!(left.as_secs(), 20),
            other => panic!("{other:?}"),
        }
    }
}

fn sent(attempt: &crate::source::Attempt) -> String {
    let refreshed = attempt.refreshed.as_ref().unwrap();
    text(refreshed.refresh_token().unwrap())
}

/// A page under 503 is no OAuth error, but its `Retry-After` counts.
#[test]
fn a_page_of_an_overloaded_server_says_when_to_come_back() {
    let mut world = World::new(Renewal::Credentials);
    let attempt = world.begins();
    let grant = crate::flow::ClientCredentialsGrant::new(crate::testing::configuration());
    let mut script = crate::testing::script::Script::new(grant);
    script.sends(crate::operation::Event::Begin);
    let page = http::Response::builder()
        .status(503)
        .header("retry-after", "90")
        .header("content-type", "text/html")
        .body(bytes::Bytes::from_static(b"<h1>busy</h1>"))
        .unwrap();
    let error = script.fails(crate::operation::Event::Received(page));
    let error = world.answer(attempt, Err(error)).answer.unwrap_err();
    let SourceError::Failed { retry_in, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(retry_in.as_secs(), 90);
}
