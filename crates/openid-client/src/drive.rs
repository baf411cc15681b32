//! The async driver: [`oauth_core::run::run`] with `.await`.

use oauth_core::Error;
use oauth_core::operation::{Action, Event, Operation};

use crate::host::Host;

/// Runs an operation to its end.
///
/// # Errors
///
/// The error that the operation ends with.
pub(crate) async fn drive<O: Operation>(
    host: &Host<'_>,
    mut operation: O,
) -> Result<O::Output, Error> {
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut host.env(), event)? {
            Action::Send(outbound) => host.send(*outbound).await,
            Action::UseKey(job) => host.use_key(job).await,
            Action::Wait(duration) => host.wait(duration).await,
            Action::Done(output) => return Ok(output),
        };
    }
}
