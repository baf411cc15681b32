//! Logins with a code and PKCE.

use std::time::Duration;

use openid_client::oauth_core::authorization::{AuthorizationCodeGrantChecks, ExpectedState};
use openid_client::{
    AuthorizationRequest, Client, Error, Parameters, PendingLogin, SealingKey, TokenSet, Url,
};

use crate::provider;
use crate::provider::REDIRECT_URI;
use crate::user_agent::UserAgent;

/// Begins a login of `account`, and returns the callback.
pub(crate) async fn callback_of(client: &Client, account: &str) -> (PendingLogin, Url) {
    let request = client.authorization_request();
    let (url, pending) = request.await.unwrap();
    (pending, UserAgent::new().log_in(url, account).await)
}

/// Runs a login with this request.
pub(crate) async fn finish(
    client: &Client,
    request: AuthorizationRequest,
    account: &str,
) -> Result<TokenSet, Error> {
    let (url, pending) = request.await?;
    let callback = UserAgent::new().log_in(url, account).await;
    client.authorization_code_grant(pending, &callback).await
}

/// Logs alice in with a default request.
pub(crate) async fn tokens(client: &Client) -> TokenSet {
    let request = client.authorization_request();
    finish(client, request, "alice").await.unwrap()
}

/// Logs in with a `scope`. For `offline_access`, the provider requires a request for consent.
pub(crate) async fn log_in(client: &Client, account: &str, scope: &str) -> TokenSet {
    let request = client.authorization_request();
    let request = request.scope(scope).prompt("consent");
    finish(client, request, account).await.unwrap()
}

/// The URL and the checks of a caller that stores state, nonce and verifier itself.
pub(crate) struct ByHand {
    pub(crate) url: Url,
    pub(crate) checks: AuthorizationCodeGrantChecks,
}

impl ByHand {
    pub(crate) fn begin(client: &Client) -> Self {
        let state = client.random_state().unwrap();
        let nonce = client.random_nonce().unwrap();
        let verifier = client.random_pkce_code_verifier().unwrap();
        let mut parameters = Parameters::new();
        parameters.set("redirect_uri", REDIRECT_URI);
        parameters.set("scope", "openid");
        parameters.set("state", state.expose().as_str());
        parameters.set("nonce", nonce.expose().as_str());
        parameters.set("code_challenge", verifier.code_challenge());
        parameters.set("code_challenge_method", "S256");
        Self {
            url: client.build_authorization_url(parameters).unwrap(),
            checks: AuthorizationCodeGrantChecks {
                expected_state: ExpectedState::Equals(state),
                expected_nonce: Some(nonce),
                pkce_code_verifier: Some(verifier),
                ..AuthorizationCodeGrantChecks::default()
            },
        }
    }
}

#[tokio::test]
async fn a_person_logs_in() {
    let client = provider::client("client-none").await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let tokens = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap();

    let id_token = tokens.id_token().unwrap();
    assert_eq!(id_token.iss(), provider::issuer());
    assert_eq!(id_token.sub(), "alice");
    assert_eq!(id_token.aud(), ["client-none"]);
    assert!(id_token.nonce().is_some());
    assert_eq!(
        tokens.expires_in(tokens.received_at()),
        Some(Duration::from_secs(3600))
    );
    assert_eq!(tokens.scope(), Some("openid"));
    assert!(tokens.refresh_token().is_none());
}

#[tokio::test]
async fn a_login_kept_by_hand_is_finished() {
    let client = provider::client("client-none").await.unwrap();
    let ByHand { url, checks } = ByHand::begin(&client);
    let callback = UserAgent::new().log_in(url, "bob").await;
    let tokens = client
        .authorization_code_grant_with_checks(&callback)
        .redirect_uri(REDIRECT_URI)
        .checks(checks)
        .await
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "bob");
}

#[tokio::test]
async fn a_login_kept_in_a_cookie_is_finished() {
    let client = provider::client("client-none").await.unwrap();
    let key = SealingKey::new([7; 32]);
    let (pending, callback) = callback_of(&client, "alice").await;
    let cookie = client.seal_login(&key, &pending).unwrap();
    drop(pending);

    let pending = client.open_login(&key, &cookie).unwrap();
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_login_without_openid_yields_no_id_token() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "alice", "offline_access").await;
    assert!(tokens.id_token().is_none());
    assert!(!tokens.access_token().expose().is_empty());
}

#[tokio::test]
async fn max_age_brings_the_time_of_authentication() {
    let client = provider::client("client-none").await.unwrap();
    let request = client
        .authorization_request()
        .max_age(Duration::from_secs(60));
    let tokens = finish(&client, request, "alice").await.unwrap();
    let id_token = tokens.id_token().unwrap();
    let authenticated = id_token.auth_time().unwrap();
    assert!(authenticated <= id_token.iat());
    assert!(authenticated.seconds() > id_token.iat().seconds() - 60);
}

#[tokio::test]
async fn two_logins_at_once_are_kept_apart() {
    let client = provider::client("client-none").await.unwrap();
    let (alice, bob) = tokio::join!(callback_of(&client, "alice"), callback_of(&client, "bob"));
    let (alice, bob) = tokio::join!(
        client.authorization_code_grant(alice.0, &alice.1),
        client.authorization_code_grant(bob.0, &bob.1),
    );
    assert_eq!(alice.unwrap().id_token().unwrap().sub(), "alice");
    assert_eq!(bob.unwrap().id_token().unwrap().sub(), "bob");
}
