//! Requests that several operations wait for: the first one sends, the others listen.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use oauth_core::error::NoAnswer;
use oauth_core::error::Unanswered;
use oauth_core::outbound::EndpointName;
use oauth_core::outbound::Flight;
use tokio::sync::watch;

use crate::exchange::timed_out;

/// The requests under way that have a [`Flight`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<Flight, watch::Receiver<Landing>>>>);

type Answer = Result<Response<Bytes>, Unanswered>;
type Landing = Option<Answer>;

impl Flights {
    /// The answer of the flight: of the one under way, or of `exchange`, which then becomes it.
    ///
    /// It runs in a task of its own, so that a caller who gives up takes nothing from the others.
    pub(crate) async fn join(
        &self,
        flight: Flight,
        endpoint: EndpointName,
        deadline: Duration,
        exchange: impl Future<Output = Answer> + Send + 'static,
    ) -> Answer {
        let mut landing = self.receiver(flight, exchange);
        let landed = tokio::time::timeout(deadline, landing.wait_for(Option::is_some)).await;
        let reason = match landed {
            Ok(Ok(answer)) => match &*answer {
                Some(answer) => return answer.clone(),
                None => NoAnswer::Failed,
            },
            // The task is gone without an answer: its runtime was shut down.
            Ok(Err(_)) => NoAnswer::Interrupted,
            Err(_) => timed_out(deadline),
        };
        Err(Unanswered {
            endpoint,
            reason,
            source: None,
        })
    }

    fn receiver(
        &self,
        flight: Flight,
        exchange: impl Future<Output = Answer> + Send + 'static,
    ) -> watch::Receiver<Landing> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(landing) = under_way.get(&flight) {
            return landing.clone();
        }
        let (answered, landing) = watch::channel(None);
        under_way.insert(flight, landing.clone());
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
        landing
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
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;

    use oauth_core::cache::Cache;
    use oauth_core::configuration::Configuration;
    use oauth_core::env::Env;
    use oauth_core::env::UnixTime;
    use oauth_core::flow::PrefetchKeys;
    use oauth_core::metadata::ClientMetadata;
    use oauth_core::metadata::ServerMetadata;
    use oauth_core::operation::Action;
    use oauth_core::operation::Event;
    use oauth_core::operation::Operation as _;
    use oauth_core::policy::Policy;
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
