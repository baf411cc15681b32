//! DPoP (RFC 9449): tokens that are of no use without a private key of the client.
//!
//! Each request carries a proof, a JWT signed with that key for this one request. The private key
//! stays with the driver, as every private key does: a proof is signed through
//! [`Action::UseKey`](crate::operation::Action::UseKey), so that it may live in a key management
//! service.
//!
//! A configuration [with a DPoP key](crate::configuration::Configuration::with_dpop_key) asks for
//! bound tokens in each of its operations. Nonces that servers ask for are remembered in the
//! [`Cache`](crate::cache::Cache) by role and origin, and a request that is refused for want of one
//! is sent once more.

mod key;
mod nonce;
mod proof;

pub use self::key::DPoPKey;
pub(crate) use self::nonce::{demands_another_nonce, remember_nonce};
pub use self::proof::ProofOfPossession;
pub(crate) use self::proof::{DPOP, PendingProof};

#[cfg(test)]
mod tests;
