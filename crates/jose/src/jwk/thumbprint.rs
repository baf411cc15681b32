//! JWK thumbprints (RFC 7638).

use crate::{HashAlgorithm, Jwk, base64url};

impl Jwk {
    /// The thumbprint of the key with SHA-256, in base64url (RFC 7638 section 3). It depends only
    /// on the numbers of the key, not on `kid`, `use` or other members.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        base64url::encode(&HashAlgorithm::Sha256.digest(self.thumbprint_input().as_bytes()))
    }

    /// The text that is hashed: the required members in lexicographic order, without whitespace.
    /// Names and values are ASCII, and need no escapes.
    fn thumbprint_input(&self) -> String {
        let members: Vec<String> = self
            .required_members()
            .into_iter()
            .map(|(name, value)| format!("\"{name}\":\"{value}\""))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}
