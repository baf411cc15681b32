//! Signed metadata, which expire.

use std::sync::Arc;
use std::time::Duration;

use jose::SignatureAlgorithm;
use serde_json::json;

use super::{
    Answer, HOUR, ISSUER, at, attempt, document, known, land, renewed, seconds, source, unanswered,
    waits,
};
use crate::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use crate::error::{Error, NoAnswer, Reason};
use crate::policy::{ClockSkew, Policy};
use crate::source::{MetadataAnswer, MetadataSource};
use crate::testing::{NOW, SERVER_KEY, key_set, response, sign};
use crate::validate::MetadataSigner;

/// A source that requires metadata that `SERVER_KEY` has signed.
fn signed_source() -> MetadataSource {
    let jwks = key_set(&[&SERVER_KEY]);
    let signer = MetadataSigner::new(ISSUER, jwks.as_bytes(), [SignatureAlgorithm::ES256]);
    source().signer(signer.unwrap())
}

/// Signed metadata, which expire this many seconds after the beginning.
fn signed(exp: Option<i64>) -> Answer {
    let claims = match exp {
        Some(exp) => json!({"iss": ISSUER, "exp": NOW.saturating_add(exp)}),
        None => json!({"iss": ISSUER}),
    };
    let jwt = sign(&claims);
    let document = json!({"issuer": ISSUER, "signed_metadata": jwt});
    Ok(response(200, document.to_string()))
}

#[test]
fn a_signer_is_asked_for_every_document() {
    let source = signed_source();
    let flight = waits(&source, Duration::ZERO);
    let unsigned = document(ISSUER, "https://op.example/token");
    land(
        &source,
        attempt(&flight, Duration::ZERO),
        Duration::ZERO,
        unsigned,
    );
    let error = source.landed(&flight, at(Duration::ZERO)).unwrap_err();
    let missing = Reason::Missing {
        member: "signed_metadata".into(),
    };
    assert_eq!(error.rejection().unwrap().reason, missing);
}

#[test]
fn signed_metadata_are_renewed_when_they_expire_and_used_for_another_hour() {
    let source = signed_source();
    renewed(&source, Duration::ZERO, signed(Some(600)));
    assert!(known(&source, seconds(599)).1.is_none());
    let (old, renewal) = known(&source, seconds(600));
    assert!(renewal.is_some());
    // The server has no newer signature, whose reader is the one that refuses it.
    renewed(&source, seconds(700), signed(Some(600)));
    let refusal = source.failure().unwrap();
    assert!(
        matches!(
            refusal.rejection().unwrap().reason,
            Reason::Timestamp { claim: "exp", .. }
        ),
        "{refusal}"
    );
    let last = seconds(600 + 3599);
    let (kept, renewal) = known(&source, last);
    assert!(Arc::ptr_eq(&old, &kept) && renewal.is_some());
    // Then they are as if they had never been fetched: callers wait, and fail.
    let end = seconds(600 + 3600);
    let flight = waits(&source, end);
    assert!(!old.may_be_used(at(end)) && old.may_be_used(at(last)));
    let timed_out = unanswered(NoAnswer::TimedOut {
        deadline: seconds(30),
    });
    land(&source, attempt(&flight, end), end, timed_out);
    let error = source.landed(&flight, at(end)).unwrap_err();
    assert!(matches!(error, Error::Unanswered(_)), "{error}");
    assert!(matches!(
        source.ask(at(end), end),
        MetadataAnswer::Failed(Error::Unanswered(_))
    ));
    // They still say which issuer it was.
    let later = end + seconds(60);
    let flight = waits(&source, later);
    land(&source, attempt(&flight, later), later, signed(Some(9000)));
    assert!(source.landed(&flight, at(later)).is_ok());
    assert!(known(&source, seconds(8999)).1.is_some());
}

#[test]
fn signed_metadata_without_an_end_are_used_for_any_time() {
    let source = signed_source();
    renewed(&source, Duration::ZERO, signed(None));
    assert!(known(&source, HOUR - seconds(1)).1.is_none());
    assert!(known(&source, HOUR * 24 * 365).1.is_some());
}

/// The tolerance of the clock accepts a signature that has just expired. A server that publishes it
/// again and again is not asked for each request.
#[test]
fn a_signature_that_has_expired_is_asked_for_once_in_a_minute() {
    let source = signed_source();
    renewed(&source, Duration::ZERO, signed(Some(-5)));
    assert!(known(&source, seconds(59)).1.is_none());
    assert!(known(&source, seconds(60)).1.is_some());
}

/// The skew of the policy moves the end, too.
#[test]
fn the_end_of_signed_metadata_follows_the_skew_of_the_clock() {
    let mut policy = Policy::default();
    policy
        .set_clock_skew(ClockSkew::Behind(seconds(100)))
        .unwrap();
    let endpoint = DiscoveryEndpoint::new(ISSUER, DiscoveryAlgorithm::Oidc, policy).unwrap();
    let jwks = key_set(&[&SERVER_KEY]);
    let signer = MetadataSigner::new(ISSUER, jwks.as_bytes(), [SignatureAlgorithm::ES256]);
    let source = MetadataSource::new(endpoint).signer(signer.unwrap());
    renewed(&source, Duration::ZERO, signed(Some(600)));
    assert!(known(&source, seconds(499)).1.is_none());
    assert!(known(&source, seconds(500)).1.is_some());
}

/// They say which issuer it was, although they are not used any more.
#[test]
fn expired_metadata_are_not_replaced_by_those_of_another_issuer() {
    let (url, other) = ("https://op.example/any", "https://other.example");
    let endpoint = DiscoveryEndpoint::danger_document(url, Policy::default()).unwrap();
    let jwks = key_set(&[&SERVER_KEY]);
    let signer = MetadataSigner::new("https://signer.example", jwks.as_bytes(), ALGORITHMS);
    let source = MetadataSource::new(endpoint).signer(signer.unwrap());
    let signed = |issuer: &str, exp: i64| {
        let exp = NOW.saturating_add(exp);
        let claims = json!({"iss": "https://signer.example", "issuer": issuer, "exp": exp});
        let document = json!({"issuer": issuer, "signed_metadata": sign(&claims)});
        Ok(response(200, document.to_string()))
    };
    renewed(&source, Duration::ZERO, signed(ISSUER, 600));
    let end = seconds(600 + 3600);
    let flight = waits(&source, end);
    land(&source, attempt(&flight, end), end, signed(other, 9000));
    let error = source.landed(&flight, at(end)).unwrap_err();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::AttributeMismatch {
            member: "issuer",
            expected: Some(ISSUER.to_owned()),
            found: Some(other.to_owned()),
        }
    );
}

const ALGORITHMS: [SignatureAlgorithm; 1] = [SignatureAlgorithm::ES256];
