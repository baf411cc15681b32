//! What people read who have to do something about it.

use std::sync::Arc;
use std::time::Duration;

use super::{Artefact, Error, Reason, Rejection, TimestampRule, TokensUnverified};

fn shown(artefact: Artefact, reason: Reason) -> String {
    Rejection::new(artefact, reason).to_string()
}

#[test]
fn an_algorithm_is_never_called_none_that_may_be_used() {
    let algorithm = |expected: &[&str], found: &str| Reason::Algorithm {
        expected: expected.iter().map(|it| (*it).to_owned()).collect(),
        found: found.to_owned(),
    };
    assert_eq!(
        shown(Artefact::IdToken, algorithm(&[], "none")),
        "ID Token refused: not one of the algorithms that the server advertises may be used, found \
         none"
    );
    assert_eq!(
        shown(Artefact::IdToken, algorithm(&["RS256", "ES256"], "none")),
        "ID Token refused: expected algorithm RS256 or ES256, found none"
    );
}

#[test]
fn a_missing_azp_says_why_it_is_needed() {
    let azp = |found: Option<&str>| Reason::ClaimMismatch {
        claim: "azp",
        expected: Some("app".to_owned()),
        found: found.map(str::to_owned),
    };
    assert_eq!(
        shown(Artefact::IdToken, azp(None)),
        "ID Token refused: claim `azp` does not match: expected app: it is missing although there \
         are other audiences, or the login had it; `danger.skip_azp_check` accepts it"
    );
    assert_eq!(
        shown(Artefact::IdToken, azp(Some("other"))),
        "ID Token refused: claim `azp` does not match: expected app, found other; \
         `danger.skip_azp_check` accepts it"
    );
}

#[test]
fn an_id_token_after_a_stored_refresh_token_names_what_is_lacking() {
    let member = "id_token".into();
    assert_eq!(
        shown(Artefact::TokenResponse, Reason::Unexpected { member }),
        "token response refused: `id_token` must be absent here; the ID Token of the login, or what \
         was stored of it, given as `previous` lets it be compared with that one"
    );
}

#[test]
fn a_page_over_plain_http_names_what_permits_it() {
    let url = |found: &str| Reason::Url {
        member: "verification_uri".into(),
        expected: "an https URL",
        found: found.to_owned(),
    };
    assert_eq!(
        shown(
            Artefact::DeviceAuthorizationResponse,
            url("http://localhost")
        ),
        "device authorization response refused: `verification_uri` must be an https URL, found \
         http://localhost; `danger_allow_insecure_requests` permits http, which others on the network \
         can read and change; use it only on one machine"
    );
    let other = shown(
        Artefact::DeviceAuthorizationResponse,
        url("ftp://localhost"),
    );
    assert!(!other.contains("allow"), "{other}");
}

/// The same tokens pass once the keys can be fetched. Every other fault stays.
#[test]
fn tokens_are_called_received_where_only_keys_were_lacking() {
    let message = |cause: Error| TokensUnverified::new(cause, tokens()).to_string();
    let status = Reason::Status {
        expected: 200,
        found: 503,
        location: None,
    };
    let keys = Rejection::new(Artefact::KeySet, status);
    assert_eq!(
        message(Arc::new(keys).into()),
        "tokens received, but not verified: key set refused: expected HTTP status 200, found 503"
    );
    let member = "id_token".into();
    let unexpected = Rejection::new(Artefact::TokenResponse, Reason::Unexpected { member });
    let message = message(Arc::new(unexpected).into());
    assert!(
        message.starts_with("token response refused: `id_token`"),
        "{message}"
    );
}

fn tokens() -> crate::endpoint::TokenResponse {
    use crate::endpoint::{ClientCredentialsTokenRequest, Endpoint};

    let endpoint = ClientCredentialsTokenRequest {
        configuration: crate::testing::configuration(),
        parameters: crate::wire::Parameters::new(),
    };
    let body = r#"{"access_token":"at","token_type":"Bearer"}"#;
    let now = crate::time::UnixTime::from_seconds(crate::testing::NOW);
    endpoint
        .response(now, &crate::testing::response(200, body))
        .unwrap()
}

