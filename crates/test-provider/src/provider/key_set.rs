//! The JWK Set (RFC 7517 section 5).

use bytes::Bytes;
use http::{Response, StatusCode};
use jose::{SignatureAlgorithm, base64url};
use serde_json::{Value, json};

use super::Call;
use super::state::State;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::{keys, response};

impl Call<'_> {
    pub(super) fn wants_encrypted_requests(&self) -> bool {
        let mut clients = self.clients.values();
        clients.any(|client| client.request_object_encryption.is_some())
    }

    /// Returns the algorithms of all signatures by the provider.
    pub(super) fn signing_algorithms(&self) -> Vec<SignatureAlgorithm> {
        let mut algorithms = self.id_token_algorithms();
        for client in self.clients.values() {
            for algorithm in client.algorithms() {
                if !algorithms.contains(&algorithm) {
                    algorithms.push(algorithm);
                }
            }
        }
        algorithms
    }
}

pub(super) fn answer(call: &Call<'_>, state: &State) -> Response<Bytes> {
    let mut keys = keys_of(&asymmetric(call), state.key_generation);
    for misbehaviour in call.misbehaviours {
        change_keys(&mut keys, *misbehaviour, state.key_generation);
    }
    if call.wants_encrypted_requests() {
        let ours = keys::decryption_keys(state.key_generation);
        keys.extend(ours.iter().map(keys::encryption_jwk));
    }
    let keys = Value::Array(keys.into_iter().map(Value::from).collect());
    let mut document = Members::new([("keys", keys)]);
    for misbehaviour in call.misbehaviours {
        match misbehaviour {
            Misbehaviour::KeySetKeysMissing => document.remove("keys"),
            Misbehaviour::KeySetKeysNotAnArray => document.set("keys", json!({})),
            Misbehaviour::KeySetDuplicateKeys => document.push_front("keys", json!([])),
            _ => {}
        }
    }
    response::json(StatusCode::OK, &document)
}

/// Returns the algorithms of the keys in the set, with the additional ones that misbehaviours need.
fn asymmetric(call: &Call<'_>) -> Vec<SignatureAlgorithm> {
    let mut algorithms = call.signing_algorithms();
    algorithms.retain(|algorithm| !algorithm.is_symmetric());
    if call.misbehaves(Misbehaviour::IdTokenAlternateAlgorithm) {
        // The set contains the key, so that the algorithm is the only reason for a refusal.
        let alternates: Vec<_> = call
            .id_token_algorithms()
            .into_iter()
            .map(super::id_token::alternate)
            .collect();
        for alternate in alternates {
            if !algorithms.contains(&alternate) {
                algorithms.push(alternate);
            }
        }
    }
    let needs_rsa = [
        Misbehaviour::IdTokenHmacWithPublicKeyPem,
        Misbehaviour::IdTokenHmacWithModulus,
        Misbehaviour::IdTokenAlgorithmUnknown,
    ];
    if needs_rsa
        .into_iter()
        .any(|misbehaviour| call.misbehaves(misbehaviour))
        && !algorithms.contains(&SignatureAlgorithm::RS256)
    {
        algorithms.push(SignatureAlgorithm::RS256);
    }
    algorithms
}

fn keys_of(algorithms: &[SignatureAlgorithm], generation: u64) -> Vec<Members> {
    algorithms
        .iter()
        .map(|algorithm| keys::public_jwk(*algorithm, generation))
        .collect()
}

