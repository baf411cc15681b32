use std::fmt;

use super::{Profile, Requirement};

/// A violation of a profile by the client, its request or the server. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{profile} requires {requirement} ({}): {party} {found}; {}", self.section(), self.remedy())]
#[non_exhaustive]
pub struct ProfileViolation {
    /// The profile that the client is under.
    pub profile: Profile,
    /// The requirement that is violated.
    pub requirement: Requirement,
    /// The party that violates it.
    pub party: Party,
    /// What was found, worded to follow the name of the party; never a secret.
    pub found: String,
}

impl ProfileViolation {
    /// The document and section that contain the requirement.
    pub const fn section(&self) -> &'static str {
        self.requirement.section(self.profile)
    }
}

/// The party that violates a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// The client, through its configuration.
    Client,
    /// A key of the client.
    Key,
    /// This request.
    Request,
    /// The server, according to its metadata.
    Server,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "the client",
            Self::Key => "the key",
            Self::Request => "the request",
            Self::Server => "the server",
        })
    }
}
