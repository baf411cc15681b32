//! Clients under a FAPI profile: what the builder sets, and what it refuses.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::profile::{Party, Requirement};
use openid_client::{
    Client, ClientBuilder, ClientMetadata, Error, IssuerOnly, Policy, Profile, ResponseMode,
    ResponseType,
};
use test_provider::server::{Scheme, SelfSignedCertificate, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Provider};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, begin, browse};

fn key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::ES256).unwrap()
}

/// Keys for client authentication and for requests, and a client that has registered both.
fn registered(provider: &Provider) -> [SigningKey; 2] {
    let keys = ["authentication", "requests"].map(|kid| key().with_kid(kid));
    let jwks = keys.iter().map(|key| key.public_jwk().unwrap().to_json());
    let jwks = serde_json::json!({ "keys": jwks.collect::<Vec<_>>() }).to_string();
    let method = ClientAuthentication::PrivateKeyJwt(jwks.clone());
    let app = ClientRegistration::new("bank-app", method).keys(jwks);
    let app = app.id_token_signed_response_alg(SignatureAlgorithm::PS256);
    provider.register(app.redirect_uri(REDIRECT_URI));
    keys
}

/// A builder with everything that a profile without certificates needs.
fn builder(transport: &Arc<InProcess>) -> ClientBuilder<IssuerOnly> {
    let [key, request_key] = registered(&transport.provider);
    Client::discover(ISSUER, "bank-app")
        .http_client(Arc::clone(transport))
        .redirect_uri(REDIRECT_URI)
        .private_key(key)
        .request_object_key(request_key)
}

#[track_caller]
fn assert_violation<T>(result: Result<T, Error>, requirement: Requirement, party: Party) {
    let Err(error) = result else {
        panic!("accepted in spite of {requirement:?}");
    };
    let Some(violation) = error.core().and_then(|error| error.profile_violation()) else {
        panic!("not a violation: {error}");
    };
    assert_eq!(
        (violation.requirement, violation.party),
        (requirement, party)
    );
}

#[tokio::test]
async fn a_login_under_each_profile_of_fapi_2() {
    for profile in [Profile::Fapi2SecurityProfile, Profile::Fapi2MessageSigning] {
        let transport = InProcess::new();
        let client = builder(&transport).dpop_key(key()).profile(profile);
        let client = client.await.unwrap();
        let (url, pending) = begin(&client).await;
        let callback = transport.browse(url);
        let signed = callback.contains("response=ey");
        assert_eq!(signed, profile == Profile::Fapi2MessageSigning);
        let tokens = client.authorization_code_grant(pending, callback).await;
        assert!(tokens.unwrap().dpop_thumbprint().is_some());
        let provider = &transport.provider;
        assert_eq!(provider.served(Endpoint::PushedAuthorization), 1);
    }
}

