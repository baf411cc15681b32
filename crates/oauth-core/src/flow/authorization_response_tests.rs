//! Packed responses, and ID Tokens that come through the browser, as scripts.

use jose::SignatureAlgorithm;
use jose::SigningKey;
use jose::jws::ProtectedHeader;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::authorization::ResponseMode;
use crate::authorization::ResponseType;
use crate::cache::Cache;
use crate::error::TimestampRule;
use crate::flow::CodeGrant;
use crate::flow::ImplicitAuthentication;
use crate::metadata::ClientMetadata;
use crate::outbound::EndpointName;
use crate::policy::Policy;
use crate::testing;
use crate::testing::NOW;
use crate::testing::SERVER_KEY;
use crate::testing::assert_finished;
use crate::testing::done;
use crate::testing::sent;

const INVALID: &str = "OAUTH_INVALID_RESPONSE";
const COMPARISON: &str = "OAUTH_JWT_CLAIM_COMPARISON_FAILED";
const TIMESTAMP: &str = "OAUTH_JWT_TIMESTAMP_CHECK_FAILED";

fn configuration() -> Configuration {
    let mut server = testing::server();
    server.authorization_signing_alg_values_supported = Some(vec!["ES256".to_owned()]);
    Configuration::new(server, ClientMetadata::new("app"), Policy::default()).unwrap()
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

/// The claims of a good ID Token beside the code `c`; `s_hash` is left out.
fn hybrid_claims() -> Value {
    let mut claims = testing::claims();
    claims["c_hash"] = json!(left_half("c"));
    claims
}

fn left_half(text: &str) -> String {
    let hash = SignatureAlgorithm::ES256.hash().digest(text.as_bytes());
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
    VerifyAuthorizationResponse::new(configuration.clone(), callback, checks)
}

fn keys() -> Event {
    Event::Received(testing::response(200, testing::key_set(&[&SERVER_KEY])))
}

/// The whole check of a response that needs the server's keys.
fn verify(
    configuration: &Configuration,
    callback: Callback,
    checks: AuthorizationCodeGrantChecks,
) -> Result<HandedOut, Error> {
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let mut operation = operation(configuration, callback, checks);
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
        tolerance: 30,
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

#[test]
fn a_packed_response_hands_out_the_code() {
    for claims in [
        packed_claims(),
        changed(packed_claims(), "aud", json!(["app", "x"])),
        changed(packed_claims(), "exp", json!(NOW - 29)),
        changed(packed_claims(), "session", json!([1])),
        changed(packed_claims(), "iat", json!(NOW)),
    ] {
        let callback = packed(&testing::sign(&claims));
        let handed_out = verify(&configuration(), callback, packed_checks()).unwrap();
        assert_eq!(handed_out.code, Some("c".into()));
        assert!(handed_out.id_token.is_none());
    }
}

/// JARM section 2.4, then the rules of a plain response.
#[test]
fn each_fault_of_a_packed_response_is_named() {
    let expired = TimestampRule::Expired;
    let future = TimestampRule::InTheFuture;
    let issuer = Some("https://op.example");
    let state = Reason::ParameterMismatch {
        parameter: "state",
        expected: None,
        found: None,
    };
    let not_a_string = |member: &'static str, found: &str| Reason::IllTyped {
        member: member.into(),
        expected: "a string",
        found: found.to_owned(),
    };
    for (claim, value, code, reason) in [
        ("iss", json!(null), INVALID, missing("iss")),
        (
            "iss",
            json!("https://evil.example"),
            COMPARISON,
            mismatch("iss", issuer, Some("https://evil.example")),
        ),
        ("aud", json!(null), INVALID, missing("aud")),
        (
            "aud",
            json!("app1"),
            COMPARISON,
            mismatch("aud", Some("app"), Some("app1")),
        ),
        ("exp", json!(null), INVALID, missing("exp")),
        (
            "exp",
            json!(NOW - 30),
            TIMESTAMP,
            timestamp("exp", NOW - 30, expired),
        ),
        (
            "nbf",
            json!(NOW + 31),
            TIMESTAMP,
            timestamp("nbf", NOW + 31, TimestampRule::NotYetValid),
        ),
        (
            "iat",
            json!(NOW + 31),
            TIMESTAMP,
            timestamp("iat", NOW + 31, future),
        ),
        ("state", json!(null), INVALID, missing("state")),
        ("state", json!("t"), INVALID, state),
        ("state", json!(7), INVALID, not_a_string("state", "number")),
        ("code", json!(null), INVALID, missing("code")),
        ("code", json!(["c"]), INVALID, not_a_string("code", "array")),
        (
            "id_token",
            json!("x"),
            "OAUTH_UNSUPPORTED_OPERATION",
            Reason::ImplicitParameter { member: "id_token" },
        ),
    ] {
        let claims = changed(packed_claims(), claim, value);
        let result = verify(
            &configuration(),
            packed(&testing::sign(&claims)),
            packed_checks(),
        );
        assert_refused(result, code, Artefact::AuthorizationResponse, &reason);
    }
}

#[test]
fn the_servers_error_may_be_packed_too() {
    let mut claims = changed(packed_claims(), "code", Value::Null);
    claims["error"] = json!("access_denied");
    let callback = packed(&testing::sign(&claims));
    let error = verify(&configuration(), callback, packed_checks()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
}

#[test]
fn a_packed_response_needs_the_servers_signature() {
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let forged = testing::sign_with(&stranger, &header, &packed_claims());
    let invalid = Reason::Jose(jose::Error::Signature);
    let artefact = Artefact::AuthorizationResponse;
    let result = verify(&configuration(), packed(&forged), packed_checks());
    assert_refused(result, INVALID, artefact, &invalid);

    // A switch for ID Tokens from the back channel changes nothing.
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    let lenient = configuration().with_policy(policy);
    let result = verify(&lenient, packed(&forged), packed_checks());
    assert_refused(result, INVALID, artefact, &invalid);

    let typed = header.typ("at+jwt");
    let other = testing::sign_with(&SERVER_KEY, &typed, &packed_claims());
    let result = verify(&configuration(), packed(&other), packed_checks());
    let reason = Reason::TokenType {
        expected: "JWT",
        found: "at+jwt".to_owned(),
    };
    assert_refused(result, INVALID, artefact, &reason);
}

/// The first source that says anything decides: registered, advertised, RS256.
#[test]
fn the_algorithm_of_a_packed_response_is_agreed_on() {
    let cache = Cache::default();
    for (registered, advertised, expected) in [
        (Some("PS256"), Some("ES256"), "PS256"),
        (None, Some("PS384"), "PS384"),
        (None, None, "RS256"),
    ] {
        let mut server = testing::server();
        server.authorization_signing_alg_values_supported =
            advertised.map(|name| vec![name.to_owned()]);
        let mut client = ClientMetadata::new("app");
        client.authorization_signed_response_alg = registered.map(str::to_owned);
        let configuration = Configuration::new(server, client, Policy::default()).unwrap();
        let callback = packed(&testing::sign(&packed_claims()));
        let result = operation(&configuration, callback, packed_checks())
            .step(&mut testing::env(NOW, 0, &cache), Event::Begin);
        let error = result.expect_err("accepted");
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::Algorithm {
                expected: vec![expected.to_owned()],
                found: "ES256".to_owned(),
            }
        );
    }
}

#[test]
fn a_plain_jwt_is_refused_where_encryption_was_registered() {
    let cache = Cache::default();
    let mut client = ClientMetadata::new("app");
    client.authorization_encrypted_response_alg = Some("ECDH-ES".to_owned());
    let server = configuration().server().clone();
    let configuration = Configuration::new(server, client, Policy::default()).unwrap();
    let callback = packed(&testing::sign(&packed_claims()));
    let error = operation(&configuration, callback, packed_checks())
        .step(&mut testing::env(NOW, 0, &cache), Event::Begin)
        .expect_err("accepted");
    assert!(matches!(
        &error.rejection().unwrap().reason,
        Reason::NotEncrypted { .. }
    ));
}

#[test]
fn an_id_token_vouches_for_the_code_beside_it() {
    for claims in [
        hybrid_claims(),
        changed(hybrid_claims(), "s_hash", json!(left_half("s"))),
        changed(hybrid_claims(), "iat", json!(NOW - 3600)),
    ] {
        let callback = hybrid(&testing::sign(&claims));
        let handed_out = verify(&configuration(), callback, hybrid_checks()).unwrap();
        assert_eq!(handed_out.code, Some("c".into()));
        assert_eq!(handed_out.id_token.unwrap().sub(), "alice");
    }
    let claims = changed(hybrid_claims(), "s_hash", json!(left_half("s")));
    let callback = hybrid(&testing::sign(&claims));
    assert!(verify(&detached(), callback, hybrid_checks()).is_ok());
}

/// OpenID Connect Core 1.0 section 3.3.2.11.
#[test]
fn each_fault_of_an_id_token_beside_a_code_is_named() {
    for (claim, value, code, reason) in [
        ("c_hash", json!(null), INVALID, missing("c_hash")),
        (
            "c_hash",
            json!(left_half("d")),
            COMPARISON,
            mismatch("c_hash", None, None),
        ),
        (
            "c_hash",
            json!(""),
            COMPARISON,
            mismatch("c_hash", None, None),
        ),
        (
            "c_hash",
            json!(1),
            INVALID,
            Reason::IllTyped {
                member: "c_hash".into(),
                expected: "a string",
                found: "number".to_owned(),
            },
        ),
        (
            "s_hash",
            json!(left_half("t")),
            COMPARISON,
            mismatch("s_hash", None, None),
        ),
        ("nonce", json!(null), INVALID, missing("nonce")),
        (
            "nonce",
            json!("n-2"),
            COMPARISON,
            mismatch("nonce", None, None),
        ),
        (
            "iat",
            json!(NOW - 3601),
            TIMESTAMP,
            timestamp("iat", NOW - 3601, TimestampRule::TooOld),
        ),
    ] {
        let claims = changed(hybrid_claims(), claim, value);
        let callback = hybrid(&testing::sign(&claims));
        let result = verify(&configuration(), callback, hybrid_checks());
        assert_refused(result, code, Artefact::IdToken, &reason);
    }
}

/// FAPI 1.0 Part 2 section 5.2.3.1.
#[test]
fn a_detached_signature_covers_the_state() {
    let callback = || hybrid(&testing::sign(&hybrid_claims()));
    let result = verify(&detached(), callback(), hybrid_checks());
    assert_refused(result, INVALID, Artefact::IdToken, &missing("s_hash"));

    // Without a state there is nothing to sign, and nothing that a hash could be of.
    let stateless = || AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Absent,
        ..hybrid_checks()
    };
    let callback = |claims: &Value| {
        let id_token = testing::sign(claims);
        Callback::from_url(&format!("/cb#code=c&id_token={id_token}")).unwrap()
    };
    assert!(verify(&detached(), callback(&hybrid_claims()), stateless()).is_ok());
    let claims = changed(hybrid_claims(), "s_hash", json!(left_half("")));
    let result = verify(&configuration(), callback(&claims), stateless());
    let unexpected = Reason::Unexpected {
        member: "s_hash".into(),
    };
    assert_refused(result, INVALID, Artefact::IdToken, &unexpected);
}

