//! What a client makes of the registration that it was given, and of the secret in it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use openid_client::http::{Body, BoxFuture, HttpClient, TransportError};
use openid_client::jose::SignatureAlgorithm;
use openid_client::jose::jwe::{ContentEncryption, KeyManagement};
use openid_client::oauth_core::error::{Misuse, Reason};
use openid_client::{Client, ClientInformation, ClientMetadata, Error, oauth_core};
use test_provider::server::{Scheme, Server};
use test_provider::{Endpoint, Misbehaviour, Provider};

use self::support::in_process::{ISSUER, REDIRECT_URI, begin, browse, now};

const PERMIT: &str = "a-token-that-permits-registration";

/// The server registers `none` where a signature was asked for.
#[tokio::test]
async fn a_registration_without_the_signature_asked_for_is_not_lost() {
    let server = server().await;
    let document = r#"{"redirect_uris": ["https://app.example/cb"]}"#;
    let mut metadata = ClientMetadata::unregistered_from_json(document.as_bytes()).unwrap();
    metadata.userinfo_signed_response_alg = Some(SignatureAlgorithm::ES256.into());
    server
        .provider()
        .misbehave(Misbehaviour::RegistrationUserInfoNone);
    let error = register(&server, metadata).await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_REGISTRATION_WEAKENED"));
    let Error::RegistrationUnusable(unusable) = &error else {
        panic!("{error:?}");
    };
    let information = unusable.client_information();
    assert!(information.metadata().client_secret.is_some());
    assert!(information.registration_access_token().is_some());
    let reason = unusable.cause().core().unwrap().rejection().unwrap();
    assert!(matches!(
        reason.reason,
        Reason::Weakened {
            member: "userinfo_signed_response_alg",
            ..
        }
    ));
}

/// A provider that remembers the bodies of the updates it was asked for.
struct Updates(Provider, Mutex<Vec<serde_json::Value>>);

impl HttpClient for Updates {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            if request.method() == "PUT" {
                let document = serde_json::from_slice(request.body()).unwrap();
                self.1.lock().unwrap().push(document);
            }
            Ok(self.0.handle(&request, now()).map(Body::from))
        })
    }
}

/// The server knows it (RFC 7592 section 2.2), and it came with the metadata that an update begins
/// with.
#[tokio::test]
async fn an_update_sends_no_secret_unless_the_caller_sets_one() {
    let transport = Arc::new(Updates(Provider::new(ISSUER), Mutex::default()));
    let client = Client::register(ISSUER, metadata())
        .http_client(Arc::clone(&transport))
        .await
        .unwrap();
    let mut changed = client.client_metadata().clone();
    changed.client_name = Some("Another name".to_owned());
    let updated = client.update_registration(changed.clone()).await.unwrap();
    let secret = updated.client_metadata().client_secret.clone();
    assert!(secret.is_some() && secret == client.client_metadata().client_secret);
    changed.client_secret = Some("one of the caller's own".into());
    updated.update_registration(changed).await.unwrap_err();
    let sent = transport.1.lock().unwrap();
    assert_eq!(sent[0].get("client_secret"), None);
    assert_eq!(sent[0]["client_name"], "Another name");
    assert_eq!(sent[1]["client_secret"], "one of the caller's own");
}

/// The key is derived from the secret that the server issues (OpenID Connect Core 1.0 section
/// 10.2).
#[tokio::test]
async fn what_is_encrypted_to_the_issued_secret_is_decrypted() {
    let server = server().await;
    let (alg, enc) = (KeyManagement::A128KW, ContentEncryption::A128CbcHs256);
    let mut metadata = metadata();
    metadata.id_token_encrypted_response_alg = Some(alg.to_string());
    metadata.id_token_encrypted_response_enc = Some(enc.to_string());
    let client = Client::register(server.url(), metadata)
        .initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .decryption_key_from_client_secret(alg, enc)
        .await
        .unwrap();
    log_in(&client, &server).await;

    // And after a change that replaces the secret.
    server
        .provider()
        .misbehave(Misbehaviour::ClientConfigurationSecretRotated);
    let changed = client.client_metadata().clone();
    let updated = client.update_registration(changed).await.unwrap();
    assert_ne!(
        updated.client_metadata().client_secret,
        client.client_metadata().client_secret
    );
    log_in(&updated, &server).await;

    // Without a secret there is nothing to derive it from.
    let error = Client::from_metadata(client.server_metadata().clone(), "app")
        .decryption_key_from_client_secret(alg, enc)
        .build()
        .unwrap_err();
    assert_eq!(
        misuse(&error),
        &Misuse::MissingArgument {
            argument: "client_secret",
            purpose: "a decryption key that is derived from it",
        }
    );
}

