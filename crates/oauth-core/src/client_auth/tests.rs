mod assertion_audience;
mod client_id_in_the_form;
mod client_secret_jwt;
mod custom;
mod default_method;
mod mutual_tls;

use std::sync::Arc;
use std::time::Duration;

use jose::jws::Unverified;
use jose::{SignatureAlgorithm, SigningKey};

use super::*;
use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::endpoint::RefreshTokenRequest;
use crate::error::KeyFault;
use crate::flow::Call;
use crate::key::{KeyJob, KeyReference, ModifyAssertion};
use crate::names::KeyName;
use crate::operation::{Action, Event, Operation};
use crate::policy::{ClockSkew, Policy};
use crate::secret::Secret;
use crate::testing;
use crate::testing::{FixedEntropy, NOW};

/// A refresh request with `method`.
fn call(method: ClientAuthentication) -> Call<RefreshTokenRequest> {
    Call::new(RefreshTokenRequest {
        configuration: testing::setup().authentication(method).build(),
        refresh_token: Secret::from("r"),
        parameters: Parameters::new(),
    })
}

/// Returns `Authorization` and body of the request with `method`, which needs no key.
fn sent(method: ClientAuthentication) -> (Option<String>, String) {
    let cache = Cache::default();
    let action = call(method).step(&mut testing::env(NOW, 0, &cache), Event::Begin);
    let Ok(Action::Send(outbound)) = action else {
        panic!("{action:?}");
    };
    let authorization = outbound.request.headers().get("authorization");
    (
        authorization.map(|value| value.to_str().unwrap().to_owned()),
        String::from_utf8(outbound.request.body().to_vec()).unwrap(),
    )
}

#[test]
fn what_goes_over_the_wire() {
    let grant = "grant_type=refresh_token&refresh_token=r";
    assert_eq!(
        sent(ClientAuthentication::None),
        (None, format!("{grant}&client_id=app"))
    );
    assert_eq!(
        sent(ClientAuthentication::ClientSecretPost("a+b".into())),
        (None, format!("{grant}&client_id=app&client_secret=a%2Bb"))
    );
    // The body does not repeat the client's identifier.
    assert_eq!(
        sent(ClientAuthentication::ClientSecretBasic(
            ClientSecretBasic::new("s")
        )),
        (Some("Basic YXBwOnM=".to_owned()), grant.to_owned())
    );
}

fn private_key_jwt() -> (SigningKey, PrivateKeyJwt) {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let reference = KeyReference {
        name: KeyName::new("client key"),
        algorithm: SignatureAlgorithm::ES256,
        kid: Some("2024".to_owned()),
    };
    (key, PrivateKeyJwt::new(reference).unwrap())
}

fn form_after(key: &SigningKey, method: PrivateKeyJwt, entropy: u8) -> Parameters {
    let cache = Cache::default();
    let mut call = call(ClientAuthentication::PrivateKeyJwt(method));
    let entropy = FixedEntropy(entropy);
    let mut env = testing::env(NOW, 0, &cache);
    env.entropy = &entropy;
    let action = call.step(&mut env, Event::Begin);
    let Ok(Action::UseKey(KeyJob::Sign {
        key: name,
        algorithm,
        input,
    })) = action
    else {
        panic!("{action:?}");
    };
    assert_eq!(name, KeyName::new("client key"));
    let signature = key.sign(algorithm, &input).unwrap();
    let action = call.step(&mut env, Event::KeyUsed(KeyResult::Signature(signature)));
    let Ok(Action::Send(outbound)) = action else {
        panic!("{action:?}");
    };
    assert_eq!(outbound.request.headers().get("authorization"), None);
    Parameters::decode(std::str::from_utf8(outbound.request.body()).unwrap())
}

#[test]
fn an_assertion_is_signed_by_the_named_key() {
    let (key, method) = private_key_jwt();
    let form = form_after(
        &key,
        method.clone().with_typ("client-authentication+jwt"),
        1,
    );
    assert_eq!(form.first("client_id"), Some("app"));
    assert_eq!(form.first("client_secret"), None);
    assert_eq!(
        form.first("client_assertion_type"),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    let assertion = form.first("client_assertion").unwrap();
    let unverified = Unverified::parse(assertion).unwrap();
    assert_eq!(unverified.header().kid(), Some("2024"));
    assert_eq!(unverified.header().typ(), Some("client-authentication+jwt"));
    let public = jose::VerifyingKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
    let verified = unverified
        .verify(&public, SignatureAlgorithm::ES256)
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(verified.payload()).unwrap();
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "app",
            "sub": "app",
            "aud": "https://op.example",
            "jti": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
            "iat": NOW,
            "nbf": NOW,
            "exp": NOW + 60,
        })
    );

    let again = form_after(&key, method, 2);
    let untyped = Unverified::parse(again.first("client_assertion").unwrap()).unwrap();
    assert_eq!(untyped.header().typ(), None);
    assert_ne!(
        again.first("client_assertion"),
        form.first("client_assertion")
    );
}

