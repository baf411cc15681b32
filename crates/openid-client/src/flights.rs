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
