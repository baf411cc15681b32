//! Which callers get the present token, which ones wait, and when a new token is requested.

mod failed;

use std::sync::Arc;
use std::time::Duration;

use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::TokenSet;
use crate::secret::Secret;
use crate::source::answer::{Answer, Answered, Asked, Invalidation};
use crate::source::attempt::{Attempt, AttemptId};
use crate::source::back_off::BackOff;
use crate::source::error::{LoginNeeded, SourceError};
use crate::source::held::{Held, SourcedTokens, Standing, Warning};
use crate::source::renewal::Renewal;
use crate::source::settings::SourceSettings;

/// One access token for many callers, replaced before it expires.
///
/// At most one attempt to get a token is under way, for any number of callers. While the present
/// token is valid for the [margin](SourceSettings::margin), no caller waits.
///
/// `Debug` shows no token.
#[derive(Debug)]
pub struct TokenSource {
    settings: SourceSettings,
    renewal: Renewal,
    held: Option<Held>,
    flight: Option<Flight>,
    attempts: u64,
    back_off: BackOff,
    last_failure: Option<Failure>,
    ended: Option<LoginNeeded>,
}

/// The attempt under way.
#[derive(Debug)]
struct Flight {
    id: AttemptId,
    /// Whether a caller was told to wait for it.
    awaited: bool,
}

/// Why the last attempt brought no token that can be used.
#[derive(Debug)]
enum Failure {
    Error(Error),
    Elsewhere,
    Expired { lifetime: Duration },
}

impl TokenSource {
    /// A source that holds no token yet.
    pub fn new(renewal: Renewal, settings: SourceSettings) -> Self {
        Self {
            settings,
            renewal,
            held: None,
            flight: None,
            attempts: 0,
            back_off: BackOff::default(),
            last_failure: None,
            ended: None,
        }
    }

    /// A source that begins with these tokens, fresh from a login or
    /// [restored](super::StoredTokenSet::restore).
    pub fn with_tokens(
        renewal: Renewal,
        settings: SourceSettings,
        tokens: TokenSet,
        env: &Env<'_>,
    ) -> Self {
        let mut source = Self::new(renewal, settings);
        let age = env.now.seconds_since(tokens.received_at());
        source.hold(env, Arc::new(tokens), Duration::from_secs(age));
        source
    }

    /// The settings.
    pub const fn settings(&self) -> &SourceSettings {
        &self.settings
    }

    /// The present tokens, to be stored. Their access token may have expired.
    pub fn tokens(&self) -> Option<&Arc<TokenSet>> {
        self.held.as_ref().map(|held| &held.tokens)
    }

    /// Why the source has ended, if it has: the stored tokens are of no use any more.
    pub const fn ended(&self) -> Option<&LoginNeeded> {
        self.ended.as_ref()
    }

    /// A caller needs a token.
    pub fn ask(&mut self, env: &Env<'_>) -> Asked {
        if let Some(ended) = &self.ended {
            return Asked::failed(login_needed(ended));
        }
        let standing = self.standing(env);
        match (standing, &mut self.held) {
            (Standing::Good, Some(held)) => Asked::tokens(held, None),
            (Standing::Ahead, Some(held)) => {
                let mut asked = Asked::tokens(held, None);
                asked.attempt = self.begin(env, false);
                asked
            }
            (Standing::ShortLived(lifetime), Some(held)) if self.flight.is_none() => {
                held.handed_out = true;
                let margin = self.settings.margin();
                Asked::tokens(held, Some(Warning::ShortLived { lifetime, margin }))
            }
            _ => self.replace(env, standing),
        }
    }

    /// No present token is valid for long enough.
    fn replace(&mut self, env: &Env<'_>, standing: Standing) -> Asked {
        if let Some(flight) = &mut self.flight {
            flight.awaited = true;
            return Asked {
                answer: Answer::Wait(flight.id),
                attempt: None,
            };
        }
        if let Some(attempt) = self.begin(env, true) {
            return Asked {
                answer: Answer::Wait(attempt.id),
                attempt: Some(attempt),
            };
        }
        let answer = match self.leftover(standing) {
            Some(tokens) => Answer::Tokens(tokens),
            None => Answer::Failed(self.failure(env)),
        };
        Asked {
            answer,
            attempt: None,
        }
    }

    /// The attempt that may begin now, if one may.
    fn begin(&mut self, env: &Env<'_>, awaited: bool) -> Option<Attempt> {
        if self.flight.is_some() || self.back_off.prevents_attempts(env) {
            return None;
        }
        let refreshed = match self.renewal {
            Renewal::RefreshToken => {
                let tokens = self.tokens()?;
                tokens.refresh_token()?;
                Some(Arc::clone(tokens))
            }
            Renewal::Stored | Renewal::Assertion | Renewal::Credentials => None,
        };
        let id = AttemptId(self.attempts);
        self.attempts = self.attempts.wrapping_add(1);
        self.flight = Some(Flight { id, awaited });
        Some(Attempt {
            id,
            begun_at: env.elapsed,
            refreshed,
        })
    }

