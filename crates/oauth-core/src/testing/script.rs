//! Operations as scripts of events and actions, on virtual time.

use std::time::Duration;

use crate::cache::Cache;
use crate::entropy::Entropy;
use crate::env::Env;
use crate::error::{Error, NoAnswer, Unanswered};
use crate::key::{KeyJob, KeyResult};
use crate::names::EndpointName;
use crate::operation::{Action, Event, Operation};
use crate::outbound::Outbound;
use crate::testing::{FixedEntropy, NOW, done, response, sent};
use crate::time::UnixTime;
use crate::wire::Parameters;

/// An operation with a separate environment, in which time passes only when the script says so.
pub(crate) struct Script<O> {
    pub(crate) operation: O,
    pub(crate) cache: Cache,
    pub(crate) entropy: &'static dyn Entropy,
    elapsed: Duration,
}

impl<O: Operation> Script<O>
where
    O::Output: std::fmt::Debug,
{
    pub(crate) fn new(operation: O) -> Self {
        Self {
            operation,
            cache: Cache::new(),
            entropy: &FixedEntropy(7),
            elapsed: Duration::ZERO,
        }
    }

    /// Advances both clocks.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.elapsed = self.elapsed.saturating_add(time);
    }

    pub(crate) fn step(&mut self, event: Event) -> Result<Action<O::Output>, Error> {
        let passed = i64::try_from(self.elapsed.as_secs()).unwrap();
        let mut env = Env {
            now: UnixTime::from_seconds(NOW).saturating_add(passed),
            elapsed: self.elapsed,
            entropy: self.entropy,
            cache: &self.cache,
        };
        self.operation.step(&mut env, event)
    }

    /// Returns the request that the step sends.
    #[track_caller]
    pub(crate) fn sends(&mut self, event: Event) -> Outbound {
        sent(self.step(event))
    }

    /// Returns the key job that the step requests.
    #[track_caller]
    pub(crate) fn uses_key(&mut self, event: Event) -> KeyJob {
        match self.step(event) {
            Ok(Action::UseKey(job)) => job,
            other => panic!("expected UseKey, found {other:?}"),
        }
    }

    /// Returns the wait that the step requests, and advances the clocks by it.
    #[track_caller]
    pub(crate) fn waits(&mut self, event: Event) -> Duration {
        match self.step(event) {
            Ok(Action::Wait(duration)) => {
                self.pass(duration);
                duration
            }
            other => panic!("expected Wait, found {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn done(&mut self, event: Event) -> O::Output {
        done(self.step(event))
    }

    #[track_caller]
    pub(crate) fn fails(&mut self, event: Event) -> Error {
        match self.step(event) {
            Err(error) => error,
            other => panic!("expected an error, found {other:?}"),
        }
    }
}

/// A JSON response as an event.
pub(crate) fn received(status: u16, body: impl ToString) -> Event {
    Event::Received(response(status, body.to_string()))
}

/// An event for a token endpoint that did not answer.
pub(crate) fn unanswered(reason: NoAnswer) -> Event {
    Event::Unanswered(Unanswered {
        endpoint: EndpointName::Token,
        reason,
        source: None,
    })
}

/// An event with the signature that `key` makes.
pub(crate) fn signed(key: &jose::SigningKey, job: &KeyJob) -> Event {
    let KeyJob::Sign {
        algorithm, input, ..
    } = job
    else {
        panic!("not a signature");
    };
    Event::KeyUsed(KeyResult::Signature(key.sign(*algorithm, input).unwrap()))
}

/// Returns the form in the body of a request.
pub(crate) fn form(outbound: &Outbound) -> Parameters {
    Parameters::decode(std::str::from_utf8(outbound.request.body()).unwrap())
}
