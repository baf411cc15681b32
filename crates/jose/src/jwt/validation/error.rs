use std::fmt;
use std::time::Duration;

use crate::escaped::Escaped;
use crate::{Error, SignatureAlgorithm};

/// Why a [`Validation`](super::Validation) refused a token or a setting.
///
/// No variant carries the value of a claim that is not a time.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// The caller gave an empty setting.
    #[error("the setting `{setting}` of the validation is empty")]
    Empty {
        /// `issuer`, `audience` or `algorithms`.
        setting: &'static str,
    },
    /// The caller gave a leeway above
    /// [`MAXIMUM_LEEWAY`](super::Validation::MAXIMUM_LEEWAY).
    #[error("a leeway of {} seconds where at most 600 are allowed", found.as_secs())]
    Leeway {
        /// The leeway given.
        found: Duration,
    },
    /// The token is malformed, its key is missing, or its signature is not valid.
    #[error(transparent)]
    Token(#[from] Error),
    /// `alg` is not one of the accepted algorithms (RFC 8725 section 3.1).
    #[error("the token is signed with {found}, which is not accepted")]
    Algorithm {
        /// The algorithm of the token.
        found: SignatureAlgorithm,
    },
    /// `typ` names another kind of token (RFC 8725 section 3.11).
    #[error(
        "the token's `typ` must be `{expected}`, found {}",
        Found(found.as_deref())
    )]
    Typ {
        /// The type required.
        expected: String,
        /// The type found, if any.
        found: Option<String>,
    },
    /// A required claim is absent, or `null`.
    #[error("the claim `{}` is missing", Escaped(claim))]
    Missing {
        /// The claim.
        claim: String,
    },
    /// `iss` is another issuer (RFC 8725 section 3.8).
    #[error("the claim `iss` is not the expected issuer")]
    Issuer,
    /// `aud` does not contain the audience (RFC 8725 section 3.9).
    #[error("the claim `aud` does not contain the expected audience")]
    Audience,
    /// A time in the token forbids its use now.
    #[error("the claim `{claim}` is {found}, and it is {now} now: the token {rule}")]
    Time {
        /// `exp`, `nbf` or `iat`.
        claim: &'static str,
        /// The rule that the time breaks.
        rule: TimeRule,
        /// The time found, in seconds since the epoch.
        found: i64,
        /// The time of the validation, in seconds since the epoch.
        now: i64,
    },
}

impl ValidationError {
    /// A stable text for the reason, for logs and for other programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } | Self::Leeway { .. } => "JWT_INVALID_SETTING",
            Self::Token(error) => token_code(error),
            Self::Algorithm { .. } => "JWT_ALGORITHM_NOT_ACCEPTED",
            Self::Typ { .. } => "JWT_TYPE_MISMATCH",
            Self::Missing { .. } => "JWT_CLAIM_MISSING",
            Self::Issuer => "JWT_ISSUER_MISMATCH",
            Self::Audience => "JWT_AUDIENCE_MISMATCH",
            Self::Time { rule, .. } => match rule {
                TimeRule::Expired => "JWT_EXPIRED",
                TimeRule::NotYetValid => "JWT_NOT_YET_VALID",
                TimeRule::InTheFuture => "JWT_ISSUED_IN_THE_FUTURE",
            },
        }
    }
}

fn token_code(error: &Error) -> &'static str {
    match error {
        Error::Unsecured => "JWT_UNSECURED",
        Error::Critical => "JWT_CRITICAL_EXTENSION",
        Error::Signature => "JWT_SIGNATURE_INVALID",
        Error::KeySelection(_) => "JWT_KEY_NOT_FOUND",
        Error::Claim { .. } => "JWT_CLAIM_ILL_TYPED",
        Error::UnknownAlgorithm { .. } | Error::UnsupportedAlgorithm { .. } => {
            "JWT_ALGORITHM_UNSUPPORTED"
        }
        Error::AlgorithmMismatch { .. }
        | Error::KeyFamilyMismatch { .. }
        | Error::KeyRejected(_) => "JWT_KEY_UNFIT",
        _ => "JWT_MALFORMED",
    }
}

/// The rule that a time breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeRule {
    /// The current time is before `exp` (RFC 7519 section 4.1.4).
    Expired,
    /// The current time is at or after `nbf` (RFC 7519 section 4.1.5).
    NotYetValid,
    /// `iat` is not in the future (RFC 7519 section 4.1.6).
    InTheFuture,
}

impl fmt::Display for TimeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "has expired",
            Self::NotYetValid => "is not valid yet",
            Self::InTheFuture => "is issued in the future",
        })
    }
}

struct Found<'a>(Option<&'a str>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "`{}`", Escaped(text)),
            None => f.write_str("nothing"),
        }
    }
}
