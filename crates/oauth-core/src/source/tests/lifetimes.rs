use std::time::Duration;

use super::{World, access_token_alone, changed, handed_out, text, tokens};
use crate::source::{
    Answer, Asked, LoginNeeded, Renewal, SourceError, SourceSettings, TokenSource, Warning,
};
use crate::testing::NOW;

#[test]
fn a_token_without_expires_in_lives_as_long_as_the_caller_says() {
    let mut settings = SourceSettings::default();
    settings.set_lifetime(Duration::from_secs(100)).unwrap();
    for (settings, seconds) in [(&mut settings, 100), (&mut SourceSettings::default(), 300)] {
        let mut world = World::logged_in_with(settings, tokens("a", None));
        world.pass(seconds - 30);
        assert_eq!(text(handed_out(world.ask().answer).access_token()), "at-a");
        world.pass(1);
        assert!(matches!(world.ask().answer, Answer::Wait(_)));
    }
    // `expires_in` takes precedence.
    let mut settings = SourceSettings::default();
    settings.set_lifetime(Duration::from_secs(100)).unwrap();
    let mut world = World::logged_in_with(&mut settings, tokens("a", 1000));
    world.pass(500);
    assert_eq!(world.gets(), "at-a");
}

#[test]
fn a_lifetime_of_zero_is_refused() {
    let error = SourceSettings::default()
        .set_lifetime(Duration::ZERO)
        .unwrap_err();
    let expected = "`lifetime` must be longer than zero, found zero";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_token_that_nothing_can_renew_is_used_until_it_expires_or_is_invalidated() {
    let mut world = World::logged_in(access_token_alone(1000));
    world.pass(960);
    assert_eq!(world.gets(), "at-a");
    world.pass(39);
    let Asked { answer, attempt } = world.ask();
    assert!(attempt.is_none());
    let warning = handed_out(answer).warning().cloned();
    assert!(matches!(
        warning,
        Some(Warning::NotReplaced { cause: None, .. })
    ));
    world.pass(1);
    assert_no_refresh_token(&world.fails());

    let mut world = World::logged_in(access_token_alone(None));
    world.pass(100_000_000);
    assert_eq!(world.gets(), "at-a");
    world.invalidate("at-a");
    assert_no_refresh_token(&world.fails());
}

/// As above, for tokens in a store, whose driver finds that there is nothing to refresh with.
#[test]
fn stored_tokens_that_nothing_can_renew_are_used_until_they_expire_or_are_invalidated() {
    for (lifetime, ahead) in [(1000, true), (50, false)] {
        let mut world = World::new(Renewal::Stored);
        let attempt = world.begins();
        let tokens = access_token_alone(lifetime);
        let _ = world.answer(attempt, Ok(tokens));
        world.pass(lifetime - 100.min(lifetime / 2));
        let attempt = match ahead {
            true => world.gets_and_refreshes().1,
            false => world.begins(),
        };
        let served = world.end(attempt, LoginNeeded::NoRefreshToken).answer;
        assert_eq!(text(served.unwrap().access_token()), "at-a");
        let again = handed_out(world.ask().answer);
        assert_eq!(text(again.access_token()), "at-a");
        assert!(world.source.ended().is_none());
        world.invalidate("at-a");
        assert_eq!(ahead, matches!(world.ask().answer, Answer::Failed(_)));
        world.pass(100);
        let attempt = world.begins();
        let error = world.end(attempt, LoginNeeded::NoRefreshToken).answer;
        assert_no_refresh_token(&error.unwrap_err());
        assert!(world.source.ended().is_some());
    }
}

/// The other reasons end a source at once.
#[test]
fn tokens_that_were_removed_are_not_used_until_they_expire() {
    let mut world = World::new(Renewal::Stored);
    let attempt = world.begins();
    let tokens = world.tokens("a", 1000);
    let _ = world.answer(attempt, Ok(tokens));
    world.pass(800);
    let (_, attempt) = world.gets_and_refreshes();
    let ended = world.end(attempt, LoginNeeded::Removed).answer;
    assert!(ended.unwrap_err().is_login_needed());
    assert!(matches!(world.fails(), SourceError::LoginNeeded(_)));
}

#[track_caller]
fn assert_no_refresh_token(error: &SourceError) {
    match error {
        SourceError::LoginNeeded(needed) => {
            assert!(matches!(**needed, LoginNeeded::NoRefreshToken), "{needed}");
        }
        other => panic!("{other}"),
    }
}

/// Each costs a separate request; a source that asked again by itself would never stop.
#[test]
fn a_token_that_lives_under_the_margin_is_handed_out_once() {
    let mut world = World::new(Renewal::Credentials);
    for name in ["a", "b", "c"] {
        let attempt = world.begins();
        let waiter = world.waits();
        assert_eq!(waiter, attempt.id());
        let tokens = world.tokens(name, 30);
        let tokens = world.answer(attempt, Ok(tokens)).answer.unwrap();
        assert_eq!(text(tokens.access_token()), format!("at-{name}"));
        match tokens.warning() {
            Some(&Warning::ShortLived { lifetime, margin }) => {
                assert_eq!((lifetime.as_secs(), margin.as_secs()), (30, 30));
            }
            other => panic!("{other:?}"),
        }
    }
    // A token that no caller has waited for goes to the next caller.
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(800);
    let (_, attempt) = world.gets_and_refreshes();
    let short = world.tokens("b", 30);
    let _ = world.answer(attempt, Ok(short));
    let tokens = handed_out(world.ask().answer);
    assert_eq!(text(tokens.access_token()), "at-b");
    assert!(matches!(tokens.warning(), Some(Warning::ShortLived { .. })));
    let _attempt = world.begins();
}

#[test]
fn a_token_that_has_expired_on_its_way_is_not_handed_out() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(1000);
    let attempt = world.begins();
    let expired = world.tokens("b", 0);
    let answered = world.answer(attempt, Ok(expired));
    // Its refresh token still counts.
    assert_eq!(changed(&answered), Some("rt-b".into()));
    for error in [answered.answer.unwrap_err(), world.fails()] {
        let expected = "the new token has expired: the server gave it 0 s";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.code(), Some("OAUTH_TOKEN_EXPIRED"));
    }
    world.pass(1);
    let _attempt = world.begins();
}

