//! Sessions of the crate tower-sessions. The session holds the same sealed text as the cookie
//! would, so that its store can neither read nor forge it.

use std::time::Duration;

use http::request::Parts;
use tokio::time::timeout;
use tower_sessions_core::Session;
use tower_sessions_core::session::Error;

use crate::error::LoginError;
use crate::settings::Settings;

/// The sealed session that a request brings.
///
/// # Errors
///
/// [`LoginError::Session`] and [`LoginError::LayerMissing`].
pub(super) async fn load(settings: &Settings, parts: &Parts) -> Result<Option<String>, LoginError> {
    within(settings.store_deadline, session(parts)?.get(&key(settings))).await
}

/// Puts the sealed session into the person's session, under a new identifier: an attacker may know
/// the one from before the login (session fixation). `forgets` deletes first what the application
/// has put there for another person.
///
/// # Errors
///
/// [`LoginError::Session`] and [`LoginError::LayerMissing`].
pub(super) async fn save(
    settings: &Settings,
    parts: &Parts,
    sealed: String,
    forgets: bool,
) -> Result<(), LoginError> {
    let session = session(parts)?;
    let saved = async {
        if forgets {
            session.flush().await?;
        } else if session.id().is_some() && !session.is_modified() {
            // Other requests may have changed or ended it since the login asked the provider.
            session.load().await?;
        }
        session.cycle_id().await?;
        session.insert(&key(settings), sealed).await
    };
    within(settings.store_deadline, saved).await
}

/// Deletes the person's session, with everything that the application has put there.
///
/// # Errors
///
/// [`LoginError::Session`] and [`LoginError::LayerMissing`].
pub(super) async fn remove(settings: &Settings, parts: &Parts) -> Result<(), LoginError> {
    within(settings.store_deadline, session(parts)?.flush()).await
}

fn session(parts: &Parts) -> Result<&Session, LoginError> {
    let layer = "SessionManagerLayer";
    let session = parts.extensions.get();
    session.ok_or(LoginError::LayerMissing { layer })
}

async fn within<T>(
    deadline: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, LoginError> {
    let cause = match timeout(deadline, answer).await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {deadline:?}"),
    };
    Err(LoginError::Session { cause })
}

/// The member of the session.
fn key(settings: &Settings) -> String {
    format!("openid-client:{}", settings.cookies.layer)
}
