//! Where requests may go: each is put to the policy by its URL and by the address behind it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::error::Error as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use openid_client::http::{
    DestinationPolicy, HyperClient, Method, PublicAddresses, RootCertificates, TransportError,
    TransportFailure, Uri,
};
use openid_client::oauth_core::error::NoAnswer;
use openid_client::oauth_core::flow::PrefetchKeys;
use openid_client::oauth_core::names::EndpointName;
use openid_client::{
    Client, ClientBuilder, ClientMetadata, Error, ExpectedSubject, ServerMetadata,
    UnverifiedClaimSource, oauth_core,
};
use serde_json::json;

use self::support::{RawServer, discovery_document, response};

#[tokio::test]
async fn every_request_is_put_to_the_policy_before_anything_is_sent() {
    let server = RawServer::answering(response("200 OK", "", "{}")).await;
    let origin = server.url();
    let refusing = || Recording::new(|_| false, |_| true);

    let (policy, asked) = refusing();
    let discovery = insecure(Client::discover(&origin, "app")).destination_policy(policy);
    let document = insecure(Client::danger_discover_document(
        format!("{origin}/m"),
        "app",
    ));
    let registration = insecure(Client::register(&origin, ClientMetadata::default()));
    let setups = [
        discovery.await.err(),
        document.destination_policy(refusing().0).await.err(),
        registration.destination_policy(refusing().0).await.err(),
    ]
    .map(|error| (EndpointName::Discovery, error));
    let well_known = format!("{origin}/.well-known/openid-configuration");
    assert_eq!(asked.take(), [Asked::Url(well_known)]);

    let client = insecure(Client::from_metadata(metadata(&origin), "app"))
        .destination_policy(refusing().0)
        .build()
        .unwrap();
    let configuration = client.configuration().clone();
    let resource = client.fetch_protected_resource("token", Method::GET, format!("{origin}/r"));
    let claims = json!({
        "_claim_names": {"address": "one"},
        "_claim_sources": {"one": {"endpoint": format!("https://{}/claims", server.host())}},
    });
    let sources = UnverifiedClaimSource::all(claims.as_object().unwrap()).unwrap();
    let Some(UnverifiedClaimSource::Distributed(source)) = sources.into_iter().next() else {
        panic!("no source");
    };
    let requests = [
        (
            EndpointName::Jwks,
            client.run(PrefetchKeys::new(configuration)).await.err(),
        ),
        (
            EndpointName::Token,
            client.client_credentials_grant().await.err(),
        ),
        (
            EndpointName::UserInfo,
            client
                .fetch_user_info("token")
                .expected_subject(ExpectedSubject::DangerUnchecked)
                .await
                .err(),
        ),
        (
            EndpointName::Revocation,
            client.token_revocation("token").await.err(),
        ),
        (EndpointName::ProtectedResource, resource.await.err()),
        (
            EndpointName::WebFinger,
            client.find_issuer(&server.host()).await.err(),
        ),
        (
            EndpointName::DistributedClaims,
            client.fetch_distributed_claims(source, &[]).await.err(),
        ),
    ];
    for (endpoint, error) in setups.into_iter().chain(requests) {
        let error = error.unwrap();
        assert_eq!(refused(&error), (endpoint, server.host()));
        assert_eq!(error.code(), Some("OAUTH_DESTINATION_REFUSED"));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_host_is_judged_by_the_address_behind_it() {
    let server = discoverable().await;
    let port = server.host().split_once(':').unwrap().1.to_owned();
    for host in [
        "localhost",
        "127.0.0.1",
        "[::ffff:127.0.0.1]",
        "127.1",
        "0x7f000001",
    ] {
        let issuer = format!("http://{host}:{port}");
        let client = insecure(Client::discover(&issuer, "app"));
        let error = client.destination_policy(PublicAddresses).await;
        let error = error.unwrap_err();
        assert_eq!(refused(&error).0, EndpointName::Discovery, "{host}");
        let transport = error.transport().unwrap();
        assert_eq!(transport.failure(), TransportFailure::DestinationRefused);
        assert!(
            words(transport).contains("the destination policy refuses "),
            "{host}: {}",
            words(transport)
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_connection_goes_to_an_address_that_was_allowed() {
    let server = discoverable().await;
    let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
    let (policy, asked) = Recording::new(|_| true, move |address| address == loopback);
    let issuer = server.url().replace("127.0.0.1", "localhost");
    let client = Client::discover(&issuer, "app").destination_policy(policy);
    // The document names another issuer, which says that it has been read.
    let error = insecure(client).await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
    assert_eq!(server.connections(), 1);
    let asked = asked.take();
    assert!(asked.contains(&Asked::Address("localhost".to_owned(), loopback)));
}

#[tokio::test]
async fn a_connection_that_is_used_again_is_no_way_round_the_policy() {
    let server = discoverable().await;
    let (policy, asked) = Recording::new(|url| url.path() != "/r", |_| true);
    let client = Client::discover(server.url(), "app").destination_policy(policy);
    let client = insecure(client).await.unwrap();
    asked.take();
    let get = |path: &str| {
        let url = server.url() + path;
        client.fetch_protected_resource("token", Method::GET, url)
    };
    drop(get("/other").await.unwrap().into_body().collect(9999).await);
    assert_eq!(server.connections(), 1);
    let error = get("/r").await.unwrap_err();
    assert_eq!(refused(&error).0, EndpointName::ProtectedResource);
    let address = Asked::Address("127.0.0.1".to_owned(), Ipv4Addr::LOCALHOST.into());
    let url = |path| Asked::Url(server.url() + path);
    assert_eq!(asked.take(), [url("/other"), address, url("/r")]);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_so_not_asked_about() {
    let location = "Location: http://169.254.169.254/latest/meta-data\r\n";
    let server = RawServer::answering(response("302 Found", location, "")).await;
    let (policy, asked) = Recording::new(|_| true, |_| true);
    let client = Client::discover(server.url(), "app").destination_policy(policy);
    let error = insecure(client).await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
    let well_known = server.url() + "/.well-known/openid-configuration";
    let address = Asked::Address("127.0.0.1".to_owned(), Ipv4Addr::LOCALHOST.into());
    assert_eq!(asked.take(), [Asked::Url(well_known), address]);
}

#[tokio::test]
async fn the_transport_that_shows_a_certificate_is_held_to_it_too() {
    let server = RawServer::answering(response("200 OK", "", "{}")).await;
    let certificate = test_provider::server::LoopbackCertificate::generate();
    let (chain, key) = (certificate.chain_pem(), certificate.key_pem());
    let mut client = ClientMetadata::new("app");
    client.token_endpoint_auth_method = Some("tls_client_auth".to_owned());
    let client = insecure(Client::from_metadata(metadata(&server.url()), "app"))
        .client_metadata(client)
        .client_certificate_pem(chain, key)
        .destination_policy(PublicAddresses)
        .build()
        .unwrap();
    let error = client.client_credentials_grant().await;
    assert_eq!(
        refused(&error.unwrap_err()),
        (EndpointName::Token, server.host())
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_own_transport_brings_its_own_policy() {
    let server = RawServer::answering(response("200 OK", "", "{}")).await;
    let transport = HyperClient::new(RootCertificates::default()).unwrap();
    let transport = Arc::new(transport.destination_policy(PublicAddresses));
    let client = || insecure(Client::discover(server.url(), "app"));
    let error = client().http_client(transport.clone()).await.unwrap_err();
    assert_eq!(refused(&error), (EndpointName::Discovery, server.host()));
    assert_eq!(server.connections(), 0);

    for (client, other) in [
        (client().http_client(transport.clone()), "http_client"),
        (
            client().http_client_with_certificate(transport),
            "http_client_with_certificate",
        ),
    ] {
        let error = client.destination_policy(PublicAddresses).await;
        let Err(Error::Conflict {
            setting,
            other: found,
        }) = error
        else {
            panic!("expected a conflict, found {error:?}");
        };
        assert_eq!((setting, found), ("destination_policy", other));
    }
}

/// A policy that remembers what it was asked.
struct Recording<U, A> {
    url: U,
    address: A,
    asked: Log,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Asked>>>);

#[derive(Debug, PartialEq)]
enum Asked {
    Url(String),
    Address(String, IpAddr),
}

impl<U, A> Recording<U, A>
where
    U: Fn(&Uri) -> bool + Send + Sync,
    A: Fn(IpAddr) -> bool + Send + Sync,
{
    fn new(url: U, address: A) -> (Self, Log) {
        let asked = Log::default();
        let log = asked.clone();
        (
            Self {
                url,
                address,
                asked,
            },
            log,
        )
    }
}

impl<U, A> DestinationPolicy for Recording<U, A>
where
    U: Fn(&Uri) -> bool + Send + Sync,
    A: Fn(IpAddr) -> bool + Send + Sync,
{
    fn allows_url(&self, url: &Uri) -> bool {
        self.asked.push(Asked::Url(url.to_string()));
        (self.url)(url)
    }

    fn allows_address(&self, host: &str, address: IpAddr) -> bool {
        self.asked.push(Asked::Address(host.to_owned(), address));
        (self.address)(address)
    }
}

impl Log {
    fn push(&self, asked: Asked) {
        self.0.lock().unwrap().push(asked);
    }

    fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn insecure<Source>(builder: ClientBuilder<Source>) -> ClientBuilder<Source> {
    builder.danger_allow_insecure_requests()
}

/// Returns a server that answers every request with its metadata.
async fn discoverable() -> RawServer {
    RawServer::start(|mut connection| async move {
        let document = discovery_document(&connection.url());
        let answer = response("200 OK", "", &document);
        while connection.request().await.is_some() {
            connection.write(answer.as_bytes()).await;
        }
    })
    .await
}

fn metadata(origin: &str) -> ServerMetadata {
    let mut metadata = ServerMetadata::new(origin);
    let at = |path: &str| Some(format!("{origin}/{path}"));
    metadata.jwks_uri = at("jwks");
    metadata.token_endpoint = at("token");
    metadata.userinfo_endpoint = at("userinfo");
    metadata.revocation_endpoint = at("revoke");
    metadata
}

/// The endpoint and the host of a request that was refused.
fn refused(error: &Error) -> (EndpointName, String) {
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => match &unanswered.reason {
            NoAnswer::DestinationRefused { host } => (unanswered.endpoint, host.clone()),
            reason => panic!("expected a refused destination, found {reason:?}"),
        },
        _ => panic!("expected a refused destination, found {error:?}"),
    }
}

/// An error and its causes.
fn words(error: &TransportError) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
