//! Keys that change and have no `kid`.

use jose::SignatureAlgorithm::ES256;
use jose::SigningKey;
use jose::jws::ProtectedHeader;

use super::{done, keys, received, rejection, sends, unanswered, verification};
use crate::cache::Cache;
use crate::error::{Error, Misuse, Reason};
use crate::operation::{Event, Operation};
use crate::testing::{NOW, assert_finished, claims, env, sign_with};

fn key() -> SigningKey {
    SigningKey::generate(ES256).unwrap()
}

fn signed(key: &SigningKey) -> String {
    sign_with(key, &ProtectedHeader::new(ES256), &claims())
}

/// A cache into which this key was fetched at 0 seconds.
fn cache_with(key: &SigningKey) -> Cache {
    let cache = Cache::new();
    let mut first = verification(signed(key));
    sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    done(first.step(&mut env(NOW, 0, &cache), keys(&[key])));
    cache
}

fn refused_at(cache: &Cache, elapsed: u64, token: &str) {
    let mut verification = verification(token.to_owned());
    let error = verification.step(&mut env(NOW, elapsed, cache), Event::Begin);
    let reason = rejection(error.unwrap_err());
    assert_eq!(reason, Reason::Jose(jose::Error::Signature), "{elapsed}");
}

#[test]
fn a_key_that_took_the_place_of_another_is_found_once_in_sixty_seconds() {
    for kid in [None, Some("k1")] {
        let named = |key: SigningKey| match kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        };
        let [old, new, newest] = [key(), key(), key()].map(named);
        let cache = cache_with(&old);
        // Whether the key has a name says nothing about a token that gives none.
        let mut first = verification(signed(&new));
        sends(first.step(&mut env(NOW, 5, &cache), Event::Begin));
        done(first.step(&mut env(NOW, 6, &cache), keys(&[&new])));
        assert_finished(&mut first);
        // The old key is refused now, and nothing is fetched for it within a minute.
        refused_at(&cache, 7, &signed(&old));
        refused_at(&cache, 64, &signed(&newest));
        let mut second = verification(signed(&newest));
        sends(second.step(&mut env(NOW, 65, &cache), Event::Begin));
        done(second.step(&mut env(NOW, 65, &cache), keys(&[&newest])));
    }
}

#[test]
fn the_keys_are_fetched_once_for_a_token_and_not_again() {
    let (old, stranger) = (key(), key());
    let token = signed(&stranger);
    for (answer, has_failed) in [
        (keys(&[&old]), false),
        (unanswered(), true),
        (received("<html>"), true),
    ] {
        let cache = cache_with(&old);
        let mut refetching = verification(token.clone());
        sends(refetching.step(&mut env(NOW, 5, &cache), Event::Begin));
        // No keys are no excuse: under those that are known, the signature is not valid.
        let error = refetching.step(&mut env(NOW, 5, &cache), answer);
        let reason = rejection(error.unwrap_err());
        assert_eq!(reason, Reason::Jose(jose::Error::Signature));
        assert_finished(&mut refetching);
        refused_at(&cache, 5, &token);
        // What is signed with the known key is accepted as before.
        let mut good = verification(signed(&old));
        done(good.step(&mut env(NOW, 6, &cache), Event::Begin));
        // A fetch that failed is tried again sooner than in a minute.
        if has_failed {
            sends(verification(token.clone()).step(&mut env(NOW, 6, &cache), Event::Begin));
        } else {
            refused_at(&cache, 64, &token);
        }
    }
    // Keys that were fetched for this token are as new as they can be.
    let cache = Cache::new();
    let mut fetching = verification(token);
    sends(fetching.step(&mut env(NOW, 0, &cache), Event::Begin));
    let error = fetching.step(&mut env(NOW, 0, &cache), keys(&[&old]));
    let reason = rejection(error.unwrap_err());
    assert_eq!(reason, Reason::Jose(jose::Error::Signature));
    assert_finished(&mut fetching);
}

#[test]
fn tokens_with_and_without_kid_share_the_cool_down() {
    let (old, new) = (key().with_kid("k1"), key().with_kid("k2"));
    let cache = cache_with(&old);
    let header = ProtectedHeader::new(ES256).kid("invented");
    let mut invented = verification(sign_with(&new, &header, &claims()));
    sends(invented.step(&mut env(NOW, 5, &cache), Event::Begin));
    drop(invented);
    refused_at(&cache, 64, &signed(&new));
}

#[test]
fn a_name_that_the_key_has_too_says_which_key_it_is() {
    let (old, new) = (key().with_kid("k1"), key().with_kid("k1"));
    let cache = cache_with(&old);
    let header = ProtectedHeader::new(ES256).kid("k1");
    refused_at(&cache, 5, &sign_with(&new, &header, &claims()));
}

#[test]
fn a_caller_who_gives_up_is_not_answered() {
    let (old, new) = (key(), key());
    for (event, is_misuse) in [(Event::Aborted, false), (Event::Elapsed, true)] {
        let cache = cache_with(&old);
        let mut refetching = verification(signed(&new));
        sends(refetching.step(&mut env(NOW, 5, &cache), Event::Begin));
        match refetching.step(&mut env(NOW, 5, &cache), event) {
            Err(Error::Aborted) => assert!(!is_misuse),
            Err(Error::Misuse(Misuse::UnexpectedEvent { .. })) => assert!(is_misuse),
            result => panic!("{result:?}"),
        }
        assert_finished(&mut refetching);
    }
}
