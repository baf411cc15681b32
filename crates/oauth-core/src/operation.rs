//! Operations: state machines that a driver steps from event to action.
//!
//! ```text
//!            Begin                      Received / Unanswered
//!   driver ────────▶ step ──▶ Send ──────────────────────────▶ step ─┐
//!                     ▲  ├──▶ UseKey ── KeyUsed / KeyUnavailable ────┤
//!                     │  ├──▶ Wait ──── Elapsed / Aborted ───────────┤
//!                     │  └──▶ Done(output)                           │
//!                     └──────────────────────────────────────────────┘
//! ```

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::env::Env;
use crate::error::{Error, KeyFault, Misuse, Unanswered};
use crate::key::{KeyJob, KeyResult};
use crate::outbound::Outbound;

/// One protocol operation, for example a code grant or discovery.
///
/// The driver steps it with [`Event::Begin`], performs the action that it returns, and steps it
/// again with the resulting event, until [`Action::Done`] or an error.
pub trait Operation {
    /// The result of a successful operation.
    type Output;

    /// Takes the event that happened, and returns the next action.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; it ends the operation. After an error or [`Action::Done`], every further step
    /// fails with [`Misuse::Finished`]. An event that does not belong to the last action fails with
    /// [`Misuse::UnexpectedEvent`].
    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<Self::Output>, Error>;
}

/// A boxed operation is cheap to move, and operations of different types can be kept together.
impl<O: Operation + ?Sized> Operation for Box<O> {
    type Output = O::Output;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<Self::Output>, Error> {
        (**self).step(env, event)
    }
}

/// The action that the driver performs next.
#[derive(Debug)]
pub enum Action<T> {
    /// Send this request; answer with [`Event::Received`] or [`Event::Unanswered`].
    Send(Box<Outbound>),
    /// Use this key; answer with [`Event::KeyUsed`] or [`Event::KeyUnavailable`].
    UseKey(KeyJob),
    /// Wait this long; answer with [`Event::Elapsed`], or with [`Event::Aborted`] if the caller
    /// gave up during the wait.
    Wait(Duration),
    /// The operation has ended with this result.
    Done(T),
}

impl<T> Action<T> {
    /// Returns the same action with another result type; `Err` contains the result of a finished
    /// operation.
    pub(crate) fn or_done<U>(self) -> Result<Action<U>, T> {
        Ok(match self {
            Self::Send(outbound) => Action::Send(outbound),
            Self::UseKey(job) => Action::UseKey(job),
            Self::Wait(duration) => Action::Wait(duration),
            Self::Done(output) => return Err(output),
        })
    }
}

/// What happened since the last step. `Debug` shows only the status of a response, because headers
/// and body contain tokens.
pub enum Event {
    /// The first step of an operation.
    Begin,
    /// The response to the last request. Its body is complete unless the request was for a streamed
    /// one.
    Received(http::Response<Bytes>),
    /// No usable response arrived.
    Unanswered(Unanswered),
    /// The [flight](crate::outbound::Flight) of the last request has ended, and the driver has
    /// reported its result.
    Landed,
    /// The key was used.
    KeyUsed(KeyResult),
    /// The key could not be used.
    KeyUnavailable(KeyFault),
    /// The time to wait has passed.
    Elapsed,
    /// The caller gave up.
    Aborted,
}

impl Event {
    /// The event's name, for error messages; never its content.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Begin => "Begin",
            Self::Received(_) => "Received",
            Self::Unanswered(_) => "Unanswered",
            Self::Landed => "Landed",
            Self::KeyUsed(_) => "KeyUsed",
            Self::KeyUnavailable(_) => "KeyUnavailable",
            Self::Elapsed => "Elapsed",
            Self::Aborted => "Aborted",
        }
    }

    /// Returns the error for an event that does not belong to the last action, which calls for
    /// `expected`: [`Error::Aborted`] if the caller gave up, and [`Misuse::UnexpectedEvent`]
    /// otherwise.
    pub(crate) fn refused(&self, expected: &'static str) -> Error {
        match self {
            Self::Aborted => Error::Aborted,
            _ => Misuse::UnexpectedEvent {
                expected,
                found: self.name(),
            }
            .into(),
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received(response) => write!(f, "Received({})", response.status().as_u16()),
            Self::Unanswered(unanswered) => f.debug_tuple("Unanswered").field(unanswered).finish(),
            Self::KeyUsed(result) => f.debug_tuple("KeyUsed").field(result).finish(),
            Self::KeyUnavailable(fault) => f.debug_tuple("KeyUnavailable").field(fault).finish(),
            Self::Begin | Self::Landed | Self::Elapsed | Self::Aborted => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[test]
    fn a_response_is_printed_by_its_status_alone() {
        let response = http::Response::builder()
            .status(201)
            .header(header::SET_COOKIE, "session=secret")
            .body(Bytes::from_static(br#"{"access_token":"secret"}"#))
            .unwrap();
        assert_eq!(format!("{:?}", Event::Received(response)), "Received(201)");
        assert_eq!(format!("{:?}", Event::Elapsed), "Elapsed");
    }
}