/// Whoever can write into the browser's address bar is no server.
#[test]
fn an_id_token_from_the_browser_needs_its_signature() {
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let forged = testing::sign_with(&stranger, &header, &hybrid_claims());
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    for configuration in [configuration(), configuration().with_policy(policy)] {
        let result = verify(&configuration, hybrid(&forged), hybrid_checks());
        let invalid = Reason::Jose(jose::Error::Signature);
        assert_refused(result, INVALID, Artefact::IdToken, &invalid);
    }
}

#[test]
fn checks_that_exclude_each_other_are_refused() {
    let mode = |mode| AuthorizationCodeGrantChecks {
        response_mode: Some(mode),
        ..hybrid_checks()
    };
    let cache = Cache::default();
    for (checks, name) in [
        (mode(ResponseMode::Jwt), "response_mode"),
        (mode(ResponseMode::FragmentJwt), "response_mode"),
        (mode(ResponseMode::Query), "response_mode"),
        (
            AuthorizationCodeGrantChecks {
                expected_nonce: None,
                ..hybrid_checks()
            },
            "expected_nonce",
        ),
        (
            AuthorizationCodeGrantChecks {
                expected_state: ExpectedState::DangerUnchecked,
                ..hybrid_checks()
            },
            "expected_state",
        ),
    ] {
        let callback = hybrid(&testing::sign(&hybrid_claims()));
        let error = operation(&configuration(), callback, checks)
            .step(&mut testing::env(NOW, 0, &cache), Event::Begin)
            .expect_err("accepted");
        let Error::Misuse(
            Misuse::InvalidArgument { argument, .. } | Misuse::MissingArgument { argument, .. },
        ) = error
        else {
            panic!("{error}");
        };
        assert_eq!(argument, name);
    }
}