#[test]
fn an_assertion_can_be_changed_before_it_is_signed() {
    let (key, method) = private_key_jwt();
    let modify = ModifyAssertion::new(|header, claims| {
        header.insert("x".to_owned(), 1.into());
        claims.insert("aud".to_owned(), "https://op.example/token".into());
    });
    let form = form_after(&key, method.modify_assertion(modify), 1);
    let (header, claims) = testing::decoded(form.first("client_assertion").unwrap());
    assert_eq!(header["x"], 1);
    assert_eq!(header["kid"], "2024");
    assert_eq!(claims["aud"], "https://op.example/token");
    assert_eq!(claims["iss"], "app");
}

#[test]
fn the_clock_of_an_assertion_is_skewed() {
    let (key, method) = private_key_jwt();
    let mut policy = Policy::default();
    policy
        .set_clock_skew(ClockSkew::Ahead(Duration::from_secs(7200)))
        .unwrap();
    let configuration = testing::setup()
        .authentication(ClientAuthentication::PrivateKeyJwt(method.clone()))
        .policy(policy)
        .build();
    let cache = Cache::default();
    let pending = method
        .prepare(
            configuration.parties(),
            &testing::env(NOW, 0, &cache),
            &"https://op.example/token".parse().unwrap(),
        )
        .unwrap();
    let KeyJob::Sign {
        input, algorithm, ..
    } = pending.job()
    else {
        panic!("not a signature");
    };
    let url = "https://op.example/token".parse().unwrap();
    let mut draft = Draft::post_form(url, Parameters::new());
    let signature = key.sign(algorithm, &input).unwrap();
    pending
        .complete(KeyResult::Signature(signature), &mut draft)
        .unwrap();
    let form = draft.form_mut().unwrap();
    let assertion = form.first("client_assertion").unwrap();
    let payload = assertion.split('.').nth(1).unwrap();
    let payload = jose::base64url::decode(payload).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["exp"], NOW - 7200 + 60);
    assert_eq!(claims["iat"], NOW - 7200);
}

#[test]
fn a_symmetric_key_makes_no_private_key_jwt() {
    let reference = KeyReference {
        name: KeyName::new("k"),
        algorithm: SignatureAlgorithm::HS256,
        kid: None,
    };
    let Err(Error::Misuse(misuse)) = PrivateKeyJwt::new(reference) else {
        panic!("accepted");
    };
    assert_eq!(
        misuse,
        Misuse::InvalidArgument {
            argument: "key",
            expected: "a key with an asymmetric algorithm",
            found: "HS256".to_owned(),
        }
    );
}

#[test]
fn a_key_that_fails_ends_the_call_and_nothing_is_sent() {
    let cache = Cache::default();
    let begin = || {
        let (_, method) = private_key_jwt();
        let mut call = call(ClientAuthentication::PrivateKeyJwt(method));
        let action = call.step(&mut testing::env(NOW, 0, &cache), Event::Begin);
        assert!(matches!(action, Ok(Action::UseKey(_))), "{action:?}");
        call
    };
    let fault = KeyFault {
        key: KeyName::new("client key"),
        source: Some(Arc::new(std::fmt::Error)),
    };
    for event in [
        Event::KeyUnavailable(fault),
        // DER, which some key stores return, is not the JWS form.
        Event::KeyUsed(KeyResult::Signature(vec![0x30; 71])),
    ] {
        let mut call = begin();
        let mut env = testing::env(NOW, 0, &cache);
        let error = call.step(&mut env, event).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
        let Error::Key(fault) = error else {
            panic!("{error}")
        };
        assert_eq!(fault.key, KeyName::new("client key"));
        assert!(fault.source.is_some());
        let again = call.step(&mut env, Event::Begin).unwrap_err();
        assert!(matches!(again, Error::Misuse(Misuse::Finished)), "{again}");
    }
}

#[test]
fn credentials_without_a_place_are_refused() {
    let (_, key) = private_key_jwt();
    let cache = Cache::default();
    for method in [
        ClientAuthentication::None,
        ClientAuthentication::ClientSecretPost("s".into()),
        ClientAuthentication::ClientSecretJwt(ClientSecretJwt::new("k".repeat(32))),
        ClientAuthentication::PrivateKeyJwt(key),
    ] {
        let configuration = testing::setup().authentication(method.clone()).build();
        let url = "https://op.example/token".parse().unwrap();
        let mut draft = Draft::get(url, "application/json");
        let result = configuration.authenticate(&testing::env(NOW, 0, &cache), &mut draft);
        let Err(Error::Misuse(Misuse::InvalidArgument { argument, .. })) = result else {
            panic!("{method:?} accepted");
        };
        assert_eq!(argument, "body");
    }
}

#[test]
fn no_secret_is_printed() {
    for method in [
        ClientAuthentication::ClientSecretPost("hunter2".into()),
        ClientAuthentication::ClientSecretBasic(ClientSecretBasic::new("hunter2")),
        ClientAuthentication::ClientSecretJwt(ClientSecretJwt::new("hunter2")),
    ] {
        assert!(!format!("{method:?}").contains("hunter2"));
    }
}
