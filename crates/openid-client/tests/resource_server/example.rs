//! The example program.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use openid_client::Client;
use openid_client::http::Method;
use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Provider};

use crate::support::example;

/// Ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_protects_its_routes() {
    const RESOURCE: &str = "https://api.example.com";
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let provider = server.provider();
    let authentication = ClientAuthentication::ClientSecretPost("a secret".to_owned());
    provider.register(ClientRegistration::new("service", authentication));
    provider.issue_jwt_access_tokens(RESOURCE);
    let root = std::env::temp_dir().join(format!("api-root-{}.pem", std::process::id()));
    std::fs::write(&root, server.ca_certificate_pem()).unwrap();
    let mut program = example("resource_server");
    program
        .args([server.url(), RESOURCE, "127.0.0.1:0"])
        .env("SSL_CERT_FILE", &root)
        .stdout(Stdio::piped());
    let mut program = Program(program.spawn().unwrap());
    let mut line = String::new();
    let output = program.0.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    let url = format!("{}/items", line.trim());

    let client = Client::discover(server.url(), "service")
        .root_certificate_pem(server.ca_certificate_pem())
        .client_secret_post("a secret")
        .danger_allow_insecure_requests()
        .await
        .unwrap();
    for (scope, method, status) in [
        ("read", Method::GET, 200),
        ("read", Method::POST, 403),
        ("read write", Method::POST, 200),
        ("write", Method::POST, 403),
    ] {
        let grant = client.client_credentials_grant().scope(scope);
        let tokens = grant.await.unwrap();
        let request = client.fetch_protected_resource(&tokens, method, &url);
        let found = match request.await {
            Ok(response) => response.status(),
            Err(error) => error.status().unwrap(),
        };
        assert_eq!(found, status, "{scope}");
    }
    std::fs::remove_file(root).unwrap();
}
