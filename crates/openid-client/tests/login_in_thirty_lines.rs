//! The smallest whole program stays small: one import, one value to keep, no check in the program.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Provider};

use self::support::example;
use self::support::in_process::{REDIRECT_URI, browse};

const PROGRAM: &str = include_str!("../examples/login.rs");

#[test]
fn the_program_has_thirty_lines_and_imports_one_crate() {
    let code: Vec<_> = PROGRAM
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    assert!(code.len() <= 30, "{} lines", code.len());
    let imports: Vec<_> = code
        .iter()
        .filter(|line| line.starts_with("use "))
        .collect();
    assert_eq!(imports.len(), 1);
    assert!(
        imports
            .iter()
            .all(|line| line.starts_with("use openid_client::"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_logs_in() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let authentication = ClientAuthentication::ClientSecretBasic("a secret".to_owned());
    server
        .provider()
        .register(ClientRegistration::new("app", authentication).redirect_uri(REDIRECT_URI));
    let root = std::env::temp_dir().join(format!("login-root-{}.pem", std::process::id()));
    std::fs::write(&root, server.ca_certificate_pem()).unwrap();

    let mut program = example("login")
        .args([server.url(), "app", "a secret", REDIRECT_URI])
        .env("SSL_CERT_FILE", &root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut told = BufReader::new(program.stderr.take().unwrap());
    told.read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("Open ").unwrap();
    let callback = browse(server.provider(), url);
    write!(program.stdin.take().unwrap(), "{callback}").unwrap();
    let mut printed = String::new();
    program
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    told.read_to_string(&mut line).unwrap();
    assert!(program.wait().unwrap().success(), "{line}");
    assert_eq!(printed, "alice\n");
    std::fs::remove_file(root).unwrap();
}
