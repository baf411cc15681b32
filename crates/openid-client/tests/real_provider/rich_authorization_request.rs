//! Rich authorization requests (RAR, RFC 9396).

use openid_client::oauth_core::authorization::AuthorizationDetail;
use serde_json::{Value, json};

use crate::login::finish;
use crate::provider::new_client;
use crate::refusal::{authorization_response_error, response_body_error};
use crate::resource_indicators::access_token_claims;
use crate::user_agent::UserAgent;

const API: &str = "https://api.example.com/";

#[tokio::test]
async fn accepted() {
    let client = new_client(metadata()).await.unwrap();
    let request = client.authorization_request().scope("read").resource(API);
    let details = [payment(json!("12.50")), payment(json!("7.00"))];
    let request = request.authorization_details(details);
    let tokens = finish(&client, request, "alice").await.unwrap();
    let granted = json!([
        {"type": "payment", "actions": ["initiate"], "amount": "12.50"},
        {"type": "payment", "actions": ["initiate"], "amount": "7.00"},
    ]);
    assert_eq!(tokens.extra()["authorization_details"], granted);
    assert_eq!(
        access_token_claims(&tokens)["authorization_details"],
        granted
    );
}

#[tokio::test]
async fn pushed() {
    let client = new_client(metadata()).await.unwrap();
    let request = client.authorization_request().scope("read").resource(API);
    let request = request.authorization_details([payment(json!("12.50"))]);
    let tokens = finish(&client, request.pushed(), "alice").await.unwrap();
    let granted = &tokens.extra()["authorization_details"];
    assert_eq!(granted[0]["amount"], "12.50");
}

#[tokio::test]
async fn refused() {
    for (detail, why) in [
        (payment(json!(12)), "a payment needs an amount"),
        (
            AuthorizationDetail::new("unknown"),
            "unsupported authorization details type value (authorization details index 0)",
        ),
    ] {
        let client = new_client(metadata()).await.unwrap();
        let request = client.authorization_request().resource(API);
        let request = request.authorization_details([detail]);
        let (url, pending) = request.clone().await.unwrap();
        let callback = UserAgent::new().open(url).await.application();
        let error = client.authorization_code_grant(pending, &callback).await;
        let error = error.unwrap_err();
        let error = authorization_response_error(&error);
        assert_eq!(error.error, "invalid_authorization_details");
        assert_eq!(error.error_description.as_deref(), Some(why));

        let error = request.pushed().await.unwrap_err();
        let expected = (400, "invalid_authorization_details");
        assert_eq!(response_body_error(&error), expected);
    }
}

#[tokio::test]
async fn a_type_that_the_client_did_not_register_is_refused() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request().resource(API);
    let request = request.authorization_details([payment(json!("12.50"))]);
    let error = request.pushed().await.unwrap_err();
    let expected = (400, "invalid_authorization_details");
    assert_eq!(response_body_error(&error), expected);
}

fn metadata() -> Value {
    json!({"authorization_details_types": ["payment"]})
}

fn payment(amount: Value) -> AuthorizationDetail {
    let payment = AuthorizationDetail::new("payment");
    payment.actions(["initiate"]).member("amount", amount)
}
