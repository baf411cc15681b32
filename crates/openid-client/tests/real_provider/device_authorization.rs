//! Device authorization (RFC 8628). The user answers in a browser.

use std::time::Duration;

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::endpoint::TokenType;
use openid_client::oauth_core::error::Expired;
use openid_client::oauth_core::flow::PollDeviceAuthorizationGrant;
use openid_client::{
    Client, DeviceAuthorizationResponse, Error, Parameters, TokenSet, Url, oauth_core,
};
use serde_json::{Value, json};

use crate::provider::new_client;
use crate::recorder::Recorder;
use crate::refusal::response_body_error;
use crate::resource_indicators::access_token_claims;
use crate::user_agent::{Page, UserAgent};

#[tokio::test]
async fn approved() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client
        .initiate_device_authorization()
        .scope("openid email")
        .await;
    let tokens = polled_until(&client, &recorder, &begun.unwrap(), approve)
        .await
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.email(), Some("alice@example.com"));
    // The first poll was too early, so the client has polled again.
    assert!(recorder.count("/token") >= 2);
}

#[tokio::test]
async fn denied() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client.initiate_device_authorization().scope("openid").await;
    let error = polled_until(&client, &recorder, &begun.unwrap(), deny)
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "access_denied"));
}

#[tokio::test]
async fn denied_at_the_login_page() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client.initiate_device_authorization().scope("openid").await;
    let error = polled_until(&client, &recorder, &begun.unwrap(), turn_back)
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "access_denied"));
}

#[tokio::test]
async fn approved_with_a_dpop_key() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.dpop_key(key).await.unwrap();
    let begun = client
        .initiate_device_authorization()
        .scope("openid offline_access")
        .parameter("prompt", "consent")
        .await
        .unwrap();
    let tokens = polled_until(&client, &recorder, &begun, approve)
        .await
        .unwrap();
    assert_eq!(tokens.token_type(), TokenType::DPoP);
    client.fetch_user_info(&tokens).await.unwrap();
    let refreshed = client.refresh_token_grant(&tokens).await.unwrap();
    assert_eq!(refreshed.dpop_thumbprint(), tokens.dpop_thumbprint());
}

#[tokio::test]
async fn a_device_code_is_good_for_one_login() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client.initiate_device_authorization().scope("openid").await;
    let begun = begun.unwrap();
    polled_until(&client, &recorder, &begun, approve)
        .await
        .unwrap();
    let error = client.poll_device_authorization_grant(&begun).await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn approved_with_the_code_typed_in() {
    let client = new_client(metadata()).await.unwrap();
    let begun = client.initiate_device_authorization().scope("openid").await;
    let begun = begun.unwrap();
    let mut browser = UserAgent::new();
    let page = browser.open(begun.verification_uri.clone()).await.page();
    let (action, mut form) = page.form();
    form.set("user_code", begun.user_code.to_lowercase());
    let (action, form) = browser.submit(action, &form).await.page().form();
    let login = browser.submit(action, &form).await.page();
    browser.answer(login, "login", "bob").await.page();
    let tokens = client.poll_device_authorization_grant(&begun).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "bob");
}

#[tokio::test]
async fn the_device_code_of_another_client_is_an_invalid_grant() {
    let client = new_client(metadata()).await.unwrap();
    let begun = client.initiate_device_authorization().scope("openid").await;
    let begun = begun.unwrap();
    approve(&begun).await;
    let thief = new_client(metadata()).await.unwrap();
    let error = thief.poll_device_authorization_grant(&begun).await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn an_access_token_for_a_resource_server() {
    let client = new_client(metadata()).await.unwrap();
    let api = "https://api.example.com/";
    let begun = client
        .initiate_device_authorization()
        .scope("read")
        .parameter("resource", api)
        .await
        .unwrap();
    approve(&begun).await;
    let grant = PollDeviceAuthorizationGrant::new(client.configuration().clone(), &begun);
    let tokens = client.run(grant.parameter("resource", api)).await.unwrap();
    assert!(tokens.id_token().is_none());
    assert_eq!(access_token_claims(&tokens)["aud"], api);
}

#[tokio::test]
async fn a_device_that_gives_up_may_come_back() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client.initiate_device_authorization().scope("openid").await;
    let begun = begun.unwrap();
    tokio::select! {
        _ = client.poll_device_authorization_grant(&begun) => panic!("the user has not answered"),
        () = recorder.wait_for("/token") => {}
    }
    approve(&begun).await;
    let tokens = client.poll_device_authorization_grant(&begun).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_device_does_not_ask_when_its_code_has_expired() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client.initiate_device_authorization().scope("openid").await;
    let mut begun = begun.unwrap();
    begun.expires_in = Duration::from_secs(1);
    let error = client.poll_device_authorization_grant(&begun).await;
    let error = error.unwrap_err();
    let Some(oauth_core::Error::Expired(expired)) = error.core() else {
        panic!("expected an end, found {error:?}");
    };
    let expected = Expired {
        credential: "device_code",
        lifetime: Duration::from_secs(1),
    };
    assert_eq!(*expired, expected);
    assert_eq!(recorder.count("/token"), 0);
}

#[tokio::test]
async fn a_client_that_did_not_register_for_it_is_refused() {
    let client = new_client(json!({})).await.unwrap();
    let error = client.initiate_device_authorization().scope("openid").await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_request"));
}

fn metadata() -> Value {
    json!({
        "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
        "response_types": [],
    })
}

/// Polls with a user who answers after the first poll.
async fn polled_until(
    client: &Client,
    recorder: &Recorder,
    begun: &DeviceAuthorizationResponse,
    answer: impl AsyncFnOnce(&DeviceAuthorizationResponse),
) -> Result<TokenSet, Error> {
    let person = async {
        recorder.wait_for("/token").await;
        answer(begun).await;
    };
    let (tokens, ()) = tokio::join!(client.poll_device_authorization_grant(begun), person);
    tokens
}

async fn approve(begun: &DeviceAuthorizationResponse) {
    let mut browser = UserAgent::new();
    let login = confirm(&mut browser, begun).await;
    let page = browser.answer(login, "login", "alice").await.page();
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains("Sign-in Success"), "{page:?}");
}

async fn turn_back(begun: &DeviceAuthorizationResponse) {
    let mut browser = UserAgent::new();
    let login = confirm(&mut browser, begun).await;
    browser.answer(login, "abort", "1").await.page();
}

async fn deny(begun: &DeviceAuthorizationResponse) {
    let mut browser = UserAgent::new();
    let (action, mut form) = question(&mut browser, begun).await;
    form.set("abort", "yes");
    browser.submit(action, &form).await.page();
}

/// Confirms that the code is on the user's device, and returns the login page.
async fn confirm(browser: &mut UserAgent, begun: &DeviceAuthorizationResponse) -> Page {
    let (action, form) = question(browser, begun).await;
    browser.submit(action, &form).await.page()
}

/// Returns the form that asks whether the code is on the user's device.
async fn question(
    browser: &mut UserAgent,
    begun: &DeviceAuthorizationResponse,
) -> (Url, Parameters) {
    let url = begun.verification_uri_complete.clone().unwrap();
    let (action, form) = browser.open(url).await.page().form();
    let page = browser.submit(action, &form).await.page();
    assert!(page.text.contains(&begun.user_code), "{page:?}");
    page.form()
}
