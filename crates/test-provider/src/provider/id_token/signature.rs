//! Signatures by the wrong key or of the wrong form.

use jose::{HashAlgorithm, SignatureAlgorithm, SigningKey, base64url};
use serde_json::Value;

use super::header::algorithm_of_stranger;
use super::{Draft, alternate};
use crate::keys;
use crate::misbehaviour::Misbehaviour;
use crate::provider::key_set::PUBLISHED_SECRET;

/// Returns the signature that the misbehaviour puts in place of the right one, if it does.
pub(super) fn wrong(
    draft: &Draft<'_>,
    misbehaviour: Misbehaviour,
    input: &str,
    right: &[u8],
) -> Option<Vec<u8>> {
    use Misbehaviour as M;
    let sign = |algorithm: SignatureAlgorithm, generation| {
        keys::signing_key(algorithm, generation)
            .sign(algorithm, input.as_bytes())
            .expect("the key fits the algorithm")
    };
    Some(match misbehaviour {
        M::IdTokenAlgorithmNone | M::IdTokenAlgorithmNoneMixedCase | M::IdTokenSignatureMissing => {
            Vec::new()
        }
        M::IdTokenAlgorithmUnknown => sign(SignatureAlgorithm::RS256, draft.generation),
        M::IdTokenAlternateAlgorithm => sign(alternate(draft.algorithm), draft.generation),
        M::IdTokenHmacWithPublicKeyPem => {
            hmac(keys::rsa_public_key_pem(draft.generation).as_bytes(), input)
        }
        M::IdTokenHmacWithModulus => hmac(&modulus(draft.generation), input),
        M::KeySetSymmetricKey => hmac(PUBLISHED_SECRET, input),
        // Libraries no longer sign with 1,024 bits. A client must refuse the key before it verifies
        // the signature.
        M::KeySetWeakRsa => vec![1; 128],
        M::IdTokenSignatureBroken => {
            let mut broken = right.to_vec();
            broken[0] ^= 1;
            broken
        }
        M::IdTokenSignatureZero => vec![0; right.len()],
        M::IdTokenSignedByStranger if draft.algorithm.is_symmetric() => {
            keyed(draft.algorithm, PUBLISHED_SECRET, input)
        }
        M::IdTokenSignedByStranger | M::IdTokenEmbeddedKey | M::IdTokenKeySetUrl => {
            sign(algorithm_of_stranger(draft.algorithm), draft.generation + 1)
        }
        _ => return None,
    })
}

/// Signs with HS256. `jose` refuses a PEM text as a secret, so a long secret is hashed here. HMAC
/// does the same with a secret longer than its block (RFC 2104 section 2), and the result is equal.
fn hmac(secret: &[u8], input: &str) -> Vec<u8> {
    let digest = HashAlgorithm::Sha256.digest(secret);
    let secret = if secret.len() > BLOCK {
        &digest
    } else {
        secret
    };
    keyed(SignatureAlgorithm::HS256, secret, input)
}

fn keyed(algorithm: SignatureAlgorithm, secret: &[u8], input: &str) -> Vec<u8> {
    SigningKey::hmac(secret)
        .and_then(|key| key.sign(algorithm, input.as_bytes()))
        .expect("the secret is long enough")
}

/// Returns the modulus of the RSA key as bytes.
fn modulus(generation: u64) -> Vec<u8> {
    let jwk = keys::public_jwk(SignatureAlgorithm::RS256, generation);
    let modulus = jwk.get("n").and_then(Value::as_str).expect("an RSA key");
    base64url::decode(modulus).expect("base64url")
}

/// The block size of SHA-256, in bytes.
const BLOCK: usize = 64;
