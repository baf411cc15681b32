//! A server that cannot prove who it is gets no request.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::error::Error as _;

use openid_client::http::{TransportError, TransportFailure};
use openid_client::oauth_core::error::{NoAnswer, TlsFault};
use openid_client::{Client, Error, oauth_core};
use test_provider::server::{Scheme, Server};
use test_provider::{Endpoint, Provider};

#[tokio::test]
async fn every_untrusted_certificate_is_refused_for_its_reason() {
    for (scheme, cause, reason) in [
        (
            Scheme::HttpsUntrusted,
            TlsFault::UnknownIssuer,
            "UnknownIssuer",
        ),
        (
            Scheme::HttpsExpired,
            TlsFault::Expired,
            "certificate expired",
        ),
        (
            Scheme::HttpsOtherHost,
            TlsFault::OtherName,
            "certificate not valid for name",
        ),
        (
            Scheme::HttpsNotYetValid,
            TlsFault::NotYetValid,
            "certificate not valid yet",
        ),
        (
            Scheme::HttpsOtherPurpose,
            TlsFault::OtherPurpose,
            "certificate does not allow extended key usage",
        ),
        // It is a trusted root, and cannot be the certificate of a server.
        (
            Scheme::HttpsAuthority,
            TlsFault::AuthorityAsServer,
            "CaUsedAsEndEntity",
        ),
    ] {
        let server = Server::start(scheme, Provider::new).await.unwrap();
        let error = Client::discover(server.url(), "app")
            .root_certificate_pem(server.ca_certificate_pem())
            .await
            .unwrap_err();
        refused(&server, &error, cause, reason);
    }
}

#[tokio::test]
async fn a_good_certificate_is_refused_until_its_root_is_trusted() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let error = Client::discover(server.url(), "app").await.unwrap_err();
    refused(&server, &error, TlsFault::UnknownIssuer, "UnknownIssuer");
}

#[tokio::test]
async fn the_insecure_option_trusts_no_certificate() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let error = Client::discover(server.url(), "app")
        .danger_allow_insecure_requests()
        .await
        .unwrap_err();
    refused(&server, &error, TlsFault::UnknownIssuer, "UnknownIssuer");
}

/// What a laboratory often has: the certificate is its own root, and no authority's.
#[tokio::test]
async fn a_self_signed_certificate_can_be_trusted() {
    let server = Server::start(Scheme::HttpsSelfSigned, Provider::new)
        .await
        .unwrap();
    let error = Client::discover(server.url(), "app").await.unwrap_err();
    refused(&server, &error, TlsFault::UnknownIssuer, "UnknownIssuer");
    Client::discover(server.url(), "app")
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
}

/// What `openssl req -x509` makes: a certificate that is marked as an authority's although it is
/// the server's own.
#[tokio::test]
async fn a_self_signed_authority_can_be_pinned() {
    for scheme in [Scheme::HttpsAuthority, Scheme::HttpsSelfSigned] {
        let server = Server::start(scheme, Provider::new).await.unwrap();
        let client = Client::discover(server.url(), "app");
        let pinned = client.pinned_certificate_pem(server.ca_certificate_pem());
        pinned.await.unwrap();
    }
    // The pin is for that one alone.
    let server = Server::start(Scheme::HttpsSelfSigned, Provider::new);
    let server = server.await.unwrap();
    let other = Server::start(Scheme::HttpsSelfSigned, Provider::new);
    let error = Client::discover(server.url(), "app")
        .pinned_certificate_pem(other.await.unwrap().ca_certificate_pem())
        .await
        .unwrap_err();
    refused(&server, &error, TlsFault::UnknownIssuer, "UnknownIssuer");
    // It pins no authority's children.
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let error = Client::discover(server.url(), "app")
        .pinned_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap_err();
    refused(&server, &error, TlsFault::UnknownIssuer, "UnknownIssuer");
    let error = Client::discover(server.url(), "app")
        .pinned_certificate_pem("")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "root certificate: expected at least one PEM document with the label `CERTIFICATE`, found no \
         PEM document"
    );
}

#[tokio::test]
async fn a_root_certificate_that_cannot_be_read_is_refused() {
    for (pem, found) in [
        ("", "no PEM document"),
        (
            "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----",
            "PEM documents with the labels `PUBLIC KEY`",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----",
            "a section that is not PEM",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
            "something else",
        ),
    ] {
        let error = Client::discover("https://id.example.com", "app")
            .root_certificate_pem(pem)
            .await
            .unwrap_err();
        let Error::Certificate {
            found: reported, ..
        } = error
        else {
            panic!("expected a certificate to be refused, found {error:?}");
        };
        assert_eq!(reported, found);
    }
}

fn refused(server: &Server, error: &Error, cause: TlsFault, reason: &str) {
    let Some(oauth_core::Error::Unanswered(unanswered)) = error.core() else {
        panic!("expected no answer, found {error:?}");
    };
    let host = server.url().trim_start_matches("https://").to_owned();
    assert!(error.to_string().ends_with(&cause.to_string()), "{error}");
    assert_eq!(unanswered.reason, NoAnswer::NotTrusted { host, cause });
    assert_eq!(error.code(), Some("OAUTH_TLS_NOT_TRUSTED"));
    assert_eq!(
        error.transport().map(TransportError::failure),
        Some(TransportFailure::NotTrusted)
    );
    let chain: Vec<_> = std::iter::successors(error.source(), |&error| error.source())
        .map(ToString::to_string)
        .collect();
    assert!(chain.iter().any(|text| text.contains(reason)), "{chain:?}");
    assert_eq!(server.provider().served(Endpoint::Discovery), 0);
}
