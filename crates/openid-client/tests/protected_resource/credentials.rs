//! Credentials go to the issuer that they belong to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openid_client::{
    ClientIdMetadataDocument, ClientMetadata, Credentials, CustomAuthentication, Misuse,
    UnauthenticatedRequest, Unsupported, oauth_core,
};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint};

use crate::world::{CLIENT_ID, REDIRECT_URI, World, document, public, refused};

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

const SECRET: &str = "a-secret-of-at-least-32-characters";

/// A secret in a method of the application.
struct Own(Arc<AtomicUsize>);

impl CustomAuthentication for Own {
    fn name(&self) -> &'static str {
        "client_secret_post"
    }

    fn credentials(
        &self,
        request: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn std::error::Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let credentials = Credentials::new();
        Ok(credentials
            .parameter("client_id", &request.client().client_id)
            .parameter("client_secret", SECRET))
    }
}

#[tokio::test]
async fn a_method_of_the_application_is_for_issuers_that_it_names() {
    let world = World::new().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let own = || Own(Arc::clone(&asked));
    let mut confidential = public(CLIENT_ID);
    confidential.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
    confidential.jwks_uri = Some("https://app.example.com/jwks".to_owned());
    let with_key = ClientIdMetadataDocument::new(&confidential).unwrap();
    let mut dynamic = public("");
    dynamic.token_endpoint_auth_method = None;
    let stranger = || world.stranger().custom_authentication(own());
    for client in [
        stranger().dynamic_registration(dynamic),
        stranger().client_id_metadata_document(with_key),
    ] {
        let error = refused(client.await);
        assert!(
            matches!(
                error.core(),
                Some(oauth_core::Error::Misuse(Misuse::InvalidArgument {
                    argument: "authentication",
                    ..
                }))
            ),
            "{error}"
        );
        assert!(error.to_string().contains("`registered_at`"), "{error}");
    }
    let provider = world.provider.provider();
    assert_eq!(provider.served(Endpoint::Registration), 0);

    // A client without credentials does not use it.
    let client = stranger().client_id_metadata_document(document());
    world.log_in(&client.await.unwrap()).await;
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    let method = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
    let registration = ClientRegistration::new("known", method);
    provider.register(registration.redirect_uri(REDIRECT_URI));
    let mut known = ClientMetadata::new("known");
    known.token_endpoint_auth_method = Some("client_secret_post".to_owned());
    let client = stranger().registered_at(world.provider.url(), known);
    world.log_in(&client.await.unwrap()).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
