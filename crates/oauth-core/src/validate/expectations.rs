use std::time::Duration;

use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::front_channel::FrontChannel;
use crate::validate::pushed::Pushed;
use crate::validate::{IdToken, PreviousIdToken};

/// The values that an ID Token is compared with, in addition to the configuration.
#[derive(Debug, Clone)]
pub struct IdTokenExpectations {
    /// The access token that came with the ID Token; `at_hash`, if present, must match it (OpenID
    /// Connect Core 1.0 section 3.1.3.8).
    pub access_token: Option<Secret>,
    pub(super) occasion: Occasion,
    /// `iss` and `sub` of the first ID Token of the login.
    pub(super) person: Option<(String, String)>,
    pub(super) front_channel: Option<Box<FrontChannel>>,
    pub(super) issued_since: Option<UnixTime>,
    pub(super) pushed: Option<Box<Pushed>>,
}

/// The event that brought the token.
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
    /// Creates the expectations for the ID Token of a login.
    ///
    /// `max_age` is the requested one; without it the client's `default_max_age` applies. If either
    /// is set, `auth_time` is mandatory.
    pub const fn login(nonce: NonceExpectation, max_age: Option<Duration>) -> Self {
        let max_age = seconds(max_age);
        Self {
            access_token: None,
            occasion: Occasion::Login { nonce, max_age },
            person: None,
            front_channel: None,
            issued_since: None,
            pushed: None,
        }
    }

    /// Creates the expectations for an ID Token that came through the browser (OpenID Connect Core
    /// 1.0 sections 3.2.2.11 and 3.3.2.11). Its signature is always checked, even with
    /// [`skip_id_token_signature_check`](crate::policy::Danger::skip_id_token_signature_check).
    ///
    /// If a `code` came with it, `c_hash` must be the hash of that code, and the token at most an
    /// hour old. An `s_hash` must be the hash of `state`. It is mandatory if there is a `state` and
    /// [`detached_signature_response_checks`](crate::policy::Policy::detached_signature_response_checks)
    /// are enabled.
    pub fn front_channel(
        nonce: Secret,
        max_age: Option<Duration>,
        code: Option<Secret>,
        state: Option<Secret>,
    ) -> Self {
        Self {
            access_token: None,
            occasion: Occasion::Login {
                nonce: NonceExpectation::Equals(nonce),
                max_age: seconds(max_age),
            },
            person: None,
            front_channel: Some(Box::new(FrontChannel { code, state })),
            issued_since: None,
            pushed: None,
        }
    }

    /// Creates the expectations for an ID Token that the server pushed to the client (CIBA Core 1.0
    /// section 10.3.1). It is the signature of the push: `at_hash` must be the hash of
    /// `access_token`, `urn:openid:params:jwt:claim:rt_hash` that of `refresh_token`, and
    /// `urn:openid:params:jwt:claim:auth_req_id` must be `auth_req_id`. No switch of
    /// [`Danger`](crate::policy::Danger) skips these checks or that of the signature.
    pub fn pushed(
        auth_req_id: Secret,
        access_token: Secret,
        refresh_token: Option<Secret>,
    ) -> Self {
        Self {
            pushed: Some(Box::new(Pushed {
                auth_req_id,
                access_token,
                refresh_token,
            })),
            ..Self::login(NonceExpectation::Absent, None)
        }
    }

    /// Returns the expectations of the same login with this `max_age`.
    pub(crate) fn with_max_age(mut self, seconds: Option<u64>) -> Self {
        if let Occasion::Login { max_age, .. } = &mut self.occasion {
            *max_age = seconds;
        }
        self
    }

    /// Whether only the signature shows who made the token: it came through the browser, or in a
    /// request to the client.
    pub(crate) const fn needs_signature(&self) -> bool {
        self.front_channel.is_some() || self.pushed.is_some()
    }

    /// Whether a refresh brought the token.
    pub(crate) const fn is_refresh(&self) -> bool {
        matches!(self.occasion, Occasion::Refresh { .. })
    }

    /// Expects `iss` and `sub` of this ID Token, which came through the browser first (section
    /// 3.3.3.6). Both are needed, because a `sub` identifies a user at one issuer only.
    #[must_use]
    pub fn same_person_as(mut self, id_token: &IdToken) -> Self {
        self.person = Some((id_token.iss().to_owned(), id_token.sub().to_owned()));
        self
    }

    /// Refuses an ID Token whose `iat` lies before this time, which is that of the request: the
    /// token answers another request (OpenID Connect Core 1.0 section 3.1.3.7, step 10).
    /// [`skip_iat_check`](crate::policy::Danger::skip_iat_check) switches this check off too.
    #[must_use]
    pub const fn issued_since(mut self, time: UnixTime) -> Self {
        self.issued_since = Some(time);
        self
    }

    /// Creates the expectations for an ID Token from a refresh (OpenID Connect Core 1.0 section
    /// 12.2). It must agree with `previous`, the ID Token of the login. With `None` it is refused,
    /// unless [`skip_continuity_check`](crate::policy::Danger::skip_continuity_check) is set.
    pub fn refresh(previous: Option<PreviousIdToken>) -> Self {
        Self {
            access_token: None,
            occasion: Occasion::Refresh {
                previous: previous.map(Box::new),
            },
            person: None,
            front_channel: None,
            issued_since: None,
            pushed: None,
        }
    }
}

/// The `nonce` that an ID Token must contain.
#[derive(Debug, Clone, Default)]
pub enum NonceExpectation {
    /// No nonce was sent, and the ID Token must not contain one.
    #[default]
    Absent,
    /// This nonce was sent.
    Equals(Secret),
}

impl From<Option<Secret>> for NonceExpectation {
    fn from(sent: Option<Secret>) -> Self {
        sent.map_or(Self::Absent, Self::Equals)
    }
}

/// The whole seconds of a duration.
const fn seconds(duration: Option<Duration>) -> Option<u64> {
    match duration {
        Some(duration) => Some(duration.as_secs()),
        None => None,
    }
}
