//! The checks of a DPoP proof (RFC 9449 section 4.3).

use jose::jws::{Header, Unverified};
use jose::jwt::Claims;
use jose::{HashAlgorithm, Jwk, SignatureAlgorithm, VerifyingKey, base64url};

use crate::error::{Reason, printable, printable_url};
use crate::policy::Policy;
use crate::resource_server::DPoPNonces;
use crate::resource_server::binding::{JKT, mismatch};
use crate::resource_server::target::normalised;
use crate::secret::{Secret, constant_time_eq};
use crate::time::UnixTime;
use crate::validate::claim::{not_empty, required, text};
use crate::validate::times::Clock;
use crate::validate::token_type;

/// What a proof is compared with.
pub(super) struct ProofExpectations<'a> {
    pub(super) method: &'a str,
    /// The normalised URL of the request.
    pub(super) target: &'a str,
    pub(super) access_token: &'a Secret,
    /// The thumbprint of the key that the access token is bound to.
    pub(super) jkt: &'a str,
    pub(super) algorithms: &'a [SignatureAlgorithm],
    /// How many seconds old a proof may be.
    pub(super) max_age: u64,
    pub(super) nonces: Option<&'a DPoPNonces>,
    pub(super) policy: &'a Policy,
    pub(super) now: UnixTime,
}

/// A proof that passed every check but the search for a replay.
#[derive(Debug)]
pub(super) struct Proof {
    /// A name that no other proof has: a hash of the key and `jti`.
    pub(super) replay_name: String,
    /// The last second in which the proof can be used.
    pub(super) expires: UnixTime,
    pub(super) nonce: Option<String>,
}

/// Makes checks 2 to 12. The caller makes check 1, a single header, and stores
/// [`replay_name`](Proof::replay_name) (section 11.1).
pub(super) fn check_proof(proof: &str, expected: &ProofExpectations<'_>) -> Result<Proof, Reason> {
    // Check 2.
    let unverified = Unverified::parse(proof)?;
    // Checks 4, 5 and 7.
    token_type::explicit(unverified.header(), "dpop+jwt")?;
    let algorithm = permitted(unverified.header(), expected.algorithms)?;
    let key = public_key(unverified.header())?;
    // Check 6.
    let verified = unverified.verify(&VerifyingKey::from_jwk(&key)?, algorithm)?;
    let claims = verified.claims()?;
    // Checks 3, 8 and 9.
    let jti = not_empty("jti", required("jti", claims.jti())?)?;
    let htm = required("htm", text(&claims, "htm")?)?;
    if htm != expected.method {
        return Err(compared("htm", expected.method, htm));
    }
    let htu = required("htu", text(&claims, "htu")?)?;
    if normalised(htu).as_deref() != Some(expected.target) {
        // The query of a URL may contain secrets.
        return Err(compared("htu", expected.target, &printable_url(htu)));
    }
    // Check 10, before the age, because a client without the right time needs the nonce.
    let nonce = check_nonce(&claims, expected)?;
    // Check 11.
    let iat = required("iat", claims.iat())?;
    let clock = Clock::new(expected.policy, expected.now);
    let tolerance = expected.policy.clock_tolerance().as_secs();
    let lifetime = expected.max_age.saturating_add(tolerance);
    clock.happened("iat", iat)?;
    clock.issued_within(iat, lifetime)?;
    // Check 12.
    let ath = required("ath", text(&claims, "ath")?)?;
    let hash = HashAlgorithm::Sha256.digest(expected.access_token.expose().as_bytes());
    if !constant_time_eq(ath.as_bytes(), base64url::encode(&hash).as_bytes()) {
        return Err(mismatch("ath"));
    }
    // Check 12, second part: the key is the one that the token is bound to.
    let thumbprint = key.thumbprint();
    if !constant_time_eq(thumbprint.as_bytes(), expected.jkt.as_bytes()) {
        return Err(mismatch(JKT));
    }
    // The thumbprint has a fixed length, so no two pairs have the same text.
    let name = HashAlgorithm::Sha256.digest(format!("{thumbprint}{jti}").as_bytes());
    Ok(Proof {
        replay_name: format!("dpop-proof:{}", base64url::encode(&name)),
        expires: UnixTime::from_seconds(iat.seconds().saturating_add_unsigned(lifetime)),
        nonce,
    })
}

/// Returns the algorithm of the proof if it is permitted (check 5: asymmetric, supported and
/// acceptable); HMAC never is.
fn permitted(
    header: &Header,
    algorithms: &[SignatureAlgorithm],
) -> Result<SignatureAlgorithm, Reason> {
    let found = header.alg();
    if algorithms.contains(&found) && !found.is_symmetric() {
        return Ok(found);
    }
    Err(Reason::Algorithm {
        expected: algorithms.iter().map(ToString::to_string).collect(),
        found: found.to_string(),
    })
}

/// Reads `jwk` of the header, which section 4.2 requires. A private key (check 7) or a symmetric
/// one is refused.
fn public_key(header: &Header) -> Result<Jwk, Reason> {
    let jwk = required("jwk", header.extra().get("jwk"))?;
    Ok(Jwk::parse(jwk.to_string().as_bytes())?)
}

/// Requires a nonce of this server if it issues them (check 10, section 8).
fn check_nonce(
    claims: &Claims<'_>,
    expected: &ProofExpectations<'_>,
) -> Result<Option<String>, Reason> {
    let Some(nonces) = expected.nonces else {
        return Ok(None);
    };
    let nonce = required(NONCE, text(claims, NONCE)?)?;
    match nonces.recognises(nonce, expected.now) {
        true => Ok(Some(nonce.to_owned())),
        false => Err(mismatch(NONCE)),
    }
}

/// Whether the proof lacks a nonce of this server, so that the client may send another proof.
pub(super) fn lacks_nonce(reason: &Reason) -> bool {
    match reason {
        Reason::Missing { member } => member == NONCE,
        Reason::ClaimMismatch { claim, .. } => *claim == NONCE,
        _ => false,
    }
}

fn compared(claim: &'static str, expected: &str, found: &str) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: Some(printable(expected)),
        found: Some(printable(found)),
    }
}

const NONCE: &str = "nonce";
