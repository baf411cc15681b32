//! Tokens that are bound to a key of the client's (RFC 9449).

use openid_client::core::endpoint::TokenType;
use openid_client::jose::SignatureAlgorithm;
use openid_client::jose::SigningKey;
use serde_json::json;

use crate::login::callback_of;
use crate::provider::issuer_without_nonces;
use crate::provider::new_client_at;
use crate::recorder::Recorder;

#[tokio::test]
async fn with_nonces() {
    let (client, recorder) = Recorder::new_client(bound());
    let client = client.dpop_key(key()).await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.token_type(), TokenType::DPoP);
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
    // Each server asks for its nonce once.
    assert_eq!(recorder.count("/token"), 2);
    assert_eq!(recorder.count("/me"), 2);
}

#[tokio::test]
async fn without_nonces() {
    let client = new_client_at(issuer_without_nonces(), bound());
    let client = client.dpop_key(key()).await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.token_type(), TokenType::DPoP);
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
}

fn bound() -> serde_json::Value {
    json!({"token_endpoint_auth_method": "none", "dpop_bound_access_tokens": true})
}

fn key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::ES256).unwrap()
}
