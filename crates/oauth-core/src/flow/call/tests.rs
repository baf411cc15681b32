use std::time::Duration;

use jose::SignatureAlgorithm;

use super::*;
use crate::cache::Cache;
use crate::client_auth::{ClientAuthentication, PrivateKeyJwt};
use crate::configuration::Configuration;
use crate::endpoint::{JwksEndpoint, RefreshTokenRequest};
use crate::error::{NoAnswer, Unanswered};
use crate::key::{KeyReference, KeyResult};
use crate::names::{EndpointName, KeyName};
use crate::outbound::ResponseBody;
use crate::policy::Policy;
use crate::testing;
use crate::testing::{NOW, assert_finished, assert_unexpected, sent};
use crate::wire::Parameters;

fn call(configuration: Configuration) -> Call<RefreshTokenRequest> {
    Call::new(RefreshTokenRequest {
        configuration,
        refresh_token: "r".into(),
        parameters: Parameters::new(),
    })
}

fn step(call: &mut Call<RefreshTokenRequest>, event: Event) -> StepResult {
    let cache = Cache::default();
    call.step(&mut testing::env(NOW, 0, &cache), event)
}

type StepResult = Result<Action<<RefreshTokenRequest as Endpoint>::Output>, Error>;

fn awaiting_response() -> Call<RefreshTokenRequest> {
    let mut call = call(testing::configuration());
    sent(step(&mut call, Event::Begin));
    call
}

fn awaiting_signature() -> Call<RefreshTokenRequest> {
    let reference = KeyReference {
        name: KeyName::new("k"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    };
    let method = ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(reference).unwrap());
    let mut call = call(testing::setup().authentication(method).build());
    let action = step(&mut call, Event::Begin);
    assert!(matches!(action, Ok(Action::UseKey(_))), "{action:?}");
    call
}

fn received() -> Event {
    Event::Received(testing::response(200, "{}"))
}

fn unanswered() -> Event {
    Event::Unanswered(Unanswered {
        endpoint: EndpointName::Token,
        reason: NoAnswer::TimedOut {
            deadline: Duration::from_secs(30),
        },
        source: None,
    })
}

#[test]
fn a_request_goes_out_on_the_terms_of_the_policy() {
    let mut policy = Policy::default();
    policy.set_timeout(Duration::from_secs(5)).unwrap();
    policy.set_body_cap(100);
    let mut call = call(testing::configuration().with_policy(policy));
    let outbound = sent(step(&mut call, Event::Begin));
    assert_eq!(outbound.endpoint, EndpointName::Token);
    assert_eq!(outbound.deadline, Duration::from_secs(5));
    assert_eq!(outbound.response, ResponseBody::Buffered { cap: 100 });
    assert_eq!(outbound.flight, None);
    let request = outbound.request;
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://op.example/token");
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(
        request.headers()["content-type"],
        "application/x-www-form-urlencoded;charset=UTF-8"
    );
    assert_eq!(
        request.body(),
        "grant_type=refresh_token&refresh_token=r&client_id=app"
    );
}

#[test]
fn an_event_that_does_not_belong_to_the_last_action_ends_the_call() {
    let signature = || Event::KeyUsed(KeyResult::Signature(Vec::new()));
    let ready = || call(testing::configuration());
    let for_ready = [received(), unanswered(), signature(), Event::Elapsed];
    let for_signature = [received(), unanswered(), Event::Begin, Event::Elapsed];
    let for_response = [Event::Begin, signature(), Event::Elapsed];
    for (make, expected, events) in [
        (
            &ready as &dyn Fn() -> Call<RefreshTokenRequest>,
            "Begin",
            for_ready.into_iter().collect(),
        ),
        (
            &awaiting_signature,
            "KeyUsed or KeyUnavailable",
            for_signature.into_iter().collect::<Vec<_>>(),
        ),
        (
            &awaiting_response,
            "Received or Unanswered",
            for_response.into_iter().collect(),
        ),
    ] {
        for event in events {
            let mut call = make();
            let found = event.name();
            assert_unexpected(step(&mut call, event), expected, found);
            assert_finished(&mut call);
        }
        let mut call = make();
        let aborted = step(&mut call, Event::Aborted);
        assert!(matches!(aborted, Err(Error::Aborted)), "{aborted:?}");
        assert_finished(&mut call);
    }
}

#[test]
fn no_answer_ends_the_call_with_its_reason() {
    let mut call = awaiting_response();
    let error = step(&mut call, unanswered()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));
    assert_eq!(error.to_string(), "token request: no answer within 30 s");
    assert_finished(&mut call);
}

/// The request spends a refresh token, so the server may have taken it.
#[test]
fn a_refresh_token_is_not_sent_again_after_a_closed_connection() {
    let mut call = awaiting_response();
    let closed = Event::Unanswered(Unanswered {
        endpoint: EndpointName::Token,
        reason: NoAnswer::ClosedUnanswered,
        source: None,
    });
    let error = step(&mut call, closed).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
    assert_finished(&mut call);
}

/// A GET may be sent again, unless the call is limited to fewer requests. No limit allows more.
#[test]
fn a_get_is_sent_once_more_after_a_closed_connection_within_the_limit_of_the_call() {
    let get = || Call::new(JwksEndpoint::new(testing::configuration()));
    for (mut call, requests) in [
        (get(), 2),
        (get().once(), 1),
        (get().at_most(1), 1),
        (get().at_most(2), 2),
        (get().at_most(9), 2),
        (get().once().at_most(9), 1),
    ] {
        let cache = Cache::default();
        let mut env = testing::env(NOW, 0, &cache);
        let mut event = Event::Begin;
        for _ in 0..requests {
            let sent = sent(call.step(&mut env, event));
            assert_eq!(sent.request.method(), "GET");
            event = Event::Unanswered(Unanswered {
                endpoint: EndpointName::Jwks,
                reason: NoAnswer::ClosedUnanswered,
                source: None,
            });
        }
        let error = call.step(&mut env, event).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
        assert_finished(&mut call);
    }
}

#[test]
fn nothing_is_sent_to_an_endpoint_that_is_not_there_or_not_safe() {
    for (endpoint, code) in [
        (None, "OAUTH_MISSING_SERVER_METADATA"),
        (Some("/token"), "OAUTH_INVALID_SERVER_METADATA"),
        (
            Some("https://u:p@op.example/token"),
            "OAUTH_INVALID_SERVER_METADATA",
        ),
        (
            Some("http://op.example/token"),
            "OAUTH_HTTP_REQUEST_FORBIDDEN",
        ),
        (
            Some("ftp://op.example/token"),
            "OAUTH_REQUEST_PROTOCOL_FORBIDDEN",
        ),
    ] {
        let endpoint = endpoint.map(str::to_owned);
        let setup = testing::setup().server(|it| it.token_endpoint = endpoint);
        let mut call = call(setup.build());
        let error = step(&mut call, Event::Begin).unwrap_err();
        assert_eq!(error.code(), Some(code), "{error}");
        assert_finished(&mut call);
    }
}
