//! Key sets that are wrong or unusual.

use jose::{KeySelectionError, SignatureAlgorithm};
use oauth_core::Error;
use oauth_core::error::{Artefact, NoAnswer, Reason};
use oauth_core::flow::TokenSet;
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{
    CONFORM, INVALID, PARSE, assert_covered, assert_rejected, ill_typed, missing, status,
};
use crate::world::World;

const ACCEPTED: [Misbehaviour; 8] = [
    KeySetKeyTwice,
    KeySetNullMembers,
    KeySetDuplicateKidOtherAlgorithm,
    KeySetKidAbsent,
    KeySetJsonAsHtml,
    KeySetMediaType,
    KeySetUnknownKeyType,
    KeySetMalformedKey,
];

/// Returns the documents that are refused as a whole.
fn refusals() -> Vec<(Misbehaviour, &'static str, Reason)> {
    vec![
        (KeySetKeysMissing, INVALID, missing("keys")),
        (
            KeySetKeysNotAnArray,
            INVALID,
            ill_typed("keys", "an array", "object"),
        ),
        (
            KeySetHtml,
            "OAUTH_RESPONSE_IS_NOT_JSON",
            Reason::MediaType {
                expected: "application/json",
                found: Some("text/html; charset=utf-8".to_owned()),
            },
        ),
        (KeySetServerError, CONFORM, status(500, None)),
        (KeySetRedirect, CONFORM, status(307, Some("/tenant/jwks"))),
        (
            KeySetNotAnObject,
            INVALID,
            Reason::Json(jose::json::Error::NotAnObject { found: "array" }),
        ),
        (
            KeySetDuplicateKeys,
            PARSE,
            Reason::Json(jose::json::Error::Duplicate {
                member: "keys".to_owned(),
            }),
        ),
        (
            KeySetContentEncoding,
            CONFORM,
            Reason::ContentEncoding {
                found: "gzip".to_owned(),
            },
        ),
    ]
}

const TOO_LARGE: [Misbehaviour; 2] = [KeySetManyKeys, KeySetTooLarge];

/// The documents without a usable key for the token, or with several.
const WITHOUT_KEY: [Misbehaviour; 8] = [
    KeySetPadded,
    KeySetEmpty,
    KeySetEncryptionUse,
    KeySetOperationsWithoutVerify,
    KeySetAlgorithmMismatch,
    KeySetWrongCurve,
    KeySetWeakRsa,
    KeySetPrivateMember,
];
const WITH_SEVERAL_KEYS: [Misbehaviour; 2] = [KeySetDuplicateKid, KeySetKidAbsentSeveralKeys];

#[test]
fn a_wrong_set_is_refused_before_the_code_is_spent() {
    for (misbehaviour, code, reason) in refusals() {
        let (world, result) = log_in(misbehaviour);
        assert_rejected(result, code, Artefact::KeySet, &reason);
        assert_eq!(world.served(Endpoint::KeySet), 1);
        assert_eq!(world.served(Endpoint::Token), 0);
    }
}

#[test]
fn a_set_beyond_the_cap_is_refused() {
    for misbehaviour in TOO_LARGE {
        let (world, result) = log_in(misbehaviour);
        let Err(Error::Unanswered(unanswered)) = result else {
            panic!("{misbehaviour:?}");
        };
        assert_eq!(unanswered.endpoint, EndpointName::Jwks);
        let cap = 1024 * 1024;
        assert_eq!(unanswered.reason, NoAnswer::BodyTooLarge { cap });
        assert_eq!(world.served(Endpoint::Token), 0);
    }
}

#[test]
fn an_unusual_set_is_accepted() {
    for misbehaviour in ACCEPTED {
        let (world, result) = log_in(misbehaviour);
        assert_eq!(result.unwrap().id_token().unwrap().sub(), "alice");
        assert_eq!(world.served(Endpoint::KeySet), 1);
    }
}

#[test]
fn a_set_without_the_key_is_fetched_once_more_and_then_refused() {
    for misbehaviour in WITHOUT_KEY {
        let (world, result) = log_in(misbehaviour);
        assert!(
            matches!(selection(result), KeySelectionError::None { .. }),
            "{misbehaviour:?}"
        );
        // The key set was fetched before the token request, and again because the key was missing.
        assert_eq!(world.served(Endpoint::KeySet), 2);
        assert_eq!(world.served(Endpoint::Token), 1);
        // The next login within a minute does not fetch the key set.
        let result = world.log_in(&world.configuration());
        assert!(matches!(selection(result), KeySelectionError::None { .. }));
        assert_eq!(world.served(Endpoint::KeySet), 2);
    }
}

#[test]
fn several_keys_that_fit_are_not_tried_in_turn() {
    for misbehaviour in WITH_SEVERAL_KEYS {
        let (world, result) = log_in(misbehaviour);
        assert_eq!(
            selection(result),
            KeySelectionError::Several {
                alg: SignatureAlgorithm::RS256,
                candidates: 2,
            }
        );
        assert_eq!(world.served(Endpoint::KeySet), 1);
    }
}

/// RFC 7515 section 2 forbids padding.
#[test]
fn padded_keys_are_refused_by_name_and_read_under_a_switch() {
    let (_, result) = log_in(KeySetPadded);
    let error = result.unwrap_err().to_string();
    for said in [
        "the one key at https://",
        "`kid` `RS256-1`: `RS256-1` is skipped, as the JWK's `n` is padded with `=`",
        "; `danger.accept_padded_keys` accepts padded keys",
    ] {
        assert!(error.contains(said), "{error}");
    }
    let mut policy = Policy::default();
    policy.danger.accept_padded_keys = true;
    let world = World::wrong(KeySetPadded);
    let configuration = world.configuration().with_policy(policy);
    let tokens = world.log_in(&configuration).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

/// Anyone who reads a symmetric key in a public document can sign with it.
#[test]
fn a_published_secret_signs_nothing() {
    let (_, result) = log_in(KeySetSymmetricKey);
    let reason = Reason::Algorithm {
        expected: vec!["RS256".to_owned()],
        found: "HS256".to_owned(),
    };
    assert_rejected(result, INVALID, Artefact::IdToken, &reason);
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals();
    let refused = refused.iter().map(|(misbehaviour, ..)| *misbehaviour);
    let tested = refused
        .chain(ACCEPTED)
        .chain(TOO_LARGE)
        .chain(WITHOUT_KEY)
        .chain(WITH_SEVERAL_KEYS)
        .chain([KeySetSymmetricKey]);
    assert_covered(tested, |misbehaviour| {
        misbehaviour.endpoint() == Endpoint::KeySet
    });
}

/// Returns the reason why no key was selected, and asserts that the tokens are kept.
#[track_caller]
fn selection(result: Result<TokenSet, Error>) -> KeySelectionError {
    let Err(error) = result else {
        panic!("accepted");
    };
    assert_eq!(error.code(), Some("OAUTH_KEY_SELECTION_FAILED"));
    let Error::TokensUnverified(unverified) = error else {
        panic!("{error}");
    };
    match &unverified.cause().rejection().unwrap().reason {
        Reason::KeySelection(reason) => reason.clone(),
        reason => panic!("{reason}"),
    }
}

fn log_in(misbehaviour: Misbehaviour) -> (World, Result<TokenSet, Error>) {
    let world = World::wrong(misbehaviour);
    let result = world.log_in(&world.configuration());
    (world, result)
}
