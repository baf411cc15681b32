//! A provider has another address here than for browsers, and every check stays.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::{Arc, Mutex};

use openid_client::http::{Body, BoxFuture, HttpClient, Request, Response, TransportError};
use openid_client::{
    Client, ClientBuilder, ClientMetadata, CoreError, Error, IssuerOnly, Misuse, Reason,
    ResourceServer, ServerMetadata, SignatureAlgorithm, SigningKey,
};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, log_in};

const INTERNAL: &str = "https://id.identity.svc:8443";

/// The provider behind its internal address, and the addresses that were asked.
struct Inside {
    inner: Arc<InProcess>,
    asked: Mutex<Vec<String>>,
}

impl Inside {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: InProcess::new(),
            asked: Mutex::default(),
        })
    }

    fn client(self: &Arc<Self>) -> ClientBuilder<IssuerOnly> {
        let client = Client::discover(ISSUER, "app").redirect_uri(REDIRECT_URI);
        client.http_client(Arc::clone(self))
    }
}

impl HttpClient for Inside {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let url = request.uri().to_string();
        self.asked.lock().unwrap().push(url);
        self.inner.send(request)
    }
}

/// The provider compares `htu` of the proof with its public URL.
#[tokio::test]
async fn a_login_asks_the_internal_address_and_trusts_the_public_issuer() {
    let transport = Inside::new();
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = transport
        .client()
        .map_origin(ISSUER, INTERNAL)
        .dpop_key(key);
    let client = client.await.unwrap();
    assert_eq!(client.server_metadata().issuer, ISSUER);
    let tokens = log_in(&client, &transport.inner).await.unwrap();
    assert!(tokens.dpop_thumbprint().is_some());
    assert_eq!(tokens.id_token().unwrap().iss(), ISSUER);
    client.fetch_user_info(&tokens).await.unwrap();
    let asked = transport.asked.lock().unwrap();
    assert!(asked.len() >= 4, "{asked:?}");
    for url in &*asked {
        assert!(url.starts_with(&format!("{INTERNAL}/")), "{url}");
    }
    // The browser goes to the public address.
    let logout = client.end_session().url().unwrap();
    assert!(logout.as_str().starts_with(ISSUER), "{logout}");
}

#[tokio::test]
async fn the_document_at_an_internal_url_names_the_public_issuer() {
    let transport = Inside::new();
    let url = format!("{INTERNAL}/.well-known/openid-configuration");
    let client = transport.client().metadata_url(&url).await.unwrap();
    assert_eq!(client.server_metadata().issuer, ISSUER);
    assert_eq!(transport.asked.lock().unwrap().join(" "), url);
    // Another issuer was expected.
    let other = "https://other.example.com";
    let client = Client::discover(other, "app").http_client(Arc::clone(&transport));
    let Error::Core(error) = client.metadata_url(&url).await.unwrap_err() else {
        panic!("not an error of the core");
    };
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::AttributeMismatch {
            member: "issuer",
            expected: Some(other.to_owned()),
            found: Some(ISSUER.to_owned()),
        }
    );
    let api = ResourceServer::discover(ISSUER, "https://api.example.com").metadata_url(&url);
    api.http_client(Arc::clone(&transport)).await.unwrap();
}

#[tokio::test]
async fn plain_http_inside_needs_its_own_word() {
    let http = "http://id.identity.svc:8080";
    let transport = Inside::new();
    let refused = transport
        .client()
        .map_origin(ISSUER, http)
        .await
        .unwrap_err();
    match refused {
        Error::Core(CoreError::Misuse(Misuse::InvalidArgument {
            argument: "internal",
            found,
            ..
        })) => assert_eq!(found, http),
        other => panic!("{other}"),
    }
    let document = format!("{http}/.well-known/openid-configuration");
    let refused = transport.client().metadata_url(document).await.unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    assert!(transport.asked.lock().unwrap().is_empty());
    // In any order.
    let allowed = transport.client().map_origin(ISSUER, http);
    allowed.danger_allow_insecure_requests().await.unwrap();
}

#[tokio::test]
async fn metadata_at_hand_are_not_fetched_from_a_url() {
    let conflict = |error| {
        matches!(
            error,
            Error::Conflict {
                setting: "metadata_url",
                other: "server metadata",
            }
        )
    };
    let server = || ServerMetadata::new(ISSUER);
    let client = Client::register(server(), ClientMetadata::default()).metadata_url(INTERNAL);
    assert!(conflict(client.await.unwrap_err()));
    let api = ResourceServer::from_metadata(server(), "https://api.example.com");
    assert!(conflict(api.metadata_url(INTERNAL).await.unwrap_err()));
}
