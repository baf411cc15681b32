//! Credentials go to the issuer that they belong to.

use openid_client::{ClientMetadata, Misuse, Unsupported, oauth_core};
use test_provider::Endpoint;

use crate::world::{World, refused};

#[tokio::test]
async fn credentials_of_another_issuer() {
    let world = World::new().await;
    let mut other = ClientMetadata::new("known-elsewhere");
    other.client_secret = Some("a-secret-of-at-least-32-characters".into());
    let client = world
        .stranger()
        .registered_at("https://other.example", other);
    let error = refused(client.await);
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Unsupported(Unsupported::NoRegistration { issuer }))
            if issuer == world.provider.url()
    ));
    assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
    let provider = world.provider.provider();
    assert_eq!(
        (
            provider.served(Endpoint::Token),
            provider.served(Endpoint::Registration)
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn credentials_without_an_issuer() {
    let world = World::new().await;
    let secret = "a-secret-of-at-least-32-characters";
    let metadata = || {
        let mut metadata = ClientMetadata::new("");
        metadata.scope = Some("everything".to_owned());
        metadata
    };
    for (client, setting) in [
        (world.client().client_secret(secret), "client_secret"),
        (world.client().client_secret_basic(secret), "authentication"),
        (world.client().client_secret_post(secret), "authentication"),
        (world.client().client_secret_jwt(secret), "authentication"),
        (
            world.client().client_metadata(metadata()),
            "client_metadata",
        ),
    ] {
        let error = refused(client.await);
        match error.core() {
            Some(oauth_core::Error::Misuse(Misuse::InvalidArgument { argument, .. })) => {
                assert_eq!(*argument, setting);
            }
            _ => panic!("{error}"),
        }
        assert!(!format!("{error} {error:?}").contains(secret));
    }
    assert_eq!(
        world.resource.connections() + world.provider.connections(),
        0
    );
}
