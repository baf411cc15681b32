//! Finding the provider's metadata.

use openid_client::Client;
use openid_client::DiscoveryAlgorithm;
use openid_client::core::error::Artefact;
use openid_client::core::error::Reason;
use openid_client::core::error::Rejection;

use crate::provider;
use crate::provider::issuer;
use crate::provider::issuer_without_nonces;
use crate::refusal::rejection;

#[tokio::test]
async fn metadata_is_found_where_openid_connect_puts_it() {
    finds_metadata(issuer(), DiscoveryAlgorithm::Oidc).await;
}

#[tokio::test]
async fn metadata_is_found_where_oauth_puts_it() {
    finds_metadata(issuer(), DiscoveryAlgorithm::Oauth2).await;
}

/// OpenID Connect Discovery 1.0 section 4: behind the path.
#[tokio::test]
async fn metadata_of_an_issuer_with_a_path_is_found_where_openid_connect_puts_it() {
    finds_metadata(issuer_without_nonces(), DiscoveryAlgorithm::Oidc).await;
}

/// RFC 8414 section 3.1: in front of the path.
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
async fn metadata_of_another_issuer_is_refused() {
    // The same provider under its other name, for which its certificate is good as well.
    let other_name = issuer().replace("127.0.0.1", "localhost");
    let error = Client::discover(other_name.as_str(), "client-none")
        .root_certificate_pem(provider::root_certificate())
        .await
        .unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"),
        Rejection {
            artefact: Artefact::DiscoveryDocument,
            reason: Reason::AttributeMismatch {
                member: "issuer",
                expected: Some(other_name + "/"),
                found: Some(issuer()),
            },
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
        Rejection {
            artefact: Artefact::DiscoveryDocument,
            reason: Reason::Status {
                expected: 200,
                found: 404,
                location: None,
            },
        }
    );
}
