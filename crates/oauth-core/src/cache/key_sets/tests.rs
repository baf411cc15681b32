#![allow(
    clippy::arithmetic_side_effects,
    reason = "a test that panics has failed"
)]

mod patience;

use std::sync::Arc;
use std::time::Duration;

use jose::JwkSet;

use http::Response;

use super::{CachedKeys, Channel, KeySets};
use crate::cache::Cache;
use crate::error::{Error, Misuse, NoAnswer, Unanswered};
use crate::names::EndpointName;
use crate::outbound::{Fetched, Flight, Next, Read};
use crate::time::UnixTime;

const URL: &str = "https://op.example/jwks";

#[test]
fn a_late_answer_does_not_replace_newer_keys() {
    let mut sets = KeySets::default();
    let slow = begin(&mut sets, URL);
    sets.end(&slow, Err(&failure()), seconds(30), seconds(30));
    let quick = begin(&mut sets, URL);
    let (old, new) = (empty(), empty());
    sets.end(&quick, Ok(&new), seconds(31), seconds(31));
    sets.end(&slow, Ok(&old), seconds(40), seconds(40));
    let CachedKeys::Fresh(keys) = sets.lookup(URL, PATIENCE, seconds(40)) else {
        panic!();
    };
    assert!(Arc::ptr_eq(&keys, &new));
}

#[test]
fn the_end_of_one_flight_is_not_that_of_another() {
    let mut sets = KeySets::default();
    let slow = begin(&mut sets, URL);
    sets.end(&slow, Err(&failure()), seconds(30), seconds(30));
    let quick = begin(&mut sets, URL);
    assert_ne!(quick, slow);
    sets.end(&slow, Err(&failure()), seconds(31), seconds(31));
    assert_eq!(begin(&mut sets, URL), quick);
}

/// A lost attempt keeps its flight alive. When the keys that another flight has fetched since then
/// are old, an operation does not wait for an answer that would not be stored.
#[test]
fn a_flight_older_than_the_stored_keys_is_not_joined() {
    let mut sets = KeySets::default();
    let lost = begin(&mut sets, URL);
    let other = refetch(&mut sets, seconds(0)).unwrap();
    sets.end(&other, Ok(&empty()), seconds(1), seconds(1));
    let next = begin(&mut sets, URL);
    assert_ne!(next, lost);
    let new = empty();
    sets.end(&next, Ok(&new), seconds(400), seconds(400));
    sets.end(&lost, Ok(&empty()), seconds(401), seconds(401));
    let CachedKeys::Fresh(keys) = sets.lookup(URL, PATIENCE, seconds(401)) else {
        panic!();
    };
    assert!(Arc::ptr_eq(&keys, &new));
}

/// The runtime of the attempt stood still while the response was there.
#[test]
fn the_age_of_keys_counts_from_their_request() {
    for (late, is_fresh) in [(299, true), (300, false)] {
        let cache = Cache::new();
        let flight = fly(&cache, 0);
        let mut waiter = flight.waiter(seconds(0), PATIENCE, 0);
        let Next::Send(attempt) = flight.next(&mut waiter, seconds(0)) else {
            panic!();
        };
        let response = Ok(Response::new(EMPTY.into()));
        cache.land(attempt, UnixTime::from_seconds(0), seconds(late), response);
        let keys = cache.key_set(URL, PATIENCE, seconds(late));
        assert_eq!(matches!(keys, CachedKeys::Fresh(_)), is_fresh, "{late}");
        assert_eq!(matches!(keys, CachedKeys::Stale(_)), !is_fresh, "{late}");
    }
}

/// A late end of a shared flight neither renews the age of the keys nor records a failure.
#[test]
fn a_flight_ends_once() {
    let mut sets = KeySets::default();
    let flight = begin(&mut sets, URL);
    let keys = empty();
    sets.end(&flight, Ok(&keys), seconds(0), seconds(0));
    sets.end(&flight, Ok(&empty()), seconds(200), seconds(200));
    sets.end(&flight, Err(&failure()), seconds(299), seconds(299));
    let CachedKeys::Stale(found) = sets.lookup(URL, PATIENCE, seconds(300)) else {
        panic!();
    };
    assert!(Arc::ptr_eq(&found, &keys));
}

/// A token whose key is missing joins the current flight of another token, even in the cool-down.
#[test]
fn a_refetch_joins_the_one_under_way() {
    let mut sets = KeySets::default();
    let first = refetch(&mut sets, seconds(100)).unwrap();
    let second = refetch(&mut sets, seconds(101)).unwrap();
    assert_eq!(first, second);
    sets.end(&first, Ok(&empty()), seconds(102), seconds(102));
    assert!(refetch(&mut sets, seconds(159)).is_none());
    let third = refetch(&mut sets, seconds(160)).unwrap();
    assert_ne!(third, first);
}

