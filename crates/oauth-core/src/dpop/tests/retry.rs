//! A request is repeated once, and not twice.

use bytes::Bytes;
use http::{HeaderValue, Response};

use super::*;
use crate::cache::{Cache, ServerRole};
use crate::client_auth::{ClientAuthentication, PrivateKeyJwt};
use crate::endpoint::TokenResponse;
use crate::error::{Error, Misuse};
use crate::operation::Operation;
use crate::testing::{FixedEntropy, NOW};

const AS: ServerRole = ServerRole::AuthorizationServer;
const ORIGIN: &str = "https://op.example";

/// A response that refuses the nonce, with these nonces.
fn demand(nonces: &[&'static str]) -> Response<Bytes> {
    with_nonces(
        testing::response(400, r#"{"error":"use_dpop_nonce"}"#),
        nonces,
    )
}

fn tokens(nonces: &[&'static str]) -> Response<Bytes> {
    let body = r#"{"access_token":"at","token_type":"DPoP"}"#;
    with_nonces(testing::response(200, body), nonces)
}

fn with_nonces(mut response: Response<Bytes>, nonces: &[&'static str]) -> Response<Bytes> {
    for nonce in nonces {
        let nonce = HeaderValue::from_static(nonce);
        response.headers_mut().append("dpop-nonce", nonce);
    }
    response
}

/// A call that answers every use of a key, with one cache and different randomness for each step.
struct Script<'a> {
    cache: &'a Cache,
    call: Call<RefreshTokenRequest>,
    steps: std::ops::RangeFrom<u8>,
    keys_used: Vec<String>,
}

impl<'a> Script<'a> {
    fn begin(cache: &'a Cache, configuration: Configuration) -> (Self, Outbound) {
        let mut script = Self {
            cache,
            call: refresh(configuration),
            steps: 1..,
            keys_used: Vec::new(),
        };
        let outbound = sent(script.step(Event::Begin));
        (script, outbound)
    }

    fn receive(&mut self, response: Response<Bytes>) -> Result<Action<TokenResponse>, Error> {
        self.step(Event::Received(response))
    }

    fn step(&mut self, event: Event) -> Result<Action<TokenResponse>, Error> {
        let mut event = event;
        loop {
            let entropy = FixedEntropy(self.steps.next().unwrap());
            let mut env = testing::env(NOW, 0, self.cache);
            env.entropy = &entropy;
            match self.call.step(&mut env, event)? {
                Action::UseKey(job) => {
                    self.keys_used.push(job.key().to_string());
                    event = signed(&KEY, &job);
                }
                action => return Ok(action),
            }
        }
    }
}

fn nonce_of(outbound: &Outbound) -> Option<String> {
    let (_, claims) = proof_of(&outbound.request, &KEY);
    claims
        .get("nonce")
        .map(|nonce| nonce.as_str().unwrap().to_owned())
}

#[test]
fn a_demand_is_met_once() {
    let cache = Cache::new();
    let (mut script, first) = Script::begin(&cache, configuration());
    assert_eq!(nonce_of(&first), None);

    let second = sent(script.receive(demand(&["n1"])));
    assert_eq!(nonce_of(&second).as_deref(), Some("n1"));
    assert_eq!(second.request.body(), first.request.body());
    let jti = |outbound: &Outbound| proof_of(&outbound.request, &KEY).1["jti"].clone();
    assert_ne!(jti(&first), jti(&second));

    let error = script.receive(demand(&["n2"])).unwrap_err();
    let Error::ResponseBody(answer) = error else {
        panic!("{error}");
    };
    assert_eq!(answer.error, "use_dpop_nonce");
    assert_eq!(script.keys_used, ["dpop", "dpop"]);
    // The nonce is stored nevertheless: the next operation succeeds.
    assert_eq!(cache.dpop_nonce(AS, ORIGIN).as_deref(), Some("n2"));
    let over = script.receive(tokens(&[])).unwrap_err();
    assert!(matches!(over, Error::Misuse(Misuse::Finished)), "{over}");
}

#[test]
fn a_demand_with_nothing_new_is_not_met() {
    for nonces in [
        &[] as &[_],
        &["old"],
        &["not a nonce"],
        &["n1", "n2"],
        &["n1", "n1"],
    ] {
        let cache = Cache::new();
        cache.store_dpop_nonce(AS, ORIGIN, "old");
        let (mut script, first) = Script::begin(&cache, configuration());
        assert_eq!(nonce_of(&first).as_deref(), Some("old"));
        let error = script.receive(demand(nonces)).unwrap_err();
        assert_eq!(
            error.code(),
            Some("OAUTH_RESPONSE_BODY_ERROR"),
            "{nonces:?}"
        );
        assert_eq!(cache.dpop_nonce(AS, ORIGIN).as_deref(), Some("old"));
    }
}

#[test]
fn a_nonce_that_became_stale_is_replaced() {
    let cache = Cache::new();
    cache.store_dpop_nonce(AS, ORIGIN, "old");
    let (mut script, _) = Script::begin(&cache, configuration());
    let second = sent(script.receive(demand(&["new"])));
    assert_eq!(nonce_of(&second).as_deref(), Some("new"));
    let Action::Done(tokens) = script.receive(tokens(&["next"])).unwrap() else {
        panic!("not done");
    };
    assert_eq!(tokens.dpop_thumbprint(), Some(dpop_key().thumbprint()));
    let (_, later) = Script::begin(&cache, configuration());
    assert_eq!(nonce_of(&later).as_deref(), Some("next"));
}

#[test]
fn the_nonce_of_any_failure_is_remembered() {
    for (status, body) in [
        (400, r#"{"error":"invalid_grant"}"#),
        (500, "<html>"),
        (302, ""),
        (200, "not json"),
    ] {
        let cache = Cache::new();
        let (mut script, _) = Script::begin(&cache, configuration());
        let response = with_nonces(testing::response(status, body), &["n"]);
        script.receive(response).unwrap_err();
        assert_eq!(
            cache.dpop_nonce(AS, ORIGIN).as_deref(),
            Some("n"),
            "{status}"
        );
    }
}

#[test]
fn without_a_key_nothing_is_proved_remembered_or_repeated() {
    let cache = Cache::new();
    let (mut script, outbound) = Script::begin(&cache, testing::configuration());
    assert!(!outbound.request.headers().contains_key("dpop"));
    let error = script.receive(demand(&["n1"])).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    assert_eq!(cache.dpop_nonce(AS, ORIGIN), None);
}

#[test]
fn the_client_assertion_of_a_second_request_is_a_new_one() {
    let assertion_key = KeyReference {
        name: KeyName::new("assertion"),
        ..reference(jose::SignatureAlgorithm::ES256)
    };
    let authentication =
        ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(assertion_key).unwrap());
    let setup = testing::setup().authentication(authentication);
    let configuration = setup.build().with_dpop_key(dpop_key());
    let cache = Cache::new();
    let (mut script, first) = Script::begin(&cache, configuration);
    let second = sent(script.receive(demand(&["n1"])));
    assert_eq!(script.keys_used, ["assertion", "dpop", "assertion", "dpop"]);
    let assertion = |outbound: &Outbound| {
        let form = str::from_utf8(outbound.request.body()).unwrap().to_owned();
        let form = Parameters::decode(&form);
        assert_eq!(form.all("client_assertion").count(), 1);
        form.first("client_assertion").unwrap().to_owned()
    };
    assert_ne!(assertion(&first), assertion(&second));
}

#[test]
fn every_state_accepts_an_abort() {
    for steps in 0..3 {
        let cache = Cache::new();
        let mut call = refresh(configuration());
        let mut env = testing::env(NOW, 0, &cache);
        let mut event = Event::Begin;
        for _ in 0..steps {
            event = match call.step(&mut env, event).unwrap() {
                Action::UseKey(job) => signed(&KEY, &job),
                Action::Send(_) => break,
                _ => panic!("done already"),
            };
        }
        let error = call.step(&mut env, Event::Aborted).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_ABORT"), "{steps}");
        let over = call.step(&mut env, Event::Begin).unwrap_err();
        assert!(matches!(over, Error::Misuse(Misuse::Finished)), "{over}");
    }
}

#[test]
fn an_event_that_does_not_fit_is_named() {
    let cache = Cache::new();
    let mut call = refresh(configuration());
    let mut env = testing::env(NOW, 0, &cache);
    call.step(&mut env, Event::Begin).unwrap();
    let error = call
        .step(&mut env, Event::Received(tokens(&[])))
        .unwrap_err();
    let Error::Misuse(misuse) = error else {
        panic!("{error}");
    };
    assert_eq!(
        misuse,
        Misuse::UnexpectedEvent {
            expected: "KeyUsed or KeyUnavailable",
            found: "Received"
        }
    );
}
