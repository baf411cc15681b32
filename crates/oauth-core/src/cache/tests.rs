//! Flights on virtual time.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "a test that panics has failed"
)]

mod property;

use std::time::Duration;

use http::Response;
use jose::JwkSet;

use super::{Cache, CachedKeys};
use crate::error::{Error, Misuse, NoAnswer, Unanswered};
use crate::names::EndpointName;
use crate::outbound::{Attempt, Flight, Next, Read, Waiter};
use crate::time::UnixTime;

const URL: &str = "https://op.example/jwks";
const EMPTY: &str = r#"{"keys":[]}"#;
const PATIENCE: Duration = Duration::from_secs(30);

fn reader() -> Box<Read> {
    Box::new(|_, response| {
        JwkSet::parse(response.body()).map_err(|_| Error::from(Misuse::Finished))
    })
}

fn unanswered(reason: NoAnswer) -> Unanswered {
    Unanswered {
        endpoint: EndpointName::Jwks,
        reason,
        source: None,
    }
}

/// A flight, and a waiter with this deadline at this time.
fn joined(cache: &Cache, at: Duration, deadline: Duration) -> (Flight, Waiter) {
    joined_on(0, cache, at, deadline)
}

fn joined_on(runtime: u64, cache: &Cache, at: Duration, deadline: Duration) -> (Flight, Waiter) {
    let flight = cache.begin_flight(URL, at, reader);
    let waiter = flight.waiter(at, deadline, runtime);
    (flight, waiter)
}

const fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn sends(next: Next) -> Attempt {
    match next {
        Next::Send(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

/// The task of the leader is alive, and nothing drives its runtime.
#[test]
fn a_follower_sends_when_the_leader_stands_still() {
    let at = milliseconds;
    for (deadline, patience) in [(30_000, 2000), (1000, 500)] {
        let cache = Cache::new();
        let (flight, mut leader) = joined(&cache, at(0), at(30_000));
        let stalled = sends(flight.next(&mut leader, at(0)));
        let (_, mut follower) = joined_on(1, &cache, at(10), at(deadline));
        let Next::Wait(time) = flight.next(&mut follower, at(10)) else {
            panic!("the follower does not wait");
        };
        assert_eq!(time, at(patience - 10));
        let attempt = sends(flight.next(&mut follower, at(patience)));
        assert_eq!(attempt.deadline(), at(deadline));
        // A third one waits for the newest attempt.
        let (_, mut third) = joined_on(2, &cache, at(patience), at(deadline));
        assert!(matches!(
            flight.next(&mut third, at(patience)),
            Next::Wait(_)
        ));
        let response = Ok(Response::new(EMPTY.into()));
        cache.land(attempt, UnixTime::from_seconds(0), at(patience), response);
        assert!(matches!(
            flight.next(&mut follower, at(patience)),
            Next::Over
        ));
        assert!(matches!(flight.next(&mut third, at(patience)), Next::Over));
        assert!(flight.outcome().unwrap().is_ok());
        drop(stalled);
        assert!(flight.outcome().unwrap().is_ok());
    }
}

#[test]
fn an_abandoned_fetch_is_joined_and_its_answer_kept() {
    let cache = Cache::new();
    let at = milliseconds;
    let (flight, mut leader) = joined(&cache, at(0), at(30_000));
    let attempt = sends(flight.next(&mut leader, at(0)));
    drop((flight, leader));
    for callback in 1..1000 {
        let (flight, mut waiter) = joined(&cache, at(callback), at(30_000));
        assert!(matches!(
            flight.next(&mut waiter, at(callback)),
            Next::Wait(_)
        ));
    }
    let response = Ok(Response::new(EMPTY.into()));
    cache.land(attempt, UnixTime::from_seconds(0), at(1000), response);
    assert!(matches!(
        cache.key_set(URL, PATIENCE, at(1000)),
        CachedKeys::Fresh(_)
    ));
}

#[test]
fn a_leader_with_little_time_fails_no_follower_with_more() {
    let cache = Cache::new();
    let at = milliseconds;
    let timed_out = || unanswered(NoAnswer::TimedOut { deadline: at(300) });
    let (flight, mut leader) = joined(&cache, at(0), at(300));
    let attempt = sends(flight.next(&mut leader, at(0)));
    let (_, mut alike) = joined(&cache, at(1), at(300));
    let (_, mut patient) = joined(&cache, at(1), at(30_000));
    assert!(matches!(flight.next(&mut patient, at(1)), Next::Wait(_)));
    cache.land(
        attempt,
        UnixTime::from_seconds(0),
        at(300),
        Err(timed_out()),
    );
    assert!(matches!(flight.next(&mut leader, at(300)), Next::Over));
    assert!(matches!(flight.next(&mut alike, at(300)), Next::Over));
    let attempt = sends(flight.next(&mut patient, at(300)));
    assert_eq!(attempt.deadline(), at(30_000));
    // A server that cannot be reached fails all waiters, and they send no further requests.
    let mut another = flight.waiter(at(301), at(30_000), 0);
    let reason = NoAnswer::NotConnected {
        host: "op.example".to_owned(),
    };
    cache.land(
        attempt,
        UnixTime::from_seconds(0),
        at(302),
        Err(unanswered(reason)),
    );
    assert!(matches!(flight.next(&mut another, at(302)), Next::Over));
}

/// Both are woken by the same report, on two threads.
#[test]
fn a_waiter_gets_the_failure_although_another_one_sends_again() {
    let cache = Cache::new();
    let at = milliseconds;
    let reason = || NoAnswer::TimedOut { deadline: at(300) };
    let (flight, mut leader) = joined(&cache, at(0), at(300));
    let attempt = sends(flight.next(&mut leader, at(0)));
    let (_, mut patient) = joined(&cache, at(1), at(30_000));
    let failed = Err(unanswered(reason()));
    cache.land(attempt, UnixTime::from_seconds(0), at(300), failed);
    assert!(matches!(flight.next(&mut leader, at(300)), Next::Over));
    let _attempt = sends(flight.next(&mut patient, at(300)));
    assert!(matches!(
        flight.outcome(),
        Some(Err(Error::Unanswered(unanswered))) if unanswered.reason == reason()
    ));
}

/// The connection was kept from an earlier request, and the server has closed it since then.
#[test]
fn a_closed_connection_costs_one_more_attempt() {
    let cache = Cache::new();
    let (now, at) = (UnixTime::from_seconds(0), milliseconds(0));
    let (flight, mut waiter) = joined(&cache, at, milliseconds(30_000));
    let attempt = sends(flight.next(&mut waiter, at));
    let closed = || Err(unanswered(NoAnswer::ClosedUnanswered));
    cache.land(attempt, now, at, closed());
    // No other login learns of it.
    assert!(matches!(
        cache.key_set(URL, PATIENCE, at),
        CachedKeys::Absent
    ));
    let attempt = sends(flight.next(&mut waiter, at));
    assert!(matches!(flight.next(&mut waiter, at), Next::Wait(_)));
    cache.land(attempt, now, at, closed());
    assert!(matches!(flight.next(&mut waiter, at), Next::Over));
    assert!(matches!(
        cache.key_set(URL, PATIENCE, at),
        CachedKeys::Failed(_)
    ));
}

/// The first attempt stands still, and the second one finds out that the server is down.
#[test]
fn an_attempt_that_stands_still_hides_no_failure() {
    let cache = Cache::new();
    let (now, at) = (UnixTime::from_seconds(0), milliseconds);
    let (flight, mut leader) = joined(&cache, at(0), at(30_000));
    let stalled = sends(flight.next(&mut leader, at(0)));
    let (_, mut follower) = joined_on(1, &cache, at(10), at(30_000));
    let (_, mut alike) = joined_on(1, &cache, at(10), at(30_000));
    let attempt = sends(flight.next(&mut follower, at(2000)));
    let reason = || NoAnswer::NotConnected {
        host: "op.example".to_owned(),
    };
    cache.land(attempt, now, at(2001), Err(unanswered(reason())));
    for waiter in [&mut follower, &mut alike] {
        assert!(matches!(flight.next(waiter, at(2001)), Next::Over));
    }
    assert!(matches!(
        flight.outcome(),
        Some(Err(Error::Unanswered(unanswered))) if unanswered.reason == reason()
    ));
    // The next operation sends nothing, and the leader still gets its own response.
    assert!(matches!(
        cache.key_set(URL, PATIENCE, at(2002)),
        CachedKeys::Failed(_)
    ));
    assert!(matches!(flight.next(&mut leader, at(2002)), Next::Wait(_)));
    cache.land(stalled, now, at(2003), Ok(Response::new(EMPTY.into())));
    assert!(matches!(flight.next(&mut leader, at(2003)), Next::Over));
    assert!(flight.outcome().unwrap().is_ok());
    assert!(matches!(
        cache.key_set(URL, PATIENCE, at(2003)),
        CachedKeys::Fresh(_)
    ));
}

/// The first attempt stands still, and the second one is sent on a connection that was closed.
#[test]
fn a_closed_connection_costs_a_follower_one_more_attempt() {
    let cache = Cache::new();
    let (now, at) = (UnixTime::from_seconds(0), milliseconds);
    let (flight, mut leader) = joined(&cache, at(0), at(30_000));
    let stalled = sends(flight.next(&mut leader, at(0)));
    let (_, mut follower) = joined_on(1, &cache, at(10), at(30_000));
    let closed = || Err(unanswered(NoAnswer::ClosedUnanswered));
    let attempt = sends(flight.next(&mut follower, at(2000)));
    cache.land(attempt, now, at(2000), closed());
    let attempt = sends(flight.next(&mut follower, at(2000)));
    cache.land(attempt, now, at(2000), closed());
    assert!(matches!(flight.next(&mut follower, at(2000)), Next::Over));
    // What becomes of the first one has no influence.
    drop(stalled);
    assert!(matches!(flight.next(&mut follower, at(2000)), Next::Over));
    assert!(matches!(
        flight.outcome(),
        Some(Err(Error::Unanswered(unanswered)))
            if unanswered.reason == NoAnswer::ClosedUnanswered
    ));
}