/// The certificate binds the tokens without another word.
#[tokio::test]
async fn a_login_under_fapi_1() {
    let certificate = SelfSignedCertificate::generate();
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let builder = || {
        let [key, request_key] = registered(server.provider());
        Client::discover(server.url(), "bank-app")
            .root_certificate_pem(server.ca_certificate_pem())
            .private_key(key)
            .request_object_key(request_key)
            .redirect_uri(REDIRECT_URI)
            .profile(Profile::Fapi1Advanced)
    };
    let client = builder().client_certificate_pem(certificate.pem(), certificate.key_pem());
    let client = client.await.unwrap();
    let bound = client
        .client_metadata()
        .tls_client_certificate_bound_access_tokens;
    assert_eq!(bound, Some(true));
    let hybrid = client
        .authorization_request()
        .response_type(ResponseType::CodeIdToken);
    for request in [client.authorization_request(), hybrid] {
        let (url, pending) = request.await.unwrap();
        let callback = browse(server.provider(), url);
        client
            .authorization_code_grant(pending, callback)
            .await
            .unwrap();
    }
    assert_eq!(server.provider().certificates_shown(Endpoint::Token), 2);
    // Without one, the set-up says so.
    let error = builder().await.unwrap_err();
    let text = "`client_certificate` is needed for mutual TLS, which the client metadata asks for; \
                `client_certificate_pem` of the client sets it";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn danger_switches_and_a_profile_exclude_each_other() {
    let transport = InProcess::new();
    let mut policy = Policy::default();
    policy.danger.skip_iat_check = true;
    let put = builder(&transport).dpop_key(key()).policy(policy);
    let put = put.profile(Profile::Fapi2SecurityProfile).await;
    assert_violation(put, Requirement::NoDanger, Party::Client);
    let put = builder(&transport)
        .dpop_key(key())
        .danger_allow_insecure_requests();
    let put = put.profile(Profile::Fapi2SecurityProfile).await;
    assert_violation(put, Requirement::Tls, Party::Client);
    let document = Client::danger_discover_document(format!("{ISSUER}/d"), "bank-app");
    let error = document.profile(Profile::Ciba).await.unwrap_err();
    let Error::Conflict { setting, other } = error else {
        panic!("{error}");
    };
    assert_eq!((setting, other), ("profile", "danger_discover_document"));
    // All of that was found out before anything was sent.
    assert_eq!(transport.provider.served(Endpoint::Discovery), 0);
}

#[tokio::test]
async fn what_is_missing_is_named_when_the_client_is_built() {
    let transport = InProcess::new();
    let unbound = builder(&transport)
        .profile(Profile::Fapi2SecurityProfile)
        .await;
    assert_violation(unbound, Requirement::SenderConstrainedTokens, Party::Client);
    let secret = Client::discover(ISSUER, "bank-app")
        .http_client(Arc::clone(&transport))
        .client_secret("a-secret-of-at-least-32-characters")
        .dpop_key(key())
        .profile(Profile::Fapi2SecurityProfile)
        .await;
    assert_violation(secret, Requirement::ClientAuthentication, Party::Client);
    let other = SigningKey::generate(SignatureAlgorithm::ES384).unwrap();
    let other = builder(&transport).dpop_key(other);
    let other = other.profile(Profile::Fapi2SecurityProfile).await;
    assert_violation(other, Requirement::Algorithms, Party::Key);
}

#[tokio::test]
async fn a_request_that_leaves_the_profile_is_not_sent() {
    let transport = InProcess::new();
    let client = builder(&transport).dpop_key(key());
    let client = client.profile(Profile::Fapi2MessageSigning).await.unwrap();
    let request = client
        .authorization_request()
        .response_mode(ResponseMode::Query);
    assert_violation(
        request.await,
        Requirement::ProtectedResponse,
        Party::Request,
    );
    let mut policy = Policy::default();
    policy.danger.skip_at_hash_check = true;
    let weakened = client.with_policy(policy);
    let grant = weakened.client_credentials_grant().scope("read").await;
    assert_violation(grant, Requirement::NoDanger, Party::Client);
    let provider = &transport.provider;
    assert_eq!(provider.served(Endpoint::PushedAuthorization), 0);
    assert_eq!(provider.served(Endpoint::Token), 0);
}

/// A transport of the application may show a certificate or not. A profile requires that the
/// transport says so.
#[tokio::test]
async fn a_transport_says_that_it_shows_the_certificate() {
    let transport = InProcess::new();
    let builder = || builder(&transport).profile(Profile::Fapi1Advanced);
    let error = builder().await.unwrap_err();
    let text = "`http_client_with_certificate` is needed for mutual TLS, which the client metadata asks \
                for";
    assert_eq!(error.to_string(), text);
    let certified = builder().http_client_with_certificate(Arc::clone(&transport));
    let configuration = certified.await.unwrap().configuration().clone();
    assert!(configuration.has_client_certificate());
    // Without a profile it is the application's affair.
    let mut metadata = ClientMetadata::new("bank-app");
    metadata.tls_client_certificate_bound_access_tokens = Some(true);
    let client = Client::discover(ISSUER, "bank-app")
        .http_client(Arc::clone(&transport))
        .client_metadata(metadata);
    client.await.unwrap();
}

#[tokio::test]
async fn a_registration_asks_for_tokens_that_are_bound_to_the_dpop_key() {
    let bound = async |profile: Option<Profile>, dpop: bool, said: Option<bool>| {
        let transport = InProcess::new();
        let key = key().with_kid("authentication");
        let jwks = serde_json::json!({ "keys": [key.public_jwk().unwrap().to_json()] });
        let mut metadata = ClientMetadata::default();
        metadata.jwks = jwks.as_object().cloned();
        metadata.id_token_signed_response_alg = Some(SignatureAlgorithm::PS256.into());
        metadata.dpop_bound_access_tokens = said;
        let client = Client::register(ISSUER, metadata)
            .http_client(Arc::clone(&transport))
            .redirect_uri(REDIRECT_URI)
            .private_key(key);
        let client = match dpop {
            true => client.dpop_key(self::key()),
            false => client,
        };
        let client = match profile {
            Some(profile) => client.profile(profile),
            None => client,
        };
        let client = client.await.unwrap();
        client.client_metadata().dpop_bound_access_tokens
    };
    let profile = Some(Profile::Fapi2SecurityProfile);
    assert_eq!(bound(profile, true, None).await, Some(true));
    assert_eq!(bound(profile, true, Some(false)).await, Some(false));
    assert_eq!(bound(None, true, None).await, None);
    assert_eq!(bound(None, false, None).await, None);
}
