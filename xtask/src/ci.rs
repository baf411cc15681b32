//! `cargo xtask ci full`: what takes too long for every change.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::command::Workspace;
use crate::{bench, command, fuzz, test};

/// Runs every check, the benchmarks, each fuzz target for minutes, and a sample of mutants. All of
/// them run, even after one has failed.
///
/// # Errors
/// An error message for invalid arguments.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let sample = match arguments.as_slice() {
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        ["full"] => "0/40",
        ["full", "--mutants", shard] => shard,
        _ => return Err(USAGE.to_owned()),
    };
    let mut report = Report::default();
    report.step("test", || succeeded(test::run(workspace, &[])?));
    report.step("benchmarks build", || check(workspace));
    report.step("bench client", || {
        succeeded(bench::run(workspace, &["client".to_owned()])?)
    });
    report.step("fuzz", || {
        println!("{}", fuzz::all(workspace, FUZZING, None)?);
        Ok(())
    });
    report.step("mutants", || mutants(workspace, sample));
    println!("\n{}", report.text);
    Ok(match report.has_failed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

#[derive(Default)]
struct Report {
    text: String,
    has_failed: bool,
}

impl Report {
    fn step(&mut self, name: &str, step: impl FnOnce() -> Result<(), String>) {
        println!("\n== {name}");
        let start = Instant::now();
        let verdict =
            step().map_or_else(|failure| format!("FAILED: {failure}"), |()| "passed".into());
        self.has_failed |= verdict != "passed";
        let seconds = start.elapsed().as_secs();
        self.text
            .push_str(&format!("{name:17} {seconds:>6} s  {verdict}\n"));
    }
}

fn check(workspace: &Workspace) -> Result<(), String> {
    for (manifest, features) in BENCHMARKS {
        let mut command = workspace.cargo(["check", "--locked", "--all-targets"]);
        command::run(
            command
                .args(["--manifest-path", manifest])
                .args(["--features", features]),
        )?;
    }
    Ok(())
}

/// Changes one place after another and expects a test to fail. A shard `k/n` is a sample of every
/// n-th place; `--iterate` leaves out what an earlier run has caught.
fn mutants(workspace: &Workspace, shard: &str) -> Result<(), String> {
    if command::read(Command::new("cargo").args(["mutants", "--version"])).is_err() {
        return Err(
            "cargo-mutants is not installed: `cargo install --locked cargo-mutants`".into(),
        );
    }
    for package in ["jose", "oauth-core", "openid-client"] {
        let mut command = workspace.cargo(["mutants", "--iterate", "--package", package]);
        command.args(["--shard", shard, "--sharding", "round-robin"]);
        command::run(command.args(["--output", "target/mutants"]))?;
    }
    Ok(())
}

fn succeeded(code: ExitCode) -> Result<(), String> {
    match code == ExitCode::SUCCESS {
        true => Ok(()),
        false => Err("see above".to_owned()),
    }
}

/// The workspaces of the benchmarks, each with the features that its peers need.
const BENCHMARKS: [(&str, &str); 2] = [
    ("bench/client/Cargo.toml", "openidconnect"),
    ("bench/size/Cargo.toml", ""),
];

/// The seconds for each fuzz target.
const FUZZING: u32 = 300;

const USAGE: &str = "\
Usage: cargo xtask ci full [--mutants K/N]

Runs what takes too long for every change, for hours: `cargo xtask test`, a build of the benchmarks,
`cargo xtask bench client`, five minutes of each fuzz target, and cargo-mutants on every N-th place
of the code beginning with the K-th (0/40).";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_the_whole_and_the_rest_runs() {
        let mut report = Report::default();
        report.step("one", || Err("broken".to_owned()));
        report.step("two", || Ok(()));
        assert!(report.has_failed);
        let lines: Vec<&str> = report.text.lines().collect();
        assert!(lines[0].ends_with("FAILED: broken"), "{lines:?}");
        assert!(lines[1].ends_with("passed"), "{lines:?}");
    }
}
