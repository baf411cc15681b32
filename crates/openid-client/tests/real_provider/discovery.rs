//! Discovery of the provider's metadata.

use openid_client::oauth_core::error::{Artefact, MetadataError, Reason, Rejection};
use openid_client::{Client, DiscoveryAlgorithm, oauth_core};

use crate::login::tokens;
use crate::provider;
use crate::provider::{REDIRECT_URI, insecure_issuer, issuer, issuer_without_nonces};
use crate::refusal::rejection;

#[tokio::test]
async fn metadata_is_found_where_openid_connect_puts_it() {
    finds_metadata(issuer(), DiscoveryAlgorithm::Oidc).await;
}

#[tokio::test]
async fn metadata_is_found_where_oauth_puts_it() {
    finds_metadata(issuer(), DiscoveryAlgorithm::Oauth2).await;
}

/// OpenID Connect Discovery 1.0 section 4 appends the well-known path to the issuer's path.
#[tokio::test]
async fn metadata_of_an_issuer_with_a_path_is_found_where_openid_connect_puts_it() {
    finds_metadata(issuer_without_nonces(), DiscoveryAlgorithm::Oidc).await;
}

/// RFC 8414 section 3.1 inserts the well-known path before the issuer's path.
#[tokio::test]
async fn metadata_of_an_issuer_with_a_path_is_found_where_oauth_puts_it() {
    finds_metadata(issuer_without_nonces(), DiscoveryAlgorithm::Oauth2).await;
}

async fn finds_metadata(issuer: String, algorithm: DiscoveryAlgorithm) {
    let client = Client::discover(issuer.as_str(), "client-none")
        .algorithm(algorithm)
        .root_certificate_pem(provider::root_certificate())
        .await
        .unwrap();
    let server = client.server_metadata();
    let at = |path| Some(format!("{issuer}{path}"));
    assert_eq!(server.issuer, issuer);
    assert_eq!(server.authorization_endpoint, at("/auth"));
    assert_eq!(server.token_endpoint, at("/token"));
    assert_eq!(server.userinfo_endpoint, at("/me"));
    assert_eq!(server.jwks_uri, at("/jwks"));
    assert_eq!(server.end_session_endpoint, at("/session/end"));
    assert_eq!(
        server.authorization_response_iss_parameter_supported,
        Some(true)
    );
}

#[tokio::test]
async fn a_document_is_found_by_its_own_url() {
    let url = format!("{}/.well-known/openid-configuration", issuer());
    let client = Client::danger_discover_document(url, "client-none")
        .redirect_uri(REDIRECT_URI)
        .root_certificate_pem(provider::root_certificate())
        .await
        .unwrap();
    assert_eq!(client.server_metadata().issuer, issuer());
    assert_eq!(tokens(&client).await.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn metadata_at_hand_need_not_be_found() {
    let discovered = provider::client("client-none").await.unwrap();
    let client = Client::from_metadata(discovered.server_metadata().clone(), "client-none")
        .redirect_uri(REDIRECT_URI)
        .root_certificate_pem(provider::root_certificate())
        .build()
        .unwrap();
    assert_eq!(tokens(&client).await.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_provider_without_tls_is_refused_unless_that_is_allowed() {
    let builder = || Client::discover(insecure_issuer(), "client-none");
    let error = builder().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    let Some(oauth_core::Error::Metadata(error)) = error.core() else {
        panic!("{error:?}");
    };
    assert_eq!(
        error,
        &MetadataError::NotHttps {
            member: "issuer",
            found: insecure_issuer(),
        }
    );
    let client = builder().redirect_uri(REDIRECT_URI);
    let client = client.danger_allow_insecure_requests().await.unwrap();
    let tokens = tokens(&client).await;
    assert_eq!(tokens.id_token().unwrap().iss(), insecure_issuer());
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    // The other name of the same provider, for which its certificate is valid too.
    let other_name = issuer().replace("127.0.0.1", "localhost");
    let error = Client::discover(other_name.as_str(), "client-none")
        .root_certificate_pem(provider::root_certificate())
        .await
        .unwrap_err();
    let rejection = rejection(&error, "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED");
    assert_eq!(rejection.artefact, Artefact::DiscoveryDocument);
    assert_eq!(
        rejection.reason,
        Reason::AttributeMismatch {
            member: "issuer",
            expected: Some(other_name),
            found: Some(issuer()),
        }
    );
}

#[tokio::test]
async fn a_path_without_metadata_is_named_by_its_status() {
    let error = Client::discover(format!("{}/tenant", issuer()), "client-none")
        .root_certificate_pem(provider::root_certificate())
        .await
        .unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_RESPONSE_IS_NOT_CONFORM"),
        Rejection::new(
            Artefact::DiscoveryDocument,
            Reason::Status {
                expected: 200,
                found: 404,
                location: None,
            }
        )
    );
}
