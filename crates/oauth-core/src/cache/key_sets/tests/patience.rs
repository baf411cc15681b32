//! Clients with different deadlines, which share a cache.

use super::{
    CachedKeys, Channel, KeySets, PATIENCE, URL, begin, empty, failure, reader, refetch, seconds,
    timed_out,
};

/// A client with little time gives up again and again. One with more time finds a new key
/// nevertheless.
#[test]
fn the_deadline_of_another_client_delays_no_refetch() {
    for (deadline, is_delayed) in [(29, false), (30, true), (31, true)] {
        let mut sets = KeySets::default();
        let flight = refetch(&mut sets, seconds(100)).unwrap();
        sets.end(
            &flight,
            Err(&timed_out(deadline)),
            seconds(100),
            seconds(100),
        );
        let next = refetch(&mut sets, seconds(100));
        assert_eq!(next.is_none(), is_delayed, "{deadline}");
    }
}

/// Strangers cause one flight in a minute, also where one client gives up and the other, which
/// shares the flight, gets the keys.
#[test]
fn keys_that_come_after_the_deadline_of_another_client_begin_a_cool_down() {
    for channel in [Channel::Server, Channel::Browser, Channel::Stranger] {
        let mut sets = KeySets::default();
        let refetch = |sets: &mut KeySets, patience, at| {
            sets.begin_refetch(URL, channel, patience, seconds(at), reader)
        };
        let flight = refetch(&mut sets, seconds(1), 100).unwrap();
        sets.end(&flight, Err(&timed_out(1)), seconds(101), seconds(101));
        sets.end(&flight, Ok(&empty()), seconds(101), seconds(103));
        for patience in [seconds(1), PATIENCE] {
            assert!(refetch(&mut sets, patience, 103).is_none(), "{channel:?}");
            assert!(refetch(&mut sets, patience, 159).is_none(), "{channel:?}");
        }
        assert!(refetch(&mut sets, PATIENCE, 160).is_some(), "{channel:?}");
    }
}

/// A client with little time gives up again and again. One with more time does not keep the old
/// keys for that, and does not fail for it where there are none.
#[test]
fn the_deadline_of_another_client_keeps_no_old_keys_in_use() {
    for (deadline, is_kept) in [(29, false), (30, true), (31, true)] {
        let mut sets = KeySets::default();
        let flight = begin(&mut sets, URL);
        sets.end(&flight, Ok(&empty()), seconds(0), seconds(0));
        for at in [300, 3900] {
            let flight = begin(&mut sets, URL);
            sets.end(&flight, Err(&timed_out(deadline)), seconds(at), seconds(at));
            let seen = |sets: &mut KeySets, patience| sets.lookup(URL, patience, seconds(at));
            let impatient = seen(&mut sets, seconds(deadline));
            let patient = seen(&mut sets, PATIENCE);
            match at {
                300 => {
                    assert!(matches!(impatient, CachedKeys::Fresh(_)));
                    assert_eq!(matches!(patient, CachedKeys::Fresh(_)), is_kept);
                    assert_eq!(matches!(patient, CachedKeys::Stale(_)), !is_kept);
                }
                _ => {
                    assert!(matches!(impatient, CachedKeys::Failed(_)));
                    assert_eq!(matches!(patient, CachedKeys::Failed(_)), is_kept);
                    assert_eq!(matches!(patient, CachedKeys::Absent), !is_kept);
                }
            }
        }
    }
}

/// What a client with little time causes neither makes the pause of the others longer, nor makes
/// them forget a failure of their own.
#[test]
fn the_failures_of_an_impatient_client_are_its_own() {
    let mut sets = KeySets::default();
    for at in 0..10 {
        let flight = begin(&mut sets, URL);
        sets.end(&flight, Err(&timed_out(1)), seconds(at), seconds(at));
    }
    let flight = begin(&mut sets, URL);
    sets.end(&flight, Err(&failure()), seconds(10), seconds(10));
    for (patience, until) in [(seconds(1), 70), (seconds(2), 11), (PATIENCE, 11)] {
        let mut seen = |at| sets.lookup(URL, patience, seconds(at));
        assert!(matches!(seen(until - 1), CachedKeys::Failed(_)));
        assert!(matches!(seen(until), CachedKeys::Absent));
    }
    let flight = begin(&mut sets, URL);
    sets.end(&flight, Err(&timed_out(30)), seconds(11), seconds(11));
    let flight = begin(&mut sets, URL);
    sets.end(&flight, Err(&timed_out(1)), seconds(12), seconds(12));
    let mut seen = |at| sets.lookup(URL, PATIENCE, seconds(at));
    let CachedKeys::Failed(error) = seen(12) else {
        panic!();
    };
    assert_eq!(error.to_string(), timed_out(30).to_string());
    assert!(matches!(seen(13), CachedKeys::Absent));
}

/// A client with more time joined the flight, sent the request again, and failed as well.
#[test]
fn a_flight_fails_once_more_for_clients_with_more_time() {
    let mut sets = KeySets::default();
    let flight = begin(&mut sets, URL);
    let mut seen = |deadline, at| {
        sets.end(&flight, Err(&timed_out(deadline)), seconds(at), seconds(at));
        [seconds(1), PATIENCE].map(|patience| {
            let failures = &sets.entries[URL].failures;
            failures.last(patience)
        })
    };
    assert_eq!(seen(1, 1), [Some(seconds(1)), None]);
    // The same failure, which another operation reports.
    assert_eq!(seen(1, 2), [Some(seconds(1)), None]);
    assert_eq!(seen(30, 30), [Some(seconds(30)), Some(seconds(30))]);
    assert_eq!(seen(30, 31), [Some(seconds(30)), Some(seconds(30))]);
}

/// Every client has its own deadline. The last failure is remembered for all whom it concerns.
#[test]
fn the_number_of_deadlines_is_bounded() {
    for is_growing in [false, true] {
        let mut sets = KeySets::default();
        for number in 0..100 {
            let deadline = if is_growing { number } else { 100 - number };
            let flight = begin(&mut sets, URL);
            let error = timed_out(deadline);
            sets.end(&flight, Err(&error), seconds(number), seconds(number));
            let failures = &sets.entries[URL].failures;
            assert_eq!(failures.last(seconds(deadline)), Some(seconds(number)));
            assert!(failures.levels() <= 8, "{}", failures.levels());
        }
    }
}
