use crate::secret::Secret;
use crate::validate::PreviousIdToken;

/// What an ID Token is held against, beside the configuration.
#[derive(Debug, Clone)]
pub struct IdTokenExpectations {
    /// The access token that came with the ID Token; `at_hash`, when present, must match it
    /// (OpenID Connect Core 1.0 section 3.1.3.8).
    pub access_token: Option<Secret>,
    pub(super) occasion: Occasion,
}

/// What brought the token.
#[derive(Debug, Clone)]
pub(super) enum Occasion {
    Login {
        nonce: NonceExpectation,
        max_age: Option<u64>,
    },
    Refresh {
        previous: Option<Box<PreviousIdToken>>,
    },
}

impl IdTokenExpectations {
    /// For the ID Token of a login.
    ///
    /// `max_age` is the one asked for, in seconds; without it the client's `default_max_age`
    /// applies. Where either is set, `auth_time` is mandatory.
    pub const fn login(nonce: NonceExpectation, max_age: Option<u64>) -> Self {
        Self {
            access_token: None,
            occasion: Occasion::Login { nonce, max_age },
        }
    }

    /// For an ID Token that came with a refresh (OpenID Connect Core 1.0 section 12.2): it must
    /// agree with `previous`, the one of the login. Without that one it is refused, unless
    /// [`skip_continuity_check`](crate::policy::Danger::skip_continuity_check) is set.
    pub fn refresh(previous: Option<PreviousIdToken>) -> Self {
        Self {
            access_token: None,
            occasion: Occasion::Refresh {
                previous: previous.map(Box::new),
            },
        }
    }
}

/// The `nonce` that an ID Token must have.
#[derive(Debug, Clone, Default)]
pub enum NonceExpectation {
    /// None was sent, so none may come back.
    #[default]
    Absent,
    /// The one that was sent.
    Equals(Secret),
}
