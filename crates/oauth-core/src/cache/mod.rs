//! What operations of one client share: key sets and DPoP nonces.

/// The key sets and DPoP nonces of one client.
#[derive(Debug, Default)]
pub struct Cache {}
