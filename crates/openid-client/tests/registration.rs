//! A client that registers itself, keeps what it got, changes it and leaves.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::endpoint::DeleteRegistrationRequest;
use openid_client::oauth_core::error::Misuse;
use openid_client::oauth_core::flow::DeleteRegistration;
use openid_client::{
    Client, ClientAuthentication, ClientInformation, ClientMetadata, ClientSecret,
    ClientSecretBasic, ClientSecretJwt, Error, oauth_core,
};
use test_provider::server::{Scheme, Server};
use test_provider::{DPoPBehaviour, Endpoint, Misbehaviour, Provider};

use self::support::in_process::{REDIRECT_URI, begin, browse};

const PERMIT: &str = "a-token-that-permits-registration";

#[tokio::test]
async fn a_registration_lives_from_one_start_to_the_next() {
    let server = server().await;
    let client = Client::register(server.url(), metadata())
        .initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    log_in(&client, &server).await;
    let kept = client.client_information().unwrap().to_json();

    // The next start.
    let kept = serde_json::to_string(&kept).unwrap();
    let information = ClientInformation::from_json(kept.as_bytes()).unwrap();
    let client_id = information.metadata().client_id.clone();
    let client = Client::discover(server.url(), client_id)
        .client_information(information.clone())
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    log_in(&client, &server).await;
    assert_eq!(client.fetch_registration().await.unwrap(), information);

    let mut changed = client.client_metadata().clone();
    changed.token_endpoint_auth_method = Some("client_secret_post".to_owned());
    let updated = client.update_registration(changed).await.unwrap();
    log_in(&updated, &server).await;
    let kept = updated.client_information().unwrap().metadata();
    let method = kept.token_endpoint_auth_method.as_deref();
    assert_eq!(method, Some("client_secret_post"));

    updated.delete_registration().await.unwrap();
    let gone = updated.fetch_registration().await.unwrap_err();
    assert_eq!(gone.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

#[tokio::test]
async fn the_method_is_chosen_before_there_is_a_secret() {
    let server = server().await;
    let registered = || ClientSecret::Registered;
    for method in [
        ClientAuthentication::ClientSecretBasic(
            ClientSecretBasic::new(registered()).with_unreserved_unescaped(),
        ),
        ClientAuthentication::ClientSecretPost(registered()),
        ClientAuthentication::ClientSecretJwt(ClientSecretJwt::new(registered())),
    ] {
        let name = &*method.as_str().to_owned();
        // Asked for twice, it is the same method.
        let mut metadata = metadata();
        metadata.token_endpoint_auth_method =
            (name == "client_secret_post").then(|| name.to_owned());
        let client = Client::register(server.url(), metadata)
            .authentication(method)
            .initial_access_token(PERMIT)
            .root_certificate_pem(server.ca_certificate_pem())
            .await
            .unwrap();
        let registered = client.client_metadata();
        assert_eq!(registered.token_endpoint_auth_method.as_deref(), Some(name));
        assert_eq!(client.configuration().authentication().as_str(), name);
        log_in(&client, &server).await;

        // A change of the registration keeps it.
        let mut changed = registered.clone();
        changed.client_name = Some("Another name".to_owned());
        let updated = client.update_registration(changed).await.unwrap();
        let authentication = updated.configuration().authentication();
        assert_eq!(authentication.as_str(), name);
        log_in(&updated, &server).await;
    }
}

#[tokio::test]
async fn a_registration_for_two_methods_is_refused() {
    let mut metadata = metadata();
    metadata.token_endpoint_auth_method = Some("none".to_owned());
    let error = Client::register("https://id.example.com", metadata)
        .authentication(ClientAuthentication::ClientSecretPost(
            ClientSecret::Registered,
        ))
        .await
        .unwrap_err();
    let Some(oauth_core::Error::Misuse(misuse)) = error.core() else {
        panic!("{error}");
    };
    assert_eq!(
        misuse,
        &Misuse::InvalidArgument {
            argument: "token_endpoint_auth_method",
            expected: "the method that `authentication` chooses",
            found: "none".to_owned(),
        }
    );
}

#[tokio::test]
async fn what_could_not_be_used_is_not_registered() {
    let server = server().await;
    let registered = register(&server, metadata()).await.unwrap();
    let certificate = || Misuse::MissingArgument {
        argument: "client_certificate",
        purpose: "mutual TLS, which the client metadata asks for",
    };
    let method = |method: &str| {
        let mut metadata = metadata();
        metadata.token_endpoint_auth_method = Some(method.to_owned());
        metadata
    };
    let mut bound = metadata();
    bound.tls_client_certificate_bound_access_tokens = Some(true);
    let mut unsigned = metadata();
    unsigned.id_token_signed_response_alg = Some("none".into());
    for (metadata, expected) in [
        (
            method("private_key_jwt"),
            Misuse::MissingArgument {
                argument: "authentication",
                purpose: "private_key_jwt, whose key has to be named",
            },
        ),
        (method("self_signed_tls_client_auth"), certificate()),
        (bound, certificate()),
        (
            unsigned,
            Misuse::InvalidArgument {
                argument: "id_token_signed_response_alg",
                expected: "a signature algorithm",
                found: "none".to_owned(),
            },
        ),
    ] {
        let error = register(&server, metadata.clone()).await.unwrap_err();
        assert_eq!(misuse(&error), &expected);
        let error = registered.update_registration(metadata).await.unwrap_err();
        assert_eq!(misuse(&error), &expected);
    }
    assert_eq!(server.provider().served(Endpoint::Registration), 1);
    assert_eq!(server.provider().served(Endpoint::ClientConfiguration), 0);
}

/// The provider issues a secret that is too short for the algorithm, and a new token with each
/// change.
#[tokio::test]
async fn a_registration_that_cannot_be_used_is_not_lost() {
    let server = server().await;
    let mut too_strong = metadata();
    too_strong.id_token_signed_response_alg = Some("HS512".into());
    let error = register(&server, too_strong.clone()).await.unwrap_err();
    let first = kept(&error);

    let client = register(&server, metadata()).await.unwrap();
    let provider = server.provider();
    provider.misbehave(Misbehaviour::ClientConfigurationTokenRotated);
    let error = client.update_registration(too_strong).await.unwrap_err();
    let second = kept(&error);
    let before = client.client_information().unwrap();
    assert_eq!(second.metadata().client_id, before.metadata().client_id);
    let token = second.registration_access_token();
    assert!(token != before.registration_access_token());

    for information in [first, second] {
        let policy = client.configuration().policy().clone();
        let deletion = DeleteRegistrationRequest::new(information, policy).unwrap();
        client.run(DeleteRegistration::new(deletion)).await.unwrap();
    }
}

#[tokio::test]
async fn a_registration_without_permission_is_refused() {
    let server = server().await;
    let refused = Client::register(server.url(), metadata())
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

/// The server asks for a nonce first, and takes the token with a proof alone.
#[tokio::test]
async fn a_registration_proves_possession_of_the_key_that_its_permit_is_bound_to() {
    let server = server().await;
    server.provider().treat_dpop(DPoPBehaviour::NonceRequired);
    let key = || SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = Client::register(server.url(), metadata())
        .dpop_key(key())
        .dpop_initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    assert_eq!(server.provider().served(Endpoint::Registration), 2);
    log_in(&client, &server).await;

    // A key says nothing about a token that is not bound to it.
    Client::register(server.url(), metadata())
        .dpop_key(key())
        .initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    assert_eq!(server.provider().served(Endpoint::Registration), 3);

    let error = Client::register(server.url(), metadata())
        .dpop_initial_access_token(PERMIT)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap_err();
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Misuse(Misuse::MissingArgument {
            argument: "dpop_key",
            ..
        }))
    ));
}

