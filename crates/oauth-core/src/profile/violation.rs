use std::fmt;

use super::{Profile, Requirement};

/// Something that a profile rules out: of the client, of its request, or of the server. Nothing was
/// sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{profile} requires {requirement} ({}): {party} {found}", .requirement.section(*.profile))]
#[non_exhaustive]
pub struct ProfileViolation {
    /// The profile that the client is under.
    pub profile: Profile,
    /// What it requires.
    pub requirement: Requirement,
    /// Who does not do it.
    pub party: Party,
    /// What was found, to be read after the party; never a secret.
    pub found: String,
}

impl ProfileViolation {
    /// Where the requirement is written: document and section.
    pub const fn section(&self) -> &'static str {
        self.requirement.section(self.profile)
    }
}

/// Who does not do what a profile requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// The client, as it is set up.
    Client,
    /// A key of the client.
    Key,
    /// This one request.
    Request,
    /// The server, as its metadata describes it.
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
