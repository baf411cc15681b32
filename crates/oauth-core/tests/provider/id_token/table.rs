//! The table of ID Tokens that are wrong or unusual, with the result that a client must return.

use std::time::Duration;

use jose::{Malformed, Part};
use oauth_core::error::{Reason, TimestampRule};
use test_provider::Misbehaviour;
use test_provider::Misbehaviour::*;

use crate::refusal::{
    COMPARISON, INVALID, PARSE, TIMESTAMP, UNSUPPORTED, claim_mismatch, ill_typed, missing,
};
use crate::world::{CLIENT_ID, ISSUER, START};

pub(crate) const ACCEPTED: [Misbehaviour; 12] = [
    IdTokenKidAbsent,
    IdTokenAudienceArray,
    IdTokenFurtherAudienceAuthorizedParty,
    IdTokenAuthorizedParty,
    IdTokenExpiryFractional,
    IdTokenIssuedWeekAgo,
    IdTokenAccessTokenHashMissing,
    IdTokenTypeLowerCase,
    IdTokenOptionalClaimsNull,
    IdTokenTypeMissing,
    IdTokenTypeMediaType,
    KeySetRotatedBeforeSigning,
];

pub(crate) type Refusal = (Misbehaviour, &'static str, Reason);

fn wrong_claims() -> Vec<Refusal> {
    let issuer = |found: &str| claim_mismatch("iss", Some(ISSUER), Some(found));
    let audience = |found| claim_mismatch("aud", Some(CLIENT_ID), Some(found));
    let party = |found| claim_mismatch("azp", Some(CLIENT_ID), found);
    let not_a_string = |claim| ill_typed(claim, "a string", "number");
    vec![
        (
            IdTokenNonceMismatch,
            COMPARISON,
            claim_mismatch("nonce", None, None),
        ),
        (IdTokenNonceMissing, INVALID, missing("nonce")),
        (IdTokenNonceNull, INVALID, missing("nonce")),
        (IdTokenNonceNotAString, INVALID, not_a_string("nonce")),
        (IdTokenIssuerMissing, INVALID, missing("iss")),
        (
            IdTokenIssuerMismatch,
            COMPARISON,
            issuer(&format!("{ISSUER}1")),
        ),
        (
            IdTokenIssuerTrailingSlash,
            COMPARISON,
            issuer(&format!("{ISSUER}/")),
        ),
        (IdTokenIssuerNotAString, INVALID, not_a_string("iss")),
        (IdTokenSubjectMissing, INVALID, missing("sub")),
        (
            IdTokenSubjectEmpty,
            INVALID,
            ill_typed("sub", "a string that is not empty", "an empty string"),
        ),
        (IdTokenSubjectNotAString, INVALID, not_a_string("sub")),
        (IdTokenAudienceMissing, INVALID, missing("aud")),
        (IdTokenAudienceMismatch, COMPARISON, audience("my-app1")),
        (IdTokenAudienceEmpty, COMPARISON, audience("")),
        (
            IdTokenAudienceMemberNotAString,
            INVALID,
            ill_typed("aud", "a string or an array of strings", "array"),
        ),
        (IdTokenFurtherAudience, COMPARISON, party(None)),
        (
            IdTokenFurtherAudienceAuthorizedPartyMismatch,
            COMPARISON,
            party(Some("a-stranger")),
        ),
        (
            IdTokenAuthorizedPartyMismatch,
            COMPARISON,
            party(Some("a-stranger")),
        ),
        (
            IdTokenAuthorizedPartyNotAString,
            INVALID,
            not_a_string("azp"),
        ),
        (
            IdTokenAccessTokenHashMismatch,
            COMPARISON,
            claim_mismatch("at_hash", None, None),
        ),
        (
            IdTokenAccessTokenHashNotAString,
            INVALID,
            not_a_string("at_hash"),
        ),
        (
            IdTokenEvents,
            INVALID,
            Reason::Unexpected {
                member: "events".into(),
            },
        ),
    ]
}

fn wrong_times() -> Vec<Refusal> {
    let timestamp = |claim, ago: i64, rule| Reason::Timestamp {
        claim,
        found: START - ago,
        rule,
        now: START,
        tolerance: Duration::from_secs(30),
    };
    let expired = |ago| timestamp("exp", ago, TimestampRule::Expired);
    let future = |claim| timestamp(claim, -3600, TimestampRule::InTheFuture);
    let not_a_number = |claim| ill_typed(claim, "a number", "string");
    vec![
        (IdTokenExpiryMissing, INVALID, missing("exp")),
        (IdTokenExpiryNull, INVALID, missing("exp")),
        (IdTokenExpired, TIMESTAMP, expired(360)),
        (IdTokenExpiredRecently, TIMESTAMP, expired(45)),
        (IdTokenExpiryAsString, INVALID, not_a_number("exp")),
        (
            IdTokenNotBeforeInFuture,
            TIMESTAMP,
            timestamp("nbf", -3600, TimestampRule::NotYetValid),
        ),
        (IdTokenIssuedAtMissing, INVALID, missing("iat")),
        (IdTokenIssuedInFuture, TIMESTAMP, future("iat")),
        (IdTokenIssuedAtAsString, INVALID, not_a_number("iat")),
        (IdTokenAuthTimeMissing, INVALID, missing("auth_time")),
        (
            IdTokenAuthTimeTooOld,
            TIMESTAMP,
            timestamp("auth_time", 86400, TimestampRule::TooOld),
        ),
        (IdTokenAuthTimeInFuture, TIMESTAMP, future("auth_time")),
        (IdTokenAuthTimeAsString, INVALID, not_a_number("auth_time")),
        (
            IdTokenAuthTimeNegative,
            INVALID,
            ill_typed(
                "auth_time",
                "a number that is not negative",
                "a negative number",
            ),
        ),
    ]
}

fn wrong_tokens() -> Vec<Refusal> {
    let typed = |found: &str| Reason::TokenType {
        expected: "JWT",
        found: found.to_owned(),
    };
    let algorithm = |found: &str| Reason::Algorithm {
        expected: vec!["RS256".to_owned()],
        found: found.to_owned(),
    };
    let jose = Reason::Jose;
    let json = |part, reason| Reason::Jose(jose::Error::Json { part, reason });
    let twice = |part, member: &str| {
        let member = member.to_owned();
        json(part, jose::json::Error::Duplicate { member })
    };
    let encoding = || {
        let part = Part::Payload;
        Reason::Jose(Malformed::Base64Url { part }.into())
    };
    let unknown = jose::Error::UnknownAlgorithm {
        alg: "RS257".to_owned(),
    };
    let segments = Malformed::Segments {
        expected: 3,
        found: 2,
    };
    vec![
        (IdTokenTypeAccessToken, INVALID, typed("at+jwt")),
        (IdTokenTypeLogoutToken, INVALID, typed("logout+jwt")),
        (IdTokenTypeProof, INVALID, typed("dpop+jwt")),
        (IdTokenTypeOwn, INVALID, typed("ID")),
        (IdTokenAlgorithmNone, INVALID, jose(jose::Error::Unsecured)),
        (
            IdTokenAlgorithmNoneMixedCase,
            INVALID,
            jose(jose::Error::Unsecured),
        ),
        (IdTokenAlgorithmUnknown, INVALID, jose(unknown)),
        (IdTokenAlternateAlgorithm, INVALID, algorithm("ES256")),
        (IdTokenHmacWithPublicKeyPem, INVALID, algorithm("HS256")),
        (IdTokenHmacWithModulus, INVALID, algorithm("HS256")),
        (
            IdTokenSignatureBroken,
            INVALID,
            jose(jose::Error::Signature),
        ),
        (
            IdTokenSignatureMissing,
            INVALID,
            jose(jose::Error::Signature),
        ),
        (IdTokenSignatureZero, INVALID, jose(jose::Error::Signature)),
        (
            IdTokenSignedByStranger,
            INVALID,
            jose(jose::Error::Signature),
        ),
        (IdTokenEmbeddedKey, INVALID, jose(jose::Error::Signature)),
        (IdTokenKeySetUrl, INVALID, jose(jose::Error::Signature)),
        (IdTokenCritical, UNSUPPORTED, jose(jose::Error::Critical)),
        (
            IdTokenCriticalEmpty,
            UNSUPPORTED,
            jose(jose::Error::Critical),
        ),
        (
            IdTokenCriticalUnencoded,
            UNSUPPORTED,
            jose(jose::Error::Critical),
        ),
        (IdTokenDuplicateAlgorithm, PARSE, twice(Part::Header, "alg")),
        (IdTokenDuplicateSubject, PARSE, twice(Part::Payload, "sub")),
        (IdTokenDuplicateExpiry, PARSE, twice(Part::Payload, "exp")),
        (IdTokenTrailingBits, PARSE, encoding()),
        (IdTokenPadding, PARSE, encoding()),
        (
            IdTokenNotAnObject,
            INVALID,
            json(
                Part::Payload,
                jose::json::Error::NotAnObject { found: "array" },
            ),
        ),
        (IdTokenTwoSegments, INVALID, jose(segments.into())),
    ]
}

pub(crate) fn refusals() -> impl Iterator<Item = Refusal> {
    let claims = wrong_claims().into_iter();
    claims.chain(wrong_times()).chain(wrong_tokens())
}
