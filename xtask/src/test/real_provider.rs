//! The stage that runs `openid-client` against a foreign provider.
//!
//! It installs the npm package `oidc-provider`, starts it on loopback HTTPS with a certificate and
//! keys made for this run, and runs the integration test `real_provider` of `openid-client`. It
//! also installs the npm package `jose`, with which `jose` exchanges tokens.

mod server;

use std::fs;
use std::path::Path;
use std::process::Command;

use super::count;
use super::outcome::{Outcome, Verdict};
use crate::command;
use crate::command::Workspace;
use server::Server;

/// Runs the stage. It is skipped if Node is missing or too old.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    if let Err(reason) = node() {
        return Outcome::skipped(reason);
    }
    flows(workspace).unwrap_or_else(Outcome::failed)
}

fn flows(workspace: &Workspace) -> Result<Outcome, String> {
    let project = workspace.root().join("xtask").join("real-provider");
    install(&project)?;
    let folder = workspace.root().join("target").join("real-provider");
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    make_certificates(workspace, &folder)?;

    let server = Server::start(&project, &folder)?;
    let mut tests = workspace.cargo(["test", "--package", "openid-client", "--no-fail-fast"]);
    tests.args(["--features", "__real-provider", "--test", "real_provider"]);
    tests.env("REAL_PROVIDER_ISSUER", server.issuer());
    tests.env("REAL_PROVIDER_INSECURE_ISSUER", server.insecure_issuer());
    tests.env("REAL_PROVIDER_KEYS", &folder);
    // The tests wait for the provider most of the time.
    tests.env("RUST_TEST_THREADS", "8");
    let ran = count::run(&mut tests)?;
    let exchanged = count::run(&mut interchange(workspace, &project))?;

    let mut counts = ran.counts;
    counts.add(exchanged.counts);
    let failures = [ran.verdict, exchanged.verdict];
    let failures = failures.into_iter().filter_map(Result::err).collect();
    let mut outcome = Outcome::of_tests(counts, failures);
    outcome.notes = ran.names;
    outcome.notes.extend(exchanged.names);
    outcome.notes.sort();
    if outcome.verdict != Verdict::Passed {
        let log = "the provider's log: target/real-provider/server.log";
        outcome.notes.push(log.to_owned());
    }
    Ok(outcome)
}

/// Returns the test of `jose` that exchanges tokens with the npm package of the same name.
fn interchange(workspace: &Workspace, project: &Path) -> Command {
    let mut tests = workspace.cargo(["test", "--package", "jose", "--features", "__interchange"]);
    tests.args(["--test", "interchange"]);
    tests.env("REAL_PROVIDER_PROJECT", project);
    tests
}

/// Checks that Node is installed and new enough; otherwise returns the reason.
fn node() -> Result<(), String> {
    let (major, minor) = OLDEST_NODE;
    let needed = format!("oidc-provider needs Node {major}.{minor} or later");
    let version = command::read(Command::new("node").arg("--version"))
        .map_err(|_| format!("Node is not installed; {needed}"))?;
    let version = version.trim();
    match parse_version(version) {
        Some(found) if found >= OLDEST_NODE => Ok(()),
        _ => Err(format!("Node is {version}; {needed}")),
    }?;
    command::read(npm().arg("--version"))
        .map(|_| ())
        .map_err(|_| "npm is not installed".to_owned())
}

fn parse_version(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Installs the packages in the lock file, unless they are installed already.
fn install(project: &Path) -> Result<(), String> {
    let lock = project.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|error| failed(&lock, &error))?;
    // `npm ci` removes the folder first, so the copy exists only after a success.
    let installed = project.join("node_modules").join("installed-lock.json");
    if fs::read(&installed).is_ok_and(|copy| copy == wanted) {
        return Ok(());
    }
    let arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    command::run(npm().args(arguments).current_dir(project))?;
    fs::write(&installed, wanted).map_err(|error| failed(&installed, &error))
}

/// Makes new certificates for each run.
fn make_certificates(workspace: &Workspace, folder: &Path) -> Result<(), String> {
    let mut certificate = workspace.cargo(["run", "--quiet", "--package", "test-provider"]);
    certificate.args(["--features", "server", "--example", "certificate", "--"]);
    command::run(certificate.arg(folder))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The oldest version for oidc-provider 9 (`crypto.hash`), which `xtask/real-provider/package.json`
/// states too.
const OLDEST_NODE: (u32, u32) = (20, 12);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let new_enough = |version| parse_version(version).is_some_and(|found| found >= OLDEST_NODE);
        for version in ["v20.12.0", "v20.20.2", "v22.1.0", "v100.0.0"] {
            assert!(new_enough(version), "{version}");
        }
        for version in ["v20.9.0", "v18.19.1", "v8.17.0", "20.12.0", "", "v20"] {
            assert!(!new_enough(version), "{version}");
        }
    }
}