#[test]
fn a_wall_clock_that_is_set_back_makes_no_token_good_again() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(1000);
    world.wall -= 10_000;
    let _attempt = world.begins();
}

/// The monotonic clock may stand still while the machine sleeps.
#[test]
fn a_wall_clock_that_runs_ahead_ends_a_token() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.wall += 1000;
    let _attempt = world.begins();
}

#[test]
fn a_new_token_is_no_older_than_its_attempt() {
    let mut world = World::new(Renewal::Credentials);
    let attempt = world.begins();
    let tokens = world.tokens("a", 1000);
    // The wall clock is set right between the response and the report of it.
    world.wall += 5000;
    let answered = world.answer(attempt, Ok(tokens));
    assert_eq!(text(answered.answer.unwrap().access_token()), "at-a");
    assert_eq!(world.gets(), "at-a");
}

#[test]
fn restored_tokens_have_the_rest_of_their_lifetime() {
    let mut world = World::new(Renewal::RefreshToken);
    world.wall = NOW - 1000 + 900;
    let settings = SourceSettings::default();
    let tokens = tokens("a", 1000);
    world.source = TokenSource::with_tokens(Renewal::RefreshToken, settings, tokens, &world.env());
    world.pass(70);
    let (token, _attempt) = world.gets_and_refreshes();
    assert_eq!(token, "at-a");
    world.pass(30);
    world.waits();
}

#[test]
fn jitter_spreads_the_refreshes() {
    let settings = SourceSettings::default();
    let threshold = |jitter| {
        settings
            .threshold(Duration::from_secs(1000), jitter)
            .as_secs()
    };
    assert_eq!((threshold(0), threshold(u16::MAX)), (230, 329));
    // Never more than half of the lifetime, and at most five minutes without the jitter.
    let of_lifetime = |seconds| {
        settings
            .threshold(Duration::from_secs(seconds), 0)
            .as_secs()
    };
    assert_eq!((of_lifetime(60), of_lifetime(100_000)), (30, 330));
    let mut settings = SourceSettings::default();
    settings.set_refresh_ahead(Duration::ZERO);
    let threshold = settings.threshold(Duration::from_secs(1000), u16::MAX);
    assert_eq!(threshold, Duration::ZERO);
}
