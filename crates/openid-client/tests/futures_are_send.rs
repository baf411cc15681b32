//! A client can be shared between threads, and its futures sent to another.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use openid_client::Client;
use openid_client::core::authorization::AuthorizationCodeGrantChecks;

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI};

#[tokio::test]
async fn a_client_and_its_futures_can_be_sent() {
    fn client_type<T: Clone + Send + Sync + 'static>(value: T) -> T {
        value
    }
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let transport = InProcess::new();
    let building = Client::discover(ISSUER, "app").http_client(Arc::clone(&transport) as _);
    let client = client_type(sent(building.into_future()).await.unwrap());
    let request = client.authorization_request().redirect_uri(REDIRECT_URI);
    let (url, pending) = sent(request.begin()).await.unwrap();
    let callback = transport.browse(url);
    let grant = client.authorization_code_grant(pending, callback);
    let tokens = sent(sent(grant).await.unwrap());
    let checks = AuthorizationCodeGrantChecks::default();
    drop(sent(client.authorization_code_grant_with_checks(
        "/",
        REDIRECT_URI,
        checks,
    )));
    sent(client.fetch_user_info(&tokens)).await.unwrap();
    let refreshed = sent(client.refresh_token_grant(&tokens)).await.unwrap();
    // And on another thread, as a web server would.
    tokio::spawn(async move { client.refresh_token_grant(&refreshed).await.map(drop) })
        .await
        .unwrap()
        .unwrap();
}
