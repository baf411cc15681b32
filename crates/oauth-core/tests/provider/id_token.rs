//! ID Tokens that are wrong or merely unusual, each in a whole login with a `max_age` of 600.

use jose::KeySelectionError;
use jose::Malformed;
use jose::Part;
use jose::SignatureAlgorithm;
use oauth_core::Error;
use oauth_core::authorization::AuthorizationCodeGrantChecks;
use oauth_core::authorization::Callback;
use oauth_core::authorization::ExpectedState;
use oauth_core::authorization::authorization_url;
use oauth_core::error::Artefact;
use oauth_core::error::Reason;
use oauth_core::error::TimestampRule;
use oauth_core::error::Unsupported;
use oauth_core::flow::CodeGrant;
use oauth_core::flow::TokenSet;
use oauth_core::pkce::CodeVerifier;
use oauth_core::run::Host;
use oauth_core::wire::Parameters;
use test_provider::Endpoint;
use test_provider::Misbehaviour;
use test_provider::Misbehaviour::*;

use crate::refusal::INVALID;
use crate::refusal::PARSE;
use crate::refusal::assert_covered;
use crate::refusal::assert_rejected;
use crate::refusal::claim_mismatch;
use crate::refusal::ill_typed;
use crate::refusal::missing;
use crate::world::CLIENT_ID;
use crate::world::ISSUER;
use crate::world::REDIRECT_URI;
use crate::world::START;
use crate::world::World;

const COMPARISON: &str = "OAUTH_JWT_CLAIM_COMPARISON_FAILED";
const TIMESTAMP: &str = "OAUTH_JWT_TIMESTAMP_CHECK_FAILED";
const UNSUPPORTED: &str = "OAUTH_UNSUPPORTED_OPERATION";

const ACCEPTED: [Misbehaviour; 10] = [
    IdTokenKidAbsent,
    IdTokenAudienceArray,
    IdTokenFurtherAudienceAuthorizedParty,
    IdTokenAuthorizedParty,
    IdTokenExpiryFractional,
    IdTokenIssuedWeekAgo,
    IdTokenAccessTokenHashMissing,
    IdTokenTypeLowerCase,
    IdTokenTypeMissing,
    KeySetRotatedBeforeSigning,
];

type Refusal = (Misbehaviour, &'static str, Reason);

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
        tolerance: 30,
    };
    let expired = |ago| timestamp("exp", ago, TimestampRule::Expired);
    let future = |claim| timestamp(claim, -3600, TimestampRule::InTheFuture);
    let not_a_number = |claim| ill_typed(claim, "a number", "string");
    vec![
        (IdTokenExpiryMissing, INVALID, missing("exp")),
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

fn refusals() -> impl Iterator<Item = Refusal> {
    let claims = wrong_claims().into_iter();
    claims.chain(wrong_times()).chain(wrong_tokens())
}

#[test]
fn a_wrong_token_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let (world, result) = log_in(misbehaviour);
        assert_rejected(result, code, Artefact::IdToken, &reason);
        // No key is fetched for a token that is wrong in itself, nor anything that it names.
        assert_eq!(world.served(Endpoint::KeySet), 1, "{misbehaviour:?}");
        assert_eq!(world.sent.borrow().len(), 3, "{misbehaviour:?}");
    }
}

#[test]
fn an_unusual_token_is_accepted() {
    for misbehaviour in ACCEPTED {
        let (_, result) = log_in(misbehaviour);
        assert_eq!(result.unwrap().id_token().unwrap().sub(), "alice");
    }
}

#[test]
fn a_key_that_no_set_holds_is_looked_for_once() {
    let (world, result) = log_in(IdTokenKidUnknown);
    let error = result.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_KEY_SELECTION_FAILED"));
    let Error::TokensUnverified(unverified) = error else {
        panic!("{error}");
    };
    assert_eq!(
        unverified.cause().rejection().unwrap().reason,
        Reason::KeySelection(KeySelectionError::None {
            alg: SignatureAlgorithm::RS256,
            keys: 1,
        })
    );
    assert_eq!(world.served(Endpoint::KeySet), 2);
}

#[test]
fn keys_may_change_between_logins() {
    let (world, first) = log_in(KeySetRotatedBetweenLogins);
    first.unwrap();
    let second = world.log_in(&world.configuration());
    second.unwrap();
    assert_eq!(world.served(Endpoint::KeySet), 2);
}

#[test]
fn an_encrypted_token_is_not_read() {
    let (_, result) = log_in(IdTokenEncrypted);
    let error = result.unwrap_err();
    assert_eq!(error.code(), Some(UNSUPPORTED));
    let cause = match &error {
        Error::TokensUnverified(unverified) => unverified.cause(),
        error => error,
    };
    assert!(matches!(
        cause,
        Error::Unsupported(Unsupported::Form {
            artefact: Artefact::IdToken,
            ..
        })
    ));
}

/// A nonce that was not sent comes from another login.
#[test]
fn a_nonce_that_nobody_sent_is_refused() {
    let world = World::wrong(IdTokenNonceUnasked);
    let configuration = world.configuration();
    let verifier = CodeVerifier::random(world.env().entropy).unwrap();
    let parameters = Parameters::from_iter([
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid"),
        ("state", "s-1"),
        ("code_challenge", &verifier.code_challenge()),
        ("code_challenge_method", "S256"),
    ]);
    let url = authorization_url(&configuration, parameters).unwrap();
    let callback = Callback::from_url(&world.browse(&url)).unwrap();
    let checks = AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("s-1".into()),
        id_token_expected: true,
        pkce_code_verifier: Some(verifier),
        ..AuthorizationCodeGrantChecks::default()
    };
    let grant = CodeGrant::new(&configuration, &callback, REDIRECT_URI, checks);
    let reason = claim_mismatch("nonce", Some("none"), None);
    assert_rejected(world.run(grant), COMPARISON, Artefact::IdToken, &reason);
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals().map(|(misbehaviour, ..)| misbehaviour);
    let tested = refused.chain(ACCEPTED).chain([
        IdTokenKidUnknown,
        IdTokenEncrypted,
        IdTokenNonceUnasked,
        KeySetRotatedBetweenLogins,
    ]);
    assert_covered(tested, |misbehaviour| {
        let name = format!("{misbehaviour:?}");
        // Those of an ID Token that comes through the browser are tested with it.
        let front_channel = misbehaviour.endpoint() == Endpoint::Authorization;
        (name.starts_with("IdToken") && !front_channel) || name.starts_with("KeySetRotated")
    });
}

fn log_in(misbehaviour: Misbehaviour) -> (World, Result<TokenSet, Error>) {
    let world = World::wrong(misbehaviour);
    let configuration = world.configuration();
    let request = World::request(&configuration).max_age(600);
    let result = world.log_in_with(&configuration, request);
    (world, result)
}
