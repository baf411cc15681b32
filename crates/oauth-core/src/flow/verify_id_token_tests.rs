use jose::KeySelectionError;
use jose::SignatureAlgorithm;
use jose::SigningKey;
use jose::jws::ProtectedHeader;
use serde_json::Value;

use super::VerifyIdToken;
use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::error::Artefact;
use crate::error::Error;
use crate::error::Misuse;
use crate::error::NoAnswer;
use crate::error::Reason;
use crate::error::Unanswered;
use crate::error::Unsupported;
use crate::metadata::ClientMetadata;
use crate::operation::Action;
use crate::operation::Event;
use crate::operation::Operation;
use crate::outbound::EndpointName;
use crate::outbound::Flight;
use crate::policy::Policy;
use crate::testing::NOW;
use crate::testing::SERVER_KEY;
use crate::testing::claims;
use crate::testing::configuration;
use crate::testing::env;
use crate::testing::key_set;
use crate::testing::response;
use crate::testing::server;
use crate::testing::sign;
use crate::testing::sign_with;
use crate::validate::IdToken;
use crate::validate::IdTokenExpectations;
use crate::validate::NonceExpectation;

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
    // Nor by the next token, for 60 seconds from the begin of that fetch.
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
}

#[test]
fn an_abandoned_flight_blocks_nobody_and_reopens_no_cool_down() {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    let flight = sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    drop(first);
    let mut second = verification(sign(&claims()));
    assert_ne!(
        sends(second.step(&mut env(NOW, 0, &cache), Event::Begin)),
        flight
    );
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
fn old_keys_serve_for_an_hour_when_no_new_ones_come() {
    for (elapsed, accepted) in [(300, true), (3899, true), (3900, false)] {
        for failure in [unanswered(), received("<html>"), received(r#"{"keys":1}"#)] {
            let cache = cache_with_server_key();
            let mut verification = verification(sign(&claims()));
            sends(verification.step(&mut env(NOW, elapsed, &cache), Event::Begin));
            let result = verification.step(&mut env(NOW, elapsed, &cache), failure);
            assert_eq!(result.is_ok(), accepted, "{elapsed}");
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
    // And not where they lack the key: the failure says more.
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

    let mut second = verification(sign(&claims()));
    sends(second.step(&mut env(NOW, 0, &cache), Event::Begin));
    let error = second.step(&mut env(NOW, 0, &cache), Event::Received(response(500, "")));
    let error = error.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
    assert_eq!(error.rejection().unwrap().artefact, Artefact::KeySet);
}

#[test]
fn a_wrong_signature_is_refused_and_no_keys_are_fetched_for_it() {
    let cache = cache_with_server_key();
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let token = sign_with(&stranger, &header, &claims());
    let error = verification(token).step(&mut env(NOW, 0, &cache), Event::Begin);
    assert_eq!(
        rejection(error.unwrap_err()),
        Reason::Jose(jose::Error::Signature)
    );
}

#[test]
fn an_algorithm_that_is_not_permitted_is_refused_before_any_key_is_looked_up() {
    let cache = Cache::new();
    let secret = SigningKey::hmac(&[7; 32]).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::HS256);
    let token = sign_with(&secret, &header, &claims());
    // The server's word alone does not admit HMAC.
    let mut server = server();
    server.id_token_signing_alg_values_supported =
        Some(vec!["ES256".to_owned(), "HS256".to_owned()]);
    let mut client = ClientMetadata::new("app");
    client.client_secret = Some("\u{7}".repeat(32).into());
    let configuration = Configuration::new(server, client, Policy::default()).unwrap();
    let error = verification_by(configuration, token).step(&mut env(NOW, 0, &cache), Event::Begin);
    assert_eq!(
        rejection(error.unwrap_err()),
        Reason::Algorithm {
            expected: vec!["ES256".to_owned()],
            found: "HS256".to_owned(),
        }
    );
}

#[test]
fn a_token_without_signature_is_refused_in_any_spelling() {
    for name in ["none", "None", "NONE", "nOnE"] {
        let header = jose::base64url::encode(format!(r#"{{"alg":"{name}"}}"#).as_bytes());
        let payload = jose::base64url::encode(claims().to_string().as_bytes());
        let token = format!("{header}.{payload}.");
        let mut policy = Policy::default();
        for skip in [false, true] {
            policy.danger.skip_id_token_signature_check = skip;
            let configuration = configuration().with_policy(policy.clone());
            let mut verification = verification_by(configuration, token.clone());
            let error = verification.step(&mut env(NOW, 0, &Cache::new()), Event::Begin);
            assert_eq!(
                rejection(error.unwrap_err()),
                Reason::Jose(jose::Error::Unsecured)
            );
        }
    }
}

#[test]
fn hmac_is_verified_with_the_secret_of_a_client_that_registered_it() {
    let configured = |secret: &str| {
        let mut client = ClientMetadata::new("app");
        client.client_secret = Some(secret.into());
        client.id_token_signed_response_alg = Some("HS256".to_owned());
        Configuration::new(server(), client, Policy::default()).unwrap()
    };
    let secret = "0123456789abcdef0123456789abcdef";
    let key = SigningKey::hmac(secret.as_bytes()).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::HS256);
    let token = sign_with(&key, &header, &claims());
    let cache = Cache::new();
    let mut good = verification_by(configured(secret), token.clone());
    done(good.step(&mut env(NOW, 0, &cache), Event::Begin));
    let mut bad = verification_by(configured(&secret.to_uppercase()), token);
    let error = bad
        .step(&mut env(NOW, 0, &cache), Event::Begin)
        .unwrap_err();
    assert_eq!(rejection(error), Reason::Jose(jose::Error::Signature));
    // And nothing else will do for such a client.
    let mut other = verification_by(configured(secret), sign(&claims()));
    let error = other
        .step(&mut env(NOW, 0, &cache), Event::Begin)
        .unwrap_err();
    assert_eq!(
        rejection(error),
        Reason::Algorithm {
            expected: vec!["HS256".to_owned()],
            found: "ES256".to_owned(),
        }
    );
}

#[test]
fn the_signature_can_be_left_unchecked_but_nothing_else() {
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    let configuration = configuration().with_policy(policy);
    let unsigned = |claims: &Value| {
        let token = sign(claims);
        let (signed, _) = token.rsplit_once('.').unwrap();
        format!("{signed}.{}", "A".repeat(86))
    };
    let cache = Cache::new();
    let mut accepted = verification_by(configuration.clone(), unsigned(&claims()));
    assert_eq!(
        done(accepted.step(&mut env(NOW, 0, &cache), Event::Begin)).sub(),
        "alice"
    );
    let mut other = claims();
    other["aud"] = "another".into();
    let mut refused = verification_by(configuration, unsigned(&other));
    let error = refused
        .step(&mut env(NOW, 0, &cache), Event::Begin)
        .unwrap_err();
    assert!(matches!(
        rejection(error),
        Reason::ClaimMismatch { claim: "aud", .. }
    ));
}

#[test]
fn encryption_is_not_read_and_not_silently_done_without() {
    let cache = Cache::new();
    let error = verification("a.b.c.d.e".to_owned()).step(&mut env(NOW, 0, &cache), Event::Begin);
    assert!(matches!(
        error,
        Err(Error::Unsupported(Unsupported::Form {
            artefact: Artefact::IdToken,
            ..
        }))
    ));
    let mut client = ClientMetadata::new("app");
    client.id_token_encrypted_response_alg = Some("RSA-OAEP-256".to_owned());
    let configuration = Configuration::new(server(), client, Policy::default()).unwrap();
    let mut plain = verification_by(configuration, sign(&claims()));
    let error = plain
        .step(&mut env(NOW, 0, &cache), Event::Begin)
        .unwrap_err();
    assert_eq!(
        rejection(error),
        Reason::NotEncrypted {
            expected: "RSA-OAEP-256".to_owned()
        }
    );
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

fn verification(token: String) -> VerifyIdToken {
    verification_by(configuration(), token)
}

fn verification_by(configuration: Configuration, token: String) -> VerifyIdToken {
    let nonce = NonceExpectation::Equals("n-1".into());
    VerifyIdToken::new(
        configuration,
        token,
        IdTokenExpectations::login(nonce, None),
    )
}

/// A cache into which the server's key was fetched at 0 seconds.
fn cache_with_server_key() -> Cache {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    done(first.step(&mut env(NOW, 0, &cache), keys(&[&SERVER_KEY])));
    cache
}

fn keys(keys: &[&SigningKey]) -> Event {
    received(&key_set(keys))
}

fn received(body: &str) -> Event {
    Event::Received(response(200, body))
}

fn unanswered() -> Event {
    Event::Unanswered(Unanswered {
        endpoint: EndpointName::Jwks,
        reason: NoAnswer::TimedOut { seconds: 30 },
        source: None,
    })
}

fn sends(result: Result<Action<IdToken>, Error>) -> Option<Flight> {
    match result.unwrap() {
        Action::Send(outbound) => {
            assert_eq!(outbound.endpoint, EndpointName::Jwks);
            assert_eq!(outbound.request.uri(), "https://op.example/jwks");
            outbound.flight
        }
        action => panic!("{action:?}"),
    }
}

fn done(result: Result<Action<IdToken>, Error>) -> IdToken {
    match result.unwrap() {
        Action::Done(id_token) => id_token,
        action => panic!("{action:?}"),
    }
}

fn rejection(error: Error) -> Reason {
    match error {
        Error::Rejected(rejection) => {
            assert_eq!(rejection.artefact, Artefact::IdToken);
            rejection.reason
        }
        error => panic!("{error}"),
    }
}

fn assert_no_key(error: Error) {
    assert_eq!(error.code(), Some("OAUTH_KEY_SELECTION_FAILED"));
    assert!(matches!(
        rejection(error),
        Reason::KeySelection(KeySelectionError::None { .. })
    ));
}
