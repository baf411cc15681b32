//! The example of an MCP client finds its way, from the URL alone, also when it needs more than it
//! was granted.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, Stdio};

use test_provider::server::{Scheme, Server};
use test_provider::{ProtectedResource, Provider};

use self::support::example;

const READ: &str = "files:read";

async fn servers(path: &str) -> (Server, Server) {
    let provider = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let issuer = provider.url().to_owned();
    let resource = |url: String| {
        ProtectedResource::new(format!("{url}{path}"))
            .authorization_server(issuer)
            .scope_supported(READ)
            .requires("/write", "files:write")
    };
    let resource = Server::start_resource(Scheme::Https, &provider, resource);
    let resource = resource.await.unwrap();
    (provider, resource)
}

/// The program, which trusts the certificates of both servers.
fn program(name: &str, servers: &(Server, Server), arguments: &[&str]) -> Child {
    let root = format!("mcp-roots-{}-{name}.pem", std::process::id());
    let root = std::env::temp_dir().join(root);
    let (provider, resource) = servers;
    let roots = [provider, resource]
        .map(Server::ca_certificate_pem)
        .concat();
    std::fs::write(&root, roots).unwrap();
    example("mcp_client")
        .args(arguments)
        .env("SSL_CERT_FILE", &root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads the URL that the program wants opened.
fn login_url(errors: &mut BufReader<ChildStderr>) -> String {
    loop {
        let mut line = String::new();
        assert!(errors.read_line(&mut line).unwrap() > 0, "no login");
        if let Some(url) = line.strip_prefix("Open ") {
            return url.trim().to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_logs_in_and_steps_up() {
    let servers = servers("/write").await;
    let url = servers.1.resource().url().to_owned();
    let mut running = program("found", &servers, &[&url, "--this-machine"]);
    let mut errors = BufReader::new(running.stderr.take().unwrap());
    let mut input = running.stdin.take().unwrap();
    for scope in ["files%3Aread&", "files%3Aread+files%3Awrite&"] {
        let login = login_url(&mut errors);
        assert!(login.contains(&format!("scope={scope}")), "{login}");
        writeln!(input, "{}", servers.0.log_in(&login)).unwrap();
    }
    let mut answer = String::new();
    running
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut answer)
        .unwrap();
    assert!(running.wait().unwrap().success());
    assert!(
        answer.contains("files:read files:write") && answer.contains("tools/list"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_reach_this_machine_unasked() {
    let servers = servers("/mcp").await;
    let url = servers.1.resource().url().to_owned();
    let mut running = program("refused", &servers, &[&url]);
    let mut errors = String::new();
    running
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert!(!running.wait().unwrap().success());
    assert!(
        errors.contains("the destination policy refuses"),
        "{errors}"
    );
    assert_eq!(servers.1.connections(), 0);
}
