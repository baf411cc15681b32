use zeroize::Zeroizing;

use crate::json::Object;
use crate::jwk::OtherMembers;
use crate::{Error, KeyFamily, KeyRejected, jwk};

use super::algorithms::Mode;
use super::binding::Binding;
use super::{ContentEncryption, KeyManagement, client_secret};

/// A key that both sides share (RFC 7518 section 6.4). Its length is that of some algorithm.
pub(super) struct SymmetricKey(Zeroizing<Vec<u8>>);

impl SymmetricKey {
    pub(super) fn new(key: &[u8]) -> Result<Self, KeyRejected> {
        // A public key must not become a shared key.
        if key.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(KeyRejected::PemAsSecret);
        }
        if !matches!(key.len(), 16 | 24 | 32 | 48 | 64) {
            return Err(KeyRejected::SymmetricLength { found: key.len() });
        }
        Ok(Self(Zeroizing::new(key.to_vec())))
    }

    /// Reads a JWK of the type `oct`: the key, its binding and its name.
    pub(super) fn from_object(
        object: &Object<'_>,
        operations: &'static [&'static str],
    ) -> Result<(Self, Binding, Option<String>), Error> {
        let key = Self::new(&jwk::secret_bytes(object, "k")?)?;
        let members = OtherMembers::read(object)?;
        let binding = Binding::read(&members, KeyFamily::Symmetric, operations)?;
        key.check_length(binding)?;
        Ok((key, binding, members.kid))
    }

    /// Derives the key from a client secret; it is bound to the algorithm.
    pub(super) fn from_client_secret(
        secret: &str,
        alg: KeyManagement,
        enc: ContentEncryption,
    ) -> Result<(Self, Binding), Error> {
        let (key, binding) = client_secret::derive(secret, alg, enc)?;
        Ok((Self::new(&key)?, binding))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the key has the length that the algorithms need.
    pub(super) fn fits(&self, mode: Mode, enc: ContentEncryption) -> bool {
        match mode {
            Mode::Direct => self.0.len() == enc.key_length(),
            Mode::KeyWrap(length) | Mode::GcmKeyWrap(length) => self.0.len() == length,
            Mode::Oaep(_) | Mode::Agreement(_) => false,
        }
    }

    /// Checks that the key has the length that its own algorithm needs.
    pub(super) fn check_length(&self, binding: Binding) -> Result<(), KeyRejected> {
        match binding.key_length() {
            Some(expected) if self.0.len() != expected => Err(KeyRejected::Length {
                member: "k",
                expected,
                found: self.0.len(),
            }),
            _ => Ok(()),
        }
    }
}