#[tokio::test]
async fn what_was_not_registered_here_cannot_be_managed() {
    let server = server().await;
    let client = Client::discover(server.url(), "app")
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    assert_eq!(client.client_information(), None);
    let error = client.fetch_registration().await.unwrap_err();
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Misuse(Misuse::MissingArgument {
            argument: "client_information",
            ..
        }))
    ));

    let another = ClientInformation::from_json(br#"{"client_id":"another"}"#).unwrap();
    let error = Client::discover(server.url(), "app")
        .client_information(another)
        .await
        .unwrap_err();
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Misuse(Misuse::InvalidArgument {
            argument: "client_information",
            ..
        }))
    ));
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

/// What is kept of a registration whose secret is too short.
fn kept(error: &Error) -> ClientInformation {
    let Error::RegistrationUnusable(unusable) = error else {
        panic!("{error:?}");
    };
    let information = unusable.client_information().clone();
    let secret = information.metadata().client_secret.clone().unwrap();
    let secret = secret.expose();
    assert_eq!(
        misuse(unusable.cause()),
        &Misuse::InvalidArgument {
            argument: "client_secret",
            expected: "as long as the hash of its HMAC algorithm, at least",
            found: format!("{} bytes for HS512", secret.len()),
        }
    );
    let token = information.registration_access_token().unwrap().expose();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(&**secret) && !shown.contains(&**token));
    assert_eq!(error.code(), Some("OAUTH_REGISTRATION_UNUSABLE"));
    information
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
