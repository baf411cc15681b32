//! A request whose access token and proof are valid, before and after its proof is stored as used.

use crate::error::{Artefact, Error, Reason};
use crate::resource_server::{Unstored, ValidatedAccessToken};
use crate::time::UnixTime;

/// A request that passed every check, except that its DPoP proof, if it has one, may have been used
/// before.
#[derive(Debug)]
#[must_use = "the proof is not stored as used yet"]
pub struct VerifiedRequest {
    pub(super) access_token: ValidatedAccessToken,
    pub(super) proof: Option<UsedProof>,
    pub(super) dpop_nonce: Option<String>,
}

/// A DPoP proof that must be stored as used (RFC 9449 section 11.1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsedProof {
    /// A name that no other proof has: a hash of the key and `jti`.
    pub name: String,
    /// The current time with the clock skew of the policy.
    pub now: UnixTime,
    /// The last second in which it must be stored: the last one in which the proof can be used,
    /// and twice the clock tolerance of the policy, because the clocks of instances that share a
    /// store differ, and one more. Where the store takes its time to answer, store it for that much
    /// longer.
    pub expires: UnixTime,
}

impl VerifiedRequest {
    /// The proof to store; `None` if the token is not bound to a DPoP key.
    pub const fn used_proof(&self) -> Option<&UsedProof> {
        self.proof.as_ref()
    }

    /// The decision, where `stored` says whether the [proof](Self::used_proof) was stored. Without
    /// a proof, `stored` is ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Replayed`] or [`Reason::ReplayStoreFull`].
    pub fn finish(self, stored: Result<(), Unstored>) -> Result<Authorized, Error> {
        if let (Some(_), Err(unstored)) = (&self.proof, stored) {
            let reason = match unstored {
                Unstored::Replayed => Reason::Replayed { claim: "jti" },
                Unstored::Full => Reason::ReplayStoreFull,
            };
            return Err(Artefact::DPoPProof.rejected(reason).into());
        }
        Ok(Authorized {
            access_token: self.access_token,
            dpop_nonce: self.dpop_nonce,
        })
    }
}

/// A request that may pass.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Authorized {
    /// The validated access token. What it permits is still to be checked, for example by
    /// [`require_scope`](ValidatedAccessToken::require_scope).
    pub access_token: ValidatedAccessToken,
    /// The `DPoP-Nonce` that the response should carry, because the one in the proof becomes too
    /// old (RFC 9449 section 8.2).
    pub dpop_nonce: Option<String>,
}
