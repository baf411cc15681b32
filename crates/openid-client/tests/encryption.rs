//! What the server encrypts for the client, with keys in memory.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use openid_client::jose::KeyFamily;
use openid_client::jose::jwe::{ContentEncryption, DecryptionKey, EncryptionKey, KeyManagement};
use openid_client::oauth_core::error::Misuse;
use openid_client::{Client, ClientMetadata, oauth_core};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Provider};

use self::support::in_process::{REDIRECT_URI, begin, browse};

const ALG: KeyManagement = KeyManagement::EcdhEs;
const ENC: ContentEncryption = ContentEncryption::A256GCM;

#[tokio::test]
async fn an_encrypted_login_with_several_keys() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let rsa = DecryptionKey::generate(KeyFamily::Rsa).unwrap();
    let old = DecryptionKey::generate(KeyFamily::P256).unwrap();
    let new = DecryptionKey::generate(KeyFamily::P256).unwrap();
    let (old, new) = (old.with_kid("old"), new.with_kid("new"));
    let public = || EncryptionKey::from_jwk(&new.public_jwk().unwrap()).unwrap();
    server.provider().register(
        ClientRegistration::public("app")
            .redirect_uri(REDIRECT_URI)
            .id_token_encryption(public(), ALG, ENC)
            .userinfo_encryption(public(), ALG, ENC),
    );
    let mut metadata = ClientMetadata::default();
    metadata.id_token_encrypted_response_alg = Some(ALG.to_string());
    metadata.userinfo_encrypted_response_alg = Some(ALG.to_string());
    let client = Client::discover(server.url(), "app")
        .client_metadata(metadata)
        .decryption_key(rsa)
        .decryption_key(old)
        .decryption_key(new)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    let (url, pending) = begin(&client).await;
    let callback = browse(server.provider(), url);
    let tokens = client.authorization_code_grant(pending, callback).await;
    let tokens = tokens.unwrap();
    let id_token = tokens.id_token().unwrap();
    assert_eq!(id_token.sub(), "alice");
    // The claims are read from the token inside, also after a copy.
    assert_eq!(id_token.clone().into_claims()["sub"], "alice");
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
}

#[tokio::test]
async fn a_shared_key_must_say_what_it_is_for() {
    let key = DecryptionKey::symmetric(&[7; 32]).unwrap();
    let error = Client::discover("https://op.example", "app")
        .decryption_key(key)
        .await
        .unwrap_err();
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Misuse(Misuse::InvalidArgument {
            argument: "algorithms",
            ..
        }))
    ));
}