#[test]
fn both_id_tokens_are_about_the_same_person() {
    for (subject, same) in [("alice", true), ("bob", false)] {
        let cache = Cache::default();
        let mut env = testing::env(NOW, 0, &cache);
        let callback = hybrid(&testing::sign(&hybrid_claims()));
        let mut grant = CodeGrant::new(
            &configuration(),
            &callback,
            "https://a.example",
            hybrid_checks(),
        );
        sent(grant.step(&mut env, Event::Begin));
        // The keys are fresh for everything that follows.
        assert_eq!(
            sent(grant.step(&mut env, keys())).endpoint,
            EndpointName::Token
        );
        let id_token = testing::sign(&changed(testing::claims(), "sub", json!(subject)));
        let body = json!({"access_token": "a", "token_type": "Bearer", "id_token": id_token});
        let response = Event::Received(testing::response(200, body.to_string()));
        let result = grant.step(&mut env, response);
        if same {
            assert_eq!(done(result).id_token().unwrap().sub(), "alice");
            continue;
        }
        let error = result.expect_err("accepted");
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::IdToken);
        assert_eq!(
            rejection.reason,
            mismatch("sub", Some("alice"), Some("bob"))
        );
    }
}

#[test]
fn a_code_grant_needs_a_response_type_with_a_code() {
    let checks = AuthorizationCodeGrantChecks {
        response_type: ResponseType::IdToken,
        ..hybrid_checks()
    };
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let id_token = testing::sign(&testing::claims());
    let callback = Callback::from_url(&format!("/cb#state=s&id_token={id_token}")).unwrap();
    let mut grant = CodeGrant::new(&configuration(), &callback, "https://a.example", checks);
    sent(grant.step(&mut env, Event::Begin));
    assert!(matches!(
        grant.step(&mut env, keys()),
        Err(Error::Misuse(Misuse::InvalidArgument {
            argument: "response_type",
            ..
        }))
    ));
    assert_finished(&mut grant);
}

