//! The certificate of a client is replaced while the client runs.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use openid_client::http::{ClientCertificate, ReplaceableCertificate};
use openid_client::{Client, Error, ServerMetadata, TokenSet};
use test_provider::server::{Scheme, SelfSignedCertificate, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Provider};

use self::support::in_process::{InProcess, REDIRECT_URI, begin, browse};

async fn log_in(client: &Client, server: &Server) -> Result<TokenSet, Error> {
    let (url, pending) = begin(client).await;
    let callback = browse(server.provider(), url);
    client.authorization_code_grant(pending, callback).await
}

/// The server accepts one certificate at a time, so the connections that were opened with the old
/// one are of no use.
#[tokio::test]
async fn a_certificate_is_replaced_while_the_client_runs() {
    let read = |of: &SelfSignedCertificate| {
        ClientCertificate::from_pem(of.pem().as_bytes(), of.key_pem().as_bytes()).unwrap()
    };
    let (old, new) = (
        SelfSignedCertificate::generate(),
        SelfSignedCertificate::generate(),
    );
    let method = ClientAuthentication::SelfSignedTlsClientAuth;
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let register = |certificate: &SelfSignedCertificate| {
        let client = ClientRegistration::new("app", method(certificate.der().to_vec()));
        server
            .provider()
            .register(client.redirect_uri(REDIRECT_URI));
    };
    register(&old);
    let shown = ReplaceableCertificate::new(read(&old)).unwrap();
    let client = Client::discover(server.url(), "app")
        .root_certificate_pem(server.ca_certificate_pem())
        .authentication(openid_client::ClientAuthentication::SelfSignedTlsClientAuth)
        .replaceable_client_certificate(shown.clone())
        .await
        .unwrap();
    log_in(&client, &server).await.unwrap();

    register(&new);
    let refused = log_in(&client, &server).await.unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    let mixed = ClientCertificate::from_pem(old.pem().as_bytes(), new.key_pem().as_bytes());
    let mixed = shown.replace(mixed.unwrap()).unwrap_err();
    assert!(matches!(mixed, Error::Tls(_)), "{mixed}");
    log_in(&client, &server).await.unwrap_err();

    shown.replace(read(&new)).unwrap();
    let tokens = log_in(&client, &server).await.unwrap();
    client.fetch_user_info(&tokens).await.unwrap();
    assert!(!format!("{shown:?}").contains("PRIVATE"));
}

#[tokio::test]
async fn one_certificate_is_given_in_one_way() {
    let own = SelfSignedCertificate::generate();
    let shown = ClientCertificate::from_pem(own.pem().as_bytes(), own.key_pem().as_bytes());
    let shown = ReplaceableCertificate::new(shown.unwrap()).unwrap();
    let server = ServerMetadata::new("https://id.example.com");
    let builder = || {
        let client = Client::from_metadata(server.clone(), "app");
        client.replaceable_client_certificate(shown.clone())
    };
    let twice = builder().client_certificate_pem(own.pem(), own.key_pem());
    let transport = InProcess::new();
    for (builder, conflict) in [
        (
            twice,
            ("client_certificate", "replaceable_client_certificate"),
        ),
        (
            builder().http_client(Arc::clone(&transport)),
            ("replaceable_client_certificate", "http_client"),
        ),
        (
            builder().http_client_with_certificate(transport),
            (
                "replaceable_client_certificate",
                "http_client_with_certificate",
            ),
        ),
    ] {
        match builder.build().unwrap_err() {
            Error::Conflict { setting, other } => assert_eq!((setting, other), conflict),
            other => panic!("{other}"),
        }
    }
}