#[test]
fn a_time_ahead_and_a_wrong_hash_name_their_switches() {
    let iat = |rule| Reason::Timestamp {
        claim: "iat",
        found: 91,
        rule,
        now: 60,
        tolerance: Duration::from_secs(30),
    };
    assert_eq!(
        shown(Artefact::IdToken, iat(TimestampRule::InTheFuture)),
        "ID Token refused: claim `iat` is 91, which is in the future (now 60, tolerance 30 s); \
         `clock_skew` corrects a clock that is behind, `clock_tolerance` grants more; \
         `danger.skip_iat_check` accepts it"
    );
    // The switch is for ID Tokens. It accepts an ID Token that is older than the backchannel
    // authentication that it answers, but not one that is too old and came with a code. The message
    // cannot distinguish them.
    for (artefact, rule) in [
        (Artefact::IdToken, TimestampRule::TooOld),
        (Artefact::AuthorizationResponse, TimestampRule::InTheFuture),
    ] {
        assert!(!shown(artefact, iat(rule)).contains("danger"));
    }
    let at_hash = Reason::ClaimMismatch {
        claim: "at_hash",
        expected: None,
        found: None,
    };
    assert_eq!(
        shown(Artefact::IdToken, at_hash),
        "ID Token refused: claim `at_hash` does not match; `danger.skip_at_hash_check` accepts it"
    );
}

#[test]
fn a_time_ahead_names_the_settings_of_the_clock() {
    for (artefact, claim, rule) in [
        (Artefact::IdToken, "nbf", TimestampRule::NotYetValid),
        (Artefact::IdToken, "auth_time", TimestampRule::InTheFuture),
        (
            Artefact::AuthorizationResponse,
            "iat",
            TimestampRule::InTheFuture,
        ),
    ] {
        let time = |rule| Reason::Timestamp {
            claim,
            found: 91,
            rule,
            now: 60,
            tolerance: Duration::from_secs(30),
        };
        let hint = "; `clock_skew` corrects a clock that is behind, `clock_tolerance` grants more";
        let message = shown(artefact, time(rule));
        assert!(message.ends_with(hint), "{message}");
        let message = shown(artefact, time(TimestampRule::TooOld));
        assert!(!message.contains("clock_"), "{message}");
    }
}

#[test]
fn an_expired_token_names_the_settings_of_the_clock() {
    for (artefact, names_them) in [
        (Artefact::IdToken, true),
        (Artefact::LogoutToken, true),
        (Artefact::AuthorizationResponse, true),
        // These expire in the course of things.
        (Artefact::UserInfoResponse, false),
        (Artefact::IntrospectionResponse, false),
    ] {
        let expired = Reason::Timestamp {
            claim: "exp",
            found: 1,
            rule: TimestampRule::Expired,
            now: 60,
            tolerance: Duration::from_secs(30),
        };
        let hint = "; `clock_skew` corrects a clock that is ahead, `clock_tolerance` grants more";
        let message = shown(artefact, expired);
        assert_eq!(message.ends_with(hint), names_them, "{message}");
    }
}

#[test]
fn unencrypted_and_unexpected_values_name_their_switches() {
    let expected = "ECDH-ES".to_owned();
    assert_eq!(
        shown(
            Artefact::UserInfoResponse,
            Reason::NotEncrypted { expected }
        ),
        "UserInfo response refused: expected a token encrypted with ECDH-ES, found one that is not \
         encrypted; `danger.accept_unencrypted` accepts one that is signed"
    );
    let member = "access_token";
    assert_eq!(
        shown(
            Artefact::AuthorizationResponse,
            Reason::ImplicitParameter { member }
        ),
        "authorization response refused: `access_token` belongs to a flow that was not asked for; \
         `danger.accept_stray_parameters` passes over it"
    );
}

/// Another person may be logging in, and the message must not say how to let them in.
#[test]
fn no_message_names_a_switch_that_lets_another_person_in() {
    for claim in ["iss", "sub", "aud", "nonce"] {
        let reason = Reason::ClaimMismatch {
            claim,
            expected: Some("alice".to_owned()),
            found: Some("mallory".to_owned()),
        };
        assert!(!shown(Artefact::IdToken, reason).contains("danger"));
    }
    let signature = Reason::Jose(jose::Error::Signature);
    assert!(!shown(Artefact::IdToken, signature).contains("danger"));
}
