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
use oauth_core::outbound::{Attempt, Flight, Next};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::host::Shared;
use crate::http::BoxFuture;
use crate::trace::in_current_span;

pub(crate) type Exchanged = Result<Response<Bytes>, Unanswered>;

/// Wakes those who wait for a flight of one client when an attempt is reported.
#[derive(Debug, Default)]
pub(crate) struct Flights(Notify);

/// Sends the request of a flight within the time that it is given.
pub(crate) type Exchange = dyn Fn(Duration) -> BoxFuture<'static, Exchanged> + Send + Sync;

/// Takes the result of an attempt.
pub(crate) type Land<T> = dyn Fn(&Shared, Attempt<T>, Exchanged) + Sync + Send;

/// Waits for the end of the flight, at most until the deadline.
///
/// `send` runs in a separate task, so that it continues when this caller gives up.
///
/// # Errors
///
/// [`NoAnswer::StillUnderWay`] when the deadline passes first.
pub(crate) async fn join<T>(
    shared: &Arc<Shared>,
    flight: Flight<T>,
    endpoint: EndpointName,
    deadline: Duration,
    send: &Exchange,
    land: &Arc<Land<T>>,
) -> Result<(), Unanswered>
where
    T: Send + Sync + 'static,
{
    let elapsed = || shared.started.elapsed();
    let mut waiter = flight.waiter(elapsed(), deadline, runtime());
    loop {
        // Reports count from here on, so that none is missed between the decision and the wait.
        let mut reported = pin!(shared.flights.0.notified());
        reported.as_mut().enable();
        match flight.next(&mut waiter, elapsed()) {
            Next::Send(attempt) => {
                let exchange = send(attempt.deadline());
                UnderWay::new(shared, attempt, land).begin(exchange);
            }
            Next::Wait(at_most) => {
                // Woken or not, the flight knows what comes next.
                let _ = timeout(at_most, reported).await;
            }
            Next::Over => return Ok(()),
            Next::Expired => {
                return Err(Unanswered {
                    endpoint,
                    reason: NoAnswer::StillUnderWay { deadline },
                    source: None,
                });
            }
        }
    }
}

/// Begins an attempt of the flight, unless one is under way, and does not wait for it.
pub(crate) fn begin<T>(
    shared: &Arc<Shared>,
    flight: &Flight<T>,
    deadline: Duration,
    send: &Exchange,
    land: &Arc<Land<T>>,
) where
    T: Send + Sync + 'static,
{
    let elapsed = shared.started.elapsed();
    let mut waiter = flight.waiter(elapsed, deadline, runtime());
    if let Next::Send(attempt) = flight.next(&mut waiter, elapsed) {
        let exchange = send(attempt.deadline());
        UnderWay::new(shared, attempt, land).begin(exchange);
    }
}

/// The number of the runtime that drives this task.
fn runtime() -> u64 {
    let mut hasher = DefaultHasher::new();
    Handle::current().id().hash(&mut hasher);
    hasher.finish()
}

/// An attempt that wakes all waiters when it ends, even if its task is dropped.
struct UnderWay<T> {
    shared: Arc<Shared>,
    land: Arc<Land<T>>,
    /// Taken when it is reported.
    attempt: Option<Attempt<T>>,
}

impl<T: Send + Sync + 'static> UnderWay<T> {
    fn new(shared: &Arc<Shared>, attempt: Attempt<T>, land: &Arc<Land<T>>) -> Self {
        Self {
            shared: Arc::clone(shared),
            land: Arc::clone(land),
            attempt: Some(attempt),
        }
    }

    fn begin(mut self, exchange: BoxFuture<'static, Exchanged>) {
        tokio::spawn(in_current_span(async move {
            let answer = exchange.await;
            if let Some(attempt) = self.attempt.take() {
                (self.land)(&self.shared, attempt, answer);
            }
        }));
    }
}

impl<T> Drop for UnderWay<T> {
    fn drop(&mut self) {
        // Ends an attempt that was not reported, and then wakes the waiters.
        drop(self.attempt.take());
        self.shared.flights.0.notify_waiters();
    }
}

impl<T> fmt::Debug for UnderWay<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attempt.fmt(f)
    }
}
