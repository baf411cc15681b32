//! Each example does what its first lines say, with a provider that it starts itself.

#![allow(clippy::disallowed_types, reason = "a test of programs starts them")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::Command;

/// Runs an example, which `cargo test` builds together with the tests, and returns what it prints.
fn run(name: &str) -> String {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("{name}{EXE_SUFFIX}"));
    assert!(
        program.exists(),
        "{} is not there: `cargo test` builds it, `cargo test --test …` does not",
        program.display()
    );
    let finished = Command::new(program).output().unwrap();
    let complaints = String::from_utf8(finished.stderr).unwrap();
    assert!(finished.status.success(), "{complaints}");
    String::from_utf8(finished.stdout).unwrap()
}

#[test]
fn a_loop_without_a_runtime_logs_in() {
    assert_eq!(run("bare_loop"), "Hello alice\n");
}

#[test]
fn another_runtime_waits_between_two_polls() {
    let printed = run("smol");
    assert!(printed.contains(" and enter the code "), "{printed}");
    assert!(printed.ends_with("\nHello alice\n"), "{printed}");
}
