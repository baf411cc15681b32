//! Requests that several operations wait for. [`Flight`] decides who sends and who waits; this file
//! waits.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::names::EndpointName;
use oauth_core::operation::Event;
use oauth_core::outbound::{Attempt, Flight, Next};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::host::Shared;

type Exchanged = Result<Response<Bytes>, Unanswered>;

/// Wakes those who wait for a flight of one client when an attempt is reported.
#[derive(Debug, Default)]
pub(crate) struct Flights(Notify);

/// Waits for the end of the flight, at most until the deadline.
///
/// `exchange` sends the request, within the time that it is given. It runs in a separate task, so
/// that it continues when this caller gives up.
pub(crate) async fn join<F>(
    shared: &Arc<Shared>,
    flight: Flight,
    endpoint: EndpointName,
    deadline: Duration,
    mut exchange: impl FnMut(Duration) -> F,
) -> Event
where
    F: Future<Output = Exchanged> + Send + 'static,
{
    let elapsed = || shared.started.elapsed();
    let mut waiter = flight.waiter(elapsed(), deadline, runtime());
    loop {
        // Reports count from here on, so that none is missed between the decision and the wait.
        let mut reported = pin!(shared.flights.0.notified());
        reported.as_mut().enable();
        match flight.next(&mut waiter, elapsed()) {
            Next::Send(attempt) => {
                let exchange = exchange(attempt.deadline());
                UnderWay::new(shared, attempt).begin(exchange);
            }
            Next::Wait(at_most) => {
                // Woken or not, the flight knows what comes next.
                let _ = timeout(at_most, reported).await;
            }
            Next::Over => return Event::Landed,
            Next::Expired => {
                return Event::Unanswered(Unanswered {
                    endpoint,
                    reason: NoAnswer::StillUnderWay { deadline },
                    source: None,
                });
            }
        }
    }
}

/// The number of the runtime that drives this task.
fn runtime() -> u64 {
    let mut hasher = DefaultHasher::new();
    Handle::current().id().hash(&mut hasher);
    hasher.finish()
}

/// An attempt that wakes all waiters when it ends, even if its task is dropped.
struct UnderWay {
    shared: Arc<Shared>,
    /// Taken when it is reported.
    attempt: Option<Attempt>,
}

impl UnderWay {
    fn new(shared: &Arc<Shared>, attempt: Attempt) -> Self {
        Self {
            shared: Arc::clone(shared),
            attempt: Some(attempt),
        }
    }

    fn begin(mut self, exchange: impl Future<Output = Exchanged> + Send + 'static) {
        tokio::spawn(async move {
            let answer = exchange.await;
            if let Some(attempt) = self.attempt.take() {
                let Shared {
                    cache,
                    clock,
                    started,
                    ..
                } = &*self.shared;
                cache.land(attempt, clock.now(), started.elapsed(), answer);
            }
        });
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // Ends an attempt that was not reported, and then wakes the waiters.
        drop(self.attempt.take());
        self.shared.flights.0.notify_waiters();
    }
}

impl fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attempt.fmt(f)
    }
}
