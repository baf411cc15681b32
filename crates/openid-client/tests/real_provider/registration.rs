//! Dynamic registration (RFC 7591) and its management (RFC 7592).

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::endpoint::TokenType;
use openid_client::{Client, ClientInformation};
use serde_json::{Value, json};

use crate::login::{finish, tokens};
use crate::provider;
use crate::provider::{INITIAL_ACCESS_TOKEN, completed, issuer, new_client, root_certificate};
use crate::recorder::Recorder;
use crate::refusal::{challenge, response_body_error};

#[tokio::test]
async fn a_new_client_is_ready_to_log_people_in() {
    let client = new_client(json!({"token_endpoint_auth_method": "client_secret_basic"}));
    let client = client.await.unwrap();
    assert!(client.client_metadata().client_secret.is_some());
    let information = client.client_information().unwrap();
    assert!(information.client_id_issued_at().is_some());
    // The secret never expires.
    assert_eq!(information.client_secret_expires_at(), None);
    assert!(information.registration_access_token().is_some());
    assert_eq!(tokens(&client).await.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn what_was_registered_outlives_the_process() {
    let registered = new_client(json!({"token_endpoint_auth_method": "client_secret_post"}));
    let registered = registered.await.unwrap();
    let stored = Value::Object(registered.client_information().unwrap().to_json());
    let information = ClientInformation::from_json(stored.to_string().as_bytes()).unwrap();
    let client = provider::client(&information.metadata().client_id);
    let client = client.client_information(information).await.unwrap();
    assert_eq!(tokens(&client).await.id_token().unwrap().sub(), "alice");
    assert_eq!(
        client.fetch_registration().await.unwrap().metadata(),
        registered.client_metadata()
    );
}

#[tokio::test]
async fn a_registration_is_read_replaced_and_deleted() {
    let client = new_client(json!({"client_name": "before"})).await.unwrap();
    let information = client.fetch_registration().await.unwrap();
    assert_eq!(information.metadata(), client.client_metadata());

    let mut metadata = information.metadata().clone();
    metadata.client_name = Some("after".to_owned());
    metadata.id_token_signed_response_alg = Some("ES384".into());
    let updated = client.update_registration(metadata).await.unwrap();
    let information = updated.fetch_registration().await.unwrap();
    assert_eq!(information.metadata().client_name.as_deref(), Some("after"));
    assert_eq!(tokens(&updated).await.id_token().unwrap().sub(), "alice");
    // The provider has issued a new token, so the old one is not valid.
    let error = client.fetch_registration().await.unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));

    updated.delete_registration().await.unwrap();
    let error = updated.fetch_registration().await.unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));
    let request = updated.authorization_request().pushed();
    let error = request.await.unwrap_err();
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn registration_needs_an_initial_access_token() {
    let error = Client::register(issuer(), completed(json!({})))
        .root_certificate_pem(root_certificate())
        .await
        .unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", None));
}

#[tokio::test]
async fn a_wrong_initial_access_token_is_answered_with_a_challenge() {
    let client = new_client(json!({})).initial_access_token("a-guess");
    let error = client.await.unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));
}

#[tokio::test]
async fn metadata_that_the_provider_does_not_take_is_refused() {
    for (metadata, code) in [
        (
            json!({"subject_type": "unknown"}),
            "invalid_client_metadata",
        ),
        (
            // A web client has no URI of a private scheme.
            json!({"redirect_uris": ["com.example.app:/callback"]}),
            "invalid_redirect_uri",
        ),
    ] {
        let error = new_client(metadata).await.unwrap_err();
        assert_eq!(response_body_error(&error), (400, code));
    }
}

#[tokio::test]
async fn an_update_that_the_provider_does_not_take_changes_nothing() {
    let client = new_client(json!({})).await.unwrap();
    let mut metadata = client.client_metadata().clone();
    metadata.response_types = Some(vec!["token".to_owned()]);
    let error = client.update_registration(metadata).await.unwrap_err();
    assert_eq!(
        response_body_error(&error),
        (400, "invalid_client_metadata")
    );
    let information = client.fetch_registration().await.unwrap();
    assert_eq!(information.metadata(), client.client_metadata());
}

#[tokio::test]
async fn a_new_client_has_its_tokens_bound_to_a_dpop_key() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let (client, recorder) = Recorder::new_client(json!({"dpop_bound_access_tokens": true}));
    let client = client.dpop_key(key).await.unwrap();
    let tokens = finish(&client, client.authorization_request(), "alice").await;
    assert_eq!(tokens.unwrap().token_type(), TokenType::DPoP);
    // The initial access token is not bound to a key.
    assert!(!recorder.sent_proof("/reg"));
    assert!(recorder.sent_proof("/token"));
}

/// The provider does not support such tokens, and returns an error.
#[tokio::test]
async fn a_bound_initial_access_token_comes_with_a_proof() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let (client, recorder) = Recorder::new_client(json!({}));
    let client = client
        .dpop_key(key)
        .dpop_initial_access_token(INITIAL_ACCESS_TOKEN);
    let error = client.await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_request"));
    assert!(recorder.sent_proof("/reg"));
}
