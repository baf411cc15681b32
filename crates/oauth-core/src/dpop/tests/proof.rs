use std::time::Duration;

use http::Method;
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::json;

use super::*;
use crate::cache::{Cache, ServerRole};
use crate::dpop::ProofOfPossession;
use crate::endpoint::{ExpectedSubject, UserInfoEndpoint};
use crate::error::Error;
use crate::flow::FetchUserInfo;
use crate::key::ModifyAssertion;
use crate::operation::Operation;
use crate::policy::{ClockSkew, Policy};
use crate::secret::Secret;
use crate::testing::{FixedEntropy, NOW};
use crate::wire::Draft;

/// The base64url of 32 bytes of value 7, which the tests' entropy returns.
const JTI: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

#[test]
fn a_proof_for_the_token_endpoint() {
    let cache = Cache::new();
    let mut env = testing::env(NOW, 0, &cache);
    let mut call = refresh(configuration());
    let job = use_key(call.step(&mut env, Event::Begin).unwrap());
    assert_eq!(job.key().as_str(), "dpop");
    let outbound = sent(call.step(&mut env, signed(&KEY, &job)));
    let (header, claims) = proof_of(&outbound.request, &KEY);
    assert_eq!(
        header,
        json!({
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": dpop_key().public_jwk().to_json(),
        })
    );
    assert_eq!(
        claims,
        json!({
            "jti": JTI,
            "htm": "POST",
            "htu": "https://op.example/token",
            "iat": NOW,
        })
    );
    assert!(!outbound.request.headers().contains_key("authorization"));
}

#[test]
fn a_proof_can_be_changed_before_it_is_signed() {
    let modify = ModifyAssertion::new(|header, claims| {
        header.insert("kid".to_owned(), json!("1"));
        claims.insert("x".to_owned(), json!(true));
    });
    let configuration = testing::configuration().with_dpop_key(dpop_key().modify_assertion(modify));
    let cache = Cache::new();
    let mut env = testing::env(NOW, 0, &cache);
    let mut call = refresh(configuration);
    let job = use_key(call.step(&mut env, Event::Begin).unwrap());
    let outbound = sent(call.step(&mut env, signed(&KEY, &job)));
    let (header, claims) = proof_of(&outbound.request, &KEY);
    assert_eq!(header["kid"], "1");
    assert_eq!(claims["x"], true);
    assert_eq!(claims["jti"], JTI);
}

