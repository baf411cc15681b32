//! Requests that several operations wait for: the first one sends, the others listen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::names::EndpointName;
use oauth_core::outbound::Flight;
use tokio::sync::watch;
use tokio::time::Instant;

/// The requests under way that have a [`Flight`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<Flight, UnderWay>>>);

#[derive(Debug, Clone)]
struct UnderWay {
    landing: watch::Receiver<Option<Answer>>,
    /// When it lands at the latest; `None` when that is too far away to be told.
    until: Option<Instant>,
}

type Answer = Result<Response<Bytes>, Unanswered>;

impl Flights {
    /// The answer of the flight: of the one under way, or of `exchange`, which then becomes it.
    ///
    /// `exchange` has this deadline itself. It runs in a task of its own, so that a caller who gives
    /// up takes nothing from the others.
    pub(crate) async fn join(
        &self,
        flight: Flight,
        endpoint: EndpointName,
        deadline: Duration,
        exchange: impl Future<Output = Answer> + Send + 'static,
    ) -> Answer {
        let own = Instant::now().checked_add(deadline);
        let UnderWay { mut landing, until } = self.under_way(flight, own, exchange);
        let landed = landing.wait_for(Option::is_some);
        // A flight that lands in time needs no deadline beside its own, which says more when it
        // passes.
        let landed = match own {
            Some(own) if until.is_none_or(|until| until > own) => {
                tokio::time::timeout_at(own, landed).await
            }
            _ => Ok(landed.await),
        };
        let reason = match landed {
            Ok(Ok(answer)) => match &*answer {
                Some(answer) => return answer.clone(),
                None => NoAnswer::Failed,
            },
            // The task is gone without an answer: its runtime was shut down.
            Ok(Err(_)) => NoAnswer::Interrupted,
            Err(_) => NoAnswer::StillUnderWay { deadline },
        };
        Err(Unanswered {
            endpoint,
            reason,
            source: None,
        })
    }

    /// The flight under way, or a new one that lands at this time at the latest.
    fn under_way(
        &self,
        flight: Flight,
        until: Option<Instant>,
        exchange: impl Future<Output = Answer> + Send + 'static,
    ) -> UnderWay {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = flights.get(&flight) {
            return under_way.clone();
        }
        let (answered, landing) = watch::channel(None);
        let under_way = UnderWay { landing, until };
        flights.insert(flight, under_way.clone());
        let entry = Entry {
            flights: self.clone(),
            flight,
        };
        tokio::spawn(async move {
            // Answer first, leave the table second: whoever finds the entry finds the answer.
            let _entry = entry;
            answered.send_replace(Some(exchange.await));
            // Until the answer is in the cache, a step may still be told to wait for this flight.
            tokio::time::sleep(LINGERS).await;
        });
        under_way
    }
}

/// Takes the flight off the table when its task ends, however it ends.
struct Entry {
    flights: Flights,
    flight: Flight,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut under_way = self
            .flights
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        under_way.remove(&self.flight);
    }
}

/// How long an answer can be had after it came: longer than it takes to put it into the cache.
const LINGERS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use oauth_core::cache::Cache;
    use oauth_core::configuration::Configuration;
    use oauth_core::env::Env;
    use oauth_core::flow::PrefetchKeys;
    use oauth_core::metadata::{ClientMetadata, ServerMetadata};
    use oauth_core::operation::{Action, Event, Operation as _};
    use oauth_core::policy::Policy;
    use oauth_core::time::UnixTime;
    use ring::rand::SystemRandom;

    use super::*;
    use crate::clock::SystemEntropy;

    /// The first login has its answer and has not put it into the cache yet; the second is told to
    /// wait for the same flight.
    #[tokio::test]
    async fn a_flight_that_has_just_landed_is_not_flown_again() {
        let mut server = ServerMetadata::new("https://op.example");
        server.jwks_uri = Some("https://op.example/jwks".to_owned());
        let client = ClientMetadata::new("app");
        let configuration = Configuration::new(server, client, Policy::default()).unwrap();
        let entropy = SystemEntropy(SystemRandom::new());
        let cache = Cache::default();
        let mut env = Env {
            now: UnixTime::from_seconds(0),
            elapsed: Duration::ZERO,
            entropy: &entropy,
            cache: &cache,
        };
        let mut logins = [(); 2].map(|()| PrefetchKeys::new(configuration.clone()));
        let flights = Flights::default();
        let sent = Arc::new(AtomicUsize::new(0));
        let mut flown = Vec::new();
        for login in &mut logins {
            let Ok(Action::Send(outbound)) = login.step(&mut env, Event::Begin) else {
                panic!("a login that needs no keys");
            };
            let flight = outbound.flight.unwrap();
            flown.push(flight);
            let sent = Arc::clone(&sent);
            let exchange = async move {
                sent.fetch_add(1, Ordering::SeqCst);
                Ok(Response::new(Bytes::from_static(b"answer")))
            };
            let deadline = Duration::from_secs(30);
            let answer = flights
                .join(flight, EndpointName::Jwks, deadline, exchange)
                .await;
            assert_eq!(answer.unwrap().body(), "answer");
            // Lets the task of the flight go on to its end, if that is where it stands.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(flown[0], flown[1]);
        assert_eq!(sent.load(Ordering::SeqCst), 1);
    }
}
