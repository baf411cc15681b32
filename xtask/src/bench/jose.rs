//! `cargo xtask bench jose`: `jose` against the libraries beneath it and its peers.

mod measured;
mod reasons;
mod report;
mod targets;

use std::process::Command;

use super::machine::Machine;
use crate::command;
use crate::command::Workspace;
use measured::Run;

/// Runs two programs for `seconds` each, and returns the report.
///
/// # Errors
/// An error message for a program that cannot be built or run.
pub(crate) fn measure(workspace: &Workspace, seconds: u32) -> Result<String, String> {
    let machine = Machine::here(workspace)?;
    let [boring, openssl] = PROGRAMS.map(|program| run(workspace, program, seconds));
    Ok(report::write(&machine, &boring?, &openssl?))
}

/// Builds one program and runs it. Each program is a feature of the package `bench` with the same
/// name.
fn run(workspace: &Workspace, program: &str, seconds: u32) -> Result<Run, String> {
    let mut build = workspace.cargo([
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        "bench/Cargo.toml",
        "--target-dir",
        "bench/target",
        "--features",
        program,
        "--bin",
        program,
    ]);
    command::run(&mut build)?;
    let path = workspace.root().join("bench/target/release").join(program);
    let lines = command::read(Command::new(path).arg(seconds.to_string()))?;
    Run::parse(&lines)
}

/// The programs. The verdicts come from the first one, in which nothing enables a feature of a
/// library that `jose` shares. The second one adds a peer that cannot be in the same process.
const PROGRAMS: [&str; 2] = ["boring", "openssl"];
