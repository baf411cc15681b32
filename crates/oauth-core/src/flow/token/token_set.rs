//! The tokens of a grant.

mod kept;

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::endpoint::{AccessToken, TokenResponse, TokenType};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{IdToken, PreviousIdToken};

/// The tokens of a successful grant. If they include an ID Token, it has been verified.
#[derive(Clone)]
pub struct TokenSet {
    response: TokenResponse,
    id_token: Option<IdToken>,
    previous_refresh_token: Option<Secret>,
    login: Option<PreviousIdToken>,
    session_state: Option<Secret>,
}

impl TokenSet {
    pub(crate) fn new(response: TokenResponse, id_token: Option<IdToken>) -> Self {
        Self {
            response,
            login: id_token.as_ref().map(PreviousIdToken::from),
            id_token,
            previous_refresh_token: None,
            session_state: None,
        }
    }

    pub(crate) const fn response(&self) -> &TokenResponse {
        &self.response
    }

    /// Remembers the refresh token that was used, and the login that continues.
    pub(crate) fn refreshed_with(
        mut self,
        refresh_token: Secret,
        login: Option<PreviousIdToken>,
    ) -> Self {
        self.previous_refresh_token = Some(refresh_token);
        self.login = login.or(self.login);
        self
    }

    /// Remembers the session at the server in which the login took place.
    pub(crate) fn of_session(mut self, session_state: Option<Secret>) -> Self {
        self.session_state = session_state;
        self
    }

    /// The access token.
    pub const fn access_token(&self) -> &Secret {
        self.response.access_token()
    }

    /// How the access token is presented.
    pub const fn token_type(&self) -> TokenType {
        self.response.token_type()
    }

    /// The thumbprint of the DPoP key that the access token is bound to; `None` for a Bearer token.
    pub fn dpop_thumbprint(&self) -> Option<&str> {
        self.response.dpop_thumbprint()
    }

    /// The remaining lifetime of the access token: zero once it has expired, `None` when the
    /// server did not state one.
    pub fn expires_in(&self, now: UnixTime) -> Option<Duration> {
        let lifetime = self.response.expires_in?;
        let age = now.seconds_since(self.response.received_at());
        Some(Duration::from_secs(lifetime.saturating_sub(age)))
    }

    /// When the tokens were received, by the local clock.
    pub const fn received_at(&self) -> UnixTime {
        self.response.received_at()
    }

    /// The refresh token for the next refresh. When the server sent none with a refresh, it is the
    /// old one, which stays valid (RFC 6749 section 6).
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.response
            .refresh_token()
            .or(self.previous_refresh_token.as_ref())
    }

    /// The scope granted, when the server names it; otherwise it is the one asked for (RFC 6749
    /// section 5.1).
    pub fn scope(&self) -> Option<&str> {
        self.response.scope()
    }

    /// The verified ID Token.
    pub const fn id_token(&self) -> Option<&IdToken> {
        self.id_token.as_ref()
    }

    /// The claims of the ID Token that began this login. A refresh does not change them, even when
    /// it brings another ID Token. They say who has logged in, and every later ID Token is compared
    /// with them (OpenID Connect Core 1.0 section 12.2).
    pub const fn login(&self) -> Option<&PreviousIdToken> {
        self.login.as_ref()
    }

    /// The `session_state` of the authorization response, for a page that watches the session at
    /// the server ([`SESSION_FRAME`](crate::logout::SESSION_FRAME)). It stays the same over every
    /// refresh and in the stored form, because it belongs to the login (OpenID Connect Session
    /// Management 1.0 section 2).
    ///
    /// `None` without a login through the browser, and if the server sent none that can be used:
    /// one with a space, another white space or a control character, or longer than 4 KiB.
    pub fn session_state(&self) -> Option<&str> {
        Some(self.session_state.as_ref()?.expose())
    }

    pub(crate) const fn session(&self) -> Option<&Secret> {
        self.session_state.as_ref()
    }

    /// What a token exchange issued: a URI such as
    /// `urn:ietf:params:oauth:token-type:access_token` (RFC 8693 section 2.2.1).
    pub fn issued_token_type(&self) -> Option<&str> {
        self.response.issued_token_type()
    }

    /// Members of the response that this type does not name.
    pub const fn extra(&self) -> &Map<String, Value> {
        self.response.extra()
    }
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSet")
            .field("token_type", &self.token_type())
            .field("expires_in", &self.response.expires_in())
            .field("received_at", &self.received_at())
            .field("scope", &self.scope())
            .field("id_token", &self.id_token.is_some())
            .finish_non_exhaustive()
    }
}

impl From<&TokenSet> for AccessToken {
    fn from(tokens: &TokenSet) -> Self {
        let token = Self::from(tokens.response());
        match tokens.login() {
            Some(login) => token.of_login(login),
            None => token,
        }
    }
}
