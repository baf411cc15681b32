//! The operation that a private or shared key performs for a decryption, and its answer. Both can
//! be sent to a key that is elsewhere.

use std::fmt;

use zeroize::Zeroizing;

use crate::Jwk;

use super::{ContentEncryption, KeyManagement};

/// One use of a key. The sender of the token chooses all of its content.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq)]
pub enum KeyOperation {
    /// `dir`: answer with the shared key.
    Direct {
        /// The algorithm that the key is for.
        enc: ContentEncryption,
    },
    /// `RSA-OAEP*` and `A*KW`: decrypt the encrypted key, answer with
    /// [`KeyAnswer::ContentKey`].
    Unwrap {
        /// The algorithm to decrypt with.
        alg: KeyManagement,
        /// The algorithm that the content encryption key is for. It determines the length of the
        /// key.
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
    /// `ECDH-ES` and `ECDH-ES+A*KW`: agree with `epk`, and answer with [`KeyAnswer::SharedSecret`].
    /// This crate derives keys from it (Concat KDF).
    Agree {
        /// The algorithm.
        alg: KeyManagement,
        /// The algorithm that the content encryption key is for.
        enc: ContentEncryption,
        /// The sender's ephemeral public key.
        epk: Box<Jwk>,
        /// Agreement PartyUInfo, empty if the header has none.
        apu: Vec<u8>,
        /// Agreement PartyVInfo, empty if the header has none.
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

/// The answer of a key. It is wiped when it is dropped.
///
/// There is no answer for a key that could not be reached: the caller reports that.
/// [`Rejected`](Self::Rejected) says that the key itself refused. The decryption then continues
/// with a random key, and fails with the same error as every failed decryption.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq)]
pub enum KeyAnswer {
    /// The content encryption key.
    ContentKey(Zeroizing<Vec<u8>>),
    /// The shared secret Z of a key agreement: the first coordinate of the shared point, as long as
    /// the field of the curve, or the 32 bytes of X25519.
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
