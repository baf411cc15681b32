use std::fmt;

use jose::{SignatureAlgorithm, json};
use serde_json::Value;

use crate::documents::Member;
use crate::reason::Reason;

/// A signature algorithm as client metadata name it.
///
/// Servers return names that this library does not know, and `none`. Both are read without an
/// error. The values that each member may have are checked when the client is configured.
///
/// ```
/// use jose::SignatureAlgorithm;
/// use oauth_core::metadata::RegisteredAlgorithm;
///
/// let registered = RegisteredAlgorithm::from(SignatureAlgorithm::ES256);
/// assert_eq!(registered, RegisteredAlgorithm::from("ES256"));
/// assert_eq!(registered.signature(), Some(SignatureAlgorithm::ES256));
/// assert_eq!(RegisteredAlgorithm::from("none"), RegisteredAlgorithm::Unsigned);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RegisteredAlgorithm {
    /// An algorithm that this library supports.
    Signature(SignatureAlgorithm),
    /// `none`: no signature (RFC 7518 section 3.6).
    Unsigned,
    /// Any other name.
    Unknown(String),
}

impl RegisteredAlgorithm {
    /// The name in the spelling of the document.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Signature(algorithm) => algorithm.as_str(),
            Self::Unsigned => "none",
            Self::Unknown(name) => name,
        }
    }

    /// The algorithm; `None` if this library does not know it.
    pub const fn signature(&self) -> Option<SignatureAlgorithm> {
        match self {
            Self::Signature(algorithm) => Some(*algorithm),
            Self::Unsigned | Self::Unknown(_) => None,
        }
    }
}

/// Returns the algorithm that a member requests. `none` requests no signature, like an absent
/// member.
pub(crate) fn signed(member: Option<&RegisteredAlgorithm>) -> Option<&RegisteredAlgorithm> {
    member.filter(|algorithm| !matches!(algorithm, RegisteredAlgorithm::Unsigned))
}

impl From<SignatureAlgorithm> for RegisteredAlgorithm {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        Self::Signature(algorithm)
    }
}

/// Reads a name. Names are case-sensitive (RFC 7515 section 4.1.1), so `None` is an unknown name.
impl From<&str> for RegisteredAlgorithm {
    fn from(name: &str) -> Self {
        match name.parse() {
            Ok(algorithm) => Self::Signature(algorithm),
            Err(_) if name == "none" => Self::Unsigned,
            Err(_) => Self::Unknown(name.to_owned()),
        }
    }
}

impl From<String> for RegisteredAlgorithm {
    fn from(name: String) -> Self {
        Self::from(name.as_str())
    }
}

impl fmt::Display for RegisteredAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Member for RegisteredAlgorithm {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        String::read(name, value).map(Self::from)
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_spelt() {
        for algorithm in SignatureAlgorithm::ALL {
            let registered = RegisteredAlgorithm::from(algorithm.as_str());
            assert_eq!(registered.signature(), Some(*algorithm));
            assert_eq!(registered.as_str(), algorithm.as_str());
        }
        let none = RegisteredAlgorithm::from("none".to_owned());
        assert_eq!(none, RegisteredAlgorithm::Unsigned);
        assert_eq!((none.as_str(), none.signature()), ("none", None));
        for name in ["None", "rs256", "ES256K", ""] {
            let unknown = RegisteredAlgorithm::from(name);
            assert_eq!(unknown, RegisteredAlgorithm::Unknown(name.to_owned()));
            assert_eq!((&*unknown.to_string(), unknown.signature()), (name, None));
        }
    }
}
