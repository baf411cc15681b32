//! A token set that outlives its response.

use crate::endpoint::TokenResponse;
use crate::flow::TokenSet;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{IdToken, PreviousIdToken};

impl TokenSet {
    /// When the access token expires, by the local clock: the moment of receipt and `expires_in`.
    /// `None` when the server did not say.
    pub fn expires_at(&self) -> Option<UnixTime> {
        let lifetime = i64::try_from(self.lifetime()?).unwrap_or(i64::MAX);
        Some(self.received_at().saturating_add(lifetime))
    }

    /// Seconds for which the access token was good when it was received.
    pub(crate) const fn lifetime(&self) -> Option<u64> {
        self.response.expires_in
    }

    /// Replaces the refresh token by the one that has replaced it at the server.
    pub(crate) fn with_refresh_token(&self, refresh_token: Secret) -> Self {
        let mut tokens = self.clone();
        tokens.response.refresh_token = Some(refresh_token);
        tokens
    }

    /// Tokens that were stored.
    pub(crate) const fn restored(
        response: TokenResponse,
        id_token: Option<IdToken>,
        login: Option<PreviousIdToken>,
    ) -> Self {
        Self {
            response,
            id_token,
            previous_refresh_token: None,
            login,
            session_state: None,
        }
    }
}
