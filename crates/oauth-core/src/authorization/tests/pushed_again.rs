//! A pushed request that is sent again with a DPoP nonce: each JWT in it is new.

use std::time::Duration;

use jose::{SignatureAlgorithm, SigningKey};
use serde_json::Value;

use super::*;
use crate::client_auth::{ClientAuthentication, PrivateKeyJwt};
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::key::KeyReference;
use crate::names::KeyName;
use crate::testing::decoded;
use crate::testing::script::{Script, form, received, signed};
use crate::wire::Parameters;

fn reference(name: &str) -> KeyReference {
    KeyReference {
        name: KeyName::new(name),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    }
}

/// A client that signs its requests, its assertions and its proofs.
fn configuration(key: &SigningKey) -> Configuration {
    let method = PrivateKeyJwt::new(reference("client")).unwrap();
    let dpop_key = DPoPKey::new(reference("dpop"), &key.public_jwk().unwrap()).unwrap();
    let setup = testing::setup().authentication(ClientAuthentication::PrivateKeyJwt(method));
    setup.build().with_dpop_key(dpop_key)
}

/// Returns the claims of the JWTs in one attempt: request object, assertion, proof.
fn attempt(
    script: &mut Script<BuildAuthorizationUrl>,
    key: &SigningKey,
    event: Event,
) -> [Value; 3] {
    let mut event = event;
    for name in ["request object", "client", "dpop"] {
        let job = script.uses_key(event);
        assert_eq!(job.key().as_str(), name);
        event = signed(key, &job);
    }
    let outbound = script.sends(event);
    let form = form(&outbound);
    let names: Vec<_> = form.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "request",
            "client_id",
            "client_assertion_type",
            "client_assertion"
        ]
    );
    let proof = outbound.request.headers()["dpop"].to_str().unwrap();
    [
        form.first("request").unwrap(),
        form.first("client_assertion").unwrap(),
        proof,
    ]
    .map(|jwt| decoded(jwt).1)
}

fn use_dpop_nonce(nonce: &'static str) -> Event {
    let Event::Received(mut response) = received(400, r#"{"error":"use_dpop_nonce"}"#) else {
        unreachable!("a response");
    };
    let nonce = http::HeaderValue::from_static(nonce);
    response.headers_mut().insert("dpop-nonce", nonce);
    Event::Received(response)
}

#[test]
fn a_second_attempt_has_another_request_object_assertion_and_proof() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let parameters = Parameters::decode("scope=openid&state=s&resource=urn%3Aa");
    let operation = BuildAuthorizationUrl::new(configuration(&key), parameters)
        .request_object(RequestObject::new(reference("request object")).unwrap())
        .pushed();
    let mut script = Script::new(operation);
    script.entropy = Box::leak(Box::new(Counting(AtomicU8::new(1))));

    let first = attempt(&mut script, &key, Event::Begin);
    script.pass(Duration::from_secs(90));
    let second = attempt(&mut script, &key, use_dpop_nonce("n-1"));
    for (first, second) in first.iter().zip(&second) {
        assert_ne!(first["jti"], second["jti"]);
        assert_eq!(first["iat"], NOW);
        assert_eq!(second["iat"], NOW + 90);
    }
    let [object, assertion, proof] = &second;
    assert_eq!(object["exp"], NOW + 150);
    assert_eq!(assertion["exp"], NOW + 150);
    assert_eq!(proof["nonce"], "n-1");
    // The content of the request is the same.
    for name in ["scope", "state", "resource", "client_id", "response_type"] {
        assert_eq!(object[name], first[0][name]);
    }

    let url = script.done(received(201, r#"{"request_uri":"urn:x","expires_in":60}"#));
    assert!(url.as_str().ends_with("?client_id=app&request_uri=urn%3Ax"));
    testing::assert_finished(&mut script.operation);
}

#[test]
fn there_is_no_third_attempt() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let operation = BuildAuthorizationUrl::new(configuration(&key), Parameters::new())
        .request_object(RequestObject::new(reference("request object")).unwrap())
        .pushed();
    let mut script = Script::new(operation);
    attempt(&mut script, &key, Event::Begin);
    attempt(&mut script, &key, use_dpop_nonce("n-1"));
    let error = script.fails(use_dpop_nonce("n-2"));
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    testing::assert_finished(&mut script.operation);
}
