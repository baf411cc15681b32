//! Token responses that are wrong or unusual.

use oauth_core::Error;
use oauth_core::endpoint::TokenType;
use oauth_core::error::{Artefact, NoAnswer, Reason};
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{INVALID, assert_rejected, ill_typed, missing};
use crate::world::World;

fn refused(misbehaviour: Misbehaviour) -> Error {
    let world = World::wrong(misbehaviour);
    let result = world.log_in(&world.configuration());
    assert_eq!(world.served(Endpoint::Token), 1, "{misbehaviour:?}");
    result.expect_err("the token response was accepted")
}

#[test]
fn a_wrong_response_is_refused_for_its_reason() {
    let text = |member, found| ill_typed(member, "a non-empty string", found);
    let lifetime = |found| ill_typed("expires_in", "a number of seconds from 0", found);
    let status = |found, location: Option<&str>| Reason::Status {
        expected: 200,
        found,
        location: location.map(str::to_owned),
    };
    let not_json = || Reason::MediaType {
        expected: "application/json",
        found: Some("text/html; charset=utf-8".to_owned()),
    };
    let nonconform = "OAUTH_RESPONSE_IS_NOT_CONFORM";
    let cases = [
        (TokenAccessTokenMissing, INVALID, missing("access_token")),
        (
            TokenAccessTokenEmpty,
            INVALID,
            text("access_token", "an empty string"),
        ),
        (
            TokenAccessTokenNotAString,
            INVALID,
            text("access_token", "number"),
        ),
        (TokenTypeMissing, INVALID, missing("token_type")),
        (
            TokenTypeUnknown,
            "OAUTH_UNSUPPORTED_OPERATION",
            Reason::UnsupportedTokenType {
                expected: "Bearer",
                found: "mac".to_owned(),
            },
        ),
        (TokenExpiresInNegative, INVALID, lifetime("-1")),
        (TokenExpiresInText, INVALID, lifetime("the string 3600abc")),
        (
            TokenRefreshTokenEmpty,
            INVALID,
            text("refresh_token", "an empty string"),
        ),
        (
            TokenScopeNotAString,
            INVALID,
            ill_typed("scope", "a string", "array"),
        ),
        (TokenIdTokenMissing, INVALID, missing("id_token")),
        (
            TokenIdTokenEmpty,
            INVALID,
            text("id_token", "an empty string"),
        ),
        (TokenIdTokenNotAString, INVALID, text("id_token", "object")),
        (TokenCreated, nonconform, status(201, None)),
        (TokenBadRequestHtml, nonconform, status(400, None)),
        (TokenServerError, nonconform, status(500, None)),
        (
            TokenRedirect,
            nonconform,
            status(307, Some("/tenant/token")),
        ),
        (TokenHtml, "OAUTH_RESPONSE_IS_NOT_JSON", not_json()),
        (
            TokenNotAnObject,
            INVALID,
            Reason::Json(jose::json::Error::NotAnObject { found: "array" }),
        ),
        (
            TokenDuplicateAccessToken,
            "OAUTH_PARSE_ERROR",
            Reason::Json(jose::json::Error::Duplicate {
                member: "access_token".to_owned(),
            }),
        ),
        (
            TokenContentEncoding,
            nonconform,
            Reason::ContentEncoding {
                found: "gzip".to_owned(),
            },
        ),
    ];
    for (misbehaviour, code, reason) in cases {
        let error: Result<(), _> = Err(refused(misbehaviour));
        assert_rejected(error, code, Artefact::TokenResponse, &reason);
    }
}

#[test]
fn a_refusal_is_surfaced_with_what_the_server_said() {
    let error = refused(TokenInvalidGrant);
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    let Error::ResponseBody(answered) = error else {
        panic!("{error}");
    };
    assert_eq!(answered.error, "invalid_grant");
    assert_eq!(answered.status, 400);

    let error = refused(TokenUnauthorized);
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    let Error::ResponseBody(answered) = error else {
        panic!("{error}");
    };
    assert_eq!(answered.error, "invalid_client");
    assert_eq!(answered.status, 401);
    assert_eq!(answered.challenges[0].scheme, "basic");
}

#[test]
fn a_body_beyond_the_cap_is_refused() {
    let error = refused(TokenTooLarge);
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_TOO_LARGE"));
    let Error::Unanswered(unanswered) = error else {
        panic!("{error}");
    };
    assert_eq!(
        unanswered.reason,
        NoAnswer::BodyTooLarge { cap: 1024 * 1024 }
    );
}

#[test]
fn what_is_only_unusual_is_accepted() {
    for misbehaviour in [
        TokenTypeInvertedCase,
        TokenExpiresInAsString,
        TokenExpiresInMissing,
        TokenExpiresInNull,
        TokenRefreshTokenMissing,
        TokenRefreshTokenNull,
        TokenScopeMissing,
        // The library accepts this, because it checks the content and not the media type.
        TokenJsonAsHtml,
    ] {
        let world = World::wrong(misbehaviour);
        let tokens = world.log_in(&world.configuration()).unwrap();
        assert!(tokens.id_token().is_some(), "{misbehaviour:?}");
        assert_eq!(tokens.token_type(), TokenType::Bearer);
        let lifetime = tokens.expires_in(tokens.received_at());
        assert_eq!(
            lifetime.is_none(),
            matches!(misbehaviour, TokenExpiresInMissing | TokenExpiresInNull)
        );
        let refresh_token = tokens.refresh_token();
        assert_eq!(
            refresh_token.is_none(),
            matches!(
                misbehaviour,
                TokenRefreshTokenMissing | TokenRefreshTokenNull
            )
        );
        assert_eq!(tokens.scope().is_none(), misbehaviour == TokenScopeMissing);
    }
}

/// Every misbehaviour of these endpoints occurs in one of these files.
#[test]
fn no_switch_is_forgotten() {
    let tested = concat!(
        include_str!("authorization.rs"),
        include_str!("callback.rs"),
        include_str!("repeated_claims.rs"),
        include_str!("token_response.rs")
    );
    for misbehaviour in Misbehaviour::ALL {
        let name = format!("{misbehaviour:?}");
        let place = misbehaviour.endpoint();
        if matches!(
            place,
            Endpoint::Authorization | Endpoint::PushedAuthorization
        ) || name.starts_with("Token")
        {
            assert!(tested.contains(&name), "{name} is not tested");
        }
    }
}
