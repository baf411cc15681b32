//! A running attempt to get a token, and its end, for which callers wait.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::Error;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::flow::TokenSet;
use oauth_core::names::EndpointName;
use oauth_core::source::{Attempt, SourceError, SourcedTokens, StoredTokenSet};
use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::client::token_source::Shared;
use crate::client::token_source::stored::Outcome;
use crate::trace::in_current_span;

/// The result of the attempt, which all waiting callers get.
type Answer = Result<SourcedTokens, SourceError>;

/// The end of an attempt, to wait for.
#[derive(Debug, Clone)]
pub(super) struct Landing {
    answer: watch::Receiver<Option<Answer>>,
    /// The runtime that drives the attempt; `None` if there is none, and it cannot begin.
    runtime: Option<Id>,
    begun: Instant,
    /// How long the attempt takes at most.
    longest: Duration,
}

impl Landing {
    /// Waits for the result of the attempt. A caller on another runtime than the attempt, which may
    /// have stopped, waits no longer than until the attempt should have ended. Then it fails, and
    /// no other attempt begins: the one under way may have sent the refresh token, or may send it
    /// as soon as its runtime goes on, and a server that gets a refresh token twice ends the login
    /// (RFC 9700 section 4.14.2).
    pub(super) async fn landed(self) -> Result<SourcedTokens, crate::Error> {
        let (here, longest) = (runtime(), self.longest);
        let answer = match here.is_none() || here == self.runtime {
            true => self.answered().await,
            false => {
                let left = longest.saturating_sub(self.begun.elapsed());
                let answer = timeout(left, self.answered()).await;
                answer.map_err(|_| still_under_way(longest))?
            }
        };
        match answer {
            Some(answer) => Ok(answer?),
            None => Err(Error::Aborted.into()),
        }
    }

    /// The result; `None` if the runtime of the attempt was shut down.
    async fn answered(mut self) -> Option<Answer> {
        let answer = self.answer.wait_for(Option::is_some).await;
        answer.ok()?.clone()
    }
}

fn runtime() -> Option<Id> {
    Handle::try_current().ok().map(|runtime| runtime.id())
}

fn still_under_way(deadline: Duration) -> SourceError {
    let unanswered = Unanswered {
        endpoint: EndpointName::Token,
        reason: NoAnswer::StillUnderWay { deadline },
        source: None,
    };
    SourceError::Failed {
        cause: Box::new(unanswered.into()),
        retry_in: ASK_AGAIN,
    }
}

/// A running attempt. Its result is reported even when its task panics or is dropped.
pub(super) struct UnderWay {
    shared: Arc<Shared>,
    /// Taken out by the report.
    attempt: Option<Attempt>,
    /// Tokens that were in the store, for callers to get if the attempt fails.
    found: Option<TokenSet>,
    landing: watch::Sender<Option<Answer>>,
}

impl UnderWay {
    pub(super) fn new(shared: Arc<Shared>, attempt: Attempt) -> (Self, Landing) {
        let (landing, answer) = watch::channel(None);
        let timeout = shared.client.configuration().policy().timeout();
        let end = Landing {
            answer,
            runtime: runtime(),
            begun: Instant::now(),
            longest: shared.grant.longest(timeout),
        };
        let under_way = Self {
            shared,
            attempt: Some(attempt),
            found: None,
            landing,
        };
        (under_way, end)
    }

    /// Runs the grant in its own task, so that its result is kept when no caller waits.
    pub(super) fn begin(mut self) {
        tokio::spawn(in_current_span(async move {
            let result = self.run().await;
            self.keep(&result).await;
            self.report(result);
        }));
    }

    async fn run(&mut self) -> Result<Outcome, Error> {
        let Some(attempt) = &self.attempt else {
            return Err(Error::Aborted);
        };
        let Shared {
            client,
            grant,
            settings,
            ..
        } = &*self.shared;
        grant.run(client, attempt, settings, &mut self.found).await
    }

    /// Hands what has changed to the application, while the attempt is still under way: no other
    /// one begins, and no caller has the tokens.
    async fn keep(&self, result: &Result<Outcome, Error>) {
        let Some(on_change) = &self.shared.on_change else {
            return;
        };
        if let Some(stored) = self.changed(result) {
            let within = self.shared.client.configuration().policy().timeout();
            on_change.run(stored, within).await;
        }
    }

    fn changed(&self, result: &Result<Outcome, Error>) -> Option<StoredTokenSet> {
        let configuration = self.shared.client.configuration();
        match result {
            Ok(Outcome::Tokens(tokens)) => {
                Some(StoredTokenSet::new(configuration, (**tokens).clone()))
            }
            Ok(Outcome::Paused(Some(error), _)) | Err(error) => {
                let successor = error.refresh_token()?.clone();
                let tokens = Arc::clone(self.shared.lock().source.tokens()?);
                let stored = StoredTokenSet::new(configuration, Arc::unwrap_or_clone(tokens));
                Some(stored.with_refresh_token(successor))
            }
            Ok(Outcome::Paused(None, _) | Outcome::End(_)) => None,
        }
    }

    fn report(&mut self, result: Result<Outcome, Error>) {
        let Some(attempt) = self.attempt.take() else {
            return;
        };
        let host = self.shared.client.host();
        let answered = {
            let mut state = self.shared.lock();
            state.landing = None;
            if let Some(found) = self.found.take() {
                state.source.found(&host.env(), &attempt, found);
            }
            match result {
                Ok(Outcome::Tokens(tokens)) => {
                    state.source.answered(&host.env(), attempt, Ok(*tokens))
                }
                Ok(Outcome::Paused(cause, pause)) => {
                    state.source.paused(&host.env(), attempt, cause, pause)
                }
                Ok(Outcome::End(reason)) => state.source.end(&host.env(), attempt, reason),
                Err(error) => state.source.answered(&host.env(), attempt, Err(error)),
            }
        };
        self.landing.send_replace(Some(answered.answer));
    }
}

impl Drop for UnderWay {
    /// The task has panicked, or its runtime was shut down: the request may have been sent.
    fn drop(&mut self) {
        self.report(Err(Error::Aborted));
    }
}

/// When a caller should ask again whose source waits for a runtime that may have stopped. The time
/// at which that runtime goes on is not known.
const ASK_AGAIN: Duration = Duration::from_secs(10);
