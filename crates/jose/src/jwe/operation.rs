//! What a private or shared key has to do for a decryption, and what it answers: the two values
//! that travel when the key lives elsewhere.

use std::fmt;

use zeroize::Zeroizing;

use crate::Jwk;

use super::{ContentEncryption, KeyManagement};

/// One use of one key. Everything in it comes from the token and is the sender's choice.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq)]
pub enum KeyOperation {
    /// `dir`: answer with the shared key itself.
    Direct {
        /// The algorithm that the key is for.
        enc: ContentEncryption,
    },
    /// `RSA-OAEP*` and `A*KW`: decrypt the encrypted key, answer with
    /// [`KeyAnswer::ContentKey`].
    Unwrap {
        /// The algorithm to decrypt with.
        alg: KeyManagement,
        /// The algorithm that the content encryption key is for; it says how long the key must be.
        enc: ContentEncryption,
        /// The encrypted key.
        encrypted_key: Vec<u8>,
    },
    /// `A*GCMKW`: decrypt the encrypted key, without additional data, answer with
    /// [`KeyAnswer::ContentKey`].
    GcmUnwrap {
        /// The algorithm to decrypt with.
        alg: KeyManagement,
        /// The algorithm that the content encryption key is for.
        enc: ContentEncryption,
        /// The encrypted key.
        encrypted_key: Vec<u8>,
        /// The initialisation vector.
        iv: [u8; 12],
        /// The authentication tag.
        tag: [u8; 16],
    },
    /// `ECDH-ES` and `ECDH-ES+A*KW`: agree with `epk`, answer with [`KeyAnswer::SharedSecret`]. The
    /// derivation of keys from it (Concat KDF) is done here.
    Agree {
        /// The algorithm.
        alg: KeyManagement,
        /// The algorithm that the content encryption key is for.
        enc: ContentEncryption,
        /// The sender's ephemeral public key.
        epk: Box<Jwk>,
        /// Agreement PartyUInfo, as far as the header has it.
        apu: Vec<u8>,
        /// Agreement PartyVInfo, as far as the header has it.
        apv: Vec<u8>,
    },
}

impl KeyOperation {
    /// The algorithm to use the key with.
    #[must_use]
    pub const fn alg(&self) -> KeyManagement {
        match self {
            Self::Direct { .. } => KeyManagement::Direct,
            Self::Unwrap { alg, .. } | Self::GcmUnwrap { alg, .. } | Self::Agree { alg, .. } => {
                *alg
            }
        }
    }

    /// The algorithm that the content encryption key is for.
    #[must_use]
    pub const fn enc(&self) -> ContentEncryption {
        match self {
            Self::Direct { enc }
            | Self::Unwrap { enc, .. }
            | Self::GcmUnwrap { enc, .. }
            | Self::Agree { enc, .. } => *enc,
        }
    }
}

impl fmt::Debug for KeyOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyOperation")
            .field("alg", &self.alg())
            .field("enc", &self.enc())
            .finish_non_exhaustive()
    }
}

/// What a key answers. It is wiped when it is dropped.
///
/// A key that could not be reached has no answer here: that is for the caller to report. Only
/// [`Rejected`](Self::Rejected) says that the key itself refused, and then the decryption goes on
/// under random bytes and fails in the one way in which all decryptions fail.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq)]
pub enum KeyAnswer {
    /// The content encryption key.
    ContentKey(Zeroizing<Vec<u8>>),
    /// The shared secret Z of a key agreement: the first coordinate of the shared point, as long
    /// as the curve's field, or the 32 bytes of X25519.
    SharedSecret(Zeroizing<Vec<u8>>),
    /// The key refused the encrypted key or the ephemeral key.
    Rejected,
}

impl fmt::Debug for KeyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContentKey(_) => "ContentKey(..)",
            Self::SharedSecret(_) => "SharedSecret(..)",
            Self::Rejected => "Rejected",
        })
    }
}
