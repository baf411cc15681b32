//! What callers get after an attempt that failed.

use std::sync::Arc;
use std::time::Duration;

use super::{Failure, TokenSource, login_needed};
use crate::env::Env;
use crate::error::Error;
use crate::flow::TokenSet;
use crate::secret::Secret;
use crate::source::answer::Answered;
use crate::source::attempt::Attempt;
use crate::source::error::{LoginNeeded, SourceError};
use crate::source::held::{SourcedTokens, Standing, Warning};
use crate::source::verdict::{Verdict, verdict};

impl TokenSource {
    /// The attempt failed, and the next one may begin after this pause, which the instances of an
    /// application [share](crate::source::SharedBackOff). `cause` is `None` when no grant was run,
    /// because the attempt of another instance had failed.
    pub fn paused(
        &mut self,
        env: &Env<'_>,
        attempt: Attempt,
        cause: Option<Error>,
        pause: Duration,
    ) -> Answered {
        if let Err(refused) = self.land(&attempt) {
            return refused;
        }
        match cause {
            Some(error) => self.failed(env, error, Some(pause)),
            None => {
                self.back_off.pause(env, pause);
                self.last_failure = Some(Failure::Elsewhere);
                self.left_over(env, None)
            }
        }
    }

    pub(super) fn failed(
        &mut self,
        env: &Env<'_>,
        error: Error,
        pause: Option<Duration>,
    ) -> Answered {
        match verdict(error.clone(), self.renewal, env.now) {
            Verdict::End(reason) => self.ended_by(reason),
            Verdict::Later {
                successor,
                asked_for,
            } => {
                self.back_off.failed(env, asked_for);
                if let Some(pause) = pause {
                    self.back_off.pause(env, pause);
                }
                self.last_failure = Some(Failure::Error(error));
                let changed = successor.and_then(|successor| self.adopt(successor));
                self.left_over(env, changed)
            }
        }
    }

    /// The answer after a failure: the old token, if it is still good.
    fn left_over(&self, env: &Env<'_>, changed: Option<Arc<TokenSet>>) -> Answered {
        let standing = self.standing(env);
        let answer = self
            .still_good(standing)
            .or_else(|| self.leftover(standing));
        Answered {
            answer: answer.ok_or_else(|| self.failure(env)),
            changed,
        }
    }

    /// Keeps a refresh token that came in a response that was refused; the access token in it stays
    /// out, since nothing has verified whose it is.
    fn adopt(&mut self, successor: Secret) -> Option<Arc<TokenSet>> {
        let held = self.held.as_mut()?;
        held.tokens = Arc::new(held.tokens.with_refresh_token(successor));
        Some(Arc::clone(&held.tokens))
    }

    fn still_good(&self, standing: Standing) -> Option<SourcedTokens> {
        let held = self.held.as_ref()?;
        matches!(standing, Standing::Good | Standing::Ahead)
            .then(|| SourcedTokens::new(Arc::clone(&held.tokens), None))
    }

    /// The old token, if it is valid for less than the margin and cannot be replaced now.
    pub(super) fn leftover(&self, standing: Standing) -> Option<SourcedTokens> {
        let (Standing::UnderMargin(left), Some(held)) = (standing, &self.held) else {
            return None;
        };
        let cause = match &self.last_failure {
            Some(Failure::Error(error)) => Some(error.clone()),
            _ => None,
        };
        let warning = Warning::NotReplaced { left, cause };
        Some(SourcedTokens::new(Arc::clone(&held.tokens), Some(warning)))
    }

    /// Why there is no token now.
    pub(super) fn failure(&self, env: &Env<'_>) -> SourceError {
        let retry_in = self.back_off.left(env);
        match &self.last_failure {
            Some(Failure::Error(cause)) => SourceError::Failed {
                cause: Box::new(cause.clone()),
                retry_in,
            },
            Some(Failure::Elsewhere) => SourceError::PausedElsewhere { retry_in },
            Some(Failure::Expired { lifetime }) => SourceError::ExpiredOnArrival {
                lifetime: *lifetime,
                retry_in,
            },
            // No attempt has failed and none may begin: there is nothing to begin one with. The
            // source has not ended, since a wall clock that is set right may bring the token back.
            None => login_needed(&LoginNeeded::NoRefreshToken),
        }
    }
}
