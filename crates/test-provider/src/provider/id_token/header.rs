//! Header parameters that are missing or wrong (RFC 7515 section 4.1).

use jose::SignatureAlgorithm;
use serde_json::{Value, json};

use super::alternate;
use crate::keys;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;

/// Applies the misbehaviours that change the header.
pub(super) fn change_header(
    header: &mut Members,
    misbehaviour: Misbehaviour,
    algorithm: SignatureAlgorithm,
    generation: u64,
) {
    use Misbehaviour as M;
    match misbehaviour {
        M::IdTokenKidAbsent | M::KeySetKidAbsentSeveralKeys | M::KeySetKidAbsent => {
            header.remove("kid")
        }
        M::IdTokenKidUnknown => header.set("kid", json!("unknown")),

        M::IdTokenTypeAccessToken => header.set("typ", json!("at+jwt")),
        M::IdTokenTypeLogoutToken => header.set("typ", json!("logout+jwt")),
        M::IdTokenTypeProof => header.set("typ", json!("dpop+jwt")),
        M::IdTokenTypeLowerCase => header.set("typ", json!("jwt")),
        M::IdTokenTypeMediaType => header.set("typ", json!("application/jwt")),
        M::IdTokenTypeOwn => header.set("typ", json!("ID")),
        M::IdTokenTypeMissing => header.remove("typ"),

        M::IdTokenAlgorithmNone => header.set("alg", json!("none")),
        M::IdTokenAlgorithmNoneMixedCase => header.set("alg", json!("nOnE")),
        M::IdTokenAlgorithmUnknown => {
            set_algorithm(header, "RS257", SignatureAlgorithm::RS256, generation)
        }
        M::IdTokenAlternateAlgorithm => {
            let alternate = alternate(algorithm);
            set_algorithm(header, alternate.as_str(), alternate, generation);
        }
        M::IdTokenHmacWithPublicKeyPem | M::IdTokenHmacWithModulus => {
            set_algorithm(header, "HS256", SignatureAlgorithm::RS256, generation);
        }
        M::KeySetSymmetricKey => header.set("alg", json!("HS256")),
        M::IdTokenEmbeddedKey => {
            let algorithm = algorithm_of_stranger(algorithm);
            header.set("alg", json!(algorithm.as_str()));
            header.set(
                "jwk",
                Value::from(keys::public_jwk(algorithm, generation + 1)),
            );
        }
        M::IdTokenKeySetUrl => {
            header.set("alg", json!(algorithm_of_stranger(algorithm).as_str()));
            header.set("jku", json!("https://stranger.example/jwks"));
        }

        M::IdTokenCritical => {
            header.set("crit", json!(["x-unknown"]));
            header.set("x-unknown", json!(true));
        }
        M::IdTokenCriticalEmpty => header.set("crit", json!([])),
        M::IdTokenCriticalUnencoded => {
            header.set("crit", json!(["b64"]));
            header.set("b64", json!(false));
        }
        M::IdTokenDuplicateAlgorithm => header.push_front("alg", json!("none")),
        _ => {}
    }
}

/// Returns the algorithm of a signature by another key: the same algorithm, or RS256 instead of an
/// HMAC with the client's secret.
pub(super) fn algorithm_of_stranger(algorithm: SignatureAlgorithm) -> SignatureAlgorithm {
    if algorithm.is_symmetric() {
        SignatureAlgorithm::RS256
    } else {
        algorithm
    }
}

fn set_algorithm(header: &mut Members, name: &str, key: SignatureAlgorithm, generation: u64) {
    header.set("alg", json!(name));
    header.set("kid", json!(keys::kid(key, generation)));
}
