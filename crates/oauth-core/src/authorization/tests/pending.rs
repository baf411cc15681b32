use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::error::{Misuse, SealFault};
use crate::time::UnixTime;

fn key(byte: u8) -> SealingKey {
    SealingKey::new([byte; 32])
}

fn sealed() -> String {
    pending().seal(&key(1)).unwrap()
}

fn at(now: i64) -> UnixTime {
    UnixTime::from_seconds(now)
}

fn assert_misuse<T>(result: Result<T, Error>, expected: Misuse) {
    match result {
        Err(Error::Misuse(misuse)) => assert_eq!(misuse, expected),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("accepted"),
    }
}

/// Some databases sort the members of an object, and another version may have others.
#[test]
fn a_pending_login_is_a_secret() {
    let shown = format!("{:?}", pending());
    for secret in [STATE, NONCE, VERIFIER] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let sealed = sealed();
    let header = jose::base64url::decode(sealed.split('.').next().unwrap()).unwrap();
    assert!(
        sealed.len() < 1000,
        "{} does not fit a cookie",
        sealed.len()
    );
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&header).unwrap(),
        serde_json::json!({"alg": "dir", "enc": "A256GCM", "typ": "pending-login"})
    );
}

/// The login comes from fixed randomness, as `pending` makes it, and its seals still differ.
#[test]
fn a_login_is_never_sealed_twice_alike() {
    let [first, second] = [pending(), pending()];
    assert_eq!(
        serde_json::to_value(&first).unwrap(),
        serde_json::to_value(&second).unwrap()
    );
    let sealed = [&first, &first, &second].map(|login| login.seal(&key(1)).unwrap());
    for (position, one) in sealed.iter().enumerate() {
        for other in &sealed[..position] {
            for segment in [2, 3] {
                assert_ne!(
                    one.split('.').nth(segment).unwrap(),
                    other.split('.').nth(segment).unwrap()
                );
            }
        }
    }
}

#[test]
fn a_sealed_login_is_opened_by_its_own_key_alone() {
    let opened = PendingLogin::open(&key(1), &sealed(), at(NOW)).unwrap();
    assert_eq!(
        serde_json::to_value(opened).unwrap(),
        serde_json::to_value(pending()).unwrap()
    );
    assert_misuse(
        PendingLogin::open(&key(2), &sealed(), at(NOW)),
        Misuse::NotSealedHere(SealFault::NoKey),
    );
}

/// The name contains the session, so the login of one browser is no login of another.
#[test]
fn a_login_sealed_for_a_store_is_opened_under_its_name_alone() {
    let keys = [key(2), key(1)];
    let sealed = pending().seal_for(&key(1), "login:2:s1:x").unwrap();
    let open = |name: &str, sealed: &str| PendingLogin::open_for(&keys, name, sealed, at(NOW));
    assert_eq!(open("login:2:s1:x", &sealed).unwrap().state(), STATE);
    let another_place = || Misuse::NotSealedHere(SealFault::AnotherPlace);
    for name in ["login:2:s2:x", "login:2:s1:y", ""] {
        assert_misuse(open(name, &sealed), another_place());
    }
    // Neither is one of a cookie, and the other way round.
    assert_misuse(open("", &self::sealed()), another_place());
    assert_misuse(
        PendingLogin::open(&key(1), &sealed, at(NOW)),
        another_place(),
    );
    // The hash in the header is authenticated.
    let other = pending().seal_for(&key(1), "login:2:s2:x").unwrap();
    let (header, _) = other.split_once('.').unwrap();
    let (_, rest) = sealed.split_once('.').unwrap();
    assert_misuse(
        open("login:2:s2:x", &format!("{header}.{rest}")),
        Misuse::NotSealedHere(SealFault::NoKey),
    );
    let late = PendingLogin::open_for(&keys, "login:2:s1:x", &sealed, at(NOW + 3601));
    assert_misuse(
        late,
        Misuse::LoginExpired {
            limit: Duration::from_secs(3600),
        },
    );
}

#[test]
fn a_sealed_login_cannot_be_changed() {
    let sealed = sealed();
    for position in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[position] = match changed[position] {
            b'A' => b'B',
            _ => b'A',
        };
        let opened = PendingLogin::open(&key(1), &String::from_utf8(changed).unwrap(), at(NOW));
        let Err(Error::Misuse(Misuse::NotSealedHere(fault))) = opened else {
            panic!("{position}: {opened:?}");
        };
        let expected = testing::seal_faults_of_change(&sealed, position);
        assert!(expected.contains(&fault), "{position}: {fault:?}");
    }
    assert_misuse(
        PendingLogin::open(&key(1), &sealed[..sealed.len() - 1], at(NOW)),
        Misuse::NotSealedHere(SealFault::NoSeal),
    );
}

#[test]
fn content_of_the_application_opens_for_its_purpose_alone() {
    let sealed = key(1).seal("session", b"content").unwrap();
    let opened = key(1).open("session", &sealed).unwrap();
    assert_eq!(opened.expose(), b"content");
    let changed = format!("{sealed}A");
    let for_a_store = pending().seal_for(&key(1), "s").unwrap();
    for (result, fault) in [
        (key(1).open("other", &sealed), SealFault::AnotherPlace),
        (key(1).open("", &sealed), SealFault::AnotherPlace),
        (key(2).open("session", &sealed), SealFault::NoKey),
        (key(1).open("session", &changed), SealFault::NoKey),
        (key(1).open("session", ""), SealFault::NoSeal),
        // What the library seals under the same key has another type.
        (
            key(1).open("pending-login", &self::sealed()),
            SealFault::AnotherPlace,
        ),
        (
            key(1).open("pending-login", &for_a_store),
            SealFault::AnotherPlace,
        ),
        (key(1).open("", &self::sealed()), SealFault::AnotherPlace),
    ] {
        assert_misuse(result, Misuse::NotSealedHere(fault));
    }
    let forged = serde_json::to_vec(&pending()).unwrap();
    let forged = key(1).seal("pending-login", &forged).unwrap();
    assert_misuse(
        PendingLogin::open(&key(1), &forged, at(NOW)),
        Misuse::NotSealedHere(SealFault::AnotherPlace),
    );
}

