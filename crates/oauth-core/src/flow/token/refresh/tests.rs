use serde_json::json;

use super::*;
use crate::cache::Cache;
use crate::names::EndpointName;
use crate::testing;
use crate::testing::{NOW, assert_finished, assert_unexpected, done, sent};

fn grant() -> RefreshTokenGrant {
    RefreshTokenGrant::new(testing::configuration(), "r")
}

fn step(cache: &Cache, grant: &mut RefreshTokenGrant, event: Event) -> Step {
    grant.step(&mut testing::env(NOW, 0, cache), event)
}

fn tokens(refresh_token: Option<&str>) -> Event {
    let mut body = json!({"access_token": "at", "token_type": "Bearer"});
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    Event::Received(testing::response(200, body.to_string()))
}

fn previous() -> PreviousIdToken {
    let serde_json::Value::Object(claims) = testing::claims() else {
        unreachable!("claims are an object");
    };
    PreviousIdToken::from_claims(claims).unwrap()
}

#[test]
fn a_refresh_sends_the_token_and_what_was_asked_for() {
    let cache = Cache::default();
    let mut grant = grant()
        .scope("a b")
        .parameter("resource", "https://a.example")
        .parameter("refresh_token", "another");
    let outbound = sent(step(&cache, &mut grant, Event::Begin));
    assert_eq!(outbound.endpoint, EndpointName::Token);
    assert_eq!(
        outbound.request.body(),
        "scope=a+b&resource=https%3A%2F%2Fa.example&grant_type=refresh_token&refresh_token=r\
         &client_id=app"
    );
    done(step(&cache, &mut grant, tokens(None)));
    assert_finished(&mut grant);
}

/// RFC 6749 section 6.
#[test]
fn the_refresh_token_to_use_next() {
    for (sent_back, next) in [(None, "r"), (Some("r2"), "r2")] {
        let cache = Cache::default();
        let mut grant = grant();
        sent(step(&cache, &mut grant, Event::Begin));
        let tokens = done(step(&cache, &mut grant, tokens(sent_back)));
        assert_eq!(tokens.refresh_token().unwrap().expose(), next);
    }
}

/// The session at the server is that of the login (OpenID Connect Session Management 1.0 section
/// 2).
#[test]
fn a_refresh_keeps_the_session_state_of_its_tokens() {
    let cache = Cache::default();
    let mut grant = grant();
    sent(step(&cache, &mut grant, Event::Begin));
    let first = done(step(&cache, &mut grant, tokens(Some("r2"))));
    assert_eq!(first.session_state(), None);
    let first = first.of_session(Some("x.y".into()));
    let mut grant = RefreshTokenGrant::from_tokens(testing::configuration(), &first).unwrap();
    let shown = format!("{grant:?}");
    assert!(!shown.contains("x.y"), "{shown}");
    let outbound = sent(step(&cache, &mut grant, Event::Begin));
    let body = std::str::from_utf8(outbound.request.body()).unwrap();
    assert!(body.contains("refresh_token=r2"), "{body}");
    assert!(!body.contains("session"), "{body}");
    let second = done(step(&cache, &mut grant, tokens(None)));
    assert_eq!(second.session_state(), Some("x.y"));
}

#[test]
fn tokens_without_a_refresh_token_are_not_refreshed() {
    let cache = Cache::default();
    let mut grant = crate::flow::ClientCredentialsGrant::new(testing::configuration());
    let env = &mut testing::env(NOW, 0, &cache);
    sent(grant.step(env, Event::Begin));
    let tokens = done(grant.step(env, tokens(None)));
    assert!(RefreshTokenGrant::from_tokens(testing::configuration(), &tokens).is_none());
}

#[test]
fn a_wrong_event_ends_the_refresh_in_each_state() {
    let answer = "Received or Unanswered";
    let at_each_state = |cache: &Cache| {
        let mut prefetching = grant().previous(previous());
        let fetch = sent(step(cache, &mut prefetching, Event::Begin));
        assert_eq!(fetch.endpoint, EndpointName::Jwks);
        let mut refreshing = grant();
        sent(step(cache, &mut refreshing, Event::Begin));
        [
            (grant(), "Begin"),
            (prefetching, answer),
            (refreshing, answer),
        ]
    };
    let cache = Cache::default();
    for (mut grant, expected) in at_each_state(&cache) {
        assert_unexpected(
            step(&cache, &mut grant, Event::Elapsed),
            expected,
            "Elapsed",
        );
        assert_finished(&mut grant);
    }
    for (mut grant, _) in at_each_state(&Cache::default()) {
        let error = step(&Cache::default(), &mut grant, Event::Aborted).unwrap_err();
        assert!(matches!(error, Error::Aborted), "{error}");
        assert_finished(&mut grant);
    }
}
