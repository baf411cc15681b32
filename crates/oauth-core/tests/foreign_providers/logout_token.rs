//! A logout token of Keycloak, which is accepted as a logout token, and refused as an ID Token.

use jose::{JwkSet, SignatureAlgorithm, jws};
use oauth_core::Error;
use oauth_core::cache::Cache;
use oauth_core::configuration::Configuration;
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{VerifyIdToken, VerifyLogoutToken};
use oauth_core::metadata::ClientMetadata;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::validate::{IdTokenExpectations, NonceExpectation};

use crate::{KEYCLOAK, case, configuration, env, json, value};

const CASE: &str = case!("keycloak-backchannel-logout-token.json");
const KEYS: &str = case!("jwks-keycloak-26.4.7.json");

#[test]
fn it_is_a_jwt_that_keycloak_signed() {
    let case = value(CASE);
    let token = case["logout_token"].as_str().unwrap();
    let unverified = jws::Unverified::parse(token).unwrap();
    assert_eq!(unverified.header().typ(), Some("logout+jwt"));
    assert_eq!(unverified.header().alg(), SignatureAlgorithm::RS256);
    let keys = JwkSet::parse(KEYS.as_bytes()).unwrap();
    let key = keys.select(unverified.header()).unwrap();
    let verified = unverified.verify(key.verifying_key(), SignatureAlgorithm::RS256);
    let verified = verified.unwrap();
    let claims = verified.claims().unwrap().to_owned_map();
    assert_eq!(serde_json::Value::Object(claims), case["claims"]);
}

/// Verifies the token at its time with Keycloak's keys, as this kind of token.
fn verify<O: Operation>(
    operation: impl FnOnce(Configuration, &str) -> O,
) -> Result<O::Output, Error> {
    let case = value(CASE);
    let mut client = ClientMetadata::new(case["claims"]["aud"].as_str().unwrap());
    client.id_token_signed_response_alg = Some(SignatureAlgorithm::RS256.into());
    let configuration = configuration(KEYCLOAK, client, Policy::default());
    let mut operation = operation(configuration, case["logout_token"].as_str().unwrap());
    let cache = Cache::default();
    let mut env = env(case["claims"]["iat"].as_i64().unwrap(), &cache);
    let mut event = Event::Begin;
    loop {
        match operation.step(&mut env, event)? {
            Action::Done(output) => return Ok(output),
            Action::Send(_) => event = Event::Received(json(KEYS)),
            _ => panic!("another action"),
        }
    }
}

#[test]
fn it_is_a_logout_token() {
    let token =
        verify(|configuration, token| VerifyLogoutToken::new(configuration, token)).unwrap();
    let case = value(CASE);
    assert_eq!(token.sid(), case["claims"]["sid"].as_str());
    assert_eq!(token.sub(), case["claims"]["sub"].as_str());
}

/// Issuer, audience, subject, times and signature are those of an ID Token. Its `typ` is not.
#[test]
fn it_is_no_id_token() {
    let error = verify(|configuration, token| {
        let expectations = IdTokenExpectations::login(NonceExpectation::Absent, None);
        VerifyIdToken::new(configuration, token, expectations)
    })
    .unwrap_err();
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::IdToken);
    assert!(
        matches!(&rejection.reason, Reason::TokenType { found, .. } if found.contains("logout+jwt")),
        "{error}"
    );
}