#[test]
fn something_else_under_the_same_key_is_no_login() {
    use jose::jwe;
    let plaintext = serde_json::to_vec(&pending()).unwrap();
    let enc = jwe::ContentEncryption::A256GCM;
    let header = jwe::ProtectedHeader::new(jwe::KeyManagement::Direct, enc);
    let content_key = jwe::ContentEncryptionKey::new(enc, &[1; 32]).unwrap();
    let seal = |header: &jwe::ProtectedHeader, plaintext: &[u8]| {
        jwe::encrypt_direct(header, &content_key, plaintext).unwrap()
    };
    let typed = header.clone().typ("pending-login");
    assert!(PendingLogin::open(&key(1), &seal(&typed, &plaintext), at(NOW)).is_ok());
    for (sealed, fault) in [
        (seal(&header, &plaintext), SealFault::AnotherPlace),
        (seal(&typed, b"{}"), SealFault::UnknownForm),
    ] {
        assert_misuse(
            PendingLogin::open(&key(1), &sealed, at(NOW)),
            Misuse::NotSealedHere(fault),
        );
    }
}

#[test]
fn a_login_expires() {
    let expired = || Misuse::LoginExpired {
        limit: Duration::from_secs(3600),
    };
    assert!(PendingLogin::open(&key(1), &sealed(), at(NOW + 3600)).is_ok());
    assert!(PendingLogin::open(&key(1), &sealed(), at(NOW - 3600)).is_ok());
    assert_misuse(
        PendingLogin::open(&key(1), &sealed(), at(NOW + 3601)),
        expired(),
    );
    assert_misuse(
        PendingLogin::open(&key(1), &sealed(), at(i64::MAX)),
        expired(),
    );

    let (_, short) = begin(request().lifetime(Duration::from_secs(60))).unwrap();
    assert!(short.check_age(at(NOW + 60)).is_ok());
    assert_misuse(
        short.check_age(at(NOW + 61)),
        Misuse::LoginExpired {
            limit: Duration::from_secs(60),
        },
    );
}

#[test]
fn a_login_is_resumed_where_it_was_begun() {
    let callback = Callback::from_query("code=c&state=s");
    let resume = |issuer: &str, client_id: &str| {
        let setup = testing::setup().issuer(issuer).client_id(client_id);
        let configuration = setup.build();
        let (_, implicit) = begin(request().response_type(ResponseType::IdToken)).unwrap();
        let implicit = implicit.resume_implicit(&configuration, &callback);
        let code = pending().resume(&configuration, &callback);
        // Both ways give the same error.
        assert_eq!(
            implicit.err().map(|error| error.to_string()),
            code.as_ref().err().map(ToString::to_string)
        );
        code
    };
    assert!(resume("https://op.example", "app").is_ok());
    assert_misuse(
        resume("https://op.example/", "app"),
        Misuse::AnotherConfiguration { member: "issuer" },
    );
    assert_misuse(
        resume("https://op.example", "another"),
        Misuse::AnotherConfiguration {
            member: "client_id",
        },
    );
}

/// The time that the user takes for the login does not count towards the age of the authentication.
#[test]
fn max_age_counts_from_the_beginning() {
    let (_, checks) = pending().into_checks(at(NOW + 100));
    assert_eq!(checks.max_age, Some(Duration::from_secs(700)));
    assert!(checks.id_token_expected);
    let (_, checks) = pending().into_checks(at(NOW - 100));
    assert_eq!(checks.max_age, Some(Duration::from_secs(600)));
}

proptest! {
    #[test]
    fn any_text_is_opened_or_refused(text in "\\PC{0,300}", segments in "([A-Za-z0-9_-]{0,40}\\.){0,5}") {
        for text in [&text, &segments] {
            prop_assert!(matches!(
                PendingLogin::open(&key(1), text, at(NOW)),
                Err(Error::Misuse(Misuse::NotSealedHere(SealFault::NoSeal)))
            ));
            prop_assert!(serde_json::from_str::<PendingLogin>(text).is_err());
        }
    }
}

#[test]
fn a_login_is_resumed_as_what_it_asked_for() {
    let configuration = crate::testing::configuration();
    let callback = Callback::from_query("code=c");
    for response_type in [
        ResponseType::Code,
        ResponseType::CodeIdToken,
        ResponseType::IdToken,
    ] {
        let (_, pending) = begin(request().response_type(response_type)).unwrap();
        // Through the store and back.
        let stored = serde_json::to_string(&pending).unwrap();
        let pending: PendingLogin = serde_json::from_str(&stored).unwrap();
        let code = pending.clone().resume(&configuration, &callback);
        let implicit = pending.resume_implicit(&configuration, &callback);
        let refused = |expected| Misuse::InvalidArgument {
            argument: "pending",
            expected,
            found: response_type.as_str().to_owned(),
        };
        if response_type == ResponseType::IdToken {
            assert!(implicit.is_ok());
            assert_misuse(code, refused("a login that asked for a code"));
        } else {
            assert!(code.is_ok());
            assert_misuse(
                implicit,
                refused("a login that asked for an ID Token alone"),
            );
        }
    }
}
