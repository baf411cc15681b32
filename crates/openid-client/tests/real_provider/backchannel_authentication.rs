//! Backchannel authentication (CIBA).

use std::time::Duration;

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::endpoint::TokenType;
use openid_client::oauth_core::error::{Artefact, Reason};
use openid_client::oauth_core::key::KeyReference;
use openid_client::{
    BackchannelAuthenticationResponse, Client, Error, Hint, Keyring, RequestObject, TokenSet, Url,
};
use serde_json::{Value, json};

use crate::login::tokens;
use crate::notification_endpoint::NotificationEndpoint;
use crate::provider::{issuer, key_set, merged, new_client};
use crate::recorder::Recorder;
use crate::refusal::{rejection, response_body_error};
use crate::user_agent::UserAgent;

#[tokio::test]
async fn polled_and_approved() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client
        .initiate_backchannel_authentication(alice())
        .scope("openid email")
        .binding_message("W4SCT")
        .await
        .unwrap();
    let tokens = polled_until(&client, &recorder, &begun, "login=alice")
        .await
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.email(), Some("alice@example.com"));
    // The first poll was too early, so the client has polled again.
    assert!(recorder.count("/token") >= 2);
}

#[tokio::test]
async fn polled_and_denied() {
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.await.unwrap();
    let begun = client.initiate_backchannel_authentication(alice()).await;
    let error = polled_until(&client, &recorder, &begun.unwrap(), "abort=1").await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "access_denied"));
}

#[tokio::test]
async fn polled_with_a_dpop_key() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let (client, recorder) = Recorder::new_client(metadata());
    let client = client.dpop_key(key).await.unwrap();
    let begun = client.initiate_backchannel_authentication(alice()).await;
    let tokens = polled_until(&client, &recorder, &begun.unwrap(), "login=alice").await;
    assert_eq!(tokens.unwrap().token_type(), TokenType::DPoP);
}

#[tokio::test]
async fn pinged_and_approved() {
    let endpoint = NotificationEndpoint::start().await;
    let client = new_client(ping_metadata(&endpoint)).await.unwrap();
    let begun = client.initiate_backchannel_authentication(alice()).ping();
    let begun = begun.await.unwrap();
    let (ping, ()) = tokio::join!(endpoint.ping(), answer(&begun, "login=alice"));
    let tokens = client
        .poll_backchannel_authentication_grant(&begun)
        .after_ping(&ping)
        .await
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn pinged_and_denied() {
    let endpoint = NotificationEndpoint::start().await;
    let client = new_client(ping_metadata(&endpoint)).await.unwrap();
    let begun = client.initiate_backchannel_authentication(alice()).ping();
    let begun = begun.await.unwrap();
    let (ping, ()) = tokio::join!(endpoint.ping(), answer(&begun, "abort=1"));
    let error = client
        .poll_backchannel_authentication_grant(&begun)
        .after_ping(&ping)
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "access_denied"));
}

#[tokio::test]
async fn the_ping_for_another_request_is_refused() {
    let endpoint = NotificationEndpoint::start().await;
    let client = new_client(ping_metadata(&endpoint)).await.unwrap();
    let (ours, other) = (
        client.initiate_backchannel_authentication(alice()).ping(),
        client.initiate_backchannel_authentication(alice()).ping(),
    );
    let (ours, other) = (ours.await.unwrap(), other.await.unwrap());
    let (ping, ()) = tokio::join!(endpoint.ping(), answer(&other, "login=alice"));
    let error = client
        .poll_backchannel_authentication_grant(&ours)
        .after_ping(&ping)
        .await
        .unwrap_err();
    let rejection = rejection(&error, "OAUTH_INVALID_RESPONSE");
    assert_eq!(rejection.artefact, Artefact::Ping);
    assert_eq!(
        rejection.reason,
        Reason::ParameterMismatch {
            parameter: "client_notification_token",
            expected: None,
            found: None,
        }
    );
}

