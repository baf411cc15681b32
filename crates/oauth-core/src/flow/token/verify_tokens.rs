//! Verifies the ID Token in a token response, and keeps the tokens when that is not possible.

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::endpoint::TokenResponse;
use crate::env::Env;
use crate::error::{Error, Misuse, TokensUnverified, is_about_time, lacks_keys};
use crate::flow::{TokenSet, VerifyIdToken};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::validate::IdTokenExpectations;

/// A token response on its way to becoming a [`TokenSet`].
#[derive(Debug)]
pub(crate) struct VerifyTokens {
    verification: Box<VerifyIdToken>,
    /// Taken out when the verification ends.
    response: Option<TokenResponse>,
    is_refresh: bool,
}

impl VerifyTokens {
    /// `id_token` is the one in the response. Its `at_hash` must be that of the access token.
    pub(crate) fn new(
        configuration: Configuration,
        response: TokenResponse,
        id_token: Secret,
        mut expectations: IdTokenExpectations,
    ) -> Self {
        expectations.access_token = Some(response.access_token().clone());
        let is_refresh = expectations.is_refresh();
        Self {
            verification: Box::new(
                VerifyIdToken::new(configuration, id_token, expectations).through(Channel::Server),
            ),
            response: Some(response),
            is_refresh,
        }
    }

    /// The error for tokens whose ID Token cannot be verified. It keeps what can be used later.
    fn refused(&self, env: &Env<'_>, error: Error, response: TokenResponse) -> Error {
        if !lacks_keys(&error) {
            let error = error.with_refresh_token(response.refresh_token().cloned());
            return if self.is_refresh {
                error.of_refresh()
            } else {
                error
            };
        }
        // A key of the client that cannot be used for a while says nothing against the response.
        // The ID Token of the next refresh is compared with the login.
        let is_unopened = matches!(error, Error::Key(_));
        let unverified = TokensUnverified::new(error, response);
        if self.is_refresh && (is_unopened || self.may_be_of_the_same_login(env)) {
            return unverified.of_the_same_login().into();
        }
        unverified.into()
    }

    /// Whether the ID Token of a refresh passes every check except for the signature and the times.
    fn may_be_of_the_same_login(&self, env: &Env<'_>) -> bool {
        match self.verification.judge_unverified(env.now) {
            Ok(()) => true,
            Err(error) => error
                .rejection()
                .is_some_and(|rejection| is_about_time(&rejection.reason)),
        }
    }
}

impl Operation for VerifyTokens {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<TokenSet>, Error> {
        let result = self.verification.step(env, event).map(Action::or_done);
        match result {
            Ok(Ok(action)) => Ok(action),
            Ok(Err(id_token)) => {
                let response = self.response.take().ok_or(Misuse::Finished)?;
                Ok(Action::Done(TokenSet::new(response, Some(id_token))))
            }
            Err(error) => Err(match self.response.take() {
                Some(response) => self.refused(env, error, response),
                None => error,
            }),
        }
    }
}
