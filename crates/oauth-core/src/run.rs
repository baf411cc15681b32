//! The blocking driver.

use std::time::Duration;

use crate::env::Env;
use crate::error::Error;
use crate::key::KeyJob;
use crate::operation::{Action, Event, Operation};
use crate::outbound::Outbound;

/// What the blocking driver needs from its surroundings. To port it to another runtime, implement
/// these four methods.
pub trait Host {
    /// The time, randomness and caches for the next step.
    fn env(&self) -> Env<'_>;

    /// Sends a request on the terms of [`Outbound`] and returns [`Event::Received`] or
    /// [`Event::Unanswered`].
    fn send(&self, outbound: Outbound) -> Event;

    /// Uses a private key and returns [`Event::KeyUsed`] or [`Event::KeyUnavailable`].
    fn use_key(&self, job: KeyJob) -> Event;

    /// Sleeps and returns [`Event::Elapsed`], or [`Event::Aborted`] when the caller gave up.
    fn wait(&self, duration: Duration) -> Event;
}

/// Runs an operation to its end on the calling thread.
///
/// # Errors
///
/// The errors of the operation; see its documentation.
pub fn run<O: Operation>(host: &impl Host, mut operation: O) -> Result<O::Output, Error> {
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut host.env(), event)? {
            Action::Send(outbound) => host.send(*outbound),
            Action::UseKey(job) => host.use_key(job),
            Action::Wait(duration) => host.wait(duration),
            Action::Done(output) => return Ok(output),
        };
    }
}
