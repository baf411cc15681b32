//! Requests that several threads wait for. [`Flight`] decides who sends and who waits; this file
//! waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::names::EndpointName;
use oauth_core::outbound::{Attempt, Flight, Next};

/// Wakes the threads that wait for a flight of one client when an attempt is reported.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    reports: Mutex<u64>,
    reported: Condvar,
}

impl Flights {
    /// Waits for the end of the flight, at most until the deadline. The thread that is to send the
    /// request sends it itself.
    ///
    /// # Errors
    ///
    /// [`NoAnswer::StillUnderWay`] when the deadline passes first.
    pub(crate) fn join(
        &self,
        flight: &Flight,
        endpoint: EndpointName,
        deadline: Duration,
        elapsed: impl Fn() -> Duration,
        send: impl Fn(Duration) -> Result<Response<Bytes>, Unanswered>,
        land: impl Fn(Attempt, Result<Response<Bytes>, Unanswered>),
    ) -> Result<(), Unanswered> {
        // Threads advance on their own, so all of them count as one runtime.
        let mut waiter = flight.waiter(elapsed(), deadline, 0);
        loop {
            // Reports count from here on, so that none is missed between the decision and the wait.
            let seen = *self.count();
            match flight.next(&mut waiter, elapsed()) {
                Next::Send(attempt) => {
                    let wake = Wake(self);
                    let answer = send(attempt.deadline());
                    land(attempt, answer);
                    drop(wake);
                }
                Next::Wait(at_most) => self.wait(seen, at_most),
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

    fn wait(&self, seen: u64, at_most: Duration) {
        // Woken or not, the flight knows what comes next.
        let waited = self
            .reported
            .wait_timeout_while(self.count(), at_most, |count| *count == seen);
        drop(waited);
    }

    fn count(&self) -> MutexGuard<'_, u64> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes all waiters, even if the thread that sends panics. An attempt that is dropped without a
/// report counts as lost.
struct Wake<'a>(&'a Flights);

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        let mut count = self.0.count();
        *count = count.wrapping_add(1);
        self.0.reported.notify_all();
    }
}
