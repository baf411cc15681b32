//! The server's keys: those in the cache, or one request for them, which all operations that wait
//! for the same keys share.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use jose::JwkSet;

use crate::cache::{CachedKeys, Channel};
use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, JwksEndpoint};
use crate::env::Env;
use crate::error::{Error, NoAnswer};
use crate::flow::explained::explained;
use crate::names::EndpointName;
use crate::operation::Event;
use crate::outbound::{Fetched, Flight, Outbound, Read};
use crate::wire::{Confidential, Presented};

/// The keys, or the wait for them.
pub(crate) enum Keys {
    AtHand(Arc<JwkSet>),
    Awaited(AwaitedKeys),
}

/// Keys that are being fetched.
#[derive(Debug)]
pub(crate) struct AwaitedKeys {
    endpoint: JwksEndpoint,
    /// When the request is sent for the first time.
    begun: Duration,
    flight: Flight,
    /// Old keys, used if the fetch fails.
    old: Option<Arc<JwkSet>>,
    /// Whether the request was sent again after a closed connection.
    resent: bool,
}

/// The keys of the server, by the one decision on fresh, stale and absent keys.
///
/// They are fetched when the cache has none or only old ones. They are also fetched when the right
/// key is missing, as `lack_it` says, unless a JWT that came the same way caused such a request in
/// the last 60 seconds. After a failure, the next request waits for a second, then for two, and so
/// on up to a minute.
pub(crate) fn keys_of(
    configuration: &Configuration,
    env: &Env<'_>,
    channel: Channel,
    lack_it: &dyn Fn(&JwkSet) -> bool,
) -> Result<Keys, Error> {
    let url = configuration.endpoint(EndpointName::Jwks)?;
    let url = url.as_str();
    let patience = configuration.policy().timeout();
    let read = || reader(configuration);
    let renewal = || env.cache.begin_flight(url, env.elapsed, read);
    let (flight, old) = match env.cache.key_set(url, patience, env.elapsed) {
        CachedKeys::Fresh(keys) => {
            let flight = match lack_it(&keys) {
                true => {
                    let cache = env.cache;
                    cache.begin_refetch(url, channel, patience, env.elapsed, read)
                }
                false => None,
            };
            match flight {
                Some(flight) => (flight, None),
                None => return Ok(Keys::AtHand(keys)),
            }
        }
        CachedKeys::Stale(keys) => (renewal(), Some(keys)),
        CachedKeys::Failed(error) => return Err(error),
        CachedKeys::Absent => (renewal(), None),
    };
    let awaited = AwaitedKeys::new(configuration, env, flight, old);
    Ok(Keys::Awaited(awaited))
}

/// The keys that replace `cached`, which the server may have rotated out. `None` when keys were
/// fetched for such a reason in the last 60 seconds.
pub(crate) fn replacement_of(
    configuration: &Configuration,
    env: &Env<'_>,
    channel: Channel,
    cached: Arc<JwkSet>,
) -> Result<Option<AwaitedKeys>, Error> {
    let url = configuration.endpoint(EndpointName::Jwks)?;
    let read = || reader(configuration);
    let (cache, patience) = (env.cache, configuration.policy().timeout());
    let flight = cache.begin_refetch(url.as_str(), channel, patience, env.elapsed, read);
    Ok(flight.map(|flight| AwaitedKeys::new(configuration, env, flight, Some(cached))))
}

/// Reads the response of the endpoint.
fn reader(configuration: &Configuration) -> Box<Read> {
    let endpoint = JwksEndpoint::new(configuration.clone());
    Box::new(move |now, response| {
        let response = endpoint.policy().repaired(JwksEndpoint::NAME, response);
        let keys = endpoint.response(now, &response);
        keys.map_err(|error| {
            let draft = endpoint.request();
            match draft.and_then(|draft| draft.into_request(JwksEndpoint::NAME)) {
                Ok(request) => {
                    let confidential = Confidential::of(&Presented::by(&request));
                    explained(error, &response, &confidential, None)
                }
                Err(_) => error,
            }
        })
    })
}

impl AwaitedKeys {
    fn new(
        configuration: &Configuration,
        env: &Env<'_>,
        flight: Flight,
        old: Option<Arc<JwkSet>>,
    ) -> Self {
        Self {
            endpoint: JwksEndpoint::new(configuration.clone()),
            begun: env.elapsed,
            flight,
            old,
            resent: false,
        }
    }

    /// The request; the machine then awaits what [`finish`](Self::finish) takes.
    pub(crate) fn request(&self) -> Result<Box<Outbound>, Error> {
        let policy = self.endpoint.policy();
        let mut draft = self.endpoint.request()?;
        draft.url = policy.mapped(JwksEndpoint::NAME, draft.url);
        let request = draft.into_request(JwksEndpoint::NAME)?;
        let mut outbound = Outbound::new(
            request,
            JwksEndpoint::NAME,
            policy.timeout(),
            policy.body_cap(),
        );
        outbound.flight = Some(self.flight.clone());
        Ok(Box::new(outbound))
    }

    /// Whether to send the request once more instead of calling [`finish`](Self::finish): for the
    /// first closed connection. The request changes nothing (RFC 9110 section 9.2.2). A driver that
    /// shares flights does not report closed connections, because
    /// [`Flight::next`] decides there.
    pub(crate) fn is_sent_again(&mut self, event: &Event) -> bool {
        let is_closed = matches!(event, Event::Unanswered(unanswered)
            if unanswered.reason == NoAnswer::ClosedUnanswered);
        is_closed && !mem::replace(&mut self.resent, true)
    }

    /// The new keys, or the old ones when the fetch fails and `suffices` accepts them. Old keys
    /// that lack the right one do not suffice: then the failure says more.
    pub(crate) fn finish(
        self,
        env: &Env<'_>,
        event: Event,
        suffices: &dyn Fn(&JwkSet) -> bool,
    ) -> Result<Arc<JwkSet>, Error> {
        match (self.fetched(env, event), self.old) {
            (Err(error), Some(old)) if is_the_servers(&error) && suffices(&old) => Ok(old),
            (result, _) => result,
        }
    }

    /// The new keys. Ends the flight unless other operations still wait for it.
    fn fetched(&self, env: &Env<'_>, event: Event) -> Fetched {
        match event {
            Event::Received(response) => {
                let cache = env.cache;
                cache.complete_flight(&self.flight, env.now, self.begun, env.elapsed, response)
            }
            Event::Landed => match self.flight.outcome() {
                Some(fetched) => fetched,
                None => Err(Event::Landed.refused("Received or Unanswered")),
            },
            Event::Unanswered(unanswered) => {
                let goes_on = matches!(unanswered.reason, NoAnswer::StillUnderWay { .. });
                let error = Error::from(unanswered);
                if !goes_on {
                    let cache = env.cache;
                    cache.release_flight(&self.flight, env.elapsed, &error);
                }
                Err(error)
            }
            event => Err(event.refused("Received or Unanswered")),
        }
    }
}

/// Whether older keys may replace those of a failed fetch: the caller neither gave up nor made a
/// mistake.
const fn is_the_servers(error: &Error) -> bool {
    !matches!(error, Error::Aborted | Error::Misuse(_))
}
