//! The algorithms by name (RFC 7518, RFC 8037, RFC 9864).

mod hash;
mod signature;

pub use hash::HashAlgorithm;
pub use signature::{KeyFamily, SignatureAlgorithm};
