use std::time::Duration;

use http::Response;
use jose::JwkSet;
use serde_json::json;

use super::ExportedJwksCache;
use crate::cache::{Cache, CachedKeys};
use crate::error::{Artefact, Reason};
use crate::outbound::Read;
use crate::testing::{NOW, SERVER_KEY, key_set};
use crate::time::UnixTime;

const URL: &str = "https://op.example/jwks";

#[test]
fn keys_go_on_ageing_in_another_cache() {
    // Fetched 1,000 s after the start of one process, exported after 1,100 s.
    let first = Cache::new();
    fetch(&first, 1_000);
    let exported = export(&first, NOW, 1_100).unwrap();
    assert_eq!(exported.fetched_at(), UnixTime::from_seconds(NOW - 100));
    // Imported a minute later by another process, 5 s after its start.
    for (elapsed, found) in [
        (5, "fresh"),
        (144, "fresh"),
        (145, "stale"),
        (3_744, "stale"),
        (3_745, "absent"),
    ] {
        let second = Cache::new();
        import(&second, exported.clone(), NOW + 60, 5);
        assert_eq!(state(&second, URL, elapsed), found, "{elapsed}");
    }
}

#[test]
fn an_age_is_rounded_up() {
    let cache = Cache::new();
    fetch(&cache, 0);
    let elapsed = Duration::from_millis(10_001);
    let exported = cache.export_jwks(URL, UnixTime::from_seconds(NOW), elapsed);
    let fetched_at = UnixTime::from_seconds(NOW - 11);
    assert_eq!(exported.unwrap().fetched_at(), fetched_at);
}

#[test]
fn the_time_of_an_import_is_put_to_the_same_rules() {
    for (fetched_at, found) in [
        (NOW, "fresh"),
        (NOW - 299, "fresh"),
        (NOW - 300, "stale"),
        (NOW - 3_899, "stale"),
        (NOW - 3_900, "absent"),
        (i64::MIN, "absent"),
        // From the future by this clock: the age is unknown.
        (NOW + 1, "stale"),
        (i64::MAX, "stale"),
    ] {
        let cache = Cache::new();
        import(&cache, exported_at(fetched_at), NOW, 7);
        assert_eq!(state(&cache, URL, 7), found, "{fetched_at}");
    }
}

#[test]
fn keys_of_one_url_are_not_those_of_another() {
    let cache = Cache::new();
    import(&cache, exported_at(NOW), NOW, 0);
    assert_eq!(state(&cache, URL, 0), "fresh");
    for url in ["https://op.example/jwks2", "https://other.example/jwks"] {
        assert_eq!(state(&cache, url, 0), "absent");
        assert!(
            cache
                .export_jwks(url, UnixTime::from_seconds(NOW), Duration::ZERO)
                .is_none()
        );
    }
}

#[test]
fn what_a_cache_has_itself_is_not_replaced_while_it_is_of_use() {
    for (elapsed, replaced) in [(0, false), (300, false), (3_899, false), (3_900, true)] {
        let cache = Cache::new();
        fetch(&cache, 0);
        import(&cache, exported_at(NOW), NOW, elapsed);
        let keys = export(&cache, NOW, elapsed).unwrap();
        assert_eq!(keys.jwks().keys().len() == 1, replaced, "{elapsed}");
    }
}

#[test]
fn keys_that_are_fetched_replace_imported_ones() {
    let cache = Cache::new();
    import(&cache, exported_at(NOW), NOW, 0);
    fetch(&cache, 1);
    assert!(export(&cache, NOW, 1).unwrap().jwks().keys().is_empty());
}

#[test]
fn keys_that_are_of_no_use_are_not_exported() {
    let cache = Cache::new();
    assert!(export(&cache, NOW, 0).is_none());
    fetch(&cache, 0);
    assert!(export(&cache, NOW, 3_899).is_some());
    assert!(export(&cache, NOW, 3_900).is_none());
}

#[test]
fn imports_are_bounded_like_everything_else() {
    let cache = Cache::new();
    for number in 0..101 {
        let mut exported = exported_at(NOW);
        exported.jwks_uri = format!("{URL}/{number}");
        import(&cache, exported, NOW, number);
    }
    let at = |number| state(&cache, &format!("{URL}/{number}"), 101);
    assert_eq!((at(0), at(1), at(100)), ("absent", "fresh", "fresh"));
}