    /// The grant of an attempt has ended. A result that never came is reported as
    /// [`Error::Aborted`].
    ///
    /// Report each attempt to the source that began it. The report of an attempt that is not under
    /// way changes nothing, and is answered with [`Misuse::UnexpectedEvent`].
    pub fn answered(
        &mut self,
        env: &Env<'_>,
        attempt: Attempt,
        result: Result<TokenSet, Error>,
    ) -> Answered {
        let flight = match self.land(&attempt) {
            Ok(flight) => flight,
            Err(refused) => return refused,
        };
        match result {
            Ok(tokens) => self.succeeded(env, &attempt, flight.awaited, tokens),
            Err(error) => self.failed(env, error, None),
        }
    }

    /// The attempt is to replace these tokens, which the driver has loaded from a store. Callers
    /// get them if the attempt fails and their access token has not expired.
    ///
    /// Does nothing if the attempt is not under way, or the source has this access token already.
    pub fn found(&mut self, env: &Env<'_>, attempt: &Attempt, tokens: TokenSet) {
        let is_under_way = self
            .flight
            .as_ref()
            .is_some_and(|flight| flight.id == attempt.id);
        let held = self.tokens().map(|held| held.access_token());
        if is_under_way && held != Some(tokens.access_token()) {
            let age = Duration::from_secs(env.now.seconds_since(tokens.received_at()));
            self.hold(env, Arc::new(tokens), age);
        }
    }

    /// Ends the attempt under way, if it is this one.
    fn land(&mut self, attempt: &Attempt) -> Result<Flight, Answered> {
        let flight = self.flight.take_if(|flight| flight.id == attempt.id);
        flight.ok_or_else(|| {
            let misuse = Misuse::UnexpectedEvent {
                expected: "the result of the attempt under way",
                found: "that of another",
            };
            Answered {
                answer: Err(SourceError::Failed {
                    cause: Box::new(misuse.into()),
                    retry_in: Duration::ZERO,
                }),
                changed: None,
            }
        })
    }

    fn succeeded(
        &mut self,
        env: &Env<'_>,
        attempt: &Attempt,
        awaited: bool,
        tokens: TokenSet,
    ) -> Answered {
        let tokens = Arc::new(tokens);
        let age = Duration::from_secs(env.now.seconds_since(tokens.received_at()));
        let age = match self.renewal {
            // Another instance may have got it long ago.
            Renewal::Stored => age,
            // It cannot be older than the attempt, even if the wall clock was set since then.
            _ => age.min(env.elapsed.saturating_sub(attempt.begun_at)),
        };
        self.hold(env, Arc::clone(&tokens), age);
        let standing = self.standing(env);
        let warning = match standing {
            Standing::Good | Standing::Ahead => None,
            Standing::ShortLived(lifetime) => Some(Warning::ShortLived {
                lifetime,
                margin: self.settings.margin(),
            }),
            Standing::UnderMargin(left) => Some(Warning::NotReplaced { left, cause: None }),
            Standing::Unusable => {
                let lifetime = self
                    .held
                    .as_ref()
                    .map_or(Duration::ZERO, |held| held.lifetime());
                let retry_in = self.back_off.failed(env, None);
                self.last_failure = Some(Failure::Expired { lifetime });
                return Answered {
                    answer: Err(SourceError::ExpiredOnArrival { lifetime, retry_in }),
                    changed: Some(tokens),
                };
            }
        };
        self.back_off.succeeded();
        self.last_failure = None;
        if let (Some(held), Standing::ShortLived(_)) = (&mut self.held, standing) {
            held.handed_out = awaited;
        }
        Answered {
            answer: Ok(SourcedTokens::new(Arc::clone(&tokens), warning)),
            changed: Some(tokens),
        }
    }

    /// A resource server has refused this access token with `invalid_token`.
    pub fn invalidate(&mut self, env: &Env<'_>, access_token: &Secret) -> Invalidation {
        let Some(held) = &mut self.held else {
            return Invalidation::Superseded;
        };
        if held.tokens.access_token() != access_token {
            return Invalidation::Superseded;
        }
        if !held.invalid && held.age(env) < YOUNG {
            return Invalidation::TooYoung;
        }
        held.invalid = true;
        Invalidation::Replacing
    }

    fn hold(&mut self, env: &Env<'_>, tokens: Arc<TokenSet>, age: Duration) {
        let lifetime = self.settings.lifetime_of(&tokens, self.renewal);
        self.held = Some(Held::new(tokens, age, lifetime, &self.settings, env));
    }

    fn standing(&self, env: &Env<'_>) -> Standing {
        let held = self.held.as_ref();
        held.map_or(Standing::Unusable, |held| {
            held.standing(&self.settings, env)
        })
    }
}

fn login_needed(ended: &LoginNeeded) -> SourceError {
    SourceError::LoginNeeded(Box::new(ended.clone()))
}

/// A younger token that is refused is refused for another reason than its age, and so would its
/// successor be.
const YOUNG: Duration = Duration::from_secs(30);
