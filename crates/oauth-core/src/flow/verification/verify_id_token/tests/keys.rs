use std::time::Duration;

use jose::jws::ProtectedHeader;
use jose::{SignatureAlgorithm, SigningKey};

use super::{
    assert_no_key, cache_with_server_key, done, keys, received, sends, unanswered, verification,
    verification_by,
};
use crate::cache::Cache;
use crate::error::{Artefact, Error, Misuse, NoAnswer, Unanswered};
use crate::flow::VerifyIdToken;
use crate::names::EndpointName;
use crate::operation::{Action, Event, Operation};
use crate::policy::Policy;
use crate::testing::{
    NOW, SERVER_KEY, claims, configuration, env, response, setup, sign, sign_with,
};

#[test]
fn the_keys_are_fetched_once_and_then_come_from_the_cache() {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    let flight = sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    assert!(flight.is_some());
    let id_token = done(first.step(&mut env(NOW, 0, &cache), keys(&[&SERVER_KEY])));
    assert_eq!(id_token.sub(), "alice");
    assert_eq!(id_token.iss(), "https://op.example");
    assert_eq!(id_token.aud(), ["app"]);
    assert_eq!(id_token.nonce(), Some("n-1"));
    assert_eq!(id_token.exp().seconds(), NOW + 300);
    assert!(matches!(
        first.step(&mut env(NOW, 0, &cache), Event::Begin),
        Err(Error::Misuse(Misuse::Finished))
    ));

    let mut second = verification(sign(&claims()));
    done(second.step(&mut env(NOW, 299, &cache), Event::Begin));
    let mut third = verification(sign(&claims()));
    sends(third.step(&mut env(NOW, 300, &cache), Event::Begin));
}

#[test]
fn a_key_that_was_rotated_in_is_found_once_in_sixty_seconds() {
    let cache = cache_with_server_key();
    let new_key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let new_key = new_key.with_kid("k2");
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k2");
    let token = sign_with(&new_key, &header, &claims());

    // Five seconds after an ordinary fetch the new key may be asked for.
    let mut first = verification(token.clone());
    sends(first.step(&mut env(NOW, 5, &cache), Event::Begin));
    // It is not there yet: the fetch is not repeated.
    let error = first.step(&mut env(NOW, 6, &cache), keys(&[&SERVER_KEY]));
    assert_no_key(error.unwrap_err());
    // The next token does not repeat it either, for 60 seconds from the beginning of that fetch.
    let mut second = verification(token.clone());
    assert_no_key(
        second
            .step(&mut env(NOW, 64, &cache), Event::Begin)
            .unwrap_err(),
    );
    let mut third = verification(token);
    sends(third.step(&mut env(NOW, 65, &cache), Event::Begin));
    done(third.step(&mut env(NOW, 65, &cache), keys(&[&SERVER_KEY, &new_key])));
    // The old key is still good while the server publishes it.
    let mut fourth = verification(sign(&claims()));
    done(fourth.step(&mut env(NOW, 66, &cache), Event::Begin));
}

#[test]
fn a_key_set_that_is_refused_can_be_read() {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    let answer = Event::Received(response(503, "<h1>under repair</h1>"));
    let error = first.step(&mut env(NOW, 0, &cache), answer).unwrap_err();
    assert_eq!(error.rejection().unwrap().artefact, Artefact::KeySet);
    assert_eq!(error.status().unwrap(), 503);
    let refused = error.refused_response().unwrap();
    assert_eq!(refused.beginning_of_body(), "<h1>under repair</h1>");
}

#[test]
fn two_verifications_share_a_flight_and_its_answer_is_read_once() {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    let mut second = verification(sign(&claims()));
    let flight = sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    assert_eq!(
        sends(second.step(&mut env(NOW, 0, &cache), Event::Begin)),
        flight
    );
    done(first.step(&mut env(NOW, 0, &cache), keys(&[&SERVER_KEY])));
    // What the second one receives is not read again, or it would fail here.
    done(second.step(&mut env(NOW, 0, &cache), received("nonsense")));
    // A driver that stores the result itself reports `Landed` to the others.
    let cache = Cache::new();
    let [mut first, mut second] = [(); 2].map(|()| verification(sign(&claims())));
    for verification in [&mut first, &mut second] {
        sends(verification.step(&mut env(NOW, 0, &cache), Event::Begin));
    }
    done(first.step(&mut env(NOW, 0, &cache), keys(&[&SERVER_KEY])));
    done(second.step(&mut env(NOW, 0, &cache), Event::Landed));
    // `Landed` without a stored result is a mistake of the driver.
    let mut early = verification(sign(&claims()));
    sends(early.step(&mut env(NOW, 300, &cache), Event::Begin));
    let misuse = early.step(&mut env(NOW, 300, &cache), Event::Landed);
    let Err(Error::Misuse(misuse)) = misuse else {
        panic!();
    };
    assert_eq!(
        misuse,
        Misuse::UnexpectedEvent {
            expected: "Received or Unanswered",
            found: "Landed"
        }
    );
}

