//! The ID Token that comes with the tokens.

use std::time::Duration;

use super::*;

#[test]
fn the_keys_for_an_id_token_are_there_before_the_tokens() {
    let mut script = Script::new(backchannel_grant(31));
    assert_eq!(script.waits(Event::Begin), seconds(31));
    assert_eq!(script.sends(Event::Elapsed).endpoint, EndpointName::Jwks);
    let outbound = script.sends(received(200, key_set(&[&SERVER_KEY])));
    assert_eq!(outbound.endpoint, EndpointName::Token);
    assert_eq!(
        form(&outbound).encode(),
        "grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba&auth_req_id=id-1&client_id=app"
    );
    assert_eq!(script.waits(pending()), seconds(31));
    // They are fresh for five minutes.
    let outbound = script.sends(Event::Elapsed);
    assert_eq!(outbound.endpoint, EndpointName::Token);
    let mut body = tokens();
    body["id_token"] = id_token_without_nonce().into();
    let tokens = script.done(received(200, body));
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_finished(&mut script.operation);
}

#[test]
fn keys_that_cannot_be_had_yet_are_asked_for_again() {
    let mut script = Script::new(backchannel_grant(5));
    script.entropy = &FixedEntropy(0);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    assert_eq!(script.waits(unanswered(TIMED_OUT)), seconds(10));
    assert_eq!(script.sends(Event::Elapsed).endpoint, EndpointName::Jwks);
    let error = script.fails(received(200, "{}"));
    assert_eq!(error.rejection().unwrap().artefact, Artefact::KeySet);
}

#[test]
fn a_backchannel_authentication_without_an_id_token_is_refused() {
    let mut script = Script::new(backchannel_grant(5));
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    script.sends(received(200, key_set(&[&SERVER_KEY])));
    let error = script.fails(received(200, tokens()));
    assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::TokenResponse);
    assert_eq!(
        rejection.reason,
        Reason::Missing {
            member: "id_token".into()
        }
    );
}

#[test]
fn tokens_whose_keys_are_lost_are_kept_and_not_asked_for_again() {
    let mut script = device(None, 1800);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let mut body = tokens();
    body["id_token"] = id_token_without_nonce().into();
    let outbound = script.sends(received(200, body));
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    let busy = with_retry_after(503, json!({}), "12");
    let Error::TokensUnverified(unverified) = script.fails(busy) else {
        panic!();
    };
    assert_eq!(unverified.danger_tokens().access_token().expose(), "at");
    assert_finished(&mut script.operation);
}

#[test]
fn the_nonce_of_the_request_is_expected_back() {
    for (nonce, accepted) in [(Some("n-1"), true), (Some("n-2"), false), (None, false)] {
        let mut authorization = authorization(None, 1800);
        authorization.scope = Some("openid".to_owned());
        let mut grant = PollDeviceAuthorizationGrant::new(configuration(), &authorization);
        if let Some(nonce) = nonce {
            grant = grant.expected_nonce(nonce);
        }
        let mut script = Script::new(grant);
        script.waits(Event::Begin);
        script.sends(Event::Elapsed);
        script.sends(received(200, key_set(&[&SERVER_KEY])));
        let mut body = tokens();
        body["id_token"] = sign(&claims()).into();
        match script.step(received(200, body)) {
            Ok(Action::Done(_)) => assert!(accepted),
            Err(error) => {
                assert!(!accepted);
                assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
                assert!(matches!(
                    error.rejection().unwrap().reason,
                    Reason::ClaimMismatch { claim: "nonce", .. }
                ));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A person may take long to answer without their authentication growing too old.
#[test]
fn the_age_of_an_authentication_counts_from_the_beginning_of_the_login() {
    let mut client = configuration().client().clone();
    client.default_max_age = Some(0);
    let configuration = configuration().with_client(client).unwrap();
    let mut authorization = authorization(None, 1800);
    authorization.scope = Some("openid".to_owned());
    // Half a minute is tolerated.
    for (before, is_too_old) in [(0, false), (30, false), (31, true)] {
        let device = PollDeviceAuthorizationGrant::new(configuration.clone(), &authorization);
        assert_age(device, before, is_too_old);
        let backchannel =
            PollBackchannelAuthenticationGrant::new(configuration.clone(), &backchannel(5));
        assert_age(backchannel, before, is_too_old);
    }
}

/// The person authenticated so long before the login, and answers after 50 seconds.
#[track_caller]
fn assert_age(grant: impl Operation<Output = TokenSet>, before: i64, is_too_old: bool) {
    let mut script = Script::new(grant);
    script.waits(Event::Begin);
    script.pass(seconds(45));
    script.sends(Event::Elapsed);
    script.sends(received(200, key_set(&[&SERVER_KEY])));
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("nonce");
    let auth_time = NOW.saturating_sub(before);
    claims["auth_time"] = auth_time.into();
    let mut body = tokens();
    body["id_token"] = sign(&claims).into();
    match script.step(received(200, body)) {
        Ok(Action::Done(_)) => assert!(!is_too_old),
        Err(error) => {
            assert!(is_too_old, "{error}");
            let reason = &error.rejection().unwrap().reason;
            let expected = Reason::Timestamp {
                claim: "auth_time",
                found: auth_time,
                rule: TimestampRule::TooOld,
                now: NOW + 50,
                tolerance: Duration::from_secs(30),
            };
            assert_eq!(reason, &expected);
        }
        other => panic!("{other:?}"),
    }
}