#[test]
fn the_json_says_what_it_is() {
    let exported = exported_at(NOW);
    let keys = key_set(&[&SERVER_KEY]);
    let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
    let expected = json!({ "version": 1, "jwks_uri": URL, "jwks": keys, "uat": NOW });
    assert_eq!(serde_json::Value::from(exported.to_json()), expected);
    let read = ExportedJwksCache::from_json(expected.to_string().as_bytes()).unwrap();
    assert_eq!(read.jwks_uri(), URL);
    assert_eq!(read.fetched_at(), UnixTime::from_seconds(NOW));
    assert_eq!(read.jwks().keys().len(), 1);
    assert_eq!(read.to_json(), exported.to_json());
}

#[test]
fn json_that_is_something_else_is_refused() {
    let good = json!({ "version": 1, "jwks_uri": URL, "jwks": { "keys": [] }, "uat": NOW });
    let with = |member: &str, value| {
        let mut document = good.clone();
        document[member] = value;
        document.to_string()
    };
    let without = |member: &str| {
        let mut document = good.clone();
        document.as_object_mut().unwrap().remove(member);
        document.to_string()
    };
    let missing = |member: &'static str| Reason::Missing {
        member: member.into(),
    };
    let ill_typed = |member: &'static str, expected, found: &str| Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    };
    let many = json!({ "keys": vec![json!({}); 257] });
    let seconds = "whole seconds since the epoch";
    for (document, reason) in [
        (without("version"), missing("version")),
        (without("jwks_uri"), missing("jwks_uri")),
        (without("jwks"), missing("jwks")),
        (without("uat"), missing("uat")),
        (
            with("version", json!(2)),
            ill_typed("version", "the number 1", "2"),
        ),
        (
            with("version", json!("1")),
            ill_typed("version", "the number 1", "string"),
        ),
        (
            with("jwks_uri", json!("")),
            ill_typed("jwks_uri", "a non-empty string", "an empty string"),
        ),
        (
            with("jwks", json!([])),
            ill_typed("jwks", "an object", "array"),
        ),
        (with("jwks", json!({})), missing("keys")),
        (
            with("jwks", json!({ "keys": {} })),
            ill_typed("keys", "an array", "object"),
        ),
        (
            with("jwks", many),
            Reason::Jose(jose::Error::TooManyKeys {
                limit: 256,
                found: 257,
            }),
        ),
        (with("uat", json!(1.5)), ill_typed("uat", seconds, "number")),
        (with("uat", json!("1")), ill_typed("uat", seconds, "string")),
        (
            "[]".to_owned(),
            Reason::Json(jose::json::Error::NotAnObject { found: "array" }),
        ),
        (
            format!("{{\"uat\":1,{}", &good.to_string()[1..]),
            Reason::Json(jose::json::Error::Duplicate {
                member: "uat".to_owned(),
            }),
        ),
    ] {
        let error = ExportedJwksCache::from_json(document.as_bytes()).unwrap_err();
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::KeySet);
        assert_eq!(rejection.reason, reason, "{document}");
    }
}

/// A key set with one key, fetched at this time.
fn exported_at(fetched_at: i64) -> ExportedJwksCache {
    let jwks = JwkSet::parse(key_set(&[&SERVER_KEY]).as_bytes()).unwrap();
    ExportedJwksCache {
        jwks_uri: URL.to_owned(),
        jwks: jwks.into(),
        fetched_at: UnixTime::from_seconds(fetched_at),
    }
}

/// Puts a set without keys into the cache.
fn fetch(cache: &Cache, elapsed: u64) {
    let elapsed = Duration::from_secs(elapsed);
    let read = || -> Box<Read> { Box::new(|_, _| Ok(JwkSet::parse(br#"{"keys":[]}"#).unwrap())) };
    let flight = cache.begin_flight(URL, elapsed, read);
    let (now, response) = (UnixTime::from_seconds(0), Response::default());
    cache
        .complete_flight(&flight, now, elapsed, elapsed, response)
        .unwrap();
}

fn export(cache: &Cache, now: i64, elapsed: u64) -> Option<ExportedJwksCache> {
    let now = UnixTime::from_seconds(now);
    cache.export_jwks(URL, now, Duration::from_secs(elapsed))
}

fn import(cache: &Cache, exported: ExportedJwksCache, now: i64, elapsed: u64) {
    let now = UnixTime::from_seconds(now);
    cache.import_jwks(exported, now, Duration::from_secs(elapsed));
}

fn state(cache: &Cache, url: &str, elapsed: u64) -> &'static str {
    match cache.key_set(url, Duration::from_secs(30), Duration::from_secs(elapsed)) {
        CachedKeys::Fresh(_) => "fresh",
        CachedKeys::Stale(_) => "stale",
        CachedKeys::Absent => "absent",
        CachedKeys::Failed(_) => "failed",
    }
}
