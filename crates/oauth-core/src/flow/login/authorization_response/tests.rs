//! Packed responses, and ID Tokens that come through the browser, as scripts.

mod harmless;
mod id_token;
mod packed;
mod session_state;
mod unverified_error;

use std::time::Duration;

use jose::jws::ProtectedHeader;
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};

use super::*;
use crate::authorization::{ResponseMode, ResponseType};
use crate::cache::Cache;
use crate::error::TimestampRule;
use crate::flow::{AuthorizationCodeGrant, ImplicitAuthentication};
use crate::metadata::ClientMetadata;
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::testing;
use crate::testing::{ML_DSA_KEY, NOW, SERVER_KEY, assert_finished, done, sent};

const INVALID: &str = "OAUTH_INVALID_RESPONSE";
const COMPARISON: &str = "OAUTH_JWT_CLAIM_COMPARISON_FAILED";
const UNSUPPORTED: &str = "OAUTH_UNSUPPORTED_OPERATION";
const TIMESTAMP: &str = "OAUTH_JWT_TIMESTAMP_CHECK_FAILED";

fn configuration() -> Configuration {
    let algorithms = Some(vec!["ES256".to_owned()]);
    let setup = testing::setup();
    let setup = setup.server(|it| it.authorization_signing_alg_values_supported = algorithms);
    setup.build()
}

fn detached() -> Configuration {
    let mut policy = Policy::default();
    policy.enable_detached_signature_response_checks();
    configuration().with_policy(policy)
}

fn packed_checks() -> AuthorizationCodeGrantChecks {
    AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("s".into()),
        response_mode: Some(ResponseMode::Jwt),
        ..AuthorizationCodeGrantChecks::default()
    }
}

fn hybrid_checks() -> AuthorizationCodeGrantChecks {
    AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("s".into()),
        expected_nonce: Some("n-1".into()),
        response_type: ResponseType::CodeIdToken,
        ..AuthorizationCodeGrantChecks::default()
    }
}

/// The claims of a good packed response.
fn packed_claims() -> Value {
    json!({
        "iss": "https://op.example",
        "aud": "app",
        "exp": NOW + 600,
        "code": "c",
        "state": "s",
    })
}

/// The claims of a valid ID Token that comes with the code `c`; `s_hash` is left out.
fn hybrid_claims() -> Value {
    let mut claims = testing::claims();
    claims["c_hash"] = json!(left_half("c"));
    claims
}

fn left_half(text: &str) -> String {
    let hash = jose::HashAlgorithm::Sha256.digest(text.as_bytes());
    jose::base64url::encode(&hash[..16])
}

fn packed(jwt: &str) -> Callback {
    Callback::from_query(&format!("response={jwt}"))
}

fn hybrid(id_token: &str) -> Callback {
    Callback::from_url(&format!("/cb#code=c&state=s&id_token={id_token}")).unwrap()
}

fn operation(
    configuration: &Configuration,
    callback: Callback,
    checks: AuthorizationCodeGrantChecks,
) -> VerifyAuthorizationResponse {
    VerifyAuthorizationResponse::new(configuration.clone(), callback, None, checks)
}

fn keys() -> Event {
    let keys = testing::key_set(&[&SERVER_KEY, &ML_DSA_KEY]);
    Event::Received(testing::response(200, keys))
}

/// The whole check of a response that needs the server's keys.
fn verify(
    configuration: &Configuration,
    callback: Callback,
    checks: AuthorizationCodeGrantChecks,
) -> Result<HandedOut, Error> {
    finish(operation(configuration, callback, checks))
}

fn finish(mut operation: VerifyAuthorizationResponse) -> Result<HandedOut, Error> {
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let outbound = match operation.step(&mut env, Event::Begin)? {
        Action::Send(outbound) => outbound,
        action => panic!("{action:?}"),
    };
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    let result = match operation.step(&mut env, keys())? {
        Action::Done(handed_out) => handed_out,
        action => panic!("{action:?}"),
    };
    assert_finished(&mut operation);
    Ok(result)
}

#[track_caller]
fn assert_refused(
    result: Result<HandedOut, Error>,
    code: &str,
    artefact: Artefact,
    reason: &Reason,
) {
    let error = result.expect_err("accepted");
    assert_eq!(error.code(), Some(code), "{error}");
    let rejection = error.rejection().expect("a rejection");
    assert_eq!(rejection.artefact, artefact);
    assert_eq!(&rejection.reason, reason);
}

fn missing(member: &'static str) -> Reason {
    Reason::Missing {
        member: member.into(),
    }
}

fn mismatch(claim: &'static str, expected: Option<&str>, found: Option<&str>) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: expected.map(str::to_owned),
        found: found.map(str::to_owned),
    }
}

fn timestamp(claim: &'static str, found: i64, rule: TimestampRule) -> Reason {
    Reason::Timestamp {
        claim,
        found,
        rule,
        now: NOW,
        tolerance: Duration::from_secs(30),
    }
}

/// Good claims with one of them set, or taken out by null.
fn changed(mut claims: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => {
            claims.as_object_mut().unwrap().remove(name);
        }
        value => claims[name] = value,
    }
    claims
}