#[test]
fn an_answer_that_cannot_be_read_leaves_the_old_keys_in_place() {
    let cache = Cache::new();
    let keys = complete(&cache, &fly(&cache, 0), 0, EMPTY).unwrap();
    let error = complete(&cache, &fly(&cache, 10), 10, "no key set").unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::Finished)));
    let CachedKeys::Fresh(kept) = cache.key_set(URL, PATIENCE, seconds(10)) else {
        panic!();
    };
    assert!(Arc::ptr_eq(&keys, &kept));
}

#[test]
fn the_answer_of_a_flight_is_read_once() {
    let cache = Cache::new();
    let (first, second) = (fly(&cache, 0), fly(&cache, 0));
    assert_eq!(first, second);
    let read = complete(&cache, &first, 0, EMPTY).unwrap();
    let shared = complete(&cache, &second, 0, "not read").unwrap();
    assert!(Arc::ptr_eq(&read, &shared));
    assert_ne!(fly(&cache, 0), first);
}

/// Each of the three has its own 60 seconds, and its own flight.
#[test]
fn no_channel_uses_up_the_cool_down_of_another() {
    let mut sets = KeySets::default();
    let channels = [Channel::Server, Channel::Browser, Channel::Stranger];
    for _ in 0..2 {
        let mut flown = Vec::new();
        for channel in channels {
            let mut refetch = |at| sets.begin_refetch(URL, channel, PATIENCE, seconds(at), reader);
            let flight = refetch(100).unwrap();
            assert_eq!(refetch(100), Some(flight.clone()));
            flown.push(flight);
        }
        assert!(flown.iter().all(|flight| {
            let same = flown.iter().filter(|other| *other == flight);
            same.count() == 1
        }));
        for flight in &flown {
            sets.end(flight, Ok(&empty()), seconds(101), seconds(101));
        }
        for channel in channels {
            assert!(
                sets.begin_refetch(URL, channel, PATIENCE, seconds(159), reader)
                    .is_none()
            );
        }
        sets = KeySets::default();
    }
}

#[test]
fn a_failure_is_remembered_for_a_time_that_grows_up_to_a_minute() {
    let cache = Cache::new();
    let mut at = 0;
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        let flight = fly(&cache, at);
        cache.release_flight(&flight, seconds(at), &failure());
        // Others who took part in it report the same failure.
        cache.release_flight(&flight, seconds(at), &failure());
        let CachedKeys::Failed(error) = cache.key_set(URL, PATIENCE, seconds(at + pause - 1))
        else {
            panic!("forgotten after {pause} s");
        };
        assert_eq!(error.to_string(), failure().to_string());
        at += pause;
        assert!(matches!(
            cache.key_set(URL, PATIENCE, seconds(at)),
            CachedKeys::Absent
        ));
    }
    complete(&cache, &fly(&cache, at), at, EMPTY).unwrap();
    at += 3900;
    cache.release_flight(&fly(&cache, at), seconds(at), &failure());
    assert!(matches!(
        cache.key_set(URL, PATIENCE, seconds(at + 1)),
        CachedKeys::Absent
    ));
}

/// A rotation is found a second later, although the first fetch after it failed.
#[test]
fn a_failed_refetch_costs_less_than_its_cool_down() {
    let mut sets = KeySets::default();
    let flight = refetch(&mut sets, seconds(100)).unwrap();
    sets.end(&flight, Err(&failure()), seconds(100), seconds(100));
    assert!(refetch(&mut sets, seconds(100)).is_none());
    assert!(refetch(&mut sets, seconds(101)).is_some());
}

/// The driver of the flight was dropped with its runtime. Only in responses of the server, where
/// strangers send nothing, another flight begins at once.
#[test]
fn a_lost_flight_delays_no_login() {
    for (channel, is_delayed) in [
        (Channel::Server, false),
        (Channel::Browser, true),
        (Channel::Stranger, true),
    ] {
        let mut sets = KeySets::default();
        let mut refetch =
            |elapsed| sets.begin_refetch(URL, channel, PATIENCE, seconds(elapsed), reader);
        let lost = refetch(100).unwrap();
        assert_eq!(refetch(101), Some(lost.clone()));
        drop(lost);
        assert_eq!(refetch(102).is_none(), is_delayed, "{channel:?}");
    }
}