/// OpenID Connect Core 1.0 section 3.2.2.11.
#[test]
fn an_id_token_alone_logs_in() {
    let run = |claims: &Value| {
        let cache = Cache::default();
        let mut env = testing::env(NOW, 0, &cache);
        let id_token = testing::sign(claims);
        let callback = Callback::from_url(&format!("/cb#state=s&id_token={id_token}")).unwrap();
        let checks = AuthorizationCodeGrantChecks {
            response_type: ResponseType::Code,
            ..hybrid_checks()
        };
        let mut login = ImplicitAuthentication::new(&configuration(), &callback, checks);
        assert_eq!(
            sent(login.step(&mut env, Event::Begin)).endpoint,
            EndpointName::Jwks
        );
        let result = login.step(&mut env, keys());
        assert_finished(&mut login);
        result
    };
    // Neither a hash of a code nor the hour that one may take is asked for.
    let old = changed(testing::claims(), "iat", json!(NOW - 3601));
    assert_eq!(done(run(&old)).sub(), "alice");
    for (claim, value, reason) in [
        ("nonce", json!(null), missing("nonce")),
        ("nonce", json!("n-2"), mismatch("nonce", None, None)),
        (
            "s_hash",
            json!(left_half("t")),
            mismatch("s_hash", None, None),
        ),
        ("sub", json!(null), missing("sub")),
    ] {
        let error = run(&changed(testing::claims(), claim, value)).expect_err("accepted");
        assert_eq!(error.rejection().unwrap().reason, reason);
    }
}

#[test]
fn each_state_refuses_events_that_do_not_belong_there() {
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let callback = || packed(&testing::sign(&packed_claims()));
    let mut login = operation(&configuration(), callback(), packed_checks());
    testing::assert_unexpected(login.step(&mut env, Event::Elapsed), "Begin", "Elapsed");
    let mut login = operation(&configuration(), callback(), packed_checks());
    sent(login.step(&mut env, Event::Begin));
    testing::assert_unexpected(
        login.step(&mut env, Event::Elapsed),
        "Received or Unanswered",
        "Elapsed",
    );
    assert_finished(&mut login);
    let mut login = operation(&configuration(), callback(), packed_checks());
    assert!(matches!(
        login.step(&mut env, Event::Aborted),
        Err(Error::Aborted)
    ));
}
