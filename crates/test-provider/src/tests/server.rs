//! The loopback server and a real HTTP client.

use std::error::Error;
use std::time::Duration;

use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::time::{sleep, timeout};

use super::*;
use crate::server::{Fault, Scheme, Server};
use crate::{TestProvider, User};

type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Returns a client that trusts only the server's authority.
fn client(server: &Server) -> HttpClient {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(server.ca_certificate_der().to_vec()))
        .unwrap();
    let config =
        ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .build();
    Client::builder(TokioExecutor::new()).build(connector)
}

async fn start(scheme: Scheme) -> (Server, HttpClient) {
    let server = Server::start(scheme, Provider::new).await.unwrap();
    let client = client(&server);
    (server, client)
}

async fn discover(
    server: &Server,
    client: &HttpClient,
) -> Result<Response<Incoming>, legacy::Error> {
    let url = server.provider().url(Endpoint::Discovery);
    timeout(DEADLINE, client.get(url.parse().unwrap()))
        .await
        .unwrap()
}

async fn collect(response: Response<Incoming>) -> Response<Bytes> {
    let (head, body) = response.into_parts();
    let body = timeout(DEADLINE, body.collect()).await.unwrap().unwrap();
    Response::from_parts(head, body.to_bytes())
}

#[tokio::test]
async fn serves_over_https_and_http() {
    for (scheme, prefix) in [
        (Scheme::Https, "https://127.0.0.1:"),
        (Scheme::Http, "http://127.0.0.1:"),
    ] {
        let (server, client) = start(scheme).await;
        assert!(server.url().starts_with(prefix));
        for _ in 0..2 {
            let response = collect(discover(&server, &client).await.unwrap()).await;
            assert_eq!(response.status(), 200);
            assert_eq!(json(&response)["issuer"], server.url());
        }
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_login_on_the_clock_given() {
    let server = Server::start_with_clock(Scheme::Https, || NOW, Provider::new)
        .await
        .unwrap();
    server.provider().register(registration());
    let client = client(&server);
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(authorization_parameters())
        .finish();
    let url = format!("{}?{query}", server.provider().url(Endpoint::Authorization));
    let response = collect(client.get(url.parse().unwrap()).await.unwrap()).await;
    let code = parameter(&callback(&response), "code").unwrap();
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let request = Request::post(server.provider().url(Endpoint::Token))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(form(&pairs)))
        .unwrap();
    let tokens = json(&collect(client.request(request).await.unwrap()).await);
    let claims = verify(
        server.provider(),
        &text(&tokens, "id_token"),
        SignatureAlgorithm::RS256,
    )
    .unwrap();
    assert_eq!(claims["iat"], NOW);
    assert_eq!(claims["iss"], server.url());
}

#[tokio::test]
async fn bad_certificates_are_bad_for_the_stated_reason() {
    let reason = async |scheme| {
        let (server, client) = start(scheme).await;
        certificate_error(discover(&server, &client).await.unwrap_err())
    };
    assert_eq!(
        reason(Scheme::HttpsUntrusted).await,
        CertificateError::UnknownIssuer
    );
    assert!(matches!(
        reason(Scheme::HttpsExpired).await,
        CertificateError::ExpiredContext { .. }
    ));
    assert!(matches!(
        reason(Scheme::HttpsOtherHost).await,
        CertificateError::NotValidForNameContext { .. }
    ));
}

/// Returns the certificate error of rustls from a chain of causes. An `io::Error` returns the
/// source of the error that it wraps, so the wrapped error is read with `get_ref`.
fn certificate_error(error: legacy::Error) -> CertificateError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(reason)) = error.downcast_ref() {
            return reason.clone();
        }
        cause = match error.downcast_ref::<std::io::Error>() {
            Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    panic!("no certificate error: {error:?}");
}

#[tokio::test]
async fn never_answers() {
    let (server, client) = start(Scheme::Http).await;
    server.fail(Fault::NeverAnswers);
    let url = server.provider().url(Endpoint::Discovery);
    assert!(
        timeout(PATIENCE, client.get(url.parse().unwrap()))
            .await
            .is_err()
    );
    assert_eq!(server.provider().served(Endpoint::Discovery), 0);
    server.recover();
    assert_eq!(discover(&server, &client).await.unwrap().status(), 200);
}

