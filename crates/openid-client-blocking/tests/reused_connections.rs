//! A connection that the server closed between two requests.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use openid_client_blocking::oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use openid_client_blocking::oauth_core::flow::Discover;
use openid_client_blocking::{Client, NoAnswer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use test_provider::server::LoopbackCertificate;

use self::support::{SECRET, no_answer};

/// The body of the only POST.
const BODY: &[u8] = b"grant_type=client_credentials";

type Connection = StreamOwned<ServerConnection, TcpStream>;

/// Reads one request, and answers with the metadata if there are some.
fn serve(connection: &mut Connection, metadata: Option<&str>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && !request.ends_with(BODY) {
        let mut piece = [0; 4096];
        let length = connection.read(&mut piece).unwrap();
        assert!(length > 0, "the request ends early");
        request.extend_from_slice(&piece[..length]);
        if request.starts_with(b"POST") && request.ends_with(b"\r\n\r\n") {
            // The body comes next.
            request.clear();
        }
    }
    if let Some(metadata) = metadata {
        let length = metadata.len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
        write!(
            connection,
            "{head}content-length: {length}\r\n\r\n{metadata}"
        )
        .unwrap();
    }
}

#[test]
fn a_get_is_sent_once_more_and_a_post_is_not() {
    let certificate = LoopbackCertificate::generate();
    let chain = CertificateDer::pem_slice_iter(certificate.chain_pem().as_bytes())
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem().as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("https://{}", listener.local_addr().unwrap());
    let metadata = format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{issuer}/a","token_endpoint":"{issuer}/t","jwks_uri":"{issuer}/k","response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}}"#
    );
    let serving = thread::spawn(move || {
        let accept = || {
            let (stream, _) = listener.accept().unwrap();
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            StreamOwned::new(connection, stream)
        };
        let mut first = accept();
        serve(&mut first, Some(&metadata));
        // The second request meets a connection that is closed without an answer.
        serve(&mut first, None);
        drop(first);
        let mut second = accept();
        serve(&mut second, Some(&metadata));
        serve(&mut second, None);
        drop(second);
        listener
    });

    let client = Client::discover(&issuer, "app")
        .client_secret_basic(SECRET)
        .root_certificate_pem(certificate.ca_pem())
        .send()
        .unwrap();
    let policy = client.configuration().policy().clone();
    let endpoint = DiscoveryEndpoint::new(&issuer, DiscoveryAlgorithm::default(), policy);
    let discovered = client.run(Discover::new(endpoint.unwrap())).unwrap();
    assert_eq!(discovered.issuer, issuer);
    let error = client.client_credentials_grant().send().unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::ClosedUnanswered);
    let listener = serving.join().unwrap();
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "the POST was sent again");
}
