//! The security profiles of the FAPI working group, and their requirements on a client.
//!
//! [`Configuration::with_profile`](crate::configuration::Configuration::with_profile) puts a client
//! under a profile. It applies the settings that the profile decides, and fails if the client, its
//! keys or the server lack something. Each request and each signature is checked against the
//! profile before it is sent. A profile permits no exceptions. `docs/FAPI.md` lists every
//! requirement with its section and its test.

mod remedy;
mod requirement;
mod violation;

use std::fmt;

use jose::SignatureAlgorithm;

pub use self::requirement::Requirement;
pub use self::violation::{Party, ProfileViolation};

/// A security profile.
///
/// | profile | for | adds |
/// |---|---|---|
/// | [`Fapi2SecurityProfile`](Self::Fapi2SecurityProfile) | new deployments | pushed requests, sender-constrained tokens |
/// | [`Fapi2MessageSigning`](Self::Fapi2MessageSigning) | non-repudiable requests and responses | signatures on both |
/// | [`Fapi1Advanced`](Self::Fapi1Advanced) | deployments of FAPI 1.0 | signed requests, certificate-bound tokens |
/// | [`Ciba`](Self::Ciba) | authentication on the user's own device | signed backchannel requests |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// FAPI 2.0 Security Profile. Signed requests are optional.
    Fapi2SecurityProfile,
    /// FAPI 2.0 Message Signing, which includes the Security Profile: requests are signed,
    /// responses are JWTs (JARM), and introspection responses are JWTs. If a server supports only
    /// some of this, use the Security Profile and sign what the server accepts. FAPI 2.0 HTTP
    /// Signatures, a separate draft, is not supported.
    Fapi2MessageSigning,
    /// FAPI 1.0 Part 2 (Advanced), with the requirements of Part 1 on clients.
    Fapi1Advanced,
    /// FAPI-CIBA, over FAPI 1.0 or FAPI 2.0: backchannel authentication only.
    Ciba,
}

impl Profile {
    /// Whether every authorization request is pushed.
    pub(crate) const fn pushes(self) -> bool {
        matches!(self, Self::Fapi2SecurityProfile | Self::Fapi2MessageSigning)
    }

    /// Whether every request that can be signed must be signed.
    pub(crate) const fn signs(self) -> bool {
        match self {
            Self::Fapi2SecurityProfile => false,
            Self::Fapi2MessageSigning | Self::Fapi1Advanced | Self::Ciba => true,
        }
    }

    /// Whether client and server may sign JWTs with this algorithm (FAPI 2.0 Security Profile
    /// section 5.4.1, FAPI 1.0 Part 2 section 8.6).
    pub(crate) const fn permits(self, algorithm: SignatureAlgorithm) -> bool {
        match algorithm {
            SignatureAlgorithm::PS256 | SignatureAlgorithm::ES256 => true,
            SignatureAlgorithm::EdDSA | SignatureAlgorithm::Ed25519 => {
                !matches!(self, Self::Fapi1Advanced)
            }
            _ => false,
        }
    }

    /// The names of the permitted algorithms, for messages.
    pub(crate) const fn permitted(self) -> &'static str {
        match self {
            Self::Fapi1Advanced => "PS256, ES256",
            Self::Fapi2SecurityProfile | Self::Fapi2MessageSigning | Self::Ciba => {
                "PS256, ES256, Ed25519, EdDSA"
            }
        }
    }

    /// Returns the violation of a requirement.
    pub(crate) fn violated(
        self,
        requirement: Requirement,
        party: Party,
        found: impl Into<String>,
    ) -> ProfileViolation {
        ProfileViolation {
            profile: self,
            requirement,
            party,
            found: found.into(),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fapi2SecurityProfile => "FAPI 2.0 Security Profile",
            Self::Fapi2MessageSigning => "FAPI 2.0 Message Signing",
            Self::Fapi1Advanced => "FAPI 1.0 Advanced",
            Self::Ciba => "FAPI-CIBA",
        })
    }
}
