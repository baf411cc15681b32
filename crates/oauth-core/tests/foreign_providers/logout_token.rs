//! A logout token of Keycloak, which must not be accepted as an ID Token.

use jose::{JwkSet, SignatureAlgorithm, jws};
use oauth_core::Error;
use oauth_core::cache::Cache;
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::VerifyIdToken;
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

/// The issuer, audience, subject, times and signature fit an ID Token. Only the `typ` differs.
#[test]
fn it_is_no_id_token() {
    let case = value(CASE);
    let mut client = ClientMetadata::new(case["claims"]["aud"].as_str().unwrap());
    client.id_token_signed_response_alg = Some(SignatureAlgorithm::RS256.into());
    let configuration = configuration(KEYCLOAK, client, Policy::default());
    let expectations = IdTokenExpectations::login(NonceExpectation::Absent, None);
    let token = case["logout_token"].as_str().unwrap();
    let mut verification = VerifyIdToken::new(configuration, token, expectations);
    let cache = Cache::default();
    let mut env = env(case["claims"]["iat"].as_i64().unwrap(), &cache);
    let error: Error = match verification.step(&mut env, Event::Begin) {
        Err(error) => error,
        Ok(Action::Send(_)) => verification
            .step(&mut env, Event::Received(json(KEYS)))
            .unwrap_err(),
        other => panic!("{other:?}"),
    };
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::IdToken);
    assert!(
        matches!(&rejection.reason, Reason::TokenType { found, .. } if found.contains("logout+jwt")),
        "{error}"
    );
}
