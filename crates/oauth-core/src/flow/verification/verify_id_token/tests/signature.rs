use jose::jws::ProtectedHeader;
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::Value;

use super::{cache_with_server_key, done, rejection, verification, verification_by};
use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason, Unsupported};
use crate::operation::{Event, Operation};
use crate::policy::Policy;
use crate::testing::{NOW, claims, configuration, env, setup, sign, sign_with};

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
    let algorithms = Some(vec!["ES256".to_owned(), "HS256".to_owned()]);
    let setup = setup()
        .server(|it| it.id_token_signing_alg_values_supported = algorithms)
        .client(|it| it.client_secret = Some("\u{7}".repeat(32).into()));
    let error = verification_by(setup.build(), token).step(&mut env(NOW, 0, &cache), Event::Begin);
    assert_eq!(
        rejection(error.unwrap_err()),
        Reason::Algorithm {
            expected: vec!["ES256".to_owned()],
            found: "HS256".to_owned(),
        }
    );
}

/// The key that is made of the secret is kept, for this secret only.
#[test]
fn the_secret_of_a_changed_registration_verifies() {
    let cache = Cache::new();
    let secret = |byte: char| byte.to_string().repeat(32);
    let token = |byte: char| {
        let key = SigningKey::hmac(secret(byte).as_bytes()).unwrap();
        let header = ProtectedHeader::new(SignatureAlgorithm::HS256);
        sign_with(&key, &header, &claims())
    };
    let before = setup()
        .client(|it| {
            it.client_secret = Some(secret('a').into());
            it.id_token_signed_response_alg = Some(SignatureAlgorithm::HS256.into());
        })
        .build();
    let mut client = before.client().clone();
    let verify = |configuration: &Configuration, byte| {
        let mut verification = verification_by(configuration.clone(), token(byte));
        verification.step(&mut env(NOW, 0, &cache), Event::Begin)
    };
    for _ in 0..2 {
        assert_eq!(done(verify(&before, 'a')).sub(), "alice");
    }
    client.client_secret = Some(secret('b').into());
    let after = before.with_client(client).unwrap();
    assert_eq!(done(verify(&after, 'b')).sub(), "alice");
    for (configuration, byte) in [(&before, 'b'), (&after, 'a')] {
        assert_eq!(
            rejection(verify(configuration, byte).unwrap_err()),
            Reason::Jose(jose::Error::Signature)
        );
    }
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

/// A server that registers `none` is believed no more than others: its tokens are signed or
/// refused.
#[test]
fn a_registered_none_makes_no_unsecured_token_believable() {
    let registered = setup().client(|it| it.id_token_signed_response_alg = Some("none".into()));
    for advertised in [None, Some(vec!["none".to_owned(), "RS256".to_owned()])] {
        let setup = registered.clone();
        let setup = setup.server(|it| it.id_token_signing_alg_values_supported = advertised);
        let configuration = setup.build();
        let header = jose::base64url::encode(br#"{"alg":"none"}"#);
        let payload = jose::base64url::encode(claims().to_string().as_bytes());
        let refused = |token: String| {
            let mut verification = verification_by(configuration.clone(), token);
            let error = verification.step(&mut env(NOW, 0, &Cache::new()), Event::Begin);
            rejection(error.unwrap_err())
        };
        let unsecured = refused(format!("{header}.{payload}."));
        assert_eq!(unsecured, Reason::Jose(jose::Error::Unsecured));
        // RS256, where nothing else is known.
        assert_eq!(
            refused(sign(&claims())),
            Reason::Algorithm {
                expected: vec!["RS256".to_owned()],
                found: "ES256".to_owned(),
            }
        );
    }
    let mut signed = verification_by(registered.build(), sign(&claims()));
    done(signed.step(&mut env(NOW, 0, &cache_with_server_key()), Event::Begin));
}

#[test]
fn hmac_is_verified_with_the_secret_of_a_client_that_registered_it() {
    let configured = |secret: &str| {
        let setup = setup().client(|it| it.client_secret = Some(secret.into()));
        let setup = setup.client(|it| it.id_token_signed_response_alg = Some("HS256".into()));
        setup.build()
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
    // Such a client accepts no other algorithm.
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
    let alg = Some("RSA-OAEP-256".to_owned());
    let setup = setup().client(|it| it.id_token_encrypted_response_alg = alg);
    let mut plain = verification_by(setup.build(), sign(&claims()));
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
