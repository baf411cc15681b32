//! JWTs that parties other than the provider sign, with a key that they share with it.

use jose::{SignatureAlgorithm, base64url};
use serde_json::json;

use crate::keys;
use crate::members::Members;

/// The faults that any signed JWT may have.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    pub(super) broken_signature: bool,
    pub(super) no_algorithm: bool,
}

/// Signs the claims, unless the faults say otherwise.
pub(super) fn signed(
    algorithm: SignatureAlgorithm,
    generation: u64,
    typ: &str,
    claims: &Members,
    faults: Faults,
) -> String {
    let mut header = Members::new([
        ("alg", json!(algorithm.as_str())),
        ("typ", json!(typ)),
        ("kid", json!(keys::kid(algorithm, generation))),
    ]);
    if faults.no_algorithm {
        header.set("alg", json!("none"));
    }
    let input = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims.to_string().as_bytes())
    );
    if faults.no_algorithm {
        return format!("{input}.");
    }
    let key = keys::signing_key(algorithm, generation);
    let mut signature = key.sign(algorithm, input.as_bytes()).expect("the key fits");
    if faults.broken_signature {
        signature[0] ^= 1;
    }
    format!("{input}.{}", base64url::encode(&signature))
}
