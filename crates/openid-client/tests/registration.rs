//! A client that registers itself, keeps what it got, changes it and leaves.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use openid_client::Client;
use openid_client::ClientInformation;
use openid_client::ClientMetadata;
use openid_client::core;
use openid_client::core::error::Misuse;
use test_provider::Provider;
use test_provider::server::Scheme;
use test_provider::server::Server;

use self::support::in_process::REDIRECT_URI;
use self::support::in_process::begin;
use self::support::in_process::browse;

const PERMIT: &str = "a-token-that-permits-registration";

#[tokio::test]
async fn a_registration_lives_from_one_start_to_the_next() {
    let server = server().await;
    let client = Client::register(server.url(), metadata())
        .initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    log_in(&client, &server).await;
    let kept = client.client_information().unwrap().to_json();

    // The next start.
    let kept = serde_json::to_string(&kept).unwrap();
    let information = ClientInformation::from_json(kept.as_bytes()).unwrap();
    let client_id = information.metadata().client_id.clone();
    let client = Client::discover(server.url(), client_id)
        .client_information(information.clone())
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    log_in(&client, &server).await;
    assert_eq!(client.fetch_registration().await.unwrap(), information);

    let mut changed = client.client_metadata().clone();
    changed.token_endpoint_auth_method = Some("client_secret_post".to_owned());
    let updated = client.update_registration(changed).await.unwrap();
    log_in(&updated, &server).await;
    let kept = updated.client_information().unwrap().metadata();
    let method = kept.token_endpoint_auth_method.as_deref();
    assert_eq!(method, Some("client_secret_post"));

    updated.delete_registration().await.unwrap();
    let gone = updated.fetch_registration().await.unwrap_err();
    assert_eq!(gone.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

#[tokio::test]
async fn a_registration_without_permission_is_refused() {
    let server = server().await;
    let refused = Client::register(server.url(), metadata())
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

#[tokio::test]
async fn what_was_not_registered_here_cannot_be_managed() {
    let server = server().await;
    let client = Client::discover(server.url(), "app")
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    assert_eq!(client.client_information(), None);
    let error = client.fetch_registration().await.unwrap_err();
    assert!(matches!(
        error.core(),
        Some(core::Error::Misuse(Misuse::MissingArgument {
            argument: "client_information",
            ..
        }))
    ));

    let another = ClientInformation::from_json(br#"{"client_id":"another"}"#).unwrap();
    let error = Client::discover(server.url(), "app")
        .client_information(another)
        .await
        .unwrap_err();
    assert!(matches!(
        error.core(),
        Some(core::Error::Misuse(Misuse::InvalidArgument {
            argument: "client_information",
            ..
        }))
    ));
}

async fn server() -> Server {
    Server::start(Scheme::Https, |issuer| {
        Provider::new(issuer).initial_access_token(PERMIT)
    })
    .await
    .unwrap()
}

fn metadata() -> ClientMetadata {
    let mut metadata = ClientMetadata::default();
    metadata.redirect_uris = Some(vec![REDIRECT_URI.to_owned()]);
    metadata
}

async fn log_in(client: &Client, server: &Server) {
    let (url, pending) = begin(client).await;
    let callback = browse(server.provider(), url);
    let tokens = client.authorization_code_grant(pending, callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}
