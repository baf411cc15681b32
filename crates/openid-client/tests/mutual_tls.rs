//! Mutual TLS: the certificate is shown where it says something, and nowhere else.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use openid_client::http::{HyperClient, Method, RootCertificates};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::error::Misuse;
use openid_client::rustls::pki_types::pem::PemObject as _;
use openid_client::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use openid_client::rustls::{ClientConfig, RootCertStore};
use openid_client::{
    Client, ClientBuilder, ClientMetadata, Error, IssuerOnly, TokenSet, jose, oauth_core, rustls,
};
use test_provider::server::{Scheme, SelfSignedCertificate, Server};
use test_provider::{ClientAuthentication, ClientRegistration, DPoPBehaviour, Endpoint, Provider};

use self::support::in_process::{REDIRECT_URI, begin, browse};

/// A method of authentication by this certificate, in DER.
type Authentication = fn(Vec<u8>) -> ClientAuthentication;

/// A server at which `app` has registered this certificate.
async fn server(method: Authentication, certificate: &SelfSignedCertificate) -> Server {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let method = method(certificate.der().to_vec());
    let client = ClientRegistration::new("app", method).redirect_uri(REDIRECT_URI);
    server.provider().register(client);
    server
}

fn builder(server: &Server, method: &str) -> ClientBuilder<IssuerOnly> {
    builder_without_roots(server, method).root_certificate_pem(server.ca_certificate_pem())
}

fn builder_without_roots(server: &Server, method: &str) -> ClientBuilder<IssuerOnly> {
    let mut metadata = ClientMetadata::new("app");
    metadata.token_endpoint_auth_method = Some(method.to_owned());
    Client::discover(server.url(), "app").client_metadata(metadata)
}

async fn log_in(client: &Client, server: &Server) -> Result<TokenSet, Error> {
    let (url, pending) = begin(client).await;
    let callback = browse(server.provider(), url);
    client.authorization_code_grant(pending, callback).await
}

fn shown(server: &Server) -> Vec<usize> {
    [
        Endpoint::Discovery,
        Endpoint::KeySet,
        Endpoint::Token,
        Endpoint::UserInfo,
        Endpoint::Resource,
    ]
    .map(|endpoint| server.provider().certificates_shown(endpoint))
    .to_vec()
}

#[tokio::test]
async fn a_session_by_certificate_with_each_method() {
    let methods: [(Authentication, &str); 2] = [
        (ClientAuthentication::TlsClientAuth, "tls_client_auth"),
        (
            ClientAuthentication::SelfSignedTlsClientAuth,
            "self_signed_tls_client_auth",
        ),
    ];
    for (method, name) in methods {
        let certificate = SelfSignedCertificate::generate();
        let server = server(method, &certificate).await;
        let client = builder(&server, name)
            .client_certificate_pem(certificate.pem(), certificate.key_pem())
            .await
            .unwrap();
        let tokens = log_in(&client, &server).await.unwrap();
        let user = client.fetch_user_info(&tokens).await.unwrap();
        assert_eq!(user.sub(), "alice");
        let tokens = client.refresh_token_grant(&tokens).await.unwrap();
        let url = server.provider().url(Endpoint::Resource);
        let resource = client.fetch_protected_resource(&tokens, Method::GET, &url);
        assert_eq!(resource.await.unwrap().status(), 200);
        // Metadata and keys are fetched without a certificate.
        assert_eq!(shown(&server), [0, 0, 2, 1, 1], "{name}");
    }
}