/// Ory Hydra registers every client in this way, although the client did not ask for a signature.
#[tokio::test]
async fn none_for_user_info_is_no_signature() {
    let server = server().await;
    server
        .provider()
        .misbehave(Misbehaviour::RegistrationUserInfoNone);
    let client = register(&server, metadata()).await.unwrap();
    let (url, pending) = begin(&client).await;
    let callback = browse(server.provider(), url);
    let tokens = client.authorization_code_grant(pending, callback).await;
    let user = client.fetch_user_info(&tokens.unwrap()).await.unwrap();
    assert_eq!(user.sub(), "alice");
}

/// No request for the metadata leaves.
#[tokio::test]
async fn a_registration_begins_with_the_metadata_that_are_there() {
    let server = server().await;
    let first = register(&server, metadata()).await.unwrap();
    let before = server.provider().served(Endpoint::Discovery);
    let client = Client::register(first.server_metadata().clone(), metadata())
        .initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    assert_eq!(server.provider().served(Endpoint::Discovery), before);
    log_in(&client, &server).await;
}

/// The server has forgotten a signature that it had registered.
#[tokio::test]
async fn a_read_that_says_less_than_before_is_not_lost() {
    let server = server().await;
    let client = register(&server, metadata()).await.unwrap();
    let mut kept = client.client_information().unwrap().to_json();
    kept.insert("userinfo_signed_response_alg".to_owned(), "ES256".into());
    let kept = serde_json::to_vec(&kept).unwrap();
    let information = ClientInformation::from_json(&kept).unwrap();
    let client_id = information.metadata().client_id.clone();
    let client = Client::discover(server.url(), client_id)
        .client_information(information)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    let error = client.fetch_registration().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_REGISTRATION_WEAKENED"));
    let Error::RegistrationUnusable(unusable) = &error else {
        panic!("{error:?}");
    };
    let information = unusable.client_information();
    assert_eq!(information.metadata().userinfo_signed_response_alg, None);
    assert!(information.registration_access_token().is_some());
}

/// A server answers with `none` for ID Tokens, and an update begins with what is registered.
#[tokio::test]
async fn a_client_with_none_for_id_tokens_can_be_updated() {
    let server = server().await;
    let misbehaviour = Misbehaviour::RegistrationIdTokenNone;
    server.provider().misbehave(misbehaviour);
    let client = register(&server, metadata()).await.unwrap();
    let mut changed = client.client_metadata().clone();
    assert_eq!(changed.id_token_signed_response_alg, Some("none".into()));
    changed.client_name = Some("Another name".to_owned());
    let updated = client.update_registration(changed).await.unwrap();
    let name = updated.client_metadata().client_name.as_deref();
    assert_eq!(name, Some("Another name"));
    log_in(&updated, &server).await;
}

async fn server() -> Server {
    Server::start(Scheme::Https, |issuer| {
        Provider::new(issuer).initial_access_token(PERMIT)
    })
    .await
    .unwrap()
}

async fn register(server: &Server, metadata: ClientMetadata) -> Result<Client, Error> {
    Client::register(server.url(), metadata)
        .initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
}

fn misuse(error: &Error) -> &Misuse {
    match error {
        Error::Core(oauth_core::Error::Misuse(misuse)) => misuse,
        error => panic!("{error:?}"),
    }
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
