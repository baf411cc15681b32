//! Metadata that a party has signed are required before a client logs in or is registered.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use openid_client::jose::SignatureAlgorithm;
use openid_client::{Client, ClientMetadata, Error, MetadataSigner, ServerMetadata, oauth_core};
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Provider};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI};

fn signer() -> MetadataSigner {
    let jwks = Provider::metadata_signer_jwks();
    let algorithms = [SignatureAlgorithm::Ed25519];
    MetadataSigner::new(Provider::METADATA_SIGNER, jwks.as_bytes(), algorithms).unwrap()
}

fn metadata() -> ClientMetadata {
    let mut metadata = ClientMetadata::default();
    metadata.redirect_uris = Some(vec![REDIRECT_URI.to_owned()]);
    metadata
}

#[tokio::test]
async fn a_client_is_registered_at_a_server_whose_metadata_are_signed() {
    let transport = InProcess::new();
    let provider = &transport.provider;
    let register = || {
        let client = Client::register(ISSUER, metadata()).http_client(transport.clone());
        client.metadata_signer(signer())
    };
    let discover = || {
        let client = Client::discover(ISSUER, "app").http_client(transport.clone());
        client.metadata_signer(signer())
    };
    provider.sign_metadata();
    assert!(register().await.is_ok() && discover().await.is_ok());
    assert_eq!(provider.served(Endpoint::Registration), 1);
    for misbehaviour in [
        DiscoverySignedMetadataMissing,
        DiscoverySignedMetadataSignatureBroken,
        DiscoverySignedMetadataIssuerMismatch,
    ] {
        provider.behave();
        provider.misbehave(misbehaviour);
        for result in [register().await, discover().await] {
            let error = result.unwrap_err();
            let artefact = error.core().unwrap().rejection().unwrap().artefact;
            assert_eq!(artefact, oauth_core::error::Artefact::SignedMetadata);
        }
    }
    assert_eq!(provider.served(Endpoint::Registration), 1);
    // The signed endpoint is used, and not the plain one.
    provider.behave();
    provider.misbehave(DiscoverySignedMetadataDiffer);
    let client = discover().await.unwrap();
    let token_endpoint = client.server_metadata().token_endpoint.clone();
    assert_eq!(token_endpoint, Some(format!("{ISSUER}/token")));
}

#[tokio::test]
async fn metadata_of_the_application_have_no_signer() {
    let server = ServerMetadata::new(ISSUER);
    let builder = Client::register(server, metadata()).metadata_signer(signer());
    let Error::Conflict { setting, other } = builder.await.unwrap_err() else {
        panic!("another error");
    };
    assert_eq!((setting, other), ("metadata_signer", "server metadata"));
}