#[tokio::test]
async fn stalls_after_the_head() {
    let (server, client) = start(Scheme::Https).await;
    server.fail(Fault::StallsAfterHead);
    let mut response = discover(&server, &client).await.unwrap();
    assert!(stated_length(&response) > 1);
    assert_eq!(next(&mut response).await, "{");
    assert!(
        timeout(PATIENCE, response.body_mut().frame())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn closes_mid_body() {
    for scheme in [Scheme::Http, Scheme::Https] {
        let (server, client) = start(scheme).await;
        server.fail(Fault::ClosesMidBody);
        let mut response = discover(&server, &client).await.unwrap();
        let length = stated_length(&response);
        assert_eq!(next(&mut response).await.len(), length / 2);
        let end = timeout(DEADLINE, response.body_mut().frame())
            .await
            .unwrap();
        assert!(end.unwrap().is_err(), "{scheme:?}");
    }
}

#[tokio::test]
async fn sends_an_endless_body() {
    let (server, client) = start(Scheme::Https).await;
    server.fail(Fault::EndlessBody);
    let mut response = discover(&server, &client).await.unwrap();
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
    let mut received = 0;
    while received < 4 * 1024 * 1024 {
        received += next(&mut response).await.len();
    }
}

#[tokio::test]
async fn drips() {
    let (server, client) = start(Scheme::Http).await;
    server.fail(Fault::DrippingBody);
    let mut response = discover(&server, &client).await.unwrap();
    for expected in ["{", " ", " "] {
        assert_eq!(next(&mut response).await, expected);
    }
}

#[tokio::test]
async fn ends_with_its_connections_when_dropped() {
    let (server, client) = start(Scheme::Http).await;
    server.fail(Fault::StallsAfterHead);
    let mut response = discover(&server, &client).await.unwrap();
    assert_eq!(next(&mut response).await, "{");
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    drop(server);
    assert!(
        timeout(DEADLINE, response.body_mut().frame())
            .await
            .unwrap()
            .unwrap()
            .is_err()
    );
    let refused = async {
        while tokio::net::TcpStream::connect(&address).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, refused).await.unwrap();
}

fn stated_length(response: &Response<Incoming>) -> usize {
    response.headers()[CONTENT_LENGTH]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// Returns the next frame of the body.
async fn next(response: &mut Response<Incoming>) -> Bytes {
    let frame = timeout(DEADLINE, response.body_mut().frame())
        .await
        .unwrap();
    frame.unwrap().unwrap().into_data().unwrap()
}

/// The time within which an event must happen.
const DEADLINE: Duration = Duration::from_secs(10);

/// The time after which an event is assumed not to happen.
const PATIENCE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_provider_begins_with_its_users_clients_and_clock() {
    let carol = User::new("carol", "Carol", "carol@example.com").claim("groups", ["staff"]);
    let app = ClientRegistration::public("app").redirect_uri("https://app.example.com/cb");
    let provider = TestProvider::start().user(carol).client(app).over_http();
    let server = provider.clock(|| 1_700_000_000).await.unwrap();
    assert!(server.url().starts_with("http://127.0.0.1:"));
    let url = format!(
        "{}/authorize?client_id=app&response_type=id_token&scope=openid&nonce=n\
         &redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb",
        server.url()
    );
    let callback = server.log_in(url);
    let (_, jwt) = callback.split_once("id_token=").unwrap();
    let payload = jwt.split('.').nth(1).unwrap();
    let claims: serde_json::Value =
        serde_json::from_slice(&jose::base64url::decode(payload).unwrap()).unwrap();
    assert_eq!(claims["sub"], "carol");
    assert_eq!(claims["groups"], serde_json::json!(["staff"]));
    assert_eq!(claims["iat"], 1_700_000_000);
}

#[tokio::test]
async fn a_server_that_does_not_listen_refuses_connections_and_comes_back_at_its_port() {
    let (server, client) = start(Scheme::Https).await;
    assert_eq!(discover(&server, &client).await.unwrap().status(), 200);
    server.stop_listening().await;
    let refused = discover(&server, &client).await.unwrap_err();
    assert!(refused.is_connect(), "{refused}");
    server.listen_again().await.unwrap();
    assert_eq!(discover(&server, &client).await.unwrap().status(), 200);
}
