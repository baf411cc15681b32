//! Authorization responses as JWTs (JARM).

use openid_client::jose::KeyFamily;
use openid_client::jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
use openid_client::oauth_core::authorization::ResponseMode;
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use openid_client::{AuthorizationRequest, Callback, Client, Url};
use serde_json::json;

use crate::authorization_response::{posted, redirected};
use crate::provider::{again, key_set, new_client};
use crate::refusal::{authorization_response_error, rejection};
use crate::user_agent::UserAgent;

#[tokio::test]
async fn signed_in_the_query() {
    for mode in [ResponseMode::QueryJwt, ResponseMode::Jwt] {
        let client = new_client(json!({})).await.unwrap();
        let callback = log_in(&client, client.authorization_request().response_mode(mode)).await;
        assert_eq!(parameters(callback.query()), ["response"]);
    }
}

#[tokio::test]
async fn signed_in_the_fragment() {
    let client = new_client(json!({"authorization_signed_response_alg": "PS512"}));
    let client = client.await.unwrap();
    let request = client.authorization_request();
    let callback = log_in(&client, request.response_mode(ResponseMode::FragmentJwt)).await;
    assert_eq!(parameters(callback.fragment()), ["response"]);
}

#[tokio::test]
async fn signed_by_form_post() {
    let client = new_client(json!({"authorization_signed_response_alg": "ES384"}));
    let client = client.await.unwrap();
    let request = client.authorization_request();
    let (pending, callback) = posted(request.response_mode(ResponseMode::FormPostJwt)).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn encrypted_to_a_public_key() {
    let key = DecryptionKey::generate(KeyFamily::P256)
        .unwrap()
        .with_kid("ours");
    let metadata = json!({
        "authorization_signed_response_alg": "Ed25519",
        "authorization_encrypted_response_alg": "ECDH-ES+A256KW",
        "authorization_encrypted_response_enc": "A256GCM",
        "jwks": key_set([key.public_jwk()]),
    });
    let client = new_client(metadata).decryption_key(key).await.unwrap();
    let request = client.authorization_request();
    log_in(&client, request.response_mode(ResponseMode::QueryJwt)).await;
}

#[tokio::test]
async fn encrypted_to_the_client_secret() {
    let metadata = json!({
        "authorization_signed_response_alg": "ES256",
        "authorization_encrypted_response_alg": "A256KW",
        "authorization_encrypted_response_enc": "A256CBC-HS512",
    });
    let registered = new_client(metadata).await.unwrap();
    let secret = registered.client_metadata().client_secret.as_ref().unwrap();
    let (alg, enc) = (KeyManagement::A256KW, ContentEncryption::A256CbcHs512);
    let key = DecryptionKey::from_client_secret(secret.expose(), alg, enc).unwrap();
    let client = again(&registered).decryption_key(key).await.unwrap();
    let request = client.authorization_request();
    log_in(&client, request.response_mode(ResponseMode::FragmentJwt)).await;
}

#[tokio::test]
async fn an_error() {
    let client = new_client(json!({})).await.unwrap();
    let (url, pending) = client
        .authorization_request()
        .response_mode(ResponseMode::QueryJwt)
        .await
        .unwrap();
    let callback = UserAgent::new().refuse(url).await;
    assert_eq!(parameters(callback.query()), ["response"]);
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    assert_eq!(authorization_response_error(&error).error, "access_denied");
}

#[tokio::test]
async fn an_encrypted_error() {
    let key = DecryptionKey::generate(KeyFamily::Rsa)
        .unwrap()
        .with_kid("ours");
    let metadata = json!({
        "authorization_signed_response_alg": "ES256",
        "authorization_encrypted_response_alg": "RSA-OAEP-256",
        "jwks": key_set([key.public_jwk()]),
    });
    let client = new_client(metadata).decryption_key(key).await.unwrap();
    let (url, pending) = client
        .authorization_request()
        .response_mode(ResponseMode::FormPostJwt)
        .prompt("none")
        .await
        .unwrap();
    let (_, form) = UserAgent::new().open(url).await.page().form();
    let callback = Callback::from_form_post(&form.encode());
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    assert_eq!(authorization_response_error(&error).error, "login_required");
}

#[tokio::test]
async fn the_response_to_another_client_is_refused() {
    let (victim, attacker) = (
        new_client(json!({})).await.unwrap(),
        new_client(json!({})).await.unwrap(),
    );
    let request = victim.authorization_request();
    let (pending, _) = redirected(request.response_mode(ResponseMode::QueryJwt)).await;
    let request = attacker.authorization_request();
    let (_, callback) = redirected(request.response_mode(ResponseMode::QueryJwt)).await;
    let error = victim.authorization_code_grant(pending, &callback).await;
    assert_eq!(
        rejection(&error.unwrap_err(), "OAUTH_JWT_CLAIM_COMPARISON_FAILED"),
        Rejection::new(
            Artefact::AuthorizationResponse,
            Reason::ClaimMismatch {
                claim: "aud",
                expected: Some(victim.client_metadata().client_id.clone()),
                found: Some(attacker.client_metadata().client_id.clone()),
            }
        )
    );
}

#[tokio::test]
async fn a_response_that_is_not_a_jwt_is_refused() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request();
    let (pending, _) = redirected(request.clone().response_mode(ResponseMode::QueryJwt)).await;
    let (_, plain) = redirected(request).await;
    let error = client.authorization_code_grant(pending, &plain).await;
    let (expected, found) = ("query.jwt", "query");
    assert_eq!(
        rejection(&error.unwrap_err(), "OAUTH_INVALID_RESPONSE").reason,
        Reason::ResponseMode { expected, found }
    );
}

/// Logs alice in, and returns the callback.
async fn log_in(client: &Client, request: AuthorizationRequest) -> Url {
    let (pending, callback) = redirected(request).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
    callback
}

/// Returns the names of the parameters in a query or a fragment.
fn parameters(encoded: Option<&str>) -> Vec<String> {
    let parameters = openid_client::Parameters::decode(encoded.unwrap());
    parameters.iter().map(|(name, _)| name.to_owned()).collect()
}
