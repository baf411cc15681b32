//! Sources on virtual time.

#![allow(clippy::arithmetic_side_effects, reason = "a panic is a failed test")]

mod failures;
mod invalidate;
mod lifetimes;
mod property;
mod refusals;
mod rotated;
mod sealed;
mod shared_back_off;
mod sharing;
mod stored;
mod stored_id_token;
mod stored_versions;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Map;

use crate::cache::Cache;
use crate::endpoint::{TokenResponse, TokenType};
use crate::env::Env;
use crate::error::{Error, NoAnswer, ResponseBodyError, Unanswered};
use crate::flow::TokenSet;
use crate::names::EndpointName;
use crate::secret::Secret;
use crate::source::{
    Answer, Answered, Asked, Attempt, AttemptId, LoginNeeded, Renewal, SourceError, SourceSettings,
    SourcedTokens, TokenSource,
};
use crate::testing::{FixedEntropy, NOW};
use crate::time::UnixTime;

/// A source and its clocks.
pub(super) struct World {
    pub(super) source: TokenSource,
    pub(super) elapsed: Duration,
    /// What the wall clock is ahead of the monotonic one, in seconds.
    pub(super) wall: i64,
    cache: Cache,
}

impl World {
    pub(super) fn new(renewal: Renewal) -> Self {
        Self::with(renewal, &mut SourceSettings::default())
    }

    pub(super) fn with(renewal: Renewal, settings: &mut SourceSettings) -> Self {
        Self {
            source: TokenSource::new(renewal, settings.clone()),
            elapsed: Duration::from_secs(1000),
            wall: NOW - 1000,
            cache: Cache::new(),
        }
    }

    /// A source of a login that has just brought these tokens.
    pub(super) fn logged_in(tokens: TokenSet) -> Self {
        Self::logged_in_with(&mut SourceSettings::default(), tokens)
    }

    pub(super) fn logged_in_with(settings: &mut SourceSettings, tokens: TokenSet) -> Self {
        Self::holding(Renewal::RefreshToken, settings, tokens)
    }

    pub(super) fn holding(
        renewal: Renewal,
        settings: &mut SourceSettings,
        tokens: TokenSet,
    ) -> Self {
        let mut world = Self::new(renewal);
        let (settings, env) = (settings.clone(), world.env());
        world.source = TokenSource::with_tokens(renewal, settings, tokens, &env);
        world
    }

