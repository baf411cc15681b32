//! Logout that the provider reports (OpenID Connect Back-Channel Logout 1.0).

use bytes::Bytes;
use http::Response;
use openid_client::{LogoutToken, logged_out, logout_failed};

use crate::error::LoginError;
use crate::settings::Settings;

/// Verifies the logout token, and ends the sessions that it names.
pub(super) async fn answer(
    settings: &Settings,
    client: &str,
    form: &Bytes,
) -> Result<Response<Bytes>, LoginError> {
    match end_sessions(settings, client, form).await {
        Ok(_) => Ok(logged_out()),
        Err(error) => Ok(settings.replaced(&error, logout_failed(Some(error.code())))),
    }
}

async fn end_sessions(
    settings: &Settings,
    client: &str,
    form: &Bytes,
) -> Result<LogoutToken, LoginError> {
    let verified = settings.client(client)?.verify_logout_token(form).await;
    let token = verified.map_err(LoginError::LogoutTokenRefused)?;
    settings.end_sessions(client, &token).await?;
    Ok(token)
}
