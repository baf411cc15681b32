//! Any other grant: token exchange, JWT bearer, SAML bearer, extensions.

use crate::configuration::Configuration;
use crate::endpoint::{Generic, JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE};
use crate::env::Env;
use crate::error::Error;
use crate::flow::TokenSet;
use crate::flow::token::token_grant::{ExpectedIdToken, Presence, TokenGrant};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::wire::Parameters;

/// Gets tokens by a grant type of the caller's choice (RFC 6749 section 4.5).
///
/// Sends at most three requests (the key set when the scope asked for has `openid`, the grant, and
/// the key set again when an ID Token is signed with a key that is not in it) and uses at most one key. With a
/// DPoP key, the grant may be sent twice, and at most four keys are used; see
/// [`Call`](crate::flow::Call).
///
/// `authorization_code` and `refresh_token` are refused: their answers have to be held against what
/// began the login, which [`CodeGrant`](crate::flow::CodeGrant) and
/// [`RefreshTokenGrant`](crate::flow::RefreshTokenGrant) do.
///
/// # Errors
///
/// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) for a grant type or a parameter
/// that cannot be sent in this way; [`Error::ResponseBody`] and
/// [`Error::WwwAuthenticateChallenge`] when the server refuses; [`Error::Rejected`] for the token
/// response or the ID Token; [`Error::TokensUnverified`] when tokens came but the keys to verify the
/// ID Token could not be had; [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`] and
/// [`Error::Entropy`].
#[derive(Debug)]
pub struct GenericGrant {
    request: Generic,
    nonce: Option<Secret>,
    grant: Option<TokenGrant<Generic>>,
}

impl GenericGrant {
    /// A request with this `grant_type`, a name or an absolute URI.
    pub fn new(configuration: Configuration, grant_type: impl Into<String>) -> Self {
        Self {
            request: Generic {
                configuration,
                grant_type: grant_type.into(),
                parameters: Parameters::new(),
            },
            nonce: None,
            grant: None,
        }
    }

    /// A token in exchange for `subject_token`, the type of which is a URI such as
    /// `urn:ietf:params:oauth:token-type:access_token` (RFC 8693 sections 2.1 and 3).
    ///
    /// What is issued may be no access token; its
    /// [`token_type`](TokenSet::token_type) then is `N_A`, and
    /// [`issued_token_type`](TokenSet::issued_token_type) says what it is.
    pub fn token_exchange(
        configuration: Configuration,
        subject_token: impl Into<String>,
        subject_token_type: impl Into<String>,
    ) -> Self {
        Self::new(configuration, TOKEN_EXCHANGE)
            .parameter("subject_token", subject_token)
            .parameter("subject_token_type", subject_token_type)
    }

    /// Tokens for `assertion`, a JWT (RFC 7523 section 2.1).
    pub fn jwt_bearer(configuration: Configuration, assertion: impl Into<String>) -> Self {
        Self::new(configuration, JWT_BEARER).parameter("assertion", assertion)
    }

    /// Tokens for `assertion`, a SAML 2.0 assertion in base64url (RFC 7522 section 2.1).
    pub fn saml2_bearer(configuration: Configuration, assertion: impl Into<String>) -> Self {
        Self::new(configuration, SAML2_BEARER).parameter("assertion", assertion)
    }

    /// What to ask for: scope values with single spaces between them.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.request.parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, such as `audience`, `resource` or `actor_token`; it may repeat.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.parameters.append(name, value);
        self
    }

    /// Adds other parameters.
    #[must_use]
    pub fn parameters(mut self, parameters: impl Into<Parameters>) -> Self {
        self.request.parameters.extend(parameters.into().iter());
        self
    }

    /// The nonce that an ID Token must have. Without it, an ID Token that has one is refused: it
    /// belongs to another login.
    #[must_use]
    pub fn expected_nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }
}

impl Operation for GenericGrant {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<TokenSet>, Error> {
        let Self { request, nonce, .. } = self;
        let grant = self.grant.get_or_insert_with(|| {
            let id_token = ExpectedIdToken {
                presence: Presence::of_scope(request.parameters.first("scope")),
                nonce: nonce.take(),
                begun_at: None,
                issued_since: None,
            };
            TokenGrant::new(request.configuration.clone(), request.clone(), id_token)
        });
        grant.step(env, event)
    }
}

#[cfg(test)]
mod tests;
