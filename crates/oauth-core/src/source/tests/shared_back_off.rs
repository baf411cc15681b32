//! The pause that several instances share.

use http::StatusCode;

use super::{World, handed_out, refused, text, tokens, unanswered};
use crate::error::{Error, StoreError};
use crate::source::{Attempt, Renewal, SharedBackOff, SourceError, Warning};
use crate::time::UnixTime;

/// How many seconds are left at this time after the pause began.
fn left(world: &World, back_off: &SharedBackOff, after: i64) -> u64 {
    let now = UnixTime::from_seconds(world.now().seconds() + after);
    back_off.left(now).as_secs()
}

#[test]
fn the_pause_doubles_over_all_instances_and_honours_the_server() {
    let world = World::new(Renewal::Stored);
    let mut before = None;
    // A second more than the pause of one instance, for the parts of seconds.
    for pause in [2, 3, 5, 9, 17] {
        let next = SharedBackOff::after(before.as_ref(), &unanswered(), &world.env());
        assert_eq!(left(&world, &next, 0), pause);
        assert_eq!(left(&world, &next, 1), pause - 1);
        assert_eq!(left(&world, &next, i64::try_from(pause).unwrap()), 0);
        before = Some(next);
    }
    let busy = |after| {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        refused(status, "temporarily_unavailable", Some(after))
    };
    // More than an hour is an hour.
    for (after, pause) in [("90", 91), ("999999", 3600)] {
        let next = SharedBackOff::after(None, &busy(after), &world.env());
        assert_eq!(left(&world, &next, 0), pause, "{after}");
    }
}

#[test]
fn a_clock_that_differs_makes_the_pause_no_longer() {
    let world = World::new(Renewal::Stored);
    let back_off = SharedBackOff::after(None, &unanswered(), &world.env());
    assert_eq!(left(&world, &back_off, -86_400), 2);
    assert_eq!(left(&world, &back_off, 86_400), 0);
    assert!(back_off.lifetime().as_secs() >= 3600);
}

#[test]
fn the_pause_of_another_instance_holds_here_and_a_good_token_serves() {
    let mut world = World::new(Renewal::Stored);
    let attempt = world.begins();
    let error = world.paused(attempt, None, 60).answer.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_PAUSED_ELSEWHERE"));
    assert!(error.cause().is_none() && !error.is_login_needed());
    world.pass(9);
    let SourceError::PausedElsewhere { retry_in } = world.fails() else {
        panic!("another error");
    };
    assert_eq!(retry_in.as_secs(), 51);
    world.pass(1);
    let attempt = world.begins();
    let next = world.tokens("a", 1000);
    let _ = world.answer(attempt, Ok(next));
    assert_eq!(world.gets(), "at-a");
    // Under the margin the old token serves, with a warning that names no cause.
    world.pass(980);
    let attempt = world.begins();
    let served = world.paused(attempt, None, 60).answer.unwrap();
    assert!(matches!(
        served.warning(),
        Some(Warning::NotReplaced { cause: None, .. })
    ));
    let served = handed_out(world.ask().answer);
    assert_eq!(text(served.access_token()), "at-a");
}

#[test]
fn an_error_of_this_instance_is_kept_with_the_shared_pause() {
    let mut world = World::holding(Renewal::Stored, &mut Default::default(), tokens("a", 60));
    world.pass(60);
    let attempt = world.begins();
    let error = world.paused(attempt, Some(unanswered()), 300).answer;
    let SourceError::Failed { retry_in, .. } = error.unwrap_err() else {
        panic!("another error");
    };
    assert_eq!(retry_in.as_secs(), 300);
    world.pass(9);
    world.fails();
    world.pass(1);
    let attempt = world.begins();
    // A look into the store that finds the same pause replaces no error.
    let error = world.paused(attempt, None, 290).answer.unwrap_err();
    assert!(matches!(error, SourceError::Failed { .. }), "{error}");
    world.pass(10);
    let attempt = world.begins();
    // What is final stays final.
    let dead = refused(StatusCode::BAD_REQUEST, "invalid_grant", None);
    let error = world.paused(attempt, Some(dead), 300).answer.unwrap_err();
    assert!(error.is_login_needed());
}

