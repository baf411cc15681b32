//! Logout that the application begins.

use openid_client::Client;
use openid_client::Url;

use crate::provider;
use crate::provider::POST_LOGOUT_REDIRECT_URI;
use crate::provider::issuer;
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

    // The session is there: nobody has to log in for another ID Token.
    let (url, pending) = begin(&client, "none").await;
    let callback = browser.open(url).await.application();
    let silent = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(silent.unwrap().id_token().unwrap().sub(), "alice");

    let url = client
        .end_session()
        .id_token_hint(tokens.id_token().unwrap().jwt().expose())
        .post_logout_redirect_uri(POST_LOGOUT_REDIRECT_URI)
        .state("after logout")
        .url()
        .unwrap();
    let page = browser.open(url).await.page();
    assert_eq!(page.status, 200, "{}", page.text);
    let (action, mut form) = page.form();
    assert!(action.as_str().starts_with(&issuer()), "{action}");
    form.set("logout", "yes");
    let back = browser.submit(action, &form).await.application();
    let expected = format!("{POST_LOGOUT_REDIRECT_URI}?state=after%20logout");
    assert_eq!(back.as_str().replace('+', "%20"), expected);

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
    request.prompt(prompt).begin().await.unwrap()
}
