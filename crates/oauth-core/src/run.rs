//! The blocking driver.

use std::time::Duration;

use crate::env::Env;
use crate::error::Error;
use crate::key::KeyJob;
use crate::operation::{Action, Event, Operation};
use crate::outbound::Outbound;

/// The world as the blocking driver sees it; porting to another runtime means writing these four.
pub trait Host {
    /// The time, randomness and caches for the next step.
    fn env(&self) -> Env<'_>;

    /// Sends a request on the terms of [`Outbound`] and answers with [`Event::Received`] or
    /// [`Event::Unanswered`].
    fn send(&self, outbound: Outbound) -> Event;

    /// Uses a private key and answers with [`Event::KeyUsed`] or [`Event::KeyUnavailable`].
    fn use_key(&self, job: KeyJob) -> Event;

    /// Sleeps and answers with [`Event::Elapsed`], or [`Event::Aborted`] when the caller gave up.
    fn wait(&self, duration: Duration) -> Event;
}

/// Runs an operation to its end on the calling thread.
///
/// # Errors
///
/// Whatever the operation ends in; see its own documentation.
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