/// A new login, or the refresh of another instance, may bring tokens during a pause of an hour.
#[test]
fn a_source_looks_into_the_store_during_a_long_pause() {
    let mut world = World::new(Renewal::Stored);
    let attempt = world.begins();
    let _ = world.paused(attempt, Some(unanswered()), 3600);
    for _ in 0..3 {
        world.pass(9);
        world.fails();
        world.pass(1);
        let attempt = world.begins();
        let _ = world.paused(attempt, None, 3000);
    }
    world.pass(10);
    let attempt = world.begins();
    let new = world.tokens("b", 1000);
    let _ = world.answer(attempt, Ok(new));
    assert_eq!(world.gets(), "at-b");
    // A shorter pause is not made longer by this.
    world.pass(1000);
    let attempt = world.begins();
    let _ = world.paused(attempt, None, 3);
    world.pass(3);
    let _attempt = world.begins();
}

/// The server was not asked, so its pause of minutes has no reason.
#[test]
fn a_store_that_fails_is_asked_again_soon() {
    let store_failed = || Error::from(StoreError::new("load", "no connection"));
    let mut world = World::new(Renewal::Stored);
    for pause in [1, 2, 4, 8, 10, 10, 10] {
        let attempt = world.begins();
        let error = world.answer(attempt, Err(store_failed())).answer;
        let SourceError::Failed { retry_in, .. } = error.unwrap_err() else {
            panic!("another error");
        };
        assert_eq!(retry_in.as_secs(), pause);
        world.pass(pause - 1);
        world.fails();
        world.pass(1);
    }
    let mut world = World::new(Renewal::Credentials);
    for pause in [1, 2, 4, 8, 16] {
        let attempt = world.begins();
        let _ = world.answer(attempt, Err(store_failed()));
        world.pass(pause - 1);
        world.fails();
        world.pass(1);
    }
    let _attempt = world.begins();
}

/// What the store has is good for less than the margin, and the attempt to replace it fails.
#[test]
fn tokens_that_were_found_serve_when_they_cannot_be_replaced() {
    let mut world = World::new(Renewal::Stored);
    let found = world.tokens("a", 100);
    world.pass(80);
    let attempt = world.begins();
    world.found(&attempt, found.clone());
    let served = world.answer(attempt, Err(unanswered())).answer.unwrap();
    assert_eq!(text(served.access_token()), "at-a");
    match served.warning() {
        Some(Warning::NotReplaced { left, cause }) => {
            assert_eq!((left.as_secs(), cause.is_some()), (20, true));
        }
        other => panic!("{other:?}"),
    }
    world.pass(20);
    let attempt = world.begins();
    world.found(&attempt, found);
    let error = world.answer(attempt, Err(unanswered())).answer.unwrap_err();
    assert!(matches!(error, SourceError::Failed { .. }), "{error}");
    // One that lives for less than the margin is handed out, once.
    world.pass(60);
    let attempt = world.begins();
    let short = world.tokens("b", 30);
    world.found(&attempt, short);
    let served = world.paused(attempt, None, 60).answer.unwrap();
    assert!(matches!(served.warning(), Some(Warning::ShortLived { .. })));
    world.fails();
}

/// A resource server has refused the token, and the store does not know that.
#[test]
fn finding_a_refused_token_makes_it_no_better() {
    let mut world = World::new(Renewal::Stored);
    let attempt = world.begins();
    let tokens = world.tokens("a", 1000);
    let _ = world.answer(attempt, Ok(tokens.clone()));
    world.pass(60);
    world.invalidate("at-a");
    let attempt = world.begins();
    world.found(&attempt, tokens.clone());
    world.answer(attempt, Err(unanswered())).answer.unwrap_err();
    world.pass(1);
    let attempt = world.begins();
    let next = world.tokens("b", 1000);
    let late = Attempt {
        id: attempt.id(),
        begun_at: attempt.begun_at,
        refreshed: None,
    };
    let _ = world.answer(attempt, Ok(next));
    // What is found for an attempt that has ended is too late.
    world.found(&late, tokens);
    assert_eq!(world.gets(), "at-b");
}
