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
use crate::source::back_off::LOOK_AGAIN;
use crate::source::error::{LoginNeeded, SourceError};
use crate::source::held::{SourcedTokens, Standing, Warning};
use crate::source::renewal::Renewal;
use crate::source::verdict::{Verdict, verdict};

impl TokenSource {
    /// The attempt failed, and no request may be sent before the end of this pause, which the
    /// instances of an application [share](crate::source::SharedBackOff) through a store. `cause` is
    /// `None` when no grant was run, because the attempt of another instance had failed.
    ///
    /// The source begins another attempt after 10 seconds, even if the pause is longer, so that the
    /// driver can look for tokens that have come into the store in the meantime. The driver must
    /// look for the pause as well.
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
                self.back_off.share(env, pause);
                self.last_failure.get_or_insert(Failure::Elsewhere);
                self.left_over(env, None)
            }
        }
    }

    /// No grant was run, because there is nothing to run it with. The source ends, except for
    /// [`LoginNeeded::NoRefreshToken`] while its access token has not expired.
    pub fn end(&mut self, env: &Env<'_>, attempt: Attempt, reason: LoginNeeded) -> Answered {
        if let Err(refused) = self.land(&attempt) {
            return refused;
        }
        if let (LoginNeeded::NoRefreshToken, Some(tokens)) = (&reason, self.serving(env)) {
            let left = self.held.as_ref().and_then(|held| held.left(env));
            self.back_off.share(env, left.unwrap_or_default());
            self.last_failure = None;
            return Answered {
                answer: Ok(tokens),
                changed: None,
            };
        }
        self.ended_by(reason)
    }

    fn ended_by(&mut self, reason: LoginNeeded) -> Answered {
        let answer = Err(login_needed(&reason));
        self.ended = Some(reason);
        self.held = None;
        Answered {
            answer,
            changed: None,
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
                let own = self.back_off.failed(env, asked_for);
                if let Some(pause) = pause {
                    self.back_off.share(env, pause);
                } else if self.renewal == Renewal::Stored && matches!(error, Error::Store(_)) {
                    // The server was not asked.
                    self.back_off.pause(env, own.min(LOOK_AGAIN));
                }
                self.last_failure = Some(Failure::Error(error));
                let changed = successor.and_then(|successor| self.adopt(successor));
                self.left_over(env, changed)
            }
        }
    }

    /// The answer after a failure: the old token, if it is still good.
    fn left_over(&mut self, env: &Env<'_>, changed: Option<Arc<TokenSet>>) -> Answered {
        let answer = self.serving(env);
        Answered {
            answer: answer.ok_or_else(|| self.failure(env)),
            changed,
        }
    }

    /// The present token, if it has not expired.
    fn serving(&mut self, env: &Env<'_>) -> Option<SourcedTokens> {
        let standing = self.standing(env);
        let margin = self.settings.margin();
        let held = self.held.as_mut()?;
        let warning = match standing {
            Standing::Good | Standing::Ahead => None,
            Standing::ShortLived(lifetime) => {
                held.handed_out = true;
                Some(Warning::ShortLived { lifetime, margin })
            }
            Standing::UnderMargin(_) | Standing::Unusable => return self.leftover(standing),
        };
        Some(SourcedTokens::new(Arc::clone(&held.tokens), warning))
    }

    /// Keeps a refresh token that came in a response that was refused; the access token in it stays
    /// out, since nothing has verified whose it is.
    fn adopt(&mut self, successor: Secret) -> Option<Arc<TokenSet>> {
        let held = self.held.as_mut()?;
        held.tokens = Arc::new(held.tokens.with_refresh_token(successor));
        Some(Arc::clone(&held.tokens))
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
