//! A client that registers itself, keeps what it got, changes it and leaves.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use openid_client::Client;
use openid_client::ClientAuthentication;
use openid_client::ClientInformation;
use openid_client::ClientMetadata;
use openid_client::ClientSecret;
use openid_client::ClientSecretBasic;
use openid_client::ClientSecretJwt;
use openid_client::core;
use openid_client::core::error::Misuse;
use openid_client::jose::SignatureAlgorithm;
use openid_client::jose::SigningKey;
use test_provider::DPoPBehaviour;
use test_provider::Endpoint;
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
async fn the_method_is_chosen_before_there_is_a_secret() {
    let server = server().await;
    let registered = || ClientSecret::Registered;
    for method in [
        ClientAuthentication::ClientSecretBasic(
            ClientSecretBasic::new(registered()).with_unreserved_unescaped(),
        ),
        ClientAuthentication::ClientSecretPost(registered()),
        ClientAuthentication::ClientSecretJwt(ClientSecretJwt::new(registered())),
    ] {
        let name = &*method.as_str().to_owned();
        let client = Client::register(server.url(), metadata())
            .authentication(method)
            .initial_access_token(PERMIT)
            .root_certificate_pem(server.ca_certificate_pem())
            .await
            .unwrap();
        let registered = client.client_metadata();
        assert_eq!(registered.token_endpoint_auth_method.as_deref(), Some(name));
        assert_eq!(client.configuration().authentication().as_str(), name);
        log_in(&client, &server).await;

        // Nor does a change of the registration forget it.
        let mut changed = registered.clone();
        changed.client_name = Some("Another name".to_owned());
        let updated = client.update_registration(changed).await.unwrap();
        let authentication = updated.configuration().authentication();
        assert_eq!(authentication.as_str(), name);
        log_in(&updated, &server).await;
    }
}

#[tokio::test]
async fn a_registration_for_two_methods_is_refused() {
    let mut metadata = metadata();
    metadata.token_endpoint_auth_method = Some("none".to_owned());
    let error = Client::register("https://id.example.com", metadata)
        .authentication(ClientAuthentication::ClientSecretPost(
            ClientSecret::Registered,
        ))
        .await
        .unwrap_err();
    let Some(core::Error::Misuse(misuse)) = error.core() else {
        panic!("{error}");
    };
    assert_eq!(
        misuse,
        &Misuse::InvalidArgument {
            argument: "token_endpoint_auth_method",
            expected: "the method that `authentication` chooses",
            found: "none".to_owned(),
        }
    );
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

/// The server asks for a nonce first, and takes the token with a proof alone.
#[tokio::test]
async fn a_registration_proves_possession_of_the_key_that_its_permit_is_bound_to() {
    let server = server().await;
    server.provider().treat_dpop(DPoPBehaviour::NonceRequired);
    let key = || SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = Client::register(server.url(), metadata())
        .dpop_key(key())
        .dpop_initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    assert_eq!(server.provider().served(Endpoint::Registration), 2);
    log_in(&client, &server).await;

    // A key says nothing about a token that is not bound to it.
    Client::register(server.url(), metadata())
        .dpop_key(key())
        .initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    assert_eq!(server.provider().served(Endpoint::Registration), 3);

    let error = Client::register(server.url(), metadata())
        .dpop_initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap_err();
    assert!(matches!(
        error.core(),
        Some(core::Error::Misuse(Misuse::MissingArgument {
            argument: "dpop_key",
            ..
        }))
    ));
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
