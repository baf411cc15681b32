//! Hashes that bind an ID Token to the other parts of a response.

use jose::{SignatureAlgorithm, base64url};

use crate::error::Reason;
use crate::secret::constant_time_eq;

/// Compares `at_hash`, `c_hash` or `s_hash` with the value that it is the hash of: base64url of the
/// left half of the hash, by the hash function of the ID Token's algorithm (OpenID Connect Core 1.0
/// sections 3.1.3.6 and 3.3.2.11, FAPI 1.0 Part 2 section 5.1.1). The hash for ML-DSA cannot be
/// computed here, so such a token is refused.
pub(super) fn matches_hash(
    claim: &'static str,
    found: &str,
    text: &str,
    algorithm: SignatureAlgorithm,
) -> Result<(), Reason> {
    let expected = left_half(text, algorithm).ok_or(Reason::UnsupportedHash {
        claim,
        algorithm,
        hash: HASH_OF_ML_DSA,
    })?;
    if constant_time_eq(found.as_bytes(), expected.as_bytes()) {
        return Ok(());
    }
    Err(Reason::ClaimMismatch {
        claim,
        expected: None,
        found: None,
    })
}

fn left_half(text: &str, algorithm: SignatureAlgorithm) -> Option<String> {
    let algorithm = algorithm.hash()?;
    let mut hash = algorithm.digest(text.as_bytes());
    hash.truncate(algorithm.output_length() / 2);
    Some(base64url::encode(&hash))
}

/// The only hash function that neither cryptography library offers.
const HASH_OF_ML_DSA: &str = "SHAKE256";

#[cfg(test)]
mod tests {
    use jose::{SignatureAlgorithm, base64url};

    use super::{left_half, matches_hash};
    use crate::error::Reason;

    /// OpenID Connect Core 1.0 appendix A.3 (access token and `at_hash` of its RS256 token).
    #[test]
    fn the_example_of_the_specification() {
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        let at_hash = "77QmUPtjPfzWtF2AnpK9RQ";
        let algorithm = SignatureAlgorithm::RS256;
        matches_hash("at_hash", at_hash, access_token, algorithm).unwrap();
        for (at_hash, access_token, algorithm) in [
            ("77QmUPtjPfzWtF2AnpK9RR", access_token, algorithm),
            ("", access_token, algorithm),
            (at_hash, "another", algorithm),
            (at_hash, access_token, SignatureAlgorithm::ES384),
        ] {
            assert_eq!(
                matches_hash("at_hash", at_hash, access_token, algorithm),
                Err(Reason::ClaimMismatch {
                    claim: "at_hash",
                    expected: None,
                    found: None,
                })
            );
        }
    }

    #[test]
    fn half_of_each_hash() {
        for (algorithm, characters) in [
            (SignatureAlgorithm::RS256, 22),
            (SignatureAlgorithm::ES384, 32),
            (SignatureAlgorithm::PS512, 43),
            (SignatureAlgorithm::Ed25519, 43),
        ] {
            assert_eq!(left_half("x", algorithm).unwrap().len(), characters);
        }
    }

    /// A hash that cannot be computed equals no value, including an empty one.
    #[test]
    fn a_hash_under_ml_dsa_is_not_supported() {
        for algorithm in [
            SignatureAlgorithm::MlDsa44,
            SignatureAlgorithm::MlDsa65,
            SignatureAlgorithm::MlDsa87,
        ] {
            let sha_512 = jose::HashAlgorithm::Sha512.digest(b"x");
            for found in ["", &base64url::encode(&sha_512[..32])] {
                let reason = matches_hash("c_hash", found, "x", algorithm).unwrap_err();
                assert_eq!(
                    reason,
                    Reason::UnsupportedHash {
                        claim: "c_hash",
                        algorithm,
                        hash: "SHAKE256",
                    }
                );
                assert_eq!(reason.code(), "OAUTH_UNSUPPORTED_OPERATION");
                assert_eq!(
                    reason.to_string(),
                    format!(
                        "`c_hash` with {algorithm} needs SHAKE256, which is not supported here"
                    )
                );
            }
        }
    }
}
