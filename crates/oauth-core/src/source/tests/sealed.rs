//! Sealed values are opened with their key and where they belong, and nowhere else.

use serde_json::{Value, json};

use super::{World, tokens, unanswered};
use crate::authorization::{PendingLogin, SealingKey};
use crate::cache::ExportedJwksCache;
use crate::configuration::Configuration;
use crate::endpoint::TokenResponse;
use crate::error::{Error, Misuse, SealFault};
use crate::flow::TokenSet;
use crate::source::{Renewal, SharedBackOff, StoredTokenSet};
use crate::testing;
use crate::testing::{NOW, configuration};
use crate::time::UnixTime;

#[test]
fn sealed_tokens_are_opened_under_their_name_alone() {
    let (key, other) = (SealingKey::new([1; 32]), SealingKey::new([2; 32]));
    let stored = StoredTokenSet::new(&configuration(), tokens("a", 60));
    let sealed = stored.seal(&key, "session 1").unwrap();
    assert!(!sealed.contains("at-a"));
    let open = |keys: &[SealingKey], configuration: &Configuration, name: &str, sealed: &str| {
        StoredTokenSet::open(keys, configuration, name, sealed)
    };
    let opened = open(
        &[other.clone(), key.clone()],
        &configuration(),
        "session 1",
        &sealed,
    );
    let opened = opened.unwrap().restore(&configuration()).unwrap();
    assert_eq!(opened.access_token().expose(), "at-a");

    let issuer = testing::setup().issuer("https://other.example").build();
    let client = testing::setup().client_id("other").build();
    let own = configuration();
    let (no_key, another_place) = (SealFault::NoKey, SealFault::AnotherPlace);
    for (keys, configuration, name, fault) in [
        (vec![other], &own, "session 1", no_key),
        (vec![], &own, "session 1", no_key),
        (vec![key.clone()], &own, "session 2", another_place),
        (vec![key.clone()], &own, "", another_place),
        (vec![key.clone()], &issuer, "session 1", another_place),
        (vec![key.clone()], &client, "session 1", another_place),
    ] {
        let error = open(&keys, configuration, name, &sealed).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_SEALED_VALUE_REFUSED"));
        assert_misuse(error, Misuse::NotSealedHere(fault));
    }
    // The same value twice is sealed with another nonce.
    assert_ne!(stored.seal(&key, "session 1").unwrap(), sealed);
}

/// A response with tokens is at most 1 MiB long by default. Tokens that are saved can be loaded.
#[test]
fn what_is_sealed_can_be_opened_whatever_its_length() {
    let key = SealingKey::new([1; 32]);
    let sealed = |length| {
        let response = TokenResponse {
            access_token: "a".repeat(length).into(),
            ..tokens("a", 60).response().clone()
        };
        let tokens = TokenSet::restored(response, None, None);
        StoredTokenSet::new(&configuration(), tokens).seal(&key, "s")
    };
    for length in [200_000, 1 << 20, 3_000_000] {
        let sealed = sealed(length).unwrap();
        let opened =
            StoredTokenSet::open(std::slice::from_ref(&key), &configuration(), "s", &sealed);
        let opened = opened.unwrap().restore(&configuration()).unwrap();
        assert_eq!(opened.access_token().expose().len(), length);
    }
    assert_misuse(sealed(4 << 20).unwrap_err(), Misuse::NotSealed);
    let long = "a".repeat(5 << 20);
    let error = StoredTokenSet::open(&[key], &configuration(), "s", &long).unwrap_err();
    assert_misuse(error, Misuse::NotSealedHere(SealFault::NoSeal));
}

/// The hash in the header is authenticated: with the right one put in, the tag is wrong.
#[test]
fn the_name_is_part_of_what_is_authenticated() {
    let key = SealingKey::new([1; 32]);
    let stored = StoredTokenSet::new(&configuration(), tokens("a", 60));
    let (one, two) = (
        stored.seal(&key, "1").unwrap(),
        stored.seal(&key, "2").unwrap(),
    );
    let (_, rest) = one.split_once('.').unwrap();
    let (header, _) = two.split_once('.').unwrap();
    let moved = format!("{header}.{rest}");
    let error = StoredTokenSet::open(&[key], &configuration(), "2", &moved).unwrap_err();
    assert_misuse(error, Misuse::NotSealedHere(SealFault::NoKey));
}

/// A sealed value of each kind, and what opens it.
type Opens = Box<dyn Fn(&[SealingKey], &str) -> Result<(), Error>>;

