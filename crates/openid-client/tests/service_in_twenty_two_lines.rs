//! A service with many tasks stays small, and sends one token request.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Provider};

use self::support::example;

const PROGRAM: &str = include_str!("../examples/service.rs");

#[test]
fn the_program_has_at_most_twenty_two_lines() {
    let lines = PROGRAM.lines().map(str::trim);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    let code = code.filter(|line| !line.starts_with("#!"));
    assert!(code.clone().count() <= 22, "{} lines", code.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_tasks_share_one_token_request() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let authentication = ClientAuthentication::ClientSecretBasic("a secret".to_owned());
    let provider = server.provider();
    provider.register(ClientRegistration::new("service", authentication));
    let root = std::env::temp_dir().join(format!("service-root-{}.pem", std::process::id()));
    std::fs::write(&root, server.ca_certificate_pem()).unwrap();
    let url = provider.url(Endpoint::Resource);
    let mut program = example("service");
    program
        .args([server.url(), "service", "a secret", &url])
        .env("SSL_CERT_FILE", &root);
    let output = tokio::task::spawn_blocking(move || program.output());
    let output = output.await.unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, "200 OK\n".repeat(100));
    assert_eq!(provider.served(Endpoint::Resource), 100);
    assert_eq!(provider.served(Endpoint::Token), 1);
    std::fs::remove_file(root).unwrap();
}