/// The runtime of the flight stands still, and keys of a later flight are stored. Its response
/// would not be, so in responses of the server it does not count.
#[test]
fn a_flight_that_stands_still_delays_no_login() {
    for (channel, is_delayed) in [
        (Channel::Server, false),
        (Channel::Browser, true),
        (Channel::Stranger, true),
    ] {
        let mut sets = KeySets::default();
        let refetch = |sets: &mut KeySets, elapsed| {
            sets.begin_refetch(URL, channel, PATIENCE, seconds(elapsed), reader)
        };
        let stalled = refetch(&mut sets, 100).unwrap();
        let newer = begin(&mut sets, URL);
        sets.end(&newer, Ok(&empty()), seconds(101), seconds(101));
        let next = refetch(&mut sets, 102);
        assert_eq!(next.is_none(), is_delayed, "{channel:?}");
        assert_ne!(next, Some(stalled));
        // There is still one flight at a time, and its end begins the cool-down.
        if let Some(next) = next {
            assert_eq!(refetch(&mut sets, 103), Some(next.clone()));
            sets.end(&next, Ok(&empty()), seconds(103), seconds(103));
            assert!(refetch(&mut sets, 161).is_none());
            assert!(refetch(&mut sets, 162).is_some());
        }
    }
}

#[test]
fn the_number_of_urls_is_bounded_and_the_idle_one_makes_room() {
    let mut sets = KeySets::default();
    for number in 0..100 {
        let url = format!("{URL}/{number}");
        let flight = begin(&mut sets, &url);
        sets.end(&flight, Ok(&empty()), seconds(0), seconds(0));
        sets.lookup(&url, PATIENCE, seconds(if number == 7 { 0 } else { 1 }));
    }
    // A URL that has an entry takes no further room.
    drop(begin(&mut sets, &format!("{URL}/8")));
    assert_eq!(sets.entries.len(), 100);
    drop(begin(&mut sets, URL));
    assert_eq!(sets.entries.len(), 100);
    assert!(!sets.entries.contains_key(&format!("{URL}/7")));
    assert!(sets.entries.contains_key(URL));
}

#[test]
fn a_clock_that_goes_backwards_does_no_harm() {
    let mut sets = KeySets::default();
    let flight = begin(&mut sets, URL);
    sets.end(&flight, Ok(&empty()), seconds(1000), seconds(1000));
    assert!(matches!(
        sets.lookup(URL, PATIENCE, seconds(0)),
        CachedKeys::Fresh(_)
    ));
}

#[test]
fn a_panic_elsewhere_does_not_close_the_cache() {
    let cache = Cache::new();
    let poisoned = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _held = cache.key_sets.lock().unwrap();
        panic!("on purpose");
    }));
    assert!(poisoned.is_err());
    assert!(cache.key_sets.is_poisoned());
    assert!(matches!(
        cache.key_set(URL, PATIENCE, seconds(0)),
        CachedKeys::Absent
    ));
}

/// The deadline of the operations.
const PATIENCE: Duration = Duration::from_secs(30);

const EMPTY: &str = r#"{"keys":[]}"#;

fn begin(sets: &mut KeySets, url: &str) -> Flight {
    sets.begin(url, None, Duration::ZERO, reader)
}

fn refetch(sets: &mut KeySets, elapsed: Duration) -> Option<Flight> {
    sets.begin_refetch(URL, Channel::Server, PATIENCE, elapsed, reader)
}

fn fly(cache: &Cache, at: u64) -> Flight {
    cache.begin_flight(URL, seconds(at), reader)
}

fn complete(cache: &Cache, flight: &Flight, at: u64, body: &'static str) -> Fetched {
    let response = Response::new(body.into());
    let now = UnixTime::from_seconds(0);
    cache.complete_flight(flight, now, seconds(at), seconds(at), response)
}

/// Reads a key set, and refuses everything else.
fn reader() -> Box<Read> {
    Box::new(|_, response| {
        JwkSet::parse(response.body()).map_err(|_| Error::from(Misuse::Finished))
    })
}

fn failure() -> Error {
    unanswered(NoAnswer::Interrupted)
}

fn timed_out(deadline: u64) -> Error {
    unanswered(NoAnswer::TimedOut {
        deadline: seconds(deadline),
    })
}

fn unanswered(reason: NoAnswer) -> Error {
    Unanswered {
        endpoint: EndpointName::Jwks,
        reason,
        source: None,
    }
    .into()
}

fn empty() -> Arc<JwkSet> {
    Arc::new(JwkSet::parse(EMPTY.as_bytes()).unwrap())
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