#[tokio::test]
async fn a_signed_request() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let metadata = merged(
        metadata(),
        json!({
            "backchannel_authentication_request_signing_alg": "ES256",
            "jwks": key_set([key.public_jwk()]),
        }),
    );
    let reference = KeyReference::new("requests", SignatureAlgorithm::ES256);
    let mut keyring = Keyring::new();
    keyring.insert(reference.name.clone(), key);
    let client = new_client(metadata).keyring(keyring).await.unwrap();
    let signed = RequestObject::new(reference).unwrap();
    let begun = client
        .initiate_backchannel_authentication(alice())
        .request_object(signed)
        .await
        .unwrap();
    answer(&begun, "login=alice").await;
    let tokens = client.poll_backchannel_authentication_grant(&begun).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");

    let unsigned = client.initiate_backchannel_authentication(alice());
    let error = unsigned.await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_request"));
}

#[tokio::test]
async fn an_id_token_names_the_person() {
    let login = new_client(merged(
        metadata(),
        json!({
            "grant_types": ["authorization_code", "urn:openid:params:grant-type:ciba"],
            "response_types": ["code"],
        }),
    ));
    let client = login.await.unwrap();
    let earlier = tokens(&client).await;
    let id_token = earlier.id_token().unwrap().jwt().expose().clone();
    let begun = client
        .initiate_backchannel_authentication(Hint::IdTokenHint(id_token.as_str().into()))
        .await
        .unwrap();
    answer(&begun, "login=alice").await;
    let tokens = client.poll_backchannel_authentication_grant(&begun).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn the_client_says_how_long_the_request_is_good_for() {
    let client = new_client(metadata()).await.unwrap();
    let request = client.initiate_backchannel_authentication(alice());
    let begun = request
        .requested_expiry(Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(begun.expires_in, Duration::from_secs(60));
    answer(&begun, "login=alice").await;
    let tokens = client.poll_backchannel_authentication_grant(&begun).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn the_request_of_another_client_is_an_invalid_grant() {
    let client = new_client(metadata()).await.unwrap();
    let begun = client.initiate_backchannel_authentication(alice()).await;
    let begun = begun.unwrap();
    answer(&begun, "login=alice").await;
    let thief = new_client(metadata()).await.unwrap();
    let error = thief.poll_backchannel_authentication_grant(&begun).await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_request_that_the_provider_does_not_take_is_refused() {
    let client = new_client(metadata()).await.unwrap();
    let unknown = Hint::LoginHint("nobody".to_owned());
    let error = client.initiate_backchannel_authentication(unknown).await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "unknown_user_id"));

    let request = client.initiate_backchannel_authentication(alice());
    let error = request.binding_message("a message of more than 20 characters");
    let error = error.await.unwrap_err();
    assert_eq!(
        response_body_error(&error),
        (400, "invalid_binding_message")
    );
}

fn alice() -> Hint {
    Hint::LoginHint("alice".to_owned())
}

fn metadata() -> Value {
    json!({
        "grant_types": ["urn:openid:params:grant-type:ciba"],
        "response_types": [],
        "backchannel_token_delivery_mode": "poll",
    })
}

fn ping_metadata(endpoint: &NotificationEndpoint) -> Value {
    let ping = json!({
        "backchannel_token_delivery_mode": "ping",
        "backchannel_client_notification_endpoint": endpoint.url(),
    });
    merged(metadata(), ping)
}

/// Polls with a user who answers after the first poll.
async fn polled_until(
    client: &Client,
    recorder: &Recorder,
    begun: &BackchannelAuthenticationResponse,
    said: &str,
) -> Result<TokenSet, Error> {
    let person = async {
        recorder.wait_for("/token").await;
        answer(begun, said).await;
    };
    let polling = client.poll_backchannel_authentication_grant(begun);
    let (tokens, ()) = tokio::join!(polling, person);
    tokens
}

/// Sends the answer of the user's device (see `backchannel.mjs`).
async fn answer(begun: &BackchannelAuthenticationResponse, said: &str) {
    let (issuer, id) = (issuer(), begun.auth_req_id.expose());
    let url = format!("{issuer}/backchannel/answer/{id}?{said}");
    let page = UserAgent::new()
        .open(Url::parse(&url).unwrap())
        .await
        .page();
    assert_eq!(page.status, 204, "{page:?}");
}
