use super::{World, changed, handed_out, text, tokens, unanswered};
use crate::error::Error;
use crate::source::{Answer, Renewal, SourceError};

#[test]
fn one_attempt_is_under_way_however_many_callers_ask() {
    let mut world = World::new(Renewal::Credentials);
    let attempt = world.begins();
    for _ in 0..100 {
        assert_eq!(world.waits(), attempt.id());
    }
    let tokens = world.tokens("a", 600);
    let answered = world.answer(attempt, Ok(tokens));
    assert_eq!(text(answered.answer.unwrap().access_token()), "at-a");
    for _ in 0..100 {
        assert_eq!(world.gets(), "at-a");
    }
}

#[test]
fn a_new_token_is_requested_ahead_while_the_old_one_serves() {
    let mut world = World::logged_in(tokens("a", 1000));
    // A fifth of the lifetime, on top of the margin of 30 s.
    world.pass(769);
    assert_eq!(world.gets(), "at-a");
    world.pass(1);
    let (token, attempt) = world.gets_and_refreshes();
    assert_eq!(token, "at-a");
    // No other caller begins an attempt, and none waits.
    assert_eq!(world.gets(), "at-a");
    world.pass(1);
    let next = world.tokens("b", 1000);
    assert_eq!(
        changed(&world.answer(attempt, Ok(next))),
        Some("rt-b".into())
    );
    assert_eq!(world.gets(), "at-b");
}

#[test]
fn callers_wait_when_the_token_is_good_for_less_than_the_margin() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(971);
    let attempt = world.begins();
    assert_eq!(world.waits(), attempt.id());
    let next = world.tokens("b", 1000);
    let answered = world.answer(attempt, Ok(next));
    assert_eq!(text(answered.answer.unwrap().access_token()), "at-b");
}

#[test]
fn callers_share_the_error_of_one_attempt() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(1000);
    let attempt = world.begins();
    world.waits();
    let error = world.answer(attempt, Err(unanswered())).answer.unwrap_err();
    let shared = world.fails();
    for error in [error, shared] {
        match error {
            SourceError::Failed { cause, retry_in } => {
                assert!(matches!(*cause, Error::Unanswered(_)), "{cause}");
                assert_eq!(retry_in.as_secs(), 1);
            }
            other => panic!("{other}"),
        }
    }
}

/// A caller that gives up is no event at all: the attempt is not the caller's.
#[test]
fn a_rotated_refresh_token_is_kept_when_no_caller_waits() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(1000);
    let attempt = world.begins();
    world.pass(60);
    let next = world.tokens("b", 1000);
    let answered = world.answer(attempt, Ok(next));
    assert_eq!(changed(&answered), Some("rt-b".into()));
    drop(answered);
    assert_eq!(world.gets(), "at-b");
    assert_eq!(world.refresh_token(), Some("rt-b".into()));
}

#[test]
fn an_attempt_whose_result_was_lost_is_followed_by_another() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(1000);
    let attempt = world.begins();
    let answered = world.answer(attempt, Err(Error::Aborted));
    assert_eq!(answered.answer.unwrap_err().code(), Some("OAUTH_ABORT"));
    assert_eq!(world.refresh_token(), Some("rt-a".into()));
    world.fails();
    world.pass(1);
    let attempt = world.begins();
    assert!(
        attempt
            .refresh_token_grant(&crate::testing::configuration())
            .is_some()
    );
}

#[test]
fn the_result_of_an_attempt_that_is_not_under_way_is_refused() {
    let mut other = World::new(Renewal::Credentials);
    let first = other.begins();
    let _ = other.answer(first, Err(unanswered()));
    other.pass(10);
    let foreign = other.begins();
    let mut world = World::new(Renewal::Credentials);
    let attempt = world.begins();
    let tokens = world.tokens("foreign", 1000);
    let answered = world.answer(foreign, Ok(tokens));
    let error = answered.answer.unwrap_err();
    assert!(matches!(error.cause(), Some(Error::Misuse(_))), "{error}");
    assert!(answered.changed.is_none());
    // The right one still counts.
    let tokens = world.tokens("a", 1000);
    let answered = world.answer(attempt, Ok(tokens));
    assert_eq!(text(answered.answer.unwrap().access_token()), "at-a");
}

#[test]
fn no_token_is_shown() {
    let mut world = World::logged_in(tokens("a", 1000));
    let tokens = handed_out(world.ask().answer);
    world.pass(1000);
    let attempt = world.begins();
    let shown = format!("{:?} {tokens:?} {attempt:?}", world.source);
    assert!(
        !shown.contains("at-a") && !shown.contains("rt-a"),
        "{shown}"
    );
    let shown = format!("{:?}", Answer::Tokens(tokens));
    assert!(
        !shown.contains("at-a") && !shown.contains("rt-a"),
        "{shown}"
    );
}