#[test]
fn a_proof_for_a_resource() {
    let cache = Cache::new();
    cache.store_dpop_nonce(
        ServerRole::ResourceServer,
        "https://rs.example:8443",
        "n-rs",
    );
    cache.store_dpop_nonce(
        ServerRole::AuthorizationServer,
        "https://rs.example:8443",
        "n-as",
    );
    let mut policy = Policy::default();
    policy
        .set_clock_skew(ClockSkew::Ahead(Duration::from_secs(90)))
        .unwrap();
    let url = "https://rs.example:8443/a%20b?query=1#fragment";
    let mut draft = Draft::get(url.parse().unwrap(), "*/*");
    draft.method = Method::DELETE;
    let key = dpop_key();
    // Token and hash from RFC 9449 section 7.1.
    let access_token = Secret::from("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
    let possession = ProofOfPossession {
        key: &key,
        role: ServerRole::ResourceServer,
        access_token: Some(&access_token),
    };
    let pending = possession
        .prepare(&policy, &testing::env(NOW, 0, &cache), &draft)
        .unwrap();
    let Event::KeyUsed(signature) = signed(&KEY, &pending.job()) else {
        unreachable!();
    };
    let nonce = pending.complete(signature, &mut draft).unwrap();
    assert_eq!(nonce.as_deref(), Some("n-rs"));
    let request = draft
        .into_request(crate::names::EndpointName::ProtectedResource)
        .unwrap();
    let (_, claims) = proof_of(&request, &KEY);
    assert_eq!(
        claims,
        json!({
            "jti": JTI,
            "htm": "DELETE",
            "htu": "https://rs.example:8443/a%20b",
            "iat": NOW - 90,
            "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
            "nonce": "n-rs",
        })
    );
}

#[test]
fn every_asymmetric_algorithm_makes_proofs() {
    for algorithm in SignatureAlgorithm::ALL {
        if algorithm.is_symmetric() || !algorithm.is_supported() {
            continue;
        }
        let key = match SigningKey::generate(*algorithm) {
            Ok(key) => key,
            // ring cannot generate RSA keys.
            Err(jose::Error::UnsupportedAlgorithm { .. }) => continue,
            Err(error) => panic!("{error}"),
        };
        let public = key.public_jwk().unwrap();
        let dpop_key = DPoPKey::new(reference(*algorithm), &public).unwrap();
        assert_eq!(dpop_key.thumbprint(), public.thumbprint());
        let cache = Cache::new();
        let mut env = testing::env(NOW, 0, &cache);
        let mut call = refresh(testing::configuration().with_dpop_key(dpop_key));
        let job = use_key(call.step(&mut env, Event::Begin).unwrap());
        let outbound = sent(call.step(&mut env, signed(&key, &job)));
        let (header, _) = proof_of(&outbound.request, &key);
        assert_eq!(header["alg"], algorithm.as_str());
    }
}

#[test]
fn no_two_proofs_are_alike() {
    let cache = Cache::new();
    let jti = |byte| {
        let entropy = FixedEntropy(byte);
        let mut env = testing::env(NOW, 0, &cache);
        env.entropy = &entropy;
        let mut call = refresh(configuration());
        let job = use_key(call.step(&mut env, Event::Begin).unwrap());
        let outbound = sent(call.step(&mut env, signed(&KEY, &job)));
        proof_of(&outbound.request, &KEY).1["jti"].clone()
    };
    assert_ne!(jti(1), jti(2));
}

#[test]
fn a_key_that_fails_ends_the_call_and_nothing_is_sent() {
    let cache = Cache::new();
    let fault = crate::error::KeyFault {
        key: KeyName::new("dpop"),
        source: None,
    };
    for event in [
        Event::KeyUnavailable(fault),
        // DER is not the JWS form.
        Event::KeyUsed(KeyResult::Signature(vec![0x30; 71])),
    ] {
        let mut env = testing::env(NOW, 0, &cache);
        let mut call = refresh(configuration());
        call.step(&mut env, Event::Begin).unwrap();
        let error = call.step(&mut env, event).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
        let Error::Key(fault) = error else {
            panic!("{error}");
        };
        assert_eq!(fault.key, KeyName::new("dpop"));
    }
}

#[test]
fn user_info_is_a_resource() {
    let cache = Cache::new();
    let store = |role, nonce| cache.store_dpop_nonce(role, "https://op.example", nonce);
    store(ServerRole::AuthorizationServer, "n-as");
    store(ServerRole::ResourceServer, "n-rs");
    let mut env = testing::env(NOW, 0, &cache);
    let subject = ExpectedSubject::Equals("alice".to_owned());
    let mut call = FetchUserInfo::new(UserInfoEndpoint::new(configuration(), "at", subject));
    let job = use_key(call.step(&mut env, Event::Begin).unwrap());
    let outbound = sent(call.step(&mut env, signed(&KEY, &job)));
    assert_eq!(outbound.request.headers()["authorization"], "DPoP at");
    let (_, claims) = proof_of(&outbound.request, &KEY);
    assert_eq!(claims["htm"], "GET");
    assert_eq!(claims["htu"], "https://op.example/userinfo");
    assert_eq!(claims["nonce"], "n-rs");
    let hash = jose::HashAlgorithm::Sha256.digest(b"at");
    assert_eq!(claims["ath"], jose::base64url::encode(&hash));

    // Only an authorization server refuses in the body; here it is no reason to repeat.
    let mut response = testing::response(400, r#"{"error":"use_dpop_nonce"}"#);
    let nonce = http::HeaderValue::from_static("n-new");
    response.headers_mut().insert("dpop-nonce", nonce);
    let error = call.step(&mut env, Event::Received(response)).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    let kept = |role| cache.dpop_nonce(role, "https://op.example");
    assert_eq!(kept(ServerRole::ResourceServer).as_deref(), Some("n-new"));
    assert_eq!(
        kept(ServerRole::AuthorizationServer).as_deref(),
        Some("n-as")
    );
}
