//! The stage that runs `openid-client` against a foreign provider.
//!
//! It installs the npm package `oidc-provider`, starts it on loopback HTTPS with a certificate and
//! keys made for this run, and runs the integration test `real_provider` of `openid-client`. It
//! also installs the npm package `jose`, with which `jose` exchanges tokens.

mod server;

use std::fs;
use std::path::Path;
use std::process::Command;

use super::outcome::{Outcome, Verdict};
use super::{count, node};
use crate::command;
use crate::command::Workspace;
use server::Server;

/// Runs the stage. It is skipped if Node is missing or too old.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    if let Err(reason) = node::check() {
        return Outcome::skipped(reason);
    }
    flows(workspace).unwrap_or_else(Outcome::failed)
}

fn flows(workspace: &Workspace) -> Result<Outcome, String> {
    let project = workspace.root().join("xtask").join("real-provider");
    node::install(&project)?;
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

/// Makes new certificates for each run.
fn make_certificates(workspace: &Workspace, folder: &Path) -> Result<(), String> {
    let mut certificate = workspace.cargo(["run", "--quiet", "--package", "test-provider"]);
    certificate.args(["--features", "server", "--example", "certificate", "--"]);
    command::run(certificate.arg(folder))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