#[test]
fn an_abandoned_flight_blocks_no_waiter_and_keeps_the_cool_down() {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    let flight = sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    let number = format!("{flight:?}");
    drop((first, flight));
    let mut second = verification(sign(&claims()));
    let another = sends(second.step(&mut env(NOW, 0, &cache), Event::Begin));
    assert_ne!(format!("{another:?}"), number);
    done(second.step(&mut env(NOW, 0, &cache), keys(&[&SERVER_KEY])));

    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("invented");
    let token = sign_with(&SERVER_KEY, &header, &claims());
    let mut third = verification(token.clone());
    sends(third.step(&mut env(NOW, 10, &cache), Event::Begin));
    drop(third);
    let mut fourth = verification(token);
    assert_no_key(
        fourth
            .step(&mut env(NOW, 11, &cache), Event::Begin)
            .unwrap_err(),
    );
}

#[test]
fn a_waiter_that_leaves_does_not_end_the_flight() {
    let begun = |cache| {
        let mut verification = verification(sign(&claims()));
        let flight = sends(verification.step(&mut env(NOW, 300, cache), Event::Begin));
        (verification, flight)
    };
    let gives_up = |verification: &mut VerifyIdToken, cache, reason| {
        let gone = Event::Unanswered(Unanswered {
            endpoint: EndpointName::Jwks,
            reason,
            source: None,
        });
        done(verification.step(&mut env(NOW, 301, cache), gone));
    };
    // The cached keys are old enough to be replaced.
    let cache = cache_with_server_key();
    let (mut leader, flight) = begun(&cache);
    let (mut follower, same) = begun(&cache);
    assert_eq!(flight, same);
    let goes_on = NoAnswer::StillUnderWay {
        deadline: Duration::from_secs(1),
    };
    gives_up(&mut follower, &cache, goes_on);
    let (mut another, same) = begun(&cache);
    assert_eq!(flight, same);
    // A flight that has failed ends, and no other one begins for a while.
    gives_up(
        &mut leader,
        &cache,
        NoAnswer::TimedOut {
            deadline: Duration::from_secs(30),
        },
    );
    let mut later = verification(sign(&claims()));
    done(later.step(&mut env(NOW, 301, &cache), Event::Begin));
    done(another.step(&mut env(NOW, 302, &cache), keys(&[&SERVER_KEY])));
}