fn change_keys(keys: &mut Vec<Members>, misbehaviour: Misbehaviour, generation: u64) {
    match misbehaviour {
        Misbehaviour::KeySetEmpty => keys.clear(),
        Misbehaviour::KeySetManyKeys => pad(keys),
        Misbehaviour::KeySetDuplicateKid => {
            for key in keys.clone() {
                let mut decoy = keys::public_jwk(algorithm_of(&key), generation + 1);
                decoy.set("kid", key.get("kid").cloned().unwrap_or_default());
                keys.push(decoy);
            }
        }
        Misbehaviour::KeySetDuplicateKidOtherAlgorithm => {
            for key in keys.clone() {
                let mut decoy =
                    keys::public_jwk(super::id_token::alternate(algorithm_of(&key)), generation);
                decoy.set("kid", key.get("kid").cloned().unwrap_or_default());
                keys.insert(0, decoy);
            }
        }
        Misbehaviour::KeySetKidAbsent => keys.iter_mut().for_each(|key| key.remove("kid")),
        Misbehaviour::KeySetKidAbsentSeveralKeys => {
            for key in keys.clone() {
                keys.push(keys::public_jwk(algorithm_of(&key), generation + 1));
            }
            keys.iter_mut().for_each(|key| key.remove("kid"));
        }
        Misbehaviour::KeySetEncryptionUse => {
            keys.iter_mut().for_each(|key| key.set("use", json!("enc")))
        }
        Misbehaviour::KeySetOperationsWithoutVerify => {
            keys.iter_mut()
                .for_each(|key| key.set("key_ops", json!(["encrypt", "wrapKey"])));
        }
        Misbehaviour::KeySetAlgorithmMismatch => keys
            .iter_mut()
            .for_each(|key| key.set("alg", json!("RSA-OAEP-256"))),
        Misbehaviour::KeySetWrongCurve => keys.iter_mut().for_each(wrong_curve),
        Misbehaviour::KeySetWeakRsa => keys.iter_mut().for_each(weak_rsa),
        Misbehaviour::KeySetSymmetricKey => *keys = vec![symmetric(keys.first())],
        Misbehaviour::KeySetPrivateMember => {
            keys.iter_mut()
                .for_each(|key| key.set("d", json!(base64url::encode(&[7; 32]))));
        }
        Misbehaviour::KeySetKeyTwice => keys.extend(keys.clone()),
        Misbehaviour::KeySetNullMembers => {
            for key in keys {
                for member in ["key_ops", "x5u", "d", "k"] {
                    key.set(member, Value::Null);
                }
            }
        }
        Misbehaviour::KeySetPadded => keys.iter_mut().for_each(padded),
        Misbehaviour::KeySetUnknownKeyType => {
            keys.insert(
                0,
                Members::new([
                    ("kty", json!("UNKNOWN")),
                    ("kid", json!("unknown")),
                    ("x", json!("AA")),
                ]),
            );
        }
        Misbehaviour::KeySetMalformedKey => {
            keys.insert(
                0,
                Members::new([
                    ("kty", json!("RSA")),
                    ("kid", json!("malformed")),
                    ("use", json!("sig")),
                ]),
            );
        }
        _ => {}
    }
}

/// Adds copies of a key with other names before and after the right keys.
fn pad(keys: &mut Vec<Members>) {
    let Some(sample) = keys.first().cloned() else {
        return;
    };
    for number in keys.len()..MANY_KEYS {
        let mut copy = sample.clone();
        copy.set("kid", json!(format!("padding-{number}")));
        if number % 2 == 0 {
            keys.insert(0, copy);
        } else {
            keys.push(copy);
        }
    }
}

/// Replaces the key by an EC key with the same `kid`, whose curve does not fit the algorithm. It
/// has no `alg`, which would reveal this.
fn wrong_curve(key: &mut Members) {
    let other = match algorithm_of(key) {
        SignatureAlgorithm::ES384 => SignatureAlgorithm::ES256,
        _ => SignatureAlgorithm::ES384,
    };
    let kid = key.get("kid").cloned().unwrap_or_default();
    *key = keys::public_jwk(other, 0);
    key.set("kid", kid);
    key.remove("alg");
}

fn padded(key: &mut Members) {
    for member in ["n", "e", "x", "y"] {
        let number = key.get(member).and_then(Value::as_str);
        let Some(number) = number.map(str::to_owned) else {
            continue;
        };
        let padding = number.len().next_multiple_of(4) - number.len();
        key.set(member, json!(number + &"=".repeat(padding)));
    }
}

fn weak_rsa(key: &mut Members) {
    key.set("kty", json!("RSA"));
    for member in ["crv", "x", "y"] {
        key.remove(member);
    }
    key.set("n", json!(WEAK_MODULUS));
    key.set("e", json!("AQAB"));
}

fn symmetric(replaced: Option<&Members>) -> Members {
    let mut key = Members::new([
        ("kty", json!("oct")),
        ("use", json!("sig")),
        ("alg", json!("HS256")),
        ("k", json!(base64url::encode(PUBLISHED_SECRET))),
    ]);
    if let Some(kid) = replaced.and_then(|replaced| replaced.get("kid")) {
        key.set("kid", kid.clone());
    }
    key
}

fn algorithm_of(key: &Members) -> SignatureAlgorithm {
    key.get("alg")
        .and_then(Value::as_str)
        .and_then(|name| name.parse().ok())
        .unwrap_or(SignatureAlgorithm::RS256)
}

/// The secret of the symmetric key that [`Misbehaviour::KeySetSymmetricKey`] publishes.
pub(super) const PUBLISHED_SECRET: &[u8; 32] = b"a secret that everybody can read";

const MANY_KEYS: usize = 5_000;

/// The modulus of an RSA key of 1,024 bits, made with OpenSSL. Its private key was not kept.
const WEAK_MODULUS: &str = "rLCKpNq3KVZARqhah5pJLQF9HvPczqE6DtKB2_297dIWFSAiF6M0udS115CnWY4ddiiVJEjnV4fKYGvePRiz0VvZW4QBKQm-TrY1EoyRWk5LHSk8TPKg_jGJ4Y1_0YVAfGVfjuyEVJApuyZnzX7Y0s4VsJ8h61JDSEFT405WHQs";
