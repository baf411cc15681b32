//! Any other grant: token exchange, JWT bearer, SAML bearer, extensions.

use crate::configuration::Configuration;
use crate::endpoint::{GenericTokenRequest, JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE};
use crate::flow::token::token_grant::{ExpectedIdToken, Presence, TokenGrant};
use crate::secret::Secret;
use crate::validate::{IdTokenExpectations, NonceExpectation};
use crate::wire::Parameters;

/// Gets tokens by a grant type of the caller's choice (RFC 6749 section 4.5).
///
/// Sends at most three requests (the key set when the scope asked for has `openid`, the grant, and
/// the key set again when an ID Token is signed with a key that is not in it) and uses at most one
/// key. With a DPoP key, the grant may be sent twice, and at most four keys are used; see
/// [`Call`](crate::flow::Call).
///
/// `authorization_code` and `refresh_token` are refused: their answers must be compared with what
/// began the login, which [`AuthorizationCodeGrant`](crate::flow::AuthorizationCodeGrant) and
/// [`RefreshTokenGrant`](crate::flow::RefreshTokenGrant) do.
///
/// # Errors
///
/// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) for a grant type or a
/// parameter that cannot be sent in this way, and those of [`TokenGrant`].
pub type GenericGrant = TokenGrant<GenericTokenRequest>;

impl GenericGrant {
    /// A request with this `grant_type`, a name or an absolute URI.
    pub fn new(configuration: Configuration, grant_type: impl Into<String>) -> Self {
        let request = GenericTokenRequest {
            configuration,
            grant_type: grant_type.into(),
            parameters: Parameters::new(),
        };
        Self::requesting(request, expected(NonceExpectation::Absent))
    }

    /// A token in exchange for `subject_token`. The type of that token is a URI such as
    /// `urn:ietf:params:oauth:token-type:access_token` (RFC 8693 sections 2.1 and 3).
    ///
    /// What is issued may be no access token; its
    /// [`token_type`](crate::flow::TokenSet::token_type) then is `N_A`, and
    /// [`issued_token_type`](crate::flow::TokenSet::issued_token_type) says what it is.
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

    /// The nonce that an ID Token must have. Without it, an ID Token that has one is refused: it
    /// belongs to another login.
    #[must_use]
    pub fn expected_nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.expect(expected(NonceExpectation::Equals(nonce.into())));
        self
    }
}

const fn expected(nonce: NonceExpectation) -> ExpectedIdToken {
    ExpectedIdToken::new(Presence::Requested, IdTokenExpectations::login(nonce, None))
}

#[cfg(test)]
mod tests;
