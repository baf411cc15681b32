//! The cases that UserInfo and introspection share: a response that is a JWT.

use std::fmt::Debug;
use std::time::Duration;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use jose::jws::ProtectedHeader;
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};

use crate::error::TimestampRule::{Expired, InTheFuture, NotYetValid};
use crate::error::{Artefact, Error, NoAnswer, Reason};
use crate::operation::{Event, Operation};
use crate::testing;
use crate::testing::script::{Script, received, unanswered};
use crate::testing::{NOW, SERVER_KEY, assert_finished, assert_unexpected, key_set, sign_with};

/// An operation whose response may be signed.
pub(in crate::flow) trait Signed {
    type Operation: Operation<Output: Debug>;
    const ARTEFACT: Artefact;
    const MEDIA_TYPE: &'static str;
    /// The `typ` of a good response; empty where it has none.
    const TYPE: &'static str;

    /// The operation of a client that has registered ES256.
    fn operation() -> Self::Operation;

    /// The claims of a good response.
    fn claims() -> Value;
}

pub(in crate::flow) fn script<S: Signed>() -> Script<S::Operation> {
    Script::new(S::operation())
}

/// A response with this text, labelled as a JWT.
pub(in crate::flow) fn jwt<S: Signed>(text: String) -> Event {
    let mut response = testing::response(200, text);
    let value = HeaderValue::from_static(S::MEDIA_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, value);
    Event::Received(response)
}

fn header(algorithm: SignatureAlgorithm, typ: &str) -> ProtectedHeader {
    let header = ProtectedHeader::new(algorithm).kid("k1");
    match typ {
        "" => header,
        typ => header.typ(typ),
    }
}

pub(in crate::flow) fn signed<S: Signed>(claims: &Value) -> Event {
    typed::<S>(S::TYPE, claims)
}

pub(in crate::flow) fn typed<S: Signed>(typ: &str, claims: &Value) -> Event {
    let header = header(SignatureAlgorithm::ES256, typ);
    jwt::<S>(sign_with(&SERVER_KEY, &header, claims))
}

/// A response that a new key of this algorithm has signed.
pub(in crate::flow) fn strange<S: Signed>(algorithm: SignatureAlgorithm) -> Event {
    let stranger = SigningKey::generate(algorithm).unwrap();
    jwt::<S>(sign_with(
        &stranger,
        &header(algorithm, S::TYPE),
        &S::claims(),
    ))
}

pub(in crate::flow) fn keys() -> Event {
    received(200, key_set(&[&SERVER_KEY]))
}

#[track_caller]
pub(in crate::flow) fn assert_refused<S: Signed>(answer: Event, code: &str, reason: Reason) {
    let mut script = script::<S>();
    script.sends(Event::Begin);
    script.sends(answer);
    let error = script.fails(keys());
    assert_eq!(error.code(), Some(code), "{error}");
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, S::ARTEFACT);
    assert_eq!(rejection.reason, reason);
    assert_finished(&mut script.operation);
}

/// Asserts that a good response with another value of this claim is refused.
#[track_caller]
pub(in crate::flow) fn assert_claim_refused<S: Signed>(
    claim: &str,
    value: Value,
    code: &str,
    reason: Reason,
) {
    let mut claims = S::claims();
    claims[claim] = value;
    assert_refused::<S>(signed::<S>(&claims), code, reason);
}

/// Asserts that a good response without this claim is refused.
#[track_caller]
pub(in crate::flow) fn assert_claim_required<S: Signed>(claim: &'static str) {
    let mut claims = S::claims();
    claims.as_object_mut().unwrap().remove(claim);
    let member = claim.into();
    let reason = Reason::Missing { member };
    assert_refused::<S>(signed::<S>(&claims), "OAUTH_INVALID_RESPONSE", reason);
}

/// The claims about the JWT itself.
pub(in crate::flow) fn wrong_claims_of_any_jwt<S: Signed>() {
    for (claim, value, expected, found) in [
        (
            "iss",
            json!("https://evil.example"),
            "https://op.example",
            "https://evil.example",
        ),
        ("aud", json!(["another"]), "app", "another"),
    ] {
        let reason = Reason::ClaimMismatch {
            claim,
            expected: Some(expected.to_owned()),
            found: Some(found.to_owned()),
        };
        assert_claim_refused::<S>(claim, value, "OAUTH_JWT_CLAIM_COMPARISON_FAILED", reason);
    }
    for (claim, found, rule) in [
        ("exp", NOW - 30, Expired),
        ("nbf", NOW + 31, NotYetValid),
        ("iat", NOW + 31, InTheFuture),
    ] {
        let reason = Reason::Timestamp {
            claim,
            found,
            rule,
            now: NOW,
            tolerance: Duration::from_secs(30),
        };
        assert_claim_refused::<S>(
            claim,
            json!(found),
            "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
            reason,
        );
    }
}

pub(in crate::flow) fn a_strange_signature<S: Signed>() {
    assert_refused::<S>(
        strange::<S>(SignatureAlgorithm::ES256),
        "OAUTH_INVALID_RESPONSE",
        Reason::Jose(jose::Error::Signature),
    );
}

pub(in crate::flow) fn failures<S: Signed>() {
    let mut silent = script::<S>();
    silent.sends(Event::Begin);
    let error = silent.fails(unanswered(NoAnswer::Interrupted));
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
    assert_finished(&mut silent.operation);

    let mut keyless = script::<S>();
    keyless.sends(Event::Begin);
    keyless.sends(signed::<S>(&S::claims()));
    let error = keyless.fails(received(500, ""));
    assert_eq!(error.rejection().unwrap().artefact, Artefact::KeySet);
    assert_finished(&mut keyless.operation);

    assert!(matches!(
        script::<S>().fails(Event::Aborted),
        Error::Aborted
    ));
    assert_unexpected(script::<S>().step(Event::Elapsed), "Begin", "Elapsed");
}
