//! TLS to the provider.

use openid_client::oauth_core::error::{NoAnswer, TlsFault};
use openid_client::oauth_core::names::EndpointName;
use openid_client::{Client, Error, oauth_core};
use test_provider::server::LoopbackCertificate;

use crate::provider::issuer;

#[tokio::test]
async fn a_certificate_without_a_trusted_root_is_refused() {
    let error = Client::discover(issuer(), "client-none").await.unwrap_err();
    assert_not_trusted(&error);
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let another = LoopbackCertificate::generate();
    let client = Client::discover(issuer(), "client-none").root_certificate_pem(another.ca_pem());
    assert_not_trusted(&client.await.unwrap_err());
}

fn assert_not_trusted(error: &Error) {
    assert_eq!(error.code(), Some("OAUTH_TLS_NOT_TRUSTED"));
    let Some(oauth_core::Error::Unanswered(unanswered)) = error.core() else {
        panic!("{error:?}");
    };
    let host = issuer().replace("https://", "");
    assert_eq!(unanswered.endpoint, EndpointName::Discovery);
    assert_eq!(
        unanswered.reason,
        NoAnswer::NotTrusted {
            host,
            cause: TlsFault::UnknownIssuer,
        }
    );
}