    pub(super) fn env(&self) -> Env<'_> {
        Env {
            now: self.now(),
            elapsed: self.elapsed,
            entropy: &FixedEntropy(0),
            cache: &self.cache,
        }
    }

    pub(super) fn now(&self) -> UnixTime {
        let elapsed = i64::try_from(self.elapsed.as_secs()).unwrap();
        UnixTime::from_seconds(self.wall + elapsed)
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        self.elapsed += Duration::from_secs(seconds);
    }

    pub(super) fn ask(&mut self) -> Asked {
        let (source, env) = self.parts();
        source.ask(&env)
    }

    /// The access token that is handed out, without a wait, a warning or an attempt.
    #[track_caller]
    pub(super) fn gets(&mut self) -> String {
        let asked = self.ask();
        assert!(asked.attempt.is_none(), "{asked:?}");
        let tokens = handed_out(asked.answer);
        assert!(tokens.warning().is_none(), "{tokens:?}");
        text(tokens.access_token())
    }

    /// The access token that is handed out and the refresh that begins in the background.
    #[track_caller]
    pub(super) fn gets_and_refreshes(&mut self) -> (String, Attempt) {
        let asked = self.ask();
        let attempt = asked.attempt.expect("an attempt");
        (text(handed_out(asked.answer).access_token()), attempt)
    }

    /// The attempt that the caller has to wait for, which begins now.
    #[track_caller]
    pub(super) fn begins(&mut self) -> Attempt {
        let asked = self.ask();
        let attempt = asked.attempt.expect("an attempt");
        assert!(
            matches!(asked.answer, Answer::Wait(id) if id == attempt.id()),
            "{:?}",
            asked.answer
        );
        attempt
    }

    /// The attempt under way that the caller has to wait for.
    #[track_caller]
    pub(super) fn waits(&mut self) -> AttemptId {
        match self.ask() {
            Asked {
                answer: Answer::Wait(id),
                attempt: None,
            } => id,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    pub(super) fn fails(&mut self) -> SourceError {
        match self.ask() {
            Asked {
                answer: Answer::Failed(error),
                attempt: None,
            } => error,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn answer(&mut self, attempt: Attempt, result: Result<TokenSet, Error>) -> Answered {
        let (source, env) = self.parts();
        source.answered(&env, attempt, result)
    }

    /// The attempt failed, here or at another instance, and this is the pause for all of them.
    pub(super) fn paused(
        &mut self,
        attempt: Attempt,
        cause: Option<Error>,
        seconds: u64,
    ) -> Answered {
        let (source, env) = self.parts();
        source.paused(&env, attempt, cause, Duration::from_secs(seconds))
    }

    /// There is nothing to run the attempt with.
    pub(super) fn end(&mut self, attempt: Attempt, reason: LoginNeeded) -> Answered {
        let (source, env) = self.parts();
        source.end(&env, attempt, reason)
    }

    /// The driver has loaded these tokens.
    pub(super) fn found(&mut self, attempt: &Attempt, tokens: TokenSet) {
        let (source, env) = self.parts();
        source.found(&env, attempt, tokens);
    }

    pub(super) fn invalidate(&mut self, access_token: &str) -> crate::source::Invalidation {
        let (source, env) = self.parts();
        source.invalidate(&env, &Secret::from(access_token))
    }

    /// The refresh token that the source holds.
    pub(super) fn refresh_token(&self) -> Option<String> {
        self.source.tokens()?.refresh_token().map(text)
    }

    /// Tokens that arrive now.
    pub(super) fn tokens(&self, name: &str, expires_in: impl Into<Option<u64>>) -> TokenSet {
        tokens_at(self.now(), name, expires_in)
    }

    fn parts(&mut self) -> (&mut TokenSource, Env<'_>) {
        let now = self.now();
        let env = Env {
            now,
            elapsed: self.elapsed,
            entropy: &FixedEntropy(0),
            cache: &self.cache,
        };
        (&mut self.source, env)
    }
}

/// `at-NAME` and `rt-NAME`, received at this time.
pub(super) fn tokens_at(
    received_at: UnixTime,
    name: &str,
    expires_in: impl Into<Option<u64>>,
) -> TokenSet {
    TokenSet::restored(
        TokenResponse {
            access_token: format!("at-{name}").into(),
            token_type: TokenType::Bearer,
            dpop_thumbprint: None,
            expires_in: expires_in.into(),
            received_at,
            refresh_token: Some(format!("rt-{name}").into()),
            scope: None,
            id_token: None,
            extra: Map::new(),
        },
        None,
        None,
    )
}

/// The same as [`tokens_at`] now, for the beginning of a test.
pub(super) fn tokens(name: &str, expires_in: impl Into<Option<u64>>) -> TokenSet {
    tokens_at(UnixTime::from_seconds(NOW), name, expires_in)
}

/// The same without a refresh token.
pub(super) fn access_token_alone(expires_in: impl Into<Option<u64>>) -> TokenSet {
    let mut response = tokens("a", expires_in).response().clone();
    response.refresh_token = None;
    TokenSet::restored(response, None, None)
}

#[track_caller]
pub(super) fn handed_out(answer: Answer) -> SourcedTokens {
    match answer {
        Answer::Tokens(tokens) => tokens,
        other => panic!("{other:?}"),
    }
}

pub(super) fn text(secret: &Secret) -> String {
    secret.expose().clone()
}

pub(super) fn changed(answered: &Answered) -> Option<String> {
    let changed = answered.changed.as_ref()?;
    Arc::clone(changed).refresh_token().map(text)
}

/// An OAuth error with this status.
pub(super) fn refused(status: StatusCode, error: &str, retry_after: Option<&str>) -> Error {
    let retry_after = retry_after.map(|value| HeaderValue::from_str(value).unwrap());
    Arc::new(ResponseBodyError {
        error: error.to_owned(),
        error_description: None,
        status,
        headers: HeaderMap::from_iter(retry_after.map(|value| (http::header::RETRY_AFTER, value))),
        body: Map::new(),
        challenges: Vec::new(),
        client_authentication: None,
        may_set_audience: false,
        response: None,
    })
    .into()
}

pub(super) fn unanswered() -> Error {
    Unanswered {
        endpoint: EndpointName::Token,
        reason: NoAnswer::Interrupted,
        source: None,
    }
    .into()
}
