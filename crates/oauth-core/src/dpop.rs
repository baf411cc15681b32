//! DPoP (RFC 9449): access tokens that cannot be used without a private key of the client.
//!
//! Each request carries a proof: a JWT that is signed with that key for this one request. The
//! private key stays with the driver, like every private key: a proof is signed through
//! [`Action::UseKey`](crate::operation::Action::UseKey), so the key may be in a key management
//! service.
//!
//! A configuration [with a DPoP key](crate::configuration::Configuration::with_dpop_key) requests
//! bound tokens in each of its operations. The nonces that servers supply are stored in the
//! [`Cache`](crate::cache::Cache) by role and origin. A request that is refused because of its
//! nonce is sent once more.

mod key;
mod nonce;
mod proof;

pub use self::key::DPoPKey;
pub(crate) use self::nonce::{demands_another_nonce, remember_nonce};
pub use self::proof::ProofOfPossession;
pub(crate) use self::proof::{DPOP, PendingProof};

#[cfg(test)]
mod tests;
