//! The example runs by itself, and its errors can be read.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

/// Cargo builds the examples before it runs the tests.
fn run(arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap();
    let example: PathBuf = folder.join("examples").join("blocking");
    let example = example.with_extension(std::env::consts::EXE_EXTENSION);
    // No proxy is used, whatever the environment says: nothing listens there.
    Command::new(example)
        .args(arguments)
        .env("ALL_PROXY", "http://127.0.0.1:1")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap()
}

#[test]
fn a_person_logs_in() {
    let output = run(&[]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(printed.contains("and enter the code "), "{printed}");
    assert!(printed.ends_with("hello alice@example.com\n"), "{printed}");
}

#[test]
fn errors_can_be_read() {
    let output = run(&["--issuer", "http://id.example.com", "cli"]);
    assert!(!output.status.success());
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(
        printed.contains("`issuer` must be an https URL, found http://id.example.com"),
        "{printed}"
    );
}
