//! The server's keys: those in the cache, or one request for them, shared with whoever else waits for
//! the same one.

use std::sync::Arc;

use jose::JwkSet;

use crate::cache::{CachedKeys, KeyFlight};
use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, Jwks};
use crate::env::Env;
use crate::error::{Error, Misuse, NoAnswer};
use crate::flow::explained::explained;
use crate::names::EndpointName;
use crate::operation::Event;
use crate::outbound::Outbound;
use crate::wire::Confidential;

/// A flight with its request.
#[derive(Debug)]
pub(crate) struct KeyFetch {
    endpoint: Jwks,
    flight: KeyFlight,
}

impl KeyFetch {
    pub(crate) const fn new(configuration: Configuration, flight: KeyFlight) -> Self {
        Self {
            endpoint: Jwks::new(configuration),
            flight,
        }
    }

    /// The request; the machine then awaits what [`finish`](Self::finish) takes.
    pub(crate) fn request(&self) -> Result<Box<Outbound>, Error> {
        let request = self.endpoint.request()?.into_request(Jwks::NAME)?;
        let policy = self.endpoint.policy();
        let mut outbound = Outbound::new(request, Jwks::NAME, policy.timeout(), policy.body_cap());
        outbound.flight = Some(self.flight.mark());
        Ok(Box::new(outbound))
    }

    /// The keys, or why there are none. The flight is over then, unless it was others' and goes on.
    pub(crate) fn finish(self, env: &Env<'_>, event: Event) -> Result<Arc<JwkSet>, Error> {
        let error = match event {
            Event::Received(response) => {
                return env.cache.complete_flight(&self.flight, env.elapsed, || {
                    let response = self.endpoint.policy().repaired(Jwks::NAME, response);
                    let keys = self.endpoint.response(env.now, &response);
                    keys.map_err(|error| match self.endpoint.request() {
                        Ok(draft) => explained(error, &response, &Confidential::of(&draft), None),
                        Err(_) => error,
                    })
                });
            }
            Event::Unanswered(unanswered) => {
                if !matches!(unanswered.reason, NoAnswer::StillUnderWay { .. }) {
                    env.cache.release_flight(&self.flight, env.elapsed);
                }
                unanswered.into()
            }
            Event::Aborted => Error::Aborted,
            event => Misuse::UnexpectedEvent {
                expected: "Received or Unanswered",
                found: event.name(),
            }
            .into(),
        };
        Err(error)
    }
}

/// Where the keys are.
pub(crate) enum Keys {
    AtHand(Arc<JwkSet>),
    Awaited(AwaitedKeys),
}

/// Keys that are being fetched.
#[derive(Debug)]
pub(crate) struct AwaitedKeys {
    fetch: KeyFetch,
    /// Old keys that will do if no new ones come.
    old: Option<Arc<JwkSet>>,
}

/// The keys of the server. They are fetched when the cache has none or only old ones, or when the
/// right one is not among them, as `lack_it` says, and nobody fetched them for such a reason in the
/// last 60 seconds.
pub(crate) fn keys_of(
    configuration: &Configuration,
    env: &Env<'_>,
    lack_it: impl FnOnce(&JwkSet) -> bool,
) -> Result<Keys, Error> {
    let url = configuration.endpoint(EndpointName::Jwks)?;
    let url = url.as_str();
    let (flight, old) = match env.cache.key_set(url, env.elapsed) {
        CachedKeys::Fresh(keys) => {
            let lack_it = lack_it(&keys);
            let flight = lack_it.then(|| env.cache.begin_refetch(url, env.elapsed));
            match flight.flatten() {
                Some(flight) => (flight, None),
                None => return Ok(Keys::AtHand(keys)),
            }
        }
        CachedKeys::Stale(keys) => (env.cache.begin_flight(url), Some(keys)),
        CachedKeys::Absent => (env.cache.begin_flight(url), None),
    };
    let fetch = KeyFetch::new(configuration.clone(), flight);
    Ok(Keys::Awaited(AwaitedKeys { fetch, old }))
}

/// The keys that have taken the place of these, which are in the cache and may have been rotated out.
/// `None` when keys were fetched for such a reason in the last 60 seconds.
pub(crate) fn replacement_of(
    configuration: &Configuration,
    env: &Env<'_>,
    cached: Arc<JwkSet>,
) -> Result<Option<AwaitedKeys>, Error> {
    let url = configuration.endpoint(EndpointName::Jwks)?;
    let flight = env.cache.begin_refetch(url.as_str(), env.elapsed);
    Ok(flight.map(|flight| AwaitedKeys {
        fetch: KeyFetch::new(configuration.clone(), flight),
        old: Some(cached),
    }))
}

impl AwaitedKeys {
    /// The request; the machine then awaits what [`finish`](Self::finish) takes.
    pub(crate) fn request(&self) -> Result<Box<Outbound>, Error> {
        self.fetch.request()
    }

    /// The new keys. Where none came, the old ones, if `they_will_do`: old keys that lack the right
    /// one are no help, and the failure explains more.
    pub(crate) fn finish(
        self,
        env: &Env<'_>,
        event: Event,
        they_will_do: impl FnOnce(&JwkSet) -> bool,
    ) -> Result<Arc<JwkSet>, Error> {
        match (self.fetch.finish(env, event), self.old) {
            (Err(error), Some(old)) if is_the_servers(&error) && they_will_do(&old) => Ok(old),
            (result, _) => result,
        }
    }
}

/// Whether a failed fetch is one that older keys may stand in for: the caller neither gave up nor
/// made a mistake.
pub(crate) const fn is_the_servers(error: &Error) -> bool {
    !matches!(error, Error::Aborted | Error::Misuse(_))
}
