//! Logout that the provider reports (OpenID Connect Back-Channel Logout 1.0).

use bytes::Bytes;
use http::Response;
use openid_client::oauth_core::flow::VerifyLogoutToken;
use openid_client::oauth_core::logout::logout_token;
use openid_client::{Client, Error, LogoutToken, logged_out, logout_failed};

use crate::error::LoginError;
use crate::settings::Settings;

/// Verifies the logout token, and ends the sessions that it names. A token that comes again, for
/// example because the provider did not get the response, gets the same response and changes
/// nothing: it ends the sessions that began before it was issued (OpenID Connect Back-Channel
/// Logout 1.0 sections 2.6 to 2.8). Where the provider cannot be reached, the token is not judged,
/// and the response says that the logout failed, so that the provider sends it again.
pub(super) async fn answer(
    settings: &Settings,
    client: &str,
    form: &Bytes,
) -> Result<Response<Bytes>, LoginError> {
    match end_sessions(settings, client, form).await {
        Ok(()) => Ok(logged_out()),
        Err(error) => {
            let response = logout_failed(Some(error.code()));
            settings.note(&error, &response);
            Ok(response)
        }
    }
}

async fn end_sessions(settings: &Settings, client: &str, form: &Bytes) -> Result<(), LoginError> {
    let verified = verify(&settings.ready(client).await?, form).await;
    let token = verified.map_err(LoginError::LogoutTokenRefused)?;
    settings.end_sessions(client, &token).await
}

/// `Client::verify_logout_token` accepts a token once. If the store then failed to end the
/// sessions, the provider could not try again.
async fn verify(client: &Client, form: &Bytes) -> Result<LogoutToken, Error> {
    let token = logout_token(form)?;
    let configuration = client.configuration().clone();
    client
        .run(VerifyLogoutToken::new(configuration, token))
        .await
}
