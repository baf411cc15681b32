//! Randomness, which the driver brings.

/// A source of cryptographically secure random bytes.
///
/// Every state, nonce and PKCE verifier is drawn from it: a predictable source lets an attacker
/// forge a login. A test gives fixed bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyFault`] when the source cannot deliver; the operation then ends in
    /// [`Error::Entropy`](crate::Error::Entropy) and nothing is sent.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault>;
}

/// The source of randomness failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct EntropyFault;

/// 32 random bytes in base64url: 43 characters, 256 bits (the size that RFC 7636 section 4.1
/// recommends for a verifier, used for states, nonces and `jti` too).
pub(crate) fn random_token(entropy: &dyn Entropy) -> Result<String, EntropyFault> {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes)?;
    Ok(jose::base64url::encode(&bytes))
}
