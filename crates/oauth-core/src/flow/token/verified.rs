//! Verifies the ID Token in a token response, and keeps the tokens when that is not possible.

use crate::configuration::Configuration;
use crate::endpoint::TokenResponse;
use crate::env::Env;
use crate::error::{Error, Misuse, TokensUnverified, lacks_keys};
use crate::flow::{TokenSet, VerifyIdToken};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::validate::IdTokenExpectations;

/// A token response on its way to becoming a [`TokenSet`].
#[derive(Debug)]
pub(crate) struct VerifiedTokens {
    verification: Box<VerifyIdToken>,
    /// Taken out when the verification ends.
    response: Option<TokenResponse>,
}

impl VerifiedTokens {
    /// `id_token` is the one in the response; the access token beside it becomes part of the expectations (`at_hash`).
    pub(crate) fn new(
        configuration: Configuration,
        response: TokenResponse,
        id_token: Secret,
        mut expectations: IdTokenExpectations,
    ) -> Self {
        expectations.access_token = Some(response.access_token().clone());
        Self {
            verification: Box::new(VerifyIdToken::new(configuration, id_token, expectations)),
            response: Some(response),
        }
    }
}

impl Operation for VerifiedTokens {
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
                Some(response) if lacks_keys(&error) => {
                    TokensUnverified::new(error, response).into()
                }
                Some(response) => error.with_refresh_token(response.refresh_token().cloned()),
                None => error,
            }),
        }
    }
}