#[test]
fn old_keys_serve_for_an_hour_when_no_new_ones_come() {
    for (elapsed, accepted) in [(300, true), (3899, true), (3900, false)] {
        for (failure, code) in [
            (unanswered(), "OAUTH_TIMEOUT"),
            (received("<html>"), "OAUTH_PARSE_ERROR"),
            (received(r#"{"keys":1}"#), "OAUTH_INVALID_RESPONSE"),
        ] {
            let cache = cache_with_server_key();
            let mut verification = verification(sign(&claims()));
            sends(verification.step(&mut env(NOW, elapsed, &cache), Event::Begin));
            match verification.step(&mut env(NOW, elapsed, &cache), failure) {
                Ok(Action::Done(id_token)) if accepted => assert_eq!(id_token.sub(), "alice"),
                Err(error) if !accepted => assert_eq!(error.code(), Some(code)),
                result => panic!("{elapsed}: {result:?}"),
            }
        }
    }
}

#[test]
fn old_keys_stand_in_for_a_failed_fetch_only() {
    let begun = |cache: &Cache, token: &str| {
        let mut verification = verification(token.to_owned());
        sends(verification.step(&mut env(NOW, 300, cache), Event::Begin));
        verification
    };
    // Not for a caller who gave up, or made a mistake.
    let cache = cache_with_server_key();
    let mut aborted = begun(&cache, &sign(&claims()));
    let result = aborted.step(&mut env(NOW, 300, &cache), Event::Aborted);
    assert!(matches!(result, Err(Error::Aborted)));
    let mut confused = begun(&cache, &sign(&claims()));
    let result = confused.step(&mut env(NOW, 300, &cache), Event::Elapsed);
    assert!(matches!(result, Err(Error::Misuse(_))));
    // The old keys are not used when they lack the key, because the failure says more.
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k2");
    let token = sign_with(&SERVER_KEY, &header, &claims());
    let mut lacking = begun(&cache, &token);
    let result = lacking.step(&mut env(NOW, 300, &cache), unanswered());
    assert_eq!(result.unwrap_err().code(), Some("OAUTH_TIMEOUT"));
}

#[test]
fn after_a_failed_replacement_old_keys_serve_a_minute_without_another_attempt() {
    let cache = cache_with_server_key();
    let mut first = verification(sign(&claims()));
    sends(first.step(&mut env(NOW, 300, &cache), Event::Begin));
    done(first.step(&mut env(NOW, 310, &cache), unanswered()));
    let mut second = verification(sign(&claims()));
    done(second.step(&mut env(NOW, 369, &cache), Event::Begin));
    let mut third = verification(sign(&claims()));
    sends(third.step(&mut env(NOW, 370, &cache), Event::Begin));
}

#[test]
fn without_keys_the_reason_is_that_of_the_request() {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    let error = first
        .step(&mut env(NOW, 0, &cache), unanswered())
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));

    // For a moment, all operations fail with the same error, and nothing is sent.
    let mut second = verification(sign(&claims()));
    let error = second.step(&mut env(NOW, 0, &cache), Event::Begin);
    assert_eq!(error.unwrap_err().code(), Some("OAUTH_TIMEOUT"));
    // A client with a longer deadline has not waited for as long yet.
    let mut policy = Policy::default();
    policy.set_timeout(Duration::from_secs(31)).unwrap();
    let patient = configuration().with_policy(policy);
    let mut patient = verification_by(patient, sign(&claims()));
    drop(sends(patient.step(&mut env(NOW, 0, &cache), Event::Begin)));
    drop(patient);

    let mut second = verification(sign(&claims()));
    sends(second.step(&mut env(NOW, 1, &cache), Event::Begin));
    let error = second.step(&mut env(NOW, 1, &cache), Event::Received(response(500, "")));
    let error = error.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
    assert_eq!(error.rejection().unwrap().artefact, Artefact::KeySet);
}

#[test]
fn an_event_that_does_not_belong_is_misuse() {
    let cache = Cache::new();
    let begun = || {
        let mut verification = verification(sign(&claims()));
        sends(verification.step(&mut env(NOW, 0, &cache), Event::Begin));
        verification
    };
    for (mut verification, event, expected, found) in [
        (
            verification(sign(&claims())),
            keys(&[&SERVER_KEY]),
            "Begin",
            "Received",
        ),
        (begun(), Event::Begin, "Received or Unanswered", "Begin"),
        (begun(), Event::Elapsed, "Received or Unanswered", "Elapsed"),
    ] {
        let error = verification.step(&mut env(NOW, 0, &cache), event);
        let Err(Error::Misuse(misuse)) = error else {
            panic!();
        };
        assert_eq!(misuse, Misuse::UnexpectedEvent { expected, found });
        assert!(matches!(
            verification.step(&mut env(NOW, 0, &cache), Event::Begin),
            Err(Error::Misuse(Misuse::Finished))
        ));
    }
    for mut verification in [verification(sign(&claims())), begun()] {
        let error = verification.step(&mut env(NOW, 0, &cache), Event::Aborted);
        assert!(matches!(error, Err(Error::Aborted)));
    }
}

/// A URL may hold a secret of the client's.
#[test]
fn the_query_of_jwks_uri_is_in_no_message() {
    let jwks_uri = Some("https://op.example/jwks?api_key=hidden".to_owned());
    let configuration = setup().server(|it| it.jwks_uri = jwks_uri).build();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k2");
    let token = sign_with(&SERVER_KEY, &header, &claims());
    let cache = Cache::new();
    let mut verification = verification_by(configuration, token);
    verification
        .step(&mut env(NOW, 0, &cache), Event::Begin)
        .unwrap();
    let received = keys(&[&SERVER_KEY]);
    let error = verification
        .step(&mut env(NOW, 0, &cache), received)
        .unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("the one key at https://op.example/jwks does not fit"),
        "{shown}"
    );
    assert!(!shown.contains("hidden"), "{shown}");
}
