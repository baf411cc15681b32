//! The ways in which an authorization response comes back.

use openid_client::Callback;
use openid_client::core::authorization::ResponseMode;
use serde_json::json;

use crate::provider::REDIRECT_URI;
use crate::provider::new_client;
use crate::user_agent::UserAgent;

#[tokio::test]
async fn form_post() {
    let metadata = json!({"token_endpoint_auth_method": "none"});
    let client = new_client(metadata).await.unwrap();
    let (url, pending) = client
        .authorization_request()
        .redirect_uri(REDIRECT_URI)
        .response_mode(ResponseMode::FormPost)
        .begin()
        .await
        .unwrap();
    let body = UserAgent::new().log_in_to_post(url, "alice").await;
    let callback = Callback::from_form_post(&body);
    let tokens = client.authorization_code_grant_of(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}
