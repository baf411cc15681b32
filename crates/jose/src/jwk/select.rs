//! Selects the key of a set that verifies a token, or that a token is encrypted to.

use crate::jwe::{EncryptionKey, KeyManagement};
use crate::jws::Header;
use crate::{Error, JwkSet, SetKey, SignatureAlgorithm};

use super::search::KeySearch;

impl JwkSet {
    /// Selects the key that fits a token's header.
    ///
    /// A key is a candidate when its type and curve fit `alg`; its `kid` equals the header's, if
    /// the header has one; its `alg`, if present, equals the header's; its `use`, if present, is
    /// `sig`; its `key_ops`, if present, include `verify`. There must be exactly one candidate:
    /// keys are not tried in turn. A key that the token itself contains (`jwk`, `jku`, `x5c`,
    /// `x5u`) is never used.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`] when this build cannot verify the algorithm;
    /// [`KeySelectionError`].
    pub fn select(&self, header: &Header) -> Result<&SetKey, Error> {
        let alg = header.alg();
        alg.require_support()?;
        if alg.is_symmetric() {
            return Err(KeySelectionError::Symmetric { alg }.into());
        }
        let mut candidates = self.keys().iter().filter(|key| key.fits(header));
        match (candidates.next(), candidates.count()) {
            (Some(key), 0) => Ok(key),
            (None, _) => Err(KeySelectionError::None {
                alg,
                keys: self.keys().len(),
                search: Box::new(KeySearch::failed(self, header)),
            }
            .into()),
            (Some(_), others) => Err(KeySelectionError::Several {
                alg,
                candidates: others.saturating_add(1),
            }
            .into()),
        }
    }
}

impl JwkSet {
    /// Selects the key to encrypt to with an algorithm.
    ///
    /// A key is a candidate when its type and curve fit `alg`; its `alg`, if present, is the same;
    /// its `use`, if present, is `enc`; its `key_ops`, if present, allow it; and its name is `kid`,
    /// if `kid` is given. The first candidate is selected; candidates with `use` set to `enc`
    /// precede the others.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`]; [`KeySelectionError::NoneToEncrypt`].
    pub fn select_for_encryption(
        &self,
        alg: KeyManagement,
        kid: Option<&str>,
    ) -> Result<EncryptionKey, Error> {
        alg.require_support()?;
        let first = |says_so: bool| {
            self.encryption_candidates()
                .filter(|jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)))
                .filter(|jwk| jwk.public_key_use().is_some() == says_so)
                .filter_map(|jwk| EncryptionKey::from_jwk(jwk).ok())
                .find(|key| key.fits(alg))
        };
        first(true)
            .or_else(|| first(false))
            .ok_or_else(|| KeySelectionError::NoneToEncrypt { alg }.into())
    }
}

impl SetKey {
    /// Whether the key fits a header. Its `use` and `key_ops` allow verifying; otherwise it would
    /// not be in the set.
    fn fits(&self, header: &Header) -> bool {
        let jwk = self.jwk();
        self.verifying_key().family() == header.alg().key_family()
            && header.kid().is_none_or(|kid| jwk.kid() == Some(kid))
            && jwk.alg().is_none_or(|alg| alg == header.alg().as_str())
    }
}

/// Why a set has no key for a token.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySelectionError {
    /// No key fits. The set may be out of date.
    #[error("{}", search.described(*alg))]
    None {
        /// The algorithm of the token.
        alg: SignatureAlgorithm,
        /// The number of keys in the set that could be used at all.
        keys: usize,
        /// What the search looked for and found.
        search: Box<KeySearch>,
    },
    /// Several keys fit, and none of them is preferred.
    #[error("{candidates} keys fit a token signed with {alg}")]
    Several {
        /// The algorithm of the token.
        alg: SignatureAlgorithm,
        /// The number of keys that fit.
        candidates: usize,
    },
    /// No key fits the encryption. The set may be out of date.
    #[error("no key fits an encryption with {alg}")]
    NoneToEncrypt {
        /// The algorithm.
        alg: KeyManagement,
    },
    /// The token has a MAC under a shared secret, and a set of public keys contains no shared
    /// secret.
    #[error("a set of public keys has no key for {alg}")]
    Symmetric {
        /// The algorithm of the token.
        alg: SignatureAlgorithm,
    },
}
