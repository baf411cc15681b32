//! Each example does what its first lines say, against a provider that it starts itself.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

#[cfg(feature = "redis")]
mod redis;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Provider};

use self::support::example;

/// Runs an example that ends well, and returns what it prints.
fn run(name: &str, arguments: &[&str]) -> String {
    let finished = example(name).args(arguments).output().unwrap();
    let printed = String::from_utf8(finished.stdout).unwrap();
    let complaints = String::from_utf8(finished.stderr).unwrap();
    assert!(finished.status.success(), "{printed}{complaints}");
    printed
}

/// A file of this test run.
fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()))
}

#[test]
fn a_device_shows_a_code_and_waits() {
    let printed = run("device", &[]);
    assert!(printed.contains("and enter the code "), "{printed}");
    assert!(printed.ends_with("Hello alice\n"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_says_that_the_person_refused() {
    let build = |issuer| Provider::new(issuer).poll_interval(Duration::from_secs(1));
    let server = Server::start(Scheme::Https, build).await.unwrap();
    server.provider().register(ClientRegistration::public("tv"));
    server.provider().deny_after(0);
    let root = temporary("device.pem");
    std::fs::write(&root, server.ca_certificate_pem()).unwrap();
    let device = example("device")
        .args(["--issuer", server.url(), "--client-id", "tv"])
        .env("SSL_CERT_FILE", &root)
        .output()
        .unwrap();
    assert!(!device.status.success());
    let complaints = String::from_utf8(device.stderr).unwrap();
    assert!(complaints.contains("access_denied"), "{complaints}");
}

#[test]
fn an_unknown_option_is_named_with_those_that_exist() {
    let device = example("device").args(["--isuer", "x"]).output().unwrap();
    assert!(!device.status.success());
    let complaints = String::from_utf8(device.stderr).unwrap();
    assert_eq!(
        complaints.trim_end(),
        "Error: \"--isuer\" is no option with a value. There are: --issuer VALUE, \
         --client-id VALUE"
    );
}

#[test]
fn instances_share_tokens_in_a_file() {
    let file = temporary("shared-tokens.json");
    share_tokens(&["--file", file.to_str().unwrap()]);
}

/// Three instances have one token, after one refresh.
fn share_tokens(arguments: &[&str]) {
    let printed = run("shared_tokens", arguments);
    let tokens = printed.lines().filter_map(|line| {
        let (_, token) = line.strip_prefix("instance ")?.split_once(" has token ")?;
        Some(token)
    });
    assert_eq!(tokens.clone().count(), 3, "{printed}");
    assert_eq!(tokens.collect::<BTreeSet<_>>().len(), 1, "{printed}");
    assert!(printed.contains("\n2 token requests"), "{printed}");
}

#[test]
fn a_login_under_fapi_2_pushes_and_binds() {
    let printed = run("fapi2", &[]);
    let sees = "the browser sees client_id and request_uri\n";
    assert!(printed.starts_with(sees), "{printed}");
    assert!(printed.ends_with("the API answers 200 OK\n"), "{printed}");
}

#[test]
fn another_process_signs_for_a_client() {
    let printed = run("kms_signer", &[]);
    assert!(!printed.contains("\"d\""), "{printed}");
    assert!(printed.ends_with("\ntokens for read\n"), "{printed}");
}

#[test]
fn a_login_without_openid_connect_asks_the_api_who_it_is() {
    assert_eq!(run("github", &[]), "Hello \"alice\"\n");
}

#[test]
fn a_login_with_a_signed_secret_comes_back_by_form_post() {
    assert_eq!(run("apple", &[]), "Hello alice\n");
}
