//! Key sets, and the selection of a key for a token.

use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{
    Error, JwkSet, KeyRejected, KeySelectionError, SetKey, SignatureAlgorithm, SigningKey,
    VerifyingKey, json,
};
use serde_json::{Value, json};

use crate::{EC, EC_D, ED25519, refused_by_openssl, rsa, with};

/// Selects a key for a token with this header and an arbitrary signature.
pub(super) fn select<'s>(
    set: &'s JwkSet,
    alg: &str,
    kid: Option<&str>,
) -> Result<&'s SetKey, Error> {
    let mut header = ProtectedHeader::new(alg.parse().unwrap());
    if let Some(kid) = kid {
        header = header.kid(kid);
    }
    let length = match alg {
        "ES384" => 96,
        "ES256" | "Ed25519" | "EdDSA" => 64,
        _ => 256,
    };
    let token = SigningInput::new(&header, b"{}")
        .finish(&vec![1; length])
        .unwrap();
    set.select(Unverified::parse(&token).unwrap().header())
}

pub(super) fn set(keys: Value) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

#[test]
fn a_set_gives_the_one_key_that_fits() {
    let set = set(json!([
        with(&rsa().to_string(), json!({ "kid": "r", "alg": null })),
        with(EC, json!({ "kid": "e" })),
        with(ED25519, json!({ "kid": "o" })),
    ]));
    for (alg, kid) in [
        ("RS256", "r"),
        ("PS512", "r"),
        ("ES256", "e"),
        ("Ed25519", "o"),
        ("EdDSA", "o"),
    ] {
        assert_eq!(select(&set, alg, Some(kid)).unwrap().jwk().kid(), Some(kid));
        assert_eq!(select(&set, alg, None).unwrap().jwk().kid(), Some(kid));
    }
    let none = |alg| (alg, 3);
    let select_none = |alg: &str, kid| none_of(select(&set, alg, kid).unwrap_err());
    // The curve does not fit, the `kid` does not fit, and the `kid` belongs to a key of another
    // type.
    assert_eq!(select_none("ES384", None), none(SignatureAlgorithm::ES384));
    assert_eq!(
        select_none("RS256", Some("x")),
        none(SignatureAlgorithm::RS256)
    );
    assert_eq!(
        select_none("RS256", Some("e")),
        none(SignatureAlgorithm::RS256)
    );
}

#[test]
fn several_keys_that_fit_are_never_tried_in_turn() {
    let first = with(EC, json!({ "kid": "a" }));
    let second = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("a")
        .public_jwk()
        .unwrap();
    let set = set(json!([
        first,
        second.to_json(),
        with(EC, json!({ "kid": "b" })),
        EC.parse::<Value>().unwrap()
    ]));
    let several = |candidates| {
        Error::KeySelection(KeySelectionError::Several {
            alg: SignatureAlgorithm::ES256,
            candidates,
        })
    };
    assert_eq!(select(&set, "ES256", None).unwrap_err(), several(4));
    assert_eq!(select(&set, "ES256", Some("a")).unwrap_err(), several(2));
    assert_eq!(
        select(&set, "ES256", Some("b")).unwrap().jwk().kid(),
        Some("b")
    );
}

#[test]
fn the_keys_own_members_decide_between_keys_of_one_type() {
    let rsa = rsa().to_string();
    let set = set(json!([
        with(&rsa, json!({ "kid": "rs", "alg": "RS256" })),
        with(&rsa, json!({ "kid": "ps", "alg": "PS256" })),
        with(&rsa, json!({ "kid": "enc", "use": "enc" })),
        with(&rsa, json!({ "kid": "ops", "key_ops": ["encrypt"] })),
    ]));
    assert_eq!(select(&set, "RS256", None).unwrap().jwk().kid(), Some("rs"));
    assert_eq!(select(&set, "PS256", None).unwrap().jwk().kid(), Some("ps"));
    for (alg, kid) in [
        ("RS256", "ps"),
        ("RS256", "enc"),
        ("RS256", "ops"),
        ("RS512", "rs"),
    ] {
        assert_eq!(
            none_of(select(&set, alg, Some(kid)).unwrap_err()),
            (alg.parse().unwrap(), 2)
        );
    }
}

#[test]
fn one_bad_key_is_skipped_and_said_to_be() {
    let set = set(json!([
        with(EC, json!({ "kid": "good" })),
        { "kty": "AXP", "kid": "later" },
        with(EC, json!({ "kid": "leaked", "d": EC_D })),
        7,
        with(EC, json!({ "kid": "off", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4" })),
        refused_by_openssl("rsa1024_public"),
    ]));
    assert_eq!(set.keys().len(), 1);
    let skipped: Vec<_> = set
        .skipped()
        .iter()
        .map(|key| (key.index(), key.kid(), key.reason().clone()))
        .collect();
    let rejected = Error::KeyRejected;
    assert_eq!(
        skipped,
        [
            (
                1,
                Some("later"),
                rejected(KeyRejected::KeyType {
                    kty: "AXP".to_owned()
                })
            ),
            (
                2,
                Some("leaked"),
                rejected(KeyRejected::PrivateMember { member: "d" })
            ),
            (
                3,
                None,
                Error::Json {
                    part: jose::Part::Key,
                    reason: json::Error::NotAnObject { found: "number" }
                }
            ),
            (4, Some("off"), rejected(KeyRejected::Inconsistent)),
            (
                5,
                None,
                rejected(KeyRejected::ModulusLength {
                    minimum: 2048,
                    maximum: 8192,
                    found: 1024
                })
            ),
        ]
    );
    assert_eq!(
        select(&set, "ES256", None).unwrap().jwk().kid(),
        Some("good")
    );
}

#[test]
fn documents_that_are_no_set() {
    let refusal = |text: &str| JwkSet::parse(text.as_bytes()).unwrap_err();
    assert_eq!(
        refusal("{}"),
        Error::KeyRejected(KeyRejected::MissingMember { member: "keys" })
    );
    assert_eq!(
        refusal(r#"{"keys":{}}"#),
        Error::KeyRejected(KeyRejected::Member {
            member: "keys",
            expected: "an array",
            found: "object"
        })
    );
    let json = |reason| Error::Json {
        part: jose::Part::KeySet,
        reason,
    };
    assert_eq!(
        refusal("[]"),
        json(json::Error::NotAnObject { found: "array" })
    );
    assert_eq!(
        refusal(r#"{"keys":[],"keys":[]}"#),
        json(json::Error::Duplicate {
            member: "keys".to_owned()
        })
    );
    assert_eq!(
        refusal("<html>"),
        json(json::Error::Syntax { line: 1, column: 1 })
    );
    let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 257].join(","));
    assert_eq!(
        refusal(&many),
        Error::TooManyKeys {
            limit: 256,
            found: 257
        }
    );
    let most = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 256].join(","));
    assert_eq!(JwkSet::parse(most.as_bytes()).unwrap().skipped().len(), 256);
}

#[test]
fn keys_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<SigningKey>();
    shared::<VerifyingKey>();
    shared::<JwkSet>();
}

/// Returns the requested algorithm, and the number of usable keys in the set.
fn none_of(error: Error) -> (SignatureAlgorithm, usize) {
    match error {
        Error::KeySelection(KeySelectionError::None { alg, keys, .. }) => (alg, keys),
        other => panic!("{other}"),
    }
}