fn sealed_values(key: &SealingKey) -> [(&'static str, String, Opens); 4] {
    let own = testing::configuration;
    let stored = StoredTokenSet::new(&own(), tokens("a", 60));
    let back_off = SharedBackOff::after(None, &unanswered(), &World::new(Renewal::Stored).env());
    let keys = json!({"version": 1, "jwks_uri": "https://op.example/jwks", "uat": NOW, "jwks": {"keys": []}});
    let keys = ExportedJwksCache::from_json(keys.to_string().as_bytes()).unwrap();
    let login: PendingLogin = serde_json::from_value(login()).unwrap();
    let now = UnixTime::from_seconds(NOW);
    [
        (
            "tokens",
            stored.seal(key, "s").unwrap(),
            Box::new(move |keys, sealed| StoredTokenSet::open(keys, &own(), "s", sealed).map(drop)),
        ),
        (
            "back-off",
            back_off.seal(key, &own(), "s").unwrap(),
            Box::new(move |keys, sealed| SharedBackOff::open(keys, &own(), "s", sealed).map(drop)),
        ),
        (
            "keys",
            keys.seal(key, &own()).unwrap(),
            Box::new(move |keys, sealed| ExportedJwksCache::open(keys, &own(), sealed).map(drop)),
        ),
        (
            "login",
            login.seal_for(key, "s").unwrap(),
            Box::new(move |keys, sealed| PendingLogin::open_for(keys, "s", sealed, now).map(drop)),
        ),
    ]
}

#[test]
fn a_sealed_value_is_opened_as_what_it_is_and_nothing_else() {
    let key = SealingKey::new([1; 32]);
    let keys = [key.clone()];
    let values = sealed_values(&key);
    for (kind, sealed, open) in &values {
        open(&keys, sealed).unwrap_or_else(|error| panic!("{kind}: {error}"));
        for (other, moved, _) in values.iter().filter(|(other, ..)| other != kind) {
            let error = open(&keys, moved).unwrap_err();
            let fault = Misuse::NotSealedHere(SealFault::AnotherPlace);
            assert_eq!(misuse(error), fault, "{other} as {kind}");
        }
        let error = open(&[SealingKey::new([2; 32])], sealed).unwrap_err();
        assert_misuse(error, Misuse::NotSealedHere(SealFault::NoKey));
        for text in ["", ".", "....", "eyJiaW5kaW5nIjoxfQ....", "{\"version\":1}"] {
            let error = open(&keys, text).unwrap_err();
            assert_misuse(error, Misuse::NotSealedHere(SealFault::NoSeal));
        }
    }
}

#[test]
fn a_change_anywhere_is_found_out() {
    let key = SealingKey::new([1; 32]);
    for (kind, sealed, open) in sealed_values(&key) {
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            let error = open(std::slice::from_ref(&key), &changed).unwrap_err();
            let Misuse::NotSealedHere(fault) = misuse(error) else {
                panic!("{kind} {at}: another error");
            };
            let expected = testing::seal_faults_of_change(&sealed, at);
            assert!(expected.contains(&fault), "{kind} {at}: {fault:?}");
        }
    }
}

/// The pause of another login ends no refresh of this one, and the keys of another server verify
/// nothing here.
#[test]
fn pauses_and_key_sets_are_opened_where_they_belong() {
    let key = SealingKey::new([1; 32]);
    let keys = std::slice::from_ref(&key);
    let own = configuration();
    let back_off = SharedBackOff::after(None, &unanswered(), &World::new(Renewal::Stored).env());
    let pause = back_off.seal(&key, &own, "s").unwrap();
    let another_place = || Misuse::NotSealedHere(SealFault::AnotherPlace);
    let moved = SharedBackOff::open(keys, &own, "t", &pause).unwrap_err();
    assert_misuse(moved, another_place());
    let json = |uri: &str| json!({"version": 1, "jwks_uri": uri, "uat": NOW, "jwks": {"keys": []}});
    let exported = |uri| ExportedJwksCache::from_json(json(uri).to_string().as_bytes()).unwrap();
    let sealed = exported("https://op.example/jwks").seal(&key, &own);
    let sealed = sealed.unwrap();
    for setup in [
        testing::setup().issuer("https://other.example"),
        testing::setup().client_id("other"),
    ] {
        let configuration = setup.build();
        let error = SharedBackOff::open(keys, &configuration, "s", &pause).unwrap_err();
        assert_misuse(error, another_place());
        let error = ExportedJwksCache::open(keys, &configuration, &sealed).unwrap_err();
        assert_misuse(error, another_place());
    }
    let elsewhere = exported("https://op.example/other").seal(&key, &own);
    let error = ExportedJwksCache::open(keys, &own, &elsewhere.unwrap()).unwrap_err();
    assert_misuse(error, another_place());
}

/// Otherwise the client `ap` could open what belongs to the client `app`.
#[test]
fn the_parts_of_a_place_do_not_run_into_each_other() {
    let key = SealingKey::new([1; 32]);
    let client = |id: &str| testing::setup().client_id(id).build();
    let stored = StoredTokenSet::new(&client("app"), tokens("a", 60));
    let sealed = stored.seal(&key, "1").unwrap();
    let error = StoredTokenSet::open(&[key], &client("ap"), "p1", &sealed).unwrap_err();
    assert_misuse(error, Misuse::NotSealedHere(SealFault::AnotherPlace));
}

#[test]
fn a_pause_of_another_version_is_refused() {
    let key = SealingKey::new([1; 32]);
    let open = |version: u8| {
        let pause = json!({"version": version, "failures": 1, "pause": 2, "until": NOW});
        let pause: SharedBackOff = serde_json::from_value(pause).unwrap();
        let sealed = pause.seal(&key, &configuration(), "s").unwrap();
        SharedBackOff::open(std::slice::from_ref(&key), &configuration(), "s", &sealed)
    };
    open(1).unwrap();
    let unknown = Misuse::NotSealedHere(SealFault::UnknownForm);
    assert_misuse(open(2).unwrap_err(), unknown);
}

/// A login that has begun.
fn login() -> Value {
    json!({
        "version": 1,
        "issuer": "https://op.example",
        "client_id": "app",
        "redirect_uri": "https://app.example/cb",
        "response_type": "code",
        "response_mode": "query",
        "state": "s-1",
        "nonce": "n-1",
        "code_verifier": null,
        "max_age": null,
        "id_token_expected": true,
        "dpop_jkt": null,
        "created_at": NOW,
        "lifetime": 3600,
    })
}

#[track_caller]
fn assert_misuse(error: Error, expected: Misuse) {
    assert_eq!(misuse(error), expected);
}

#[track_caller]
fn misuse(error: Error) -> Misuse {
    match error {
        Error::Misuse(misuse) => misuse,
        other => panic!("{other}"),
    }
}