#[tokio::test]
async fn mutual_tls_and_dpop_go_together() {
    let certificate = SelfSignedCertificate::generate();
    let server = server(ClientAuthentication::TlsClientAuth, &certificate).await;
    server.provider().treat_dpop(DPoPBehaviour::NonceRequired);
    let client = builder(&server, "tls_client_auth")
        .client_certificate_pem(certificate.pem(), certificate.key_pem())
        .dpop_key(SigningKey::generate(SignatureAlgorithm::ES256).unwrap())
        .await
        .unwrap();
    let tokens = log_in(&client, &server).await.unwrap();
    client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(shown(&server), [0, 0, 2, 2, 0]);
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_is_of_no_use_without_it() {
    let certificate = SelfSignedCertificate::generate();
    let server = server(ClientAuthentication::TlsClientAuth, &certificate).await;
    let client = builder(&server, "tls_client_auth")
        .client_certificate_pem(certificate.pem(), certificate.key_pem())
        .await
        .unwrap();
    let tokens = log_in(&client, &server).await.unwrap();
    let thief = Client::discover(server.url(), "thief")
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    let url = server.provider().url(Endpoint::Resource);
    let stolen = tokens.access_token().clone();
    let error = thief
        .fetch_protected_resource(stolen, Method::GET, &url)
        .await
        .unwrap_err();
    let Error::Core(oauth_core::Error::WwwAuthenticateChallenge(error)) = error else {
        panic!("{error}");
    };
    assert_eq!(
        error.challenges[0].error_description(),
        Some("the token is bound to another certificate")
    );
}

#[tokio::test]
async fn another_certificate_is_refused() {
    let certificate = SelfSignedCertificate::generate();
    let server = server(ClientAuthentication::TlsClientAuth, &certificate).await;
    let another = SelfSignedCertificate::generate();
    let client = builder(&server, "tls_client_auth")
        .client_certificate_pem(another.pem(), another.key_pem())
        .await
        .unwrap();
    let error = log_in(&client, &server).await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    // It was shown, and it is what was refused.
    assert_eq!(shown(&server), [0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn a_transport_of_the_applications_own_may_hold_the_certificate() {
    let certificate = SelfSignedCertificate::generate();
    let server = server(ClientAuthentication::TlsClientAuth, &certificate).await;
    let mut roots = RootCertificates::default();
    roots
        .add_pem(server.ca_certificate_pem().as_bytes())
        .unwrap();
    let (pem, key) = (certificate.pem().as_bytes(), certificate.key_pem());
    let own = openid_client::http::ClientCertificate::from_pem(pem, key.as_bytes()).unwrap();
    let own = HyperClient::with_client_certificate(roots, own).unwrap();
    let client = builder(&server, "tls_client_auth")
        .http_client_with_certificate(Arc::new(own))
        .await
        .unwrap();
    log_in(&client, &server).await.unwrap();
    assert_eq!(shown(&server), [0, 0, 1, 0, 0]);
}

/// As people have them: both in one file, in either order, with something around them, or through
/// an environment variable.
#[tokio::test]
async fn certificate_and_key_are_read_however_they_are_laid_out() {
    let certificate = SelfSignedCertificate::generate();
    let server = server(ClientAuthentication::TlsClientAuth, &certificate).await;
    let (pem, key) = (certificate.pem(), certificate.key_pem());
    for text in [
        format!("{pem}{key}"),
        format!("Bag Attributes\n{key}{pem}# end\n\n"),
        format!("\u{feff}{key}\n\n{pem}"),
        format!("{pem}{key}").replace('\n', "\\n"),
        format!("{pem}{key}").replace('\n', "  \r\n    "),
    ] {
        let root = format!("\u{feff}root:\n{}", server.ca_certificate_pem());
        let mut metadata = ClientMetadata::new("app");
        metadata.token_endpoint_auth_method = Some("tls_client_auth".to_owned());
        let client = Client::discover(server.url(), "app")
            .root_certificate_pem(root.replace('\n', "\n  "))
            .client_metadata(metadata)
            .client_certificate_pem(&text, &text)
            .await
            .unwrap();
        log_in(&client, &server).await.unwrap();
    }
    let encrypted = include_str!("../../jose/tests/cases/pem-encrypted-pkcs8.pem");
    let builder = || builder(&server, "tls_client_auth");
    let refused = builder().client_certificate_pem(pem, encrypted).await;
    assert!(matches!(
        refused,
        Err(Error::Key(jose::Error::KeyRejected(
            jose::KeyRejected::Encrypted
        )))
    ));
    let read = builder().encrypted_client_certificate_pem(pem, encrypted, "wrong");
    let expected = if cfg!(feature = "encrypted-keys") {
        jose::Error::KeyRejected(jose::KeyRejected::Passphrase)
    } else {
        jose::Error::UnsupportedAlgorithm {
            alg: "PBES2",
            feature: "encrypted-keys",
        }
    };
    match read.await {
        Err(Error::Key(error)) => assert_eq!(error, expected),
        other => panic!("{other:?}"),
    }
    // With the right passphrase it is the key of another certificate.
    #[cfg(feature = "encrypted-keys")]
    {
        let read = builder().encrypted_client_certificate_pem(pem, encrypted, "test");
        assert!(matches!(read.await, Err(Error::Tls(_))));
    }
}

#[tokio::test]
async fn a_set_up_that_cannot_work_is_refused() {
    let certificate = SelfSignedCertificate::generate();
    let another = SelfSignedCertificate::generate();
    let server = server(ClientAuthentication::TlsClientAuth, &certificate).await;
    let builder = || builder(&server, "tls_client_auth");
    let misuse = match builder().await.unwrap_err() {
        Error::Core(oauth_core::Error::Misuse(misuse)) => misuse,
        error => panic!("{error}"),
    };
    assert_eq!(
        misuse,
        Misuse::MissingArgument {
            argument: "client_certificate",
            purpose: "mutual TLS, which the client metadata asks for",
        }
    );
    let no_chain = "at least one PEM document with the label `CERTIFICATE`";
    let no_key = "a whole PEM document with the label `PRIVATE KEY`";
    let key = certificate.key_pem();
    for (chain, key, expected, found) in [
        ("", key, no_chain, "no PEM document"),
        (
            key,
            key,
            no_chain,
            "PEM documents with the labels `PRIVATE KEY`",
        ),
        (certificate.pem(), "", no_key, "no PEM document"),
        (
            certificate.pem(),
            "-----BEGIN PRIVATE KEY-----\n",
            no_key,
            "PEM documents with the labels `PRIVATE KEY`",
        ),
    ] {
        let error = builder()
            .client_certificate_pem(chain, key)
            .await
            .unwrap_err();
        let text = format!("client certificate: expected {expected}, found {found}");
        assert_eq!(error.to_string(), text);
        assert!(
            matches!(error, Error::ClientCertificate { .. }),
            "{error:?}"
        );
    }
    let mixed = builder().client_certificate_pem(certificate.pem(), another.key_pem());
    let error = mixed.await.unwrap_err();
    assert!(matches!(&error, Error::Tls(_)), "{error}");
    let (pem, key) = (certificate.pem(), certificate.key_pem());
    let own: Arc<HyperClient> = Arc::new(HyperClient::new(RootCertificates::default()).unwrap());
    for (builder, expected) in [
        (builder().http_client(own.clone()), "root_certificate"),
        (
            Client::discover(server.url(), "app").http_client(own.clone()),
            "client_certificate",
        ),
    ] {
        let error = builder.client_certificate_pem(pem, key).await.unwrap_err();
        let Error::Conflict { setting, other } = error else {
            panic!("{error}");
        };
        assert_eq!((setting, other), (expected, "http_client"));
    }
    // Used by nothing, it is a mistake: the secret authenticates the client.
    let unused = Client::discover(server.url(), "app")
        .root_certificate_pem(server.ca_certificate_pem())
        .client_secret("a-secret-of-at-least-32-characters")
        .client_certificate_pem(pem, key);
    let text = unused.await.unwrap_err().to_string();
    assert!(
        text.contains("`client_certificate` must be shown for something"),
        "{text}"
    );
    assert!(text.contains("found client_secret_post"), "{text}");
    // Each of these is a use.
    for metadata in [
        |client: &mut ClientMetadata| {
            client.tls_client_certificate_bound_access_tokens = Some(true);
        },
        |client: &mut ClientMetadata| client.use_mtls_endpoint_aliases = Some(true),
    ] {
        let mut used = ClientMetadata::new("app");
        metadata(&mut used);
        Client::discover(server.url(), "app")
            .root_certificate_pem(server.ca_certificate_pem())
            .client_secret("a-secret-of-at-least-32-characters")
            .client_metadata(used)
            .client_certificate_pem(pem, key)
            .await
            .unwrap();
    }
    // Nothing was sent in the client's name.
    assert_eq!(server.provider().served(Endpoint::Token), 0);
    let own = openid_client::http::ClientCertificate::from_pem(
        certificate.pem().as_bytes(),
        certificate.key_pem().as_bytes(),
    );
    assert_eq!(
        format!("{:?}", own.unwrap()),
        "ClientCertificate(1 certificates)"
    );
}

#[tokio::test]
async fn one_tls_configuration_makes_both_transports() {
    let certificate = SelfSignedCertificate::generate();
    let server = server(ClientAuthentication::TlsClientAuth, &certificate).await;
    let client = builder_without_roots(&server, "tls_client_auth")
        .tls_config_with_certificate(tls(&server, &certificate))
        .await
        .unwrap();
    let tokens = log_in(&client, &server).await.unwrap();
    client.fetch_user_info(&tokens).await.unwrap();
    // Metadata and keys are fetched without a certificate.
    assert_eq!(shown(&server), [0, 0, 1, 1, 0]);
    let both =
        builder(&server, "tls_client_auth").tls_config_with_certificate(tls(&server, &certificate));
    let Error::Conflict { setting, other } = both.await.unwrap_err() else {
        panic!("two places for roots");
    };
    assert_eq!(
        (setting, other),
        ("root_certificate", "tls_config_with_certificate")
    );
}

/// The server's root, and this certificate.
fn tls(server: &Server, own: &SelfSignedCertificate) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(server.ca_certificate_pem().as_bytes());
    roots.add(root.unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_slice(own.pem().as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(own.key_pem().as_bytes()).unwrap();
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .unwrap()
}
