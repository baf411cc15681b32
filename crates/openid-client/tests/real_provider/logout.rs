//! Logouts that the application begins.

use openid_client::oauth_core::authorization::ExpectedState;
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use openid_client::oauth_core::logout::check_return;
use openid_client::{Callback, Client, Url};

use crate::provider;
use crate::provider::{POST_LOGOUT_REDIRECT_URI, issuer};
use crate::refusal::authorization_response_error;
use crate::user_agent::UserAgent;

#[tokio::test]
async fn the_provider_ends_the_session_and_sends_the_browser_back() {
    let client = provider::client("client-none").await.unwrap();
    let mut browser = UserAgent::new();
    let (url, pending) = begin(&client, "login").await;
    let callback = browser.log_in(url, "alice").await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    let tokens = tokens.unwrap();

    // The session exists, so a silent request returns another ID Token.
    let (url, pending) = begin(&client, "none").await;
    let callback = browser.open(url).await.application();
    let silent = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(silent.unwrap().id_token().unwrap().sub(), "alice");

    let state = client.random_state().unwrap();
    let url = client
        .end_session()
        .id_token_hint(tokens.id_token().unwrap().jwt())
        .post_logout_redirect_uri(POST_LOGOUT_REDIRECT_URI)
        .state(state.expose().as_str())
        .url()
        .unwrap();
    let page = browser.open(url).await.page();
    assert_eq!(page.status, 200, "{}", page.text);
    let (action, mut form) = page.form();
    assert!(action.as_str().starts_with(&issuer()), "{action}");
    form.set("logout", "yes");
    let back = browser.submit(action, &form).await.application();
    assert!(
        back.as_str().starts_with(POST_LOGOUT_REDIRECT_URI),
        "{back}"
    );
    let back = Callback::from_url(back.as_str()).unwrap();
    check_return(&back, &ExpectedState::Equals(state)).unwrap();
    let other = ExpectedState::Equals(client.random_state().unwrap());
    let error = check_return(&back, &other).unwrap_err();
    assert_eq!(
        error.rejection().unwrap(),
        &Rejection::new(
            Artefact::PostLogoutRedirection,
            Reason::ParameterMismatch {
                parameter: "state",
                expected: None,
                found: None,
            }
        )
    );

    let (url, pending) = begin(&client, "none").await;
    let callback = browser.open(url).await.application();
    let error = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap_err();
    assert_eq!(authorization_response_error(&error).error, "login_required");
}

async fn begin(client: &Client, prompt: &str) -> (Url, openid_client::PendingLogin) {
    let request = client.authorization_request();
    request.prompt(prompt).await.unwrap()
}

#[tokio::test]
async fn an_address_that_is_not_registered_is_not_gone_to() {
    let client = provider::client("client-none").await.unwrap();
    let mut browser = UserAgent::new();
    let (url, pending) = begin(&client, "login").await;
    let callback = browser.log_in(url, "alice").await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    let url = client
        .end_session()
        .id_token_hint(tokens.unwrap().id_token().unwrap().jwt())
        .post_logout_redirect_uri("https://attacker.example/")
        .url()
        .unwrap();
    let page = browser.open(url).await.page();
    assert_eq!(page.status, 400);
    assert!(
        page.text
            .contains("post_logout_redirect_uri not registered")
    );
}
