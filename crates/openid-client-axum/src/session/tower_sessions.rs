//! Sessions of the crate tower-sessions. The session holds the same sealed text as the cookie
//! would, so that its store can neither read nor forge it.

use http::request::Parts;
use tower_sessions_core::Session;

use crate::error::LoginError;

/// The sealed session that a request brings.
///
/// # Errors
///
/// [`LoginError::Session`] and [`LoginError::LayerMissing`].
pub(super) async fn load(parts: &Parts) -> Result<Option<String>, LoginError> {
    session(parts)?.get(KEY).await.map_err(failed)
}

/// Puts the sealed session into the person's session, under a new identifier: an attacker may know
/// the one from before the login (session fixation).
///
/// # Errors
///
/// [`LoginError::Session`] and [`LoginError::LayerMissing`].
pub(super) async fn save(parts: &Parts, sealed: String) -> Result<(), LoginError> {
    let session = session(parts)?;
    session.cycle_id().await.map_err(failed)?;
    session.insert(KEY, sealed).await.map_err(failed)
}

/// Deletes the person's session, with everything that the application has put there.
///
/// # Errors
///
/// [`LoginError::Session`] and [`LoginError::LayerMissing`].
pub(super) async fn remove(parts: &Parts) -> Result<(), LoginError> {
    session(parts)?.flush().await.map_err(failed)
}

fn session(parts: &Parts) -> Result<&Session, LoginError> {
    let layer = "SessionManagerLayer";
    let session = parts.extensions.get();
    session.ok_or(LoginError::LayerMissing { layer })
}

fn failed(error: tower_sessions_core::session::Error) -> LoginError {
    let cause = error.to_string();
    LoginError::Session { cause }
}

/// The member of the session.
const KEY: &str = "openid-client";
