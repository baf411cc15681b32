//! Requests to a server that is reached under another address than the one that it publishes.

use std::time::Duration;

use http::{HeaderMap, Method};
use jose::{SignatureAlgorithm, SigningKey};

use crate::authorization::AuthorizationRequest;
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::endpoint::{
    DiscoveryAlgorithm, DiscoveryEndpoint, ProtectedResourceEndpoint, RevocationEndpoint,
};
use crate::flow::{
    ClientCredentialsGrant, Discover, FetchProtectedResource, FetchProtectedResourceMetadata,
    PrefetchKeys, TokenRevocation,
};
use crate::key::KeyReference;
use crate::metadata::{ClientMetadata, MtlsEndpointAliases, ResourceIdentifier};
use crate::operation::Event;
use crate::policy::Policy;
use crate::testing::script::{Script, received, signed};
use crate::testing::{self, decoded};
use crate::time::UnixTime;
use crate::validate::ResourceChallenge;

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy
        .map_origin("https://op.example", "https://op.internal:8443")
        .unwrap();
    policy
}

fn configuration() -> Configuration {
    let client = ClientMetadata {
        client_secret: Some("a-secret".into()),
        ..ClientMetadata::new("app")
    };
    let setup = testing::setup().client_metadata(client);
    setup.policy(policy()).build()
}

#[test]
fn the_metadata_are_fetched_from_the_internal_origin_and_name_the_public_issuer() {
    let endpoint =
        DiscoveryEndpoint::new("https://op.example", DiscoveryAlgorithm::Oidc, policy()).unwrap();
    for (issuer, code) in [
        ("https://op.example", None),
        (
            "https://op.internal:8443",
            Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"),
        ),
    ] {
        let mut script = Script::new(Discover::new(endpoint.clone()));
        let outbound = script.sends(Event::Begin);
        assert_eq!(
            outbound.request.uri(),
            "https://op.internal:8443/.well-known/openid-configuration"
        );
        let answer = received(200, serde_json::json!({ "issuer": issuer }));
        match code {
            None => assert_eq!(script.done(answer).issuer, issuer),
            Some(code) => assert_eq!(script.fails(answer).code(), Some(code)),
        }
    }
}

#[test]
fn a_proof_states_the_public_url_of_the_endpoint() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let reference = KeyReference::new("dpop", SignatureAlgorithm::ES256);
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    let configuration = configuration().with_dpop_key(dpop_key);
    let mut script = Script::new(ClientCredentialsGrant::new(configuration));
    let job = script.uses_key(Event::Begin);
    let outbound = script.sends(signed(&key, &job));
    assert_eq!(outbound.request.uri(), "https://op.internal:8443/token");
    let proof = outbound.request.headers()["dpop"].to_str().unwrap();
    assert_eq!(decoded(proof).1["htu"], "https://op.example/token");
}

#[test]
fn keys_are_fetched_from_the_internal_origin_and_kept_under_the_public_url() {
    let mut script = Script::new(PrefetchKeys::new(configuration()));
    let outbound = script.sends(Event::Begin);
    assert_eq!(outbound.request.uri(), "https://op.internal:8443/jwks");
    script.done(received(200, testing::key_set(&[&testing::SERVER_KEY])));
    let now = UnixTime::from_seconds(testing::NOW);
    let kept = script
        .cache
        .export_jwks("https://op.example/jwks", now, Duration::ZERO);
    assert!(kept.is_some());
}

/// The origin of an alias may differ from that of the usual endpoint.
#[test]
fn an_endpoint_for_mutual_tls_is_mapped_by_its_own_origin() {
    let alias = |url: &str| {
        let mut client = ClientMetadata::new("app");
        client.use_mtls_endpoint_aliases = Some(true);
        client.client_secret = Some("a-secret".into());
        let aliases = MtlsEndpointAliases {
            revocation_endpoint: Some(url.to_owned()),
            ..MtlsEndpointAliases::default()
        };
        let setup = testing::setup().client_metadata(client);
        let setup = setup.server(|it| it.mtls_endpoint_aliases = Some(aliases));
        let configuration = setup.policy(policy()).build();
        let endpoint = RevocationEndpoint::new(configuration, "token");
        let outbound = Script::new(TokenRevocation::new(endpoint)).sends(Event::Begin);
        assert!(outbound.client_certificate);
        outbound.request.uri().to_string()
    };
    for (published, sent) in [
        (
            "https://mtls.op.example/revoke",
            "https://mtls.op.example/revoke",
        ),
        (
            "https://op.example/mtls/revoke",
            "https://op.internal:8443/mtls/revoke",
        ),
    ] {
        assert_eq!(alias(published), sent);
    }
}

#[test]
fn a_protected_resource_and_the_browser_keep_the_public_origin() {
    let url = "https://op.example/things";
    let resource = ProtectedResourceEndpoint::new(configuration(), "at", Method::GET, url).unwrap();
    let mut script = Script::new(FetchProtectedResource::new(resource));
    assert_eq!(script.sends(Event::Begin).request.uri(), url);

    // A stranger chooses the URL of these metadata.
    let resource = ResourceIdentifier::new(url, &policy()).unwrap();
    for (challenge, url) in [
        (
            "Bearer resource_metadata=\"https://op.example/any/path?query\"",
            "https://op.example/any/path?query",
        ),
        (
            "Bearer",
            "https://op.example/.well-known/oauth-protected-resource/things",
        ),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("www-authenticate", challenge.parse().unwrap());
        let challenge = ResourceChallenge::of_response(&headers).unwrap();
        let operation =
            FetchProtectedResourceMetadata::new(&resource, &challenge, None, &policy()).unwrap();
        assert_eq!(
            Script::new(operation).sends(Event::Begin).request.uri(),
            url
        );
    }

    let mut client = ClientMetadata::new("app");
    client.redirect_uris = Some(vec!["https://app.example/cb".to_owned()]);
    let configuration = testing::setup().client_metadata(client).policy(policy());
    let request = AuthorizationRequest::new(configuration.build());
    let request = request.redirect_uri("https://app.example/cb");
    let (url, _) = Script::new(request.begin()).done(Event::Begin);
    assert!(
        url.as_str().starts_with("https://op.example/authorize?"),
        "{url}"
    );
}
