//! Fresh keys before a request whose answer will have to be verified.
//!
//! ```text
//! Ready ──▶ (AwaitingKeys, unless the cached ones are fresh) ──▶ Finished
//! ```

use std::mem;

use crate::cache::CachedKeys;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::flow::key_fetch::KeyFetch;
use crate::flow::verify_id_token::needs_keys;
use crate::operation::Action;
use crate::operation::Event;
use crate::operation::Operation;
use crate::outbound::EndpointName;

/// Fetches the server's keys when those in the cache are absent or more than 300 seconds old.
///
/// A token request spends a code or a refresh token; when the keys for the ID Token in its answer
/// could only be had afterwards, a failure there would lose the tokens. Sends at most one request.
/// When that fails, keys that are at most an hour past their age will do.
#[derive(Debug)]
pub struct PrefetchKeys {
    configuration: Configuration,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    AwaitingKeys { fetch: KeyFetch, replaceable: bool },
    Finished,
}

impl PrefetchKeys {
    /// The keys for ID Tokens of the configuration's server. Done at once where they are not
    /// needed: for HMAC, and when their signatures are not checked.
    pub const fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            state: State::Ready,
        }
    }

    fn begin(&mut self, env: &Env<'_>) -> Result<Action<()>, Error> {
        if !needs_keys(&self.configuration) {
            return Ok(Action::Done(()));
        }
        let url = self.configuration.endpoint(EndpointName::Jwks)?;
        let replaceable = match env.cache.key_set(url.as_str(), env.elapsed) {
            CachedKeys::Fresh(_) => return Ok(Action::Done(())),
            CachedKeys::Stale(_) => true,
            CachedKeys::Absent => false,
        };
        let flight = env.cache.begin_flight(url.as_str());
        let fetch = KeyFetch::new(self.configuration.clone(), flight);
        let request = fetch.request()?;
        self.state = State::AwaitingKeys { fetch, replaceable };
        Ok(Action::Send(request))
    }
}

impl Operation for PrefetchKeys {
    type Output = ();

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<()>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => self.begin(env),
            (State::AwaitingKeys { fetch, replaceable }, event) => match fetch.finish(env, event) {
                Ok(_) => Ok(Action::Done(())),
                Err(error) if replaceable && is_the_servers(&error) => Ok(Action::Done(())),
                Err(error) => Err(error),
            },
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready, Event::Aborted) => Err(Error::Aborted),
            (State::Ready, event) => Err(Misuse::UnexpectedEvent {
                expected: "Begin",
                found: event.name(),
            }
            .into()),
        }
    }
}

/// Whether a failed fetch is one that older keys may stand in for: the caller neither gave up nor
/// made a mistake.
pub(super) const fn is_the_servers(error: &Error) -> bool {
    !matches!(error, Error::Aborted | Error::Misuse(_))
}
