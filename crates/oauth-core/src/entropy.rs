//! Randomness, which the driver supplies.

/// A source of cryptographically secure random bytes.
///
/// Every state, nonce and PKCE verifier comes from it. A predictable source lets an attacker forge
/// a login. A test supplies fixed bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyFault`] if the source fails. The operation then fails with
    /// [`Error::Entropy`](crate::Error::Entropy) and sends nothing.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault>;
}

/// The source of randomness failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct EntropyFault;

/// Returns 32 random bytes in base64url: 43 characters, 256 bits. RFC 7636 section 4.1 recommends
/// this size for a verifier; states, nonces and `jti` have it too.
pub(crate) fn random_token(entropy: &dyn Entropy) -> Result<String, EntropyFault> {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes)?;
    Ok(jose::base64url::encode(&bytes))
}
