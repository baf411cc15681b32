//! Metadata documents, with every check of discovery.

use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint, Endpoint};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;

use crate::{case, json, laboratory};

/// A provider: its document, its issuer, and the paths of its endpoints after the issuer.
struct Provider {
    document: &'static str,
    issuer: &'static str,
    token: &'static str,
    jwks: &'static str,
    userinfo: &'static str,
    pushed: Option<&'static str>,
    backchannel: Option<&'static str>,
    device: Option<&'static str>,
    announces_iss: bool,
}

const PROVIDERS: [Provider; 8] = [
    Provider {
        document: case!("discovery-canaille-0.3.6.json"),
        issuer: "http://localhost:5000",
        token: "/oauth/token",
        jwks: "/oauth/jwks.json",
        userinfo: "/oauth/userinfo",
        pushed: None,
        backchannel: None,
        device: None,
        announces_iss: true,
    },
    Provider {
        document: case!("discovery-dex-2026-08-06.json"),
        issuer: "https://localhost:5554/dex",
        token: "/token",
        jwks: "/keys",
        userinfo: "/userinfo",
        pushed: None,
        backchannel: None,
        device: Some("/device/code"),
        announces_iss: false,
    },
    Provider {
        document: case!("discovery-django-oauth-toolkit-3.4.1.json"),
        issuer: "https://localhost:8643/o",
        token: "/token/",
        jwks: "/.well-known/jwks.json",
        userinfo: "/userinfo/",
        pushed: None,
        backchannel: None,
        device: None,
        announces_iss: false,
    },
    Provider {
        document: case!("discovery-glewlwyd-2.7.5.json"),
        issuer: "http://localhost:4593/api/oidc",
        token: "/token",
        jwks: "/jwks",
        userinfo: "/userinfo",
        pushed: Some("/par"),
        backchannel: Some("/ciba"),
        device: Some("/device_authorization"),
        announces_iss: false,
    },
    Provider {
        document: case!("discovery-hydra-2.3.0.json"),
        issuer: "https://localhost:4444/",
        token: "oauth2/token",
        jwks: ".well-known/jwks.json",
        userinfo: "userinfo",
        pushed: None,
        backchannel: None,
        device: None,
        announces_iss: false,
    },
    Provider {
        document: crate::KEYCLOAK,
        issuer: "https://localhost:8543/realms/lab",
        token: "/protocol/openid-connect/token",
        jwks: "/protocol/openid-connect/certs",
        userinfo: "/protocol/openid-connect/userinfo",
        pushed: Some("/protocol/openid-connect/ext/par/request"),
        backchannel: Some("/protocol/openid-connect/ext/ciba/auth"),
        device: Some("/protocol/openid-connect/auth/device"),
        announces_iss: true,
    },
    Provider {
        document: case!("discovery-llng-2.16.1.json"),
        issuer: "http://localhost:8088/",
        token: "oauth2/token",
        jwks: "oauth2/jwks",
        userinfo: "oauth2/userinfo",
        pushed: None,
        backchannel: None,
        device: None,
        announces_iss: false,
    },
    Provider {
        document: case!("discovery-spring-authorization-server-1.5.3.json"),
        issuer: "https://localhost:9543",
        token: "/oauth2/token",
        jwks: "/oauth2/jwks",
        userinfo: "/userinfo",
        pushed: Some("/oauth2/par"),
        backchannel: None,
        device: Some("/oauth2/device_authorization"),
        announces_iss: false,
    },
];

fn discover(provider: &Provider) -> ServerMetadata {
    let issuer = provider.issuer;
    let discovery = DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, laboratory()).unwrap();
    let now = UnixTime::from_seconds(0);
    let response = json(provider.document);
    discovery.response(now, &response).unwrap()
}

#[test]
fn every_document_says_where_its_endpoints_are() {
    for provider in &PROVIDERS {
        let server = discover(provider);
        assert_eq!(server.issuer, provider.issuer);
        let announces = server.authorization_response_iss_parameter_supported;
        assert_eq!(announces == Some(true), provider.announces_iss);
        let client = ClientMetadata::new("app");
        let configuration = Configuration::new(server, client, laboratory()).unwrap();
        for (endpoint, path) in [
            (EndpointName::Token, Some(provider.token)),
            (EndpointName::Jwks, Some(provider.jwks)),
            (EndpointName::UserInfo, Some(provider.userinfo)),
            (EndpointName::PushedAuthorization, provider.pushed),
            (
                EndpointName::BackchannelAuthentication,
                provider.backchannel,
            ),
            (EndpointName::DeviceAuthorization, provider.device),
        ] {
            let found = configuration.endpoint(endpoint);
            match path {
                Some(path) => assert_eq!(
                    found.unwrap().as_str(),
                    format!("{}{path}", provider.issuer)
                ),
                None => assert_eq!(
                    found.unwrap_err().code(),
                    Some("OAUTH_MISSING_SERVER_METADATA"),
                    "{endpoint:?} of {}",
                    provider.issuer
                ),
            }
        }
    }
}

/// A document with another issuer is refused, even if only a slash at the end differs.
#[test]
fn no_document_passes_for_another_issuer() {
    let now = UnixTime::from_seconds(0);
    for (provider, other) in PROVIDERS.iter().zip(PROVIDERS.iter().skip(1)) {
        let issuer = provider.issuer;
        let discovery =
            DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, laboratory()).unwrap();
        let error = discovery.response(now, &json(other.document)).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
    }
}

/// Three of the providers were recorded with http.
#[test]
fn http_is_for_a_laboratory_alone() {
    for provider in &PROVIDERS {
        let issuer = provider.issuer;
        let strict = DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, Policy::default());
        assert_eq!(strict.is_ok(), issuer.starts_with("https://"), "{issuer}");
    }
}

/// Writing a document keeps every member, including unknown ones.
#[test]
fn every_member_is_kept() {
    for provider in &PROVIDERS {
        let read = ServerMetadata::from_json(provider.document.as_bytes()).unwrap();
        let written = serde_json::Value::Object(read.to_json());
        let mut expected = crate::value(provider.document);
        // A `null` member counts as absent.
        expected
            .as_object_mut()
            .unwrap()
            .retain(|_, it| !it.is_null());
        assert_eq!(written, expected, "{}", provider.issuer);
    }
}
