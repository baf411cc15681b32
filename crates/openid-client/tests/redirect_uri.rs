//! The redirect URI that is set for a client is used by its logins, and by no other client.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use openid_client::oauth_core::error::Misuse;
use openid_client::{
    AuthorizationRequest, Client, ClientInformation, ClientMetadata, Error, oauth_core,
};
use serde_json::json;

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, discover};

const OTHER: &str = "https://app.example.com/other";

#[tokio::test]
async fn the_clients_own_is_sent_unless_a_login_sets_another() {
    let transport = InProcess::new();
    let client = Client::discover(ISSUER, "app")
        .http_client(Arc::clone(&transport))
        .redirect_uri(REDIRECT_URI)
        .await
        .unwrap();
    assert_eq!(sent(client.authorization_request()).await, REDIRECT_URI);
    let other = client.authorization_request().redirect_uri(OTHER);
    assert_eq!(sent(other).await, OTHER);

    let (url, pending) = client.authorization_request().await.unwrap();
    let callback = transport.browse(url);
    let tokens = client.authorization_code_grant(pending, callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn what_is_registered_decides_in_any_order() {
    let transport = InProcess::new();
    let builder = || Client::discover(ISSUER, "app").http_client(Arc::clone(&transport));
    let mut several = ClientMetadata::default();
    several.redirect_uris = Some(vec![OTHER.to_owned()]);
    for (builder, expected) in [
        (
            builder()
                .redirect_uri(REDIRECT_URI)
                .client_metadata(ClientMetadata::default()),
            REDIRECT_URI,
        ),
        (
            builder()
                .client_metadata(ClientMetadata::default())
                .redirect_uri(REDIRECT_URI),
            REDIRECT_URI,
        ),
        (
            builder()
                .redirect_uri(REDIRECT_URI)
                .client_metadata(several.clone()),
            OTHER,
        ),
        (
            builder()
                .client_metadata(several)
                .redirect_uri(REDIRECT_URI),
            REDIRECT_URI,
        ),
    ] {
        let client = builder.await.unwrap();
        assert_eq!(sent(client.authorization_request()).await, expected);
    }
}

#[tokio::test]
async fn without_one_a_login_does_not_begin() {
    let client = discover(&InProcess::new()).await;
    let error = client.authorization_request().await.unwrap_err();
    let Some(oauth_core::Error::Misuse(misuse)) = error.core() else {
        panic!("expected misuse, found {error:?}");
    };
    assert_eq!(
        *misuse,
        Misuse::MissingArgument {
            argument: "redirect_uri",
            purpose: "an authorization request",
        }
    );
}

fn assert_refused(result: Result<Client, Error>, redirect_uri: &str) {
    let error = result.unwrap_err();
    let Some(oauth_core::Error::Misuse(misuse)) = error.core() else {
        panic!("expected misuse, found {error:?}");
    };
    assert_eq!(
        *misuse,
        Misuse::InvalidArgument {
            argument: "redirect_uri",
            expected: "an absolute URL without fragment",
            found: redirect_uri.to_owned(),
        }
    );
}

/// Where it is set, in metadata, and in a stored registration.
#[tokio::test]
async fn one_that_cannot_be_used_is_refused_when_the_client_is_set_up() {
    let builder = || Client::discover(ISSUER, "app").http_client(InProcess::new());
    let registered = |redirect_uris: &[&str]| {
        let document = json!({"client_id": "app", "redirect_uris": redirect_uris});
        ClientInformation::from_json(document.to_string().as_bytes()).unwrap()
    };
    for redirect_uri in [
        "app.example.com/cb",
        "/cb",
        "",
        "https://app.example.com/cb#part",
    ] {
        assert_refused(builder().redirect_uri(redirect_uri).await, redirect_uri);
        let information = registered(&[redirect_uri]);
        let metadata = information.metadata().clone();
        assert_refused(
            builder().client_metadata(metadata.clone()).await,
            redirect_uri,
        );
        assert_refused(
            builder().client_information(information.clone()).await,
            redirect_uri,
        );
        let new = Client::register(ISSUER, metadata).http_client(InProcess::new());
        assert_refused(new.await, redirect_uri);
        // The way out of a registration that the server made.
        let stored = builder().client_information(information);
        stored.redirect_uri(REDIRECT_URI).await.unwrap();
        // No login uses one of several, unless it says so.
        let several = registered(&[redirect_uri, REDIRECT_URI]);
        let client = builder().client_information(several).await.unwrap();
        let login = client.authorization_request().redirect_uri(redirect_uri);
        let error = login.await.unwrap_err();
        assert!(matches!(
            error.core(),
            Some(oauth_core::Error::Misuse(Misuse::InvalidArgument {
                argument: "redirect_uri",
                ..
            }))
        ));
    }
    // A native app's own scheme (RFC 8252 section 7.1).
    let native = builder().redirect_uri("com.example.app:/cb");
    native.await.unwrap();
}

async fn sent(request: AuthorizationRequest) -> String {
    let (url, _) = request.await.unwrap();
    let parameter = url.query_pairs().find(|(name, _)| name == "redirect_uri");
    parameter.unwrap().1.into_owned()
}
