mod signed;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::json;

use super::{MetadataAnswer, MetadataSource, MetadataVersion};
use crate::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use crate::error::{Error, Misuse, NoAnswer, Reason, Unanswered};
use crate::metadata::ServerMetadata;
use crate::names::EndpointName;
use crate::outbound::{Attempt, Flight, Next};
use crate::policy::Policy;
use crate::testing::{NOW, response};
use crate::time::UnixTime;

const ISSUER: &str = "https://op.example";
const HOUR: Duration = Duration::from_secs(3600);

fn source() -> MetadataSource {
    let policy = Policy::default();
    MetadataSource::new(DiscoveryEndpoint::new(ISSUER, DiscoveryAlgorithm::Oidc, policy).unwrap())
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The time by the clock.
fn at(elapsed: Duration) -> UnixTime {
    let seconds = i64::try_from(elapsed.as_secs()).unwrap();
    UnixTime::from_seconds(NOW).saturating_add(seconds)
}

type Answer = Result<Response<Bytes>, Unanswered>;

fn document(issuer: &str, token_endpoint: &str) -> Answer {
    let document = json!({"issuer": issuer, "token_endpoint": token_endpoint});
    Ok(response(200, document.to_string()))
}

fn unanswered(reason: NoAnswer) -> Answer {
    Err(Unanswered {
        endpoint: EndpointName::Discovery,
        reason,
        source: None,
    })
}

/// The first attempt of a flight.
#[track_caller]
fn attempt(flight: &Flight<MetadataVersion>, elapsed: Duration) -> Attempt<MetadataVersion> {
    let mut waiter = flight.waiter(elapsed, seconds(30), 1);
    match flight.next(&mut waiter, elapsed) {
        Next::Send(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

fn land(
    source: &MetadataSource,
    attempt: Attempt<MetadataVersion>,
    elapsed: Duration,
    answer: Answer,
) {
    source.land(attempt, at(elapsed), elapsed, answer);
}

#[track_caller]
fn waits(source: &MetadataSource, elapsed: Duration) -> Flight<MetadataVersion> {
    match source.ask(at(elapsed), elapsed) {
        MetadataAnswer::Wait(flight) => flight,
        other => panic!("{other:?}"),
    }
}

/// The metadata, and the flight that replaces them.
#[track_caller]
fn known(
    source: &MetadataSource,
    elapsed: Duration,
) -> (Arc<MetadataVersion>, Option<Flight<MetadataVersion>>) {
    match source.ask(at(elapsed), elapsed) {
        MetadataAnswer::Known { metadata, renewal } => (metadata, renewal),
        other => panic!("{other:?}"),
    }
}

/// A source that has fetched at the beginning.
fn fetched(source: MetadataSource) -> MetadataSource {
    let flight = waits(&source, Duration::ZERO);
    let answer = document(ISSUER, "https://op.example/token");
    land(
        &source,
        attempt(&flight, Duration::ZERO),
        Duration::ZERO,
        answer,
    );
    source
}

/// Asks for the metadata, which are fetched with this result.
fn renewed(source: &MetadataSource, elapsed: Duration, answer: Answer) {
    let flight = match source.ask(at(elapsed), elapsed) {
        MetadataAnswer::Known { renewal, .. } => renewal.unwrap(),
        MetadataAnswer::Wait(flight) => flight,
        MetadataAnswer::Failed(error) => panic!("{error}"),
    };
    land(source, attempt(&flight, elapsed), elapsed, answer);
}

#[test]
fn the_first_caller_fetches_and_the_others_wait_for_it() {
    let source = source();
    let flight = waits(&source, Duration::ZERO);
    let first = attempt(&flight, Duration::ZERO);
    let other = waits(&source, seconds(1));
    assert_eq!(flight, other);
    let mut waiter = other.waiter(seconds(1), seconds(30), 1);
    assert!(matches!(other.next(&mut waiter, seconds(1)), Next::Wait(_)));
    assert!(matches!(
        source.landed(&other, at(Duration::ZERO)),
        Err(Error::Aborted)
    ));
    let request = source.request().unwrap();
    let url = "https://op.example/.well-known/openid-configuration";
    assert_eq!(request.request.uri(), url);
    let answer = document(ISSUER, "https://op.example/token");
    land(&source, first, seconds(2), answer);
    assert!(matches!(other.next(&mut waiter, seconds(2)), Next::Over));
    let metadata = source.landed(&other, at(Duration::ZERO)).unwrap();
    // The age counts from the request.
    let (again, renewal) = known(&source, HOUR - Duration::from_nanos(1));
    assert!(Arc::ptr_eq(&metadata, &again) && renewal.is_none());
    assert!(known(&source, HOUR).1.is_some());
}

/// The leader and its task are gone before the answer.
#[test]
fn a_leader_that_is_gone_leaves_no_one_stuck() {
    let source = source();
    let flight = waits(&source, Duration::ZERO);
    let lost = attempt(&flight, Duration::ZERO);
    let other = waits(&source, Duration::ZERO);
    let mut waiter = other.waiter(Duration::ZERO, seconds(30), 1);
    assert!(matches!(
        other.next(&mut waiter, Duration::ZERO),
        Next::Wait(_)
    ));
    drop((lost, flight));
    let Next::Send(second) = other.next(&mut waiter, seconds(1)) else {
        panic!("the waiter does not send");
    };
    land(
        &source,
        second,
        seconds(1),
        document(ISSUER, "https://op.example/token"),
    );
    assert_eq!(
        source.landed(&other, at(Duration::ZERO)).unwrap().issuer,
        ISSUER
    );
}

#[test]
fn failures_are_remembered_for_growing_times() {
    let source = source();
    let mut elapsed = Duration::ZERO;
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        let flight = waits(&source, elapsed);
        let refused = unanswered(NoAnswer::NotConnected {
            host: "op.example".to_owned(),
        });
        land(&source, attempt(&flight, elapsed), elapsed, refused);
        let error = source.landed(&flight, at(Duration::ZERO)).unwrap_err();
        assert!(matches!(error, Error::Unanswered(_)), "{error}");
        elapsed += seconds(pause);
        match source.ask(at(elapsed), elapsed - Duration::from_nanos(1)) {
            MetadataAnswer::Failed(Error::Unanswered(unanswered)) => {
                assert_eq!(unanswered.endpoint, EndpointName::Discovery);
            }
            other => panic!("{other:?} after {pause} s"),
        }
    }
    assert!(source.failure().is_some());
    let flight = waits(&source, elapsed);
    let answer = document(ISSUER, "https://op.example/token");
    land(&source, attempt(&flight, elapsed), elapsed, answer);
    assert!(known(&source, elapsed).1.is_none());
    assert!(source.failure().is_none());
}

#[test]
fn old_metadata_are_used_while_one_flight_replaces_them() {
    let source = fetched(source());
    let (old, renewal) = known(&source, HOUR);
    let renewal = renewal.unwrap();
    let under_way = attempt(&renewal, HOUR);
    // Another caller gets them as well, and sends nothing.
    let (same, other) = known(&source, HOUR);
    assert!(Arc::ptr_eq(&old, &same));
    let other = other.unwrap();
    let mut waiter = other.waiter(HOUR, seconds(30), 1);
    assert!(matches!(other.next(&mut waiter, HOUR), Next::Wait(_)));
    let moved = document(ISSUER, "https://op.example/moved");
    land(&source, under_way, HOUR + seconds(1), moved);
    let (new, renewal) = known(&source, HOUR + HOUR - Duration::from_nanos(1));
    assert_eq!(
        new.token_endpoint.as_deref(),
        Some("https://op.example/moved")
    );
    assert!(renewal.is_none());
    assert!(known(&source, HOUR + HOUR).1.is_some());
}

#[test]
fn a_renewal_that_fails_or_names_another_issuer_keeps_the_old_metadata() {
    let evil = "https://evil.example";
    let source_of_any = || {
        let url = "https://op.example/any";
        let endpoint = DiscoveryEndpoint::danger_document(url, Policy::default());
        MetadataSource::new(endpoint.unwrap())
    };
    let timed_out = unanswered(NoAnswer::TimedOut {
        deadline: seconds(30),
    });
    for (source, answer, issuers) in [
        (source(), timed_out, None),
        (source(), Ok(response(503, "")), None),
        (source(), Ok(response(200, "{}")), None),
        (
            source(),
            document(evil, "https://evil.example/t"),
            Some((ISSUER, evil)),
        ),
        // Only the issuer before says that it is another one.
        (
            source_of_any(),
            document(evil, "https://evil.example/t"),
            Some((ISSUER, evil)),
        ),
        (
            source_of_any(),
            document("https://op.example/", "https://evil.example/t"),
            Some((ISSUER, "https://op.example/")),
        ),
    ] {
        let source = fetched(source);
        let (old, renewal) = known(&source, HOUR);
        land(&source, attempt(&renewal.unwrap(), HOUR), HOUR, answer);
        let failure = source.failure().unwrap();
        if let Some((expected, found)) = issuers {
            assert_eq!(
                failure.rejection().unwrap().reason,
                Reason::AttributeMismatch {
                    member: "issuer",
                    expected: Some(expected.to_owned()),
                    found: Some(found.to_owned()),
                }
            );
        }
        // Not asked for again at once, and then asked for.
        let (kept, renewal) = known(&source, HOUR + Duration::from_millis(999));
        assert!(Arc::ptr_eq(&old, &kept) && renewal.is_none());
        let (kept, renewal) = known(&source, HOUR + seconds(1));
        assert!(Arc::ptr_eq(&old, &kept) && renewal.is_some());
    }
}

/// The first flight failed for an impatient caller, a patient one sent again, and the flight of a
/// later caller was faster.
#[test]
fn a_late_answer_does_not_replace_newer_metadata() {
    let source = source();
    let first = waits(&source, Duration::ZERO);
    let mut patient = first.waiter(Duration::ZERO, seconds(60), 1);
    let mut impatient = first.waiter(Duration::ZERO, seconds(1), 1);
    let Next::Send(given_up) = first.next(&mut impatient, Duration::ZERO) else {
        panic!("the first caller does not send");
    };
    let timed_out = unanswered(NoAnswer::TimedOut {
        deadline: seconds(1),
    });
    land(&source, given_up, seconds(1), timed_out);
    let Next::Send(late) = first.next(&mut patient, seconds(1)) else {
        panic!("the patient caller does not send");
    };
    let second = waits(&source, seconds(2));
    assert_ne!(first, second);
    let new = document(ISSUER, "https://op.example/new");
    land(&source, attempt(&second, seconds(2)), seconds(2), new);
    let old = document(ISSUER, "https://op.example/old");
    land(&source, late, seconds(3), old);
    let endpoint = |metadata: &ServerMetadata| metadata.token_endpoint.clone();
    let new = Some("https://op.example/new".to_owned());
    assert_eq!(endpoint(&known(&source, seconds(3)).0), new);
    assert_eq!(
        endpoint(&source.landed(&first, at(Duration::ZERO)).unwrap()),
        new
    );
}

/// The pause before the next request, for a page that says when to try again.
#[test]
fn a_caller_can_be_told_when_the_next_request_may_be_sent() {
    let source = source();
    assert_eq!(source.retry_after(Duration::ZERO), None);
    renewed(&source, Duration::ZERO, Ok(response(503, "")));
    renewed(&source, seconds(1), Ok(response(503, "")));
    let almost = seconds(3) - Duration::from_millis(1);
    assert_eq!(source.retry_after(seconds(2)), Some(seconds(1)));
    assert_eq!(source.retry_after(almost), Some(Duration::from_millis(1)));
    assert_eq!(source.retry_after(seconds(3)), None);
}

#[test]
fn metadata_are_kept_for_a_minute_at_least() {
    assert!(source().max_age(seconds(60)).is_ok());
    let refused = source().max_age(Duration::from_millis(59_999)).unwrap_err();
    assert!(matches!(
        refused,
        Error::Misuse(Misuse::InvalidArgument {
            argument: "metadata_max_age",
            ..
        })
    ));
}
