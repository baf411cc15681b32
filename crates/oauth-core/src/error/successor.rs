//! The refresh token in a response that was refused, and when it may be used.
//!
//! A server that rotates refresh tokens (RFC 9700 section 4.14.2) has invalidated the one that was
//! sent by the time its response is refused. Without the new one, the session is lost.

use std::sync::Arc;

use crate::error::{Artefact, Error, Reason, Rejection, TimestampRule, TokensUnverified};
use crate::secret::Secret;

impl Rejection {
    /// The refresh token in a response to a refresh that was refused only for a time: the server
    /// signed the ID Token, and issuer, subject, audience, authorized party, nonce and hashes are
    /// right. Only one of these is not: `exp`, `nbf`, an `iat` in the future, or `auth_time`.
    ///
    /// It replaces the refresh token that was sent, which the server may have invalidated. Keep it
    /// and use it for the next refresh. `None` after every other refusal, and after the refusal
    /// of a login, which leaves no session; see
    /// [`danger_refresh_token`](Self::danger_refresh_token).
    pub fn refresh_token(&self) -> Option<&Secret> {
        let is_the_same_login =
            self.is_refresh && self.artefact == Artefact::IdToken && is_about_time(&self.reason);
        self.refresh_token.as_ref().filter(|_| is_the_same_login)
    }

    /// The refresh token in the refused token response, for every reason of the refusal.
    ///
    /// After a mismatch of `iss`, `sub`, `aud`, `azp`, the nonce or the DPoP binding, or with an
    /// invalid signature, it may belong to another person. After a login that was refused for a
    /// time, the person has not logged in, and using it would defeat `max_age`. Use it only to
    /// revoke it (RFC 7009).
    pub const fn danger_refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    pub(crate) fn with_refresh_token(
        mut self: Arc<Self>,
        refresh_token: Option<Secret>,
    ) -> Arc<Self> {
        let rejection = Arc::make_mut(&mut self);
        rejection.refresh_token = rejection.refresh_token.take().or(refresh_token);
        self
    }
}

impl TokensUnverified {
    /// The refresh token in a response to a refresh whose ID Token could not be verified because
    /// only the keys were missing. Its claims, which are read although nothing proves them, pass
    /// every other check, or fail only for a time as in [`Rejection::refresh_token`].
    ///
    /// It replaces the refresh token that was sent, which the server may have invalidated. Keep it
    /// and use it for the next refresh. `None` if something else was wrong, after a login, and if
    /// no key of the client decrypts the ID Token: then nothing shows whose the tokens are, and
    /// [`danger_tokens`](Self::danger_tokens) returns the refresh token. If the key exists and
    /// could not be used ([`Error::Key`]), this method returns it, because the ID Token of the next
    /// refresh is compared with the login.
    pub fn refresh_token(&self) -> Option<&Secret> {
        let refresh_token = self.danger_tokens().refresh_token();
        refresh_token.filter(|_| self.is_of_the_same_login)
    }

    pub(crate) fn of_the_same_login(mut self: Arc<Self>) -> Arc<Self> {
        Arc::make_mut(&mut self).is_of_the_same_login = true;
        self
    }
}

impl Error {
    /// The refresh token in a response to a refresh that was refused, if it is safe to use: the
    /// only fault is a time in the ID Token (`exp`, `nbf`, an `iat` in the future), its
    /// `auth_time`, or missing keys.
    ///
    /// It replaces the refresh token that was sent, which the server may have invalidated. Keep it
    /// and use it for the next refresh. `None` after every other grant: a login that was refused
    /// leaves no session that could continue.
    pub fn refresh_token(&self) -> Option<&Secret> {
        match self {
            Self::Rejected(rejection) => rejection.refresh_token(),
            Self::TokensUnverified(unverified) => unverified.refresh_token(),
            _ => None,
        }
    }

    /// The refresh token in a response that was refused, for every reason of the refusal.
    ///
    /// It may belong to another person. Use it only to revoke it (RFC 7009).
    pub fn danger_refresh_token(&self) -> Option<&Secret> {
        match self {
            Self::Rejected(rejection) => rejection.danger_refresh_token(),
            Self::TokensUnverified(unverified) => unverified.danger_tokens().refresh_token(),
            _ => None,
        }
    }

    /// Keeps the refresh token of a response that is refused.
    pub(crate) fn with_refresh_token(self, refresh_token: Option<Secret>) -> Self {
        match self {
            Self::Rejected(rejection) => rejection.with_refresh_token(refresh_token).into(),
            other => other,
        }
    }

    /// Says that what was refused is the answer to a refresh.
    pub(crate) fn of_refresh(mut self) -> Self {
        if let Self::Rejected(rejection) = &mut self {
            Arc::make_mut(rejection).is_refresh = true;
        }
        self
    }
}

/// Whether a refresh was refused only because of a time in its ID Token. The times are checked
/// last, after the checks of whose token it is. An `iat` that is too old does not count: it shows
/// that the token was issued for something else, and no refresh is refused for it.
pub(crate) fn is_about_time(reason: &Reason) -> bool {
    match reason {
        Reason::Timestamp { claim, rule, .. } => matches!(
            (*claim, *rule),
            ("exp", TimestampRule::Expired)
                | ("nbf", TimestampRule::NotYetValid)
                | ("iat" | "auth_time", TimestampRule::InTheFuture)
        ),
        Reason::ClaimMismatch { claim, .. } => *claim == "auth_time",
        Reason::Missing { member } => member == "auth_time",
        _ => false,
    }
}

/// Whether the keys are missing, as opposed to a token that is not valid under them.
pub(crate) fn lacks_keys(error: &Error) -> bool {
    match error {
        Error::Rejected(rejection) => {
            rejection.artefact == Artefact::KeySet
                || matches!(
                    rejection.reason,
                    Reason::KeySelection(_) | Reason::DecryptionKey { .. }
                )
        }
        // An encrypted ID Token, for which there is no key here, is one such case.
        Error::Unsupported(_)
        | Error::Unanswered(_)
        | Error::Metadata(_)
        | Error::ResponseBody(_)
        | Error::WwwAuthenticateChallenge(_)
        | Error::Key(_)
        | Error::Aborted => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
