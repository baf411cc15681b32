//! The token types that a response may contain.

use super::*;
use crate::endpoint::{Endpoint, TokenResponse, TokenType};
use crate::error::{Artefact, Error, Reason};
use crate::testing::NOW;
use crate::time::UnixTime;

fn read(configuration: Configuration, token_type: &str) -> Result<TokenResponse, Error> {
    let endpoint = RefreshTokenRequest {
        configuration,
        refresh_token: "rt".into(),
        parameters: Parameters::new(),
    };
    let body = serde_json::json!({"access_token": "at", "token_type": token_type});
    let response = testing::response(200, body.to_string());
    endpoint.response(UnixTime::from_seconds(NOW), &response)
}

fn accepting_bearer() -> Configuration {
    let mut policy = crate::policy::Policy::default();
    policy.danger.accept_bearer_for_dpop = true;
    configuration().with_policy(policy)
}

#[test]
fn the_type_asked_for_is_accepted_in_any_case() {
    let thumbprint = dpop_key().thumbprint().to_owned();
    for (configuration, found, token_type, bound) in [
        (configuration(), "DPoP", TokenType::DPoP, true),
        (configuration(), "dpop", TokenType::DPoP, true),
        (accepting_bearer(), "DPoP", TokenType::DPoP, true),
        (accepting_bearer(), "bearer", TokenType::Bearer, false),
        (testing::configuration(), "BEARER", TokenType::Bearer, false),
    ] {
        let tokens = read(configuration, found).unwrap();
        assert_eq!(tokens.token_type(), token_type, "{found}");
        let expected = bound.then_some(thumbprint.as_str());
        assert_eq!(tokens.dpop_thumbprint(), expected, "{found}");
    }
}

#[test]
fn another_type_is_refused() {
    let mut accepting_without_key = crate::policy::Policy::default();
    accepting_without_key.danger.accept_bearer_for_dpop = true;
    for (configuration, expected, found) in [
        (configuration(), "DPoP", "Bearer"),
        (configuration(), "DPoP", "mac"),
        (accepting_bearer(), "DPoP or Bearer", "mac"),
        (testing::configuration(), "Bearer", "DPoP"),
        (
            testing::configuration().with_policy(accepting_without_key),
            "Bearer",
            "DPoP",
        ),
    ] {
        let error = read(configuration, found).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::TokenResponse);
        assert_eq!(
            rejection.reason,
            Reason::UnsupportedTokenType {
                expected,
                found: found.to_owned()
            }
        );
    }
}
