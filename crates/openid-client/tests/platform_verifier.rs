//! The verifier of the platform decides about servers.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use openid_client::http::HyperClient;
use openid_client::http::RootCertificates;
use openid_client::{Client, CoreError, Error, NoAnswer, TlsFault};
use test_provider::Provider;
use test_provider::server::{Scheme, Server};

#[tokio::test]
async fn it_trusts_the_roots_of_the_application_and_no_stranger() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let client = || Client::discover(server.url(), "app").platform_verifier();
    let trusted = client().root_certificate_pem(server.ca_certificate_pem());
    assert_eq!(
        trusted.await.unwrap().server_metadata().issuer,
        server.url()
    );
    let error = client().await.unwrap_err();
    let Error::Core(CoreError::Unanswered(unanswered)) = error else {
        panic!("{error}");
    };
    match unanswered.reason {
        NoAnswer::NotTrusted { cause, .. } => assert_eq!(cause, TlsFault::UnknownIssuer),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn it_cannot_be_combined_with_another_decision() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let root = server.ca_certificate_pem();
    let client = || Client::discover(server.url(), "app").platform_verifier();
    let own = HyperClient::new(RootCertificates::default()).unwrap();
    for (builder, conflict) in [
        (
            client().pinned_certificate_pem(root),
            ("pinned_certificate", "platform_verifier"),
        ),
        (
            client().http_client(own),
            ("platform_verifier", "http_client"),
        ),
    ] {
        match builder.await.unwrap_err() {
            Error::Conflict { setting, other } => assert_eq!((setting, other), conflict),
            other => panic!("{other}"),
        }
    }
}
