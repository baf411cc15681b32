//! Misbehaviours in the JWK Set, and the ID Tokens that belong to them.

use jose::{Error, KeyRejected, KeySelectionError};
use serde_json::json;

use super::id_token::Token;
use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let name = format!("{misbehaviour:?}");
    let place = Endpoint::KeySet;
    let fault = name.strip_prefix("KeySet")?;
    if let Some(shown) = wire_fault(fault, good.first(place), bad.first(place)) {
        return Some(shown);
    }
    let document = bad.json(place);
    let keys = || document["keys"].as_array().unwrap().clone();
    let good_keys = || good.json(place)["keys"].as_array().unwrap().clone();
    let every = |member: &str, value: Value| {
        keys().iter().all(|key| key[member] == value) && !keys().is_empty()
    };
    let selected = || select(bad);
    Some(match misbehaviour {
        M::KeySetEmpty => keys().is_empty(),
        M::KeySetKeysMissing => !document.contains_key("keys"),
        M::KeySetKeysNotAnArray => document["keys"] == json!({}),
        M::KeySetDuplicateKeys => bad.text(place).starts_with(r#"{"keys":[],"keys":[{"#),
        M::KeySetManyKeys => {
            keys().len() == 5_000 && good_keys().iter().all(|key| keys().contains(key))
        }
        M::KeySetDuplicateKid => is_several(selected()) && keys()[0]["n"] != keys()[2]["n"],
        M::KeySetDuplicateKidOtherAlgorithm => {
            keys().iter().filter(|key| key["kid"] == "RS256-1").count() == 2 && selected().is_ok()
        }
        M::KeySetKidAbsent => every("kid", Value::Null) && keys().len() == 2 && selected().is_ok(),
        M::KeySetKidAbsentSeveralKeys => every("kid", Value::Null) && is_several(selected()),
        M::KeySetEncryptionUse => every("use", json!("enc")) && is_none(selected()),
        M::KeySetOperationsWithoutVerify => {
            every("key_ops", json!(["encrypt", "wrapKey"])) && is_none(selected())
        }
        M::KeySetAlgorithmMismatch => every("alg", json!("RSA-OAEP-256")) && is_none(selected()),
        M::KeySetWrongCurve => {
            keys()[0]["kid"] == "RS256-1" && keys()[0]["crv"] == "P-384" && is_none(selected())
        }
        M::KeySetWeakRsa => {
            matches!(
                skipped(bad).as_slice(),
                [
                    _,
                    Error::KeyRejected(KeyRejected::ModulusLength { found: 1024, .. })
                ]
            ) && is_none(selected())
        }
        M::KeySetSymmetricKey => {
            let secret = base64url::decode(keys()[0]["k"].as_str().unwrap()).unwrap();
            keys().len() == 1 && every("kty", json!("oct")) && Token::of(bad).is_hmac_with(&secret)
        }
        M::KeySetPrivateMember => {
            skipped(bad) == vec![Error::KeyRejected(KeyRejected::PrivateMember { member: "d" }); 2]
        }
        M::KeySetKeyTwice => {
            let twice = [good_keys(), good_keys()].concat();
            keys() == twice && selected().is_ok()
        }
        M::KeySetNullMembers => {
            let has_null = |key: &Value| key.as_object().unwrap().get("d") == Some(&Value::Null);
            keys().iter().all(has_null) && skipped(bad).is_empty() && selected().is_ok()
        }
        M::KeySetPadded => keys()[0]["n"].as_str().unwrap().ends_with("==") && is_none(selected()),
        M::KeySetUnknownKeyType => {
            keys()[0]["kty"] == "UNKNOWN" && skipped(bad).len() == 1 && selected().is_ok()
        }
        M::KeySetMalformedKey => {
            keys()[0].get("n").is_none() && skipped(bad).len() == 1 && selected().is_ok()
        }
        M::KeySetRotatedBeforeSigning => {
            // The four tokens are those of a login, a refresh, a login and a refresh.
            kids(bad) == ["RS256-2", "RS256-2", "RS256-3", "RS256-3"]
                && last_key_set(bad) == ["RS256-3", "ES256-3"]
        }
        M::KeySetRotatedBetweenLogins => {
            kids(bad) == ["RS256-1", "RS256-1", "RS256-2", "RS256-2"]
                && last_key_set(bad) == ["RS256-2", "ES256-2"]
        }
        _ => return None,
    })
}

/// Selects the key for the first ID Token from the first key set, as a client does.
fn select(journey: &Journey) -> Result<(), Error> {
    let set = JwkSet::parse(journey.first(Endpoint::KeySet).body()).unwrap();
    let token = Token::of(journey).text;
    let unverified = jws::Unverified::parse(&token).unwrap();
    set.select(unverified.header()).map(|_| ())
}

fn is_none(selected: Result<(), Error>) -> bool {
    matches!(
        selected,
        Err(Error::KeySelection(KeySelectionError::None { .. }))
    )
}

fn is_several(selected: Result<(), Error>) -> bool {
    matches!(
        selected,
        Err(Error::KeySelection(KeySelectionError::Several {
            candidates: 2,
            ..
        }))
    )
}

fn skipped(journey: &Journey) -> Vec<Error> {
    let set = JwkSet::parse(journey.first(Endpoint::KeySet).body()).unwrap();
    set.skipped()
        .iter()
        .map(|key| key.reason().clone())
        .collect()
}

fn kids(journey: &Journey) -> Vec<String> {
    journey
        .all(Endpoint::Token)
        .take(4)
        .map(|response| {
            Token::parse(&text(&json(response), "id_token")).header["kid"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

fn last_key_set(journey: &Journey) -> Vec<String> {
    let document = json(journey.all(Endpoint::KeySet).last().unwrap());
    let keys = document["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}
