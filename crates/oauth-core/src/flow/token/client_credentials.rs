//! Tokens for the client itself (RFC 6749 section 4.4).

use crate::configuration::Configuration;
use crate::endpoint::ClientCredentialsTokenRequest;
use crate::flow::token::token_grant::{ExpectedIdToken, Presence, TokenGrant};
use crate::validate::{IdTokenExpectations, NonceExpectation};
use crate::wire::Parameters;

/// Gets tokens for the client itself, without a login.
///
/// Sends one request and uses at most one key; with a DPoP key, at most two requests and four keys
/// (see [`Call`](crate::flow::Call)). An ID Token is not expected; one that comes back is
/// verified, with at most one request more.
///
/// # Errors
///
/// The errors of [`TokenGrant`].
pub type ClientCredentialsGrant = TokenGrant<ClientCredentialsTokenRequest>;

impl ClientCredentialsGrant {
    /// A request for the scope that the server gives by default.
    pub const fn new(configuration: Configuration) -> Self {
        let request = ClientCredentialsTokenRequest {
            configuration,
            parameters: Parameters::new(),
        };
        let expectations = IdTokenExpectations::login(NonceExpectation::Absent, None);
        Self::requesting(
            request,
            ExpectedIdToken::new(Presence::Unlikely, expectations),
        )
    }
}

#[cfg(test)]
mod tests;
