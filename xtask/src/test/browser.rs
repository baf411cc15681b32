//! The stage that opens the demo and the examples of `openid-client-axum` in Chromium.
//!
//! It installs the npm package `playwright-core`, which drives the Chromium of this machine, and
//! runs the tests in `xtask/browser/tests`. Each of them starts the programs that it needs, on
//! loopback. Pictures of the pages are left in `target/browser`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::node;
use super::outcome::{Counts, Outcome};
use crate::command;
use crate::command::Workspace;

/// Runs the stage. It is skipped if Chromium or Node is missing.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let Some(chromium) = chromium() else {
        return Outcome::skipped("Chromium is not installed (the Debian package `chromium`)");
    };
    if let Err(reason) = node::check() {
        return Outcome::skipped(reason);
    }
    tests(workspace, &chromium).unwrap_or_else(Outcome::failed)
}

fn tests(workspace: &Workspace, chromium: &Path) -> Result<Outcome, String> {
    let project = workspace.root().join("xtask").join("browser");
    node::install(&project)?;
    // With the features of the whole workspace, as the unit tests have built them already.
    let examples = [
        "build",
        "--workspace",
        "--example",
        "demo",
        "--example",
        "axum",
        "--example",
        "hyper",
    ];
    command::run(&mut workspace.cargo(examples))?;

    let mut tests = Command::new("node");
    // A browser waits most of the time.
    tests.args(["--test", "--test-concurrency=2", "--test-reporter=tap"]);
    tests.args(FILES);
    tests.current_dir(&project);
    tests.env("CHROMIUM", chromium);
    tests.env("DEMO", example("demo")?);
    tests.env("AXUM", example("axum")?);
    tests.env("HYPER", example("hyper")?);
    let target = workspace.root().join("target").join("browser");
    tests.env("PICTURES", target);
    tests.env("PROVIDER_KEY", workspace.root().join(PROVIDER_KEY));
    let (output, verdict) = command::run_and_read(&mut tests)?;
    let mut outcome = Outcome::of_tests(counts(&output), verdict.err().into_iter().collect());
    outcome.notes = failures(&output);
    Ok(outcome)
}

/// Returns the program of the Chromium on this machine.
fn chromium() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

/// Returns the program of an example.
fn example(name: &str) -> Result<PathBuf, String> {
    // This program is in the folder of the same build.
    let this = env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let folder = this.parent().ok_or("this program is in no folder")?;
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    Ok(folder.join("examples").join(file))
}

/// Reads the closing lines of the Test Anything Protocol as Node writes it: `# pass 40`.
fn counts(output: &str) -> Counts {
    let number = |what: &str| -> usize {
        let numbers = output.lines().filter_map(|line| {
            let number = line.strip_prefix("# ")?.strip_prefix(what)?;
            number.strip_prefix(' ')?.parse::<usize>().ok()
        });
        numbers.fold(0, usize::saturating_add)
    };
    Counts {
        passed: number("pass"),
        failed: number("fail").saturating_add(number("cancelled")),
        skipped: number("skipped"),
    }
}

/// Returns the names of the tests that failed.
fn failures(output: &str) -> Vec<String> {
    let lines = output.lines().map(str::trim_start);
    let failed = lines.filter_map(|line| line.strip_prefix("not ok "));
    failed
        .map(|rest| rest.split_once(" - ").map_or(rest, |(_, name)| name))
        .map(|name| format!("failed: {name}"))
        .collect()
}

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const FILES: [&str; 4] = [
    "tests/login.mjs",
    "tests/attacks.mjs",
    "tests/appearance.mjs",
    "tests/examples.mjs",
];

/// The key of the test provider, which signs a logout token for the examples.
const PROVIDER_KEY: &str = "crates/test-provider/src/keys/rsa-2048-first.pem";

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
TAP version 13
# Subtest: a person logs in
ok 1 - a person logs in
# Subtest: a person logs out
not ok 2 - a person logs out
  ---
  error: 'expected # pass 9'
  ...
1..2
# tests 2
# pass 1
# fail 1
# cancelled 0
# skipped 3
";

    #[test]
    fn the_closing_lines_are_read() {
        let expected = Counts {
            passed: 1,
            failed: 1,
            skipped: 3,
        };
        assert_eq!(counts(OUTPUT), expected);
        assert_eq!(counts("node: bad option\n"), Counts::default());
    }

    #[test]
    fn failures_are_named() {
        assert_eq!(failures(OUTPUT), ["failed: a person logs out"]);
    }

    #[test]
    fn every_file_of_tests_runs() {
        let workspace = Workspace::locate().unwrap();
        let folder = workspace.root().join("xtask/browser/tests");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| format!("tests/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect();
        let mut listed = FILES.map(str::to_owned);
        found.sort_unstable();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
