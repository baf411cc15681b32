use std::sync::Arc;
use std::time::Duration;

use jose::JwkSet;

use super::{CachedKeys, KeySets};
use crate::cache::Cache;
use crate::error::{Error, Misuse};

const URL: &str = "https://op.example/jwks";

#[test]
fn a_late_answer_does_not_replace_newer_keys() {
    let mut sets = KeySets::default();
    let slow = sets.begin(URL);
    sets.end(&slow, None, seconds(30));
    let quick = sets.begin(URL);
    let (old, new) = (empty(), empty());
    sets.end(&quick, Some(&new), seconds(31));
    sets.end(&slow, Some(&old), seconds(40));
    let CachedKeys::Fresh(keys) = sets.lookup(URL, seconds(40)) else {
        panic!();
    };
    assert!(Arc::ptr_eq(&keys, &new));
}

#[test]
fn the_end_of_one_flight_is_not_that_of_another() {
    let mut sets = KeySets::default();
    let slow = sets.begin(URL);
    sets.end(&slow, None, seconds(30));
    let quick = sets.begin(URL);
    assert_ne!(quick.mark(), slow.mark());
    sets.end(&slow, None, seconds(31));
    assert_eq!(sets.begin(URL).mark(), quick.mark());
}

/// A late end of a shared flight neither renews the age of the keys nor records a failure.
#[test]
fn a_flight_ends_once() {
    let mut sets = KeySets::default();
    let flight = sets.begin(URL);
    let keys = empty();
    sets.end(&flight, Some(&keys), seconds(0));
    sets.end(&flight, Some(&empty()), seconds(200));
    sets.end(&flight, None, seconds(299));
    let CachedKeys::Stale(found) = sets.lookup(URL, seconds(300)) else {
        panic!();
    };
    assert!(Arc::ptr_eq(&found, &keys));
}

/// A token whose key is missing joins the current flight of another token, even in the cool-down.
#[test]
fn a_refetch_joins_the_one_under_way() {
    let mut sets = KeySets::default();
    let first = sets.begin_refetch(URL, seconds(100)).unwrap();
    let second = sets.begin_refetch(URL, seconds(101)).unwrap();
    assert_eq!(first.mark(), second.mark());
    sets.end(&first, Some(&empty()), seconds(102));
    assert!(sets.begin_refetch(URL, seconds(159)).is_none());
    let third = sets.begin_refetch(URL, seconds(160)).unwrap();
    assert_ne!(third.mark(), first.mark());
}

#[test]
fn an_answer_that_cannot_be_read_leaves_the_old_keys_in_place() {
    let cache = Cache::new();
    let keys = cache
        .complete_flight(&cache.begin_flight(URL), seconds(0), || {
            parse(r#"{"keys":[]}"#)
        })
        .unwrap();
    let flight = cache.begin_flight(URL);
    let error = cache.complete_flight(&flight, seconds(10), || Err(Misuse::Finished.into()));
    assert!(matches!(error, Err(Error::Misuse(Misuse::Finished))));
    let CachedKeys::Fresh(kept) = cache.key_set(URL, seconds(10)) else {
        panic!();
    };
    assert!(Arc::ptr_eq(&keys, &kept));
}

#[test]
fn the_answer_of_a_flight_is_read_once() {
    let cache = Cache::new();
    let (first, second) = (cache.begin_flight(URL), cache.begin_flight(URL));
    assert_eq!(first.mark(), second.mark());
    let read = cache
        .complete_flight(&first, seconds(0), || parse(r#"{"keys":[]}"#))
        .unwrap();
    let shared = cache
        .complete_flight(&second, seconds(0), || panic!("read twice"))
        .unwrap();
    assert!(Arc::ptr_eq(&read, &shared));
    assert_ne!(cache.begin_flight(URL).mark(), first.mark());
}

#[test]
fn the_number_of_urls_is_bounded_and_the_idle_one_makes_room() {
    let mut sets = KeySets::default();
    for number in 0..100 {
        let url = format!("{URL}/{number}");
        let flight = sets.begin(&url);
        sets.end(&flight, Some(&empty()), seconds(0));
        sets.lookup(&url, seconds(if number == 7 { 0 } else { 1 }));
    }
    // An entry that exists needs no room.
    drop(sets.begin(&format!("{URL}/8")));
    assert_eq!(sets.entries.len(), 100);
    drop(sets.begin(URL));
    assert_eq!(sets.entries.len(), 100);
    assert!(!sets.entries.contains_key(&format!("{URL}/7")));
    assert!(sets.entries.contains_key(URL));
}

#[test]
fn a_clock_that_goes_backwards_does_no_harm() {
    let mut sets = KeySets::default();
    let flight = sets.begin(URL);
    sets.end(&flight, Some(&empty()), seconds(1000));
    assert!(matches!(sets.lookup(URL, seconds(0)), CachedKeys::Fresh(_)));
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
    assert!(matches!(cache.key_set(URL, seconds(0)), CachedKeys::Absent));
}

fn empty() -> Arc<JwkSet> {
    Arc::new(parse(r#"{"keys":[]}"#).unwrap())
}

fn parse(document: &str) -> Result<JwkSet, Error> {
    Ok(JwkSet::parse(document.as_bytes()).unwrap())
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
