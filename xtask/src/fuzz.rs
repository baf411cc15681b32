//! `cargo xtask fuzz`: runs the fuzz targets one after the other and counts the inputs.

use std::fs;
use std::process::{Command, ExitCode};

use crate::command::{self, Workspace};

/// Runs every target, or the one named, for as long as asked.
///
/// # Errors
/// A sentence for arguments that make no sense, a missing tool, or a target that found something;
/// the input is then in `fuzz/artifacts`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    let Some((seconds, only)) = options(arguments)? else {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let mut build = Command::new("rustup");
    build
        .args(["run", "nightly", "cargo", "fuzz", "build"])
        .current_dir(workspace.root());
    command::run(&mut build)
        .map_err(|failure| format!("{failure}\nthe nightly toolchain and cargo-fuzz are needed"))?;
    let mut total = 0_u64;
    for target in targets(workspace)? {
        if only.as_ref().is_some_and(|only| *only != target) {
            continue;
        }
        let inputs = fuzz(workspace, &target, seconds)?;
        println!("{target:<12} {inputs:>12} inputs");
        total = total.saturating_add(inputs);
    }
    if total == 0 {
        return Err("no target was run".to_owned());
    }
    println!("{:<12} {total:>12} inputs, nothing found", "total");
    Ok(ExitCode::SUCCESS)
}

/// Seconds for each target, and the one target to run; `None` when help is wanted.
fn options(arguments: &[String]) -> Result<Option<(u32, Option<String>)>, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (seconds, only) = match arguments.as_slice() {
        ["--help" | "-h"] => return Ok(None),
        [] => ("10", None),
        ["--seconds", seconds] => (*seconds, None),
        ["--seconds", seconds, target] => (*seconds, Some((*target).to_owned())),
        _ => return Err(USAGE.to_owned()),
    };
    match seconds.parse() {
        Ok(seconds @ 1..) => Ok(Some((seconds, only))),
        _ => Err(format!("`{seconds}` is no number of seconds")),
    }
}

/// The names of the files in `fuzz/targets`, sorted.
fn targets(workspace: &Workspace) -> Result<Vec<String>, String> {
    let folder = workspace.root().join("fuzz/targets");
    let entries = fs::read_dir(folder).map_err(|error| format!("fuzz/targets: {error}"))?;
    let mut targets: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    targets.sort();
    Ok(targets)
}

fn fuzz(workspace: &Workspace, target: &str, seconds: u32) -> Result<u64, String> {
    for folder in ["corpus", "artifacts"] {
        let path = workspace.root().join("fuzz").join(folder).join(target);
        fs::create_dir_all(path).map_err(|error| format!("fuzz/{folder}: {error}"))?;
    }
    let program = format!("fuzz/target/{PLATFORM}/release/{target}");
    let output = Command::new(workspace.root().join(&program))
        .current_dir(workspace.root())
        .arg(format!("fuzz/corpus/{target}"))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix=fuzz/artifacts/{target}/"))
        .args(["-max_len=4096", "-timeout=5", "-print_final_stats=1"])
        .output()
        .map_err(|error| format!("{program} could not be started: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{target} found something:\n{told}"));
    }
    executed(&told).ok_or_else(|| format!("{target} did not say how many inputs it ran"))
}

/// The number in libFuzzer's closing statistics.
fn executed(told: &str) -> Option<u64> {
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    line.trim().parse().ok()
}

/// Where `cargo fuzz` puts what it builds on Linux.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

const USAGE: &str = "\
Usage: cargo xtask fuzz [--seconds N [TARGET]]

Builds the fuzz targets with the nightly toolchain and cargo-fuzz, and runs each for N seconds (10 by
default). What they find is in fuzz/artifacts, what they learnt in fuzz/corpus.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_inputs_is_read() {
        let told = "Done 12 runs\nstat::number_of_executed_units: 544576\nstat::average: 1\n";
        assert_eq!(executed(told), Some(544_576));
        assert_eq!(executed("Done 12 runs"), None);
    }

    #[test]
    fn seconds_are_a_number_and_not_zero() {
        let options =
            |words: &[&str]| options(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(options(&[]), Ok(Some((10, None))));
        assert_eq!(
            options(&["--seconds", "60", "jws"]),
            Ok(Some((60, Some("jws".to_owned()))))
        );
        assert!(options(&["--seconds", "0"]).is_err());
        assert!(options(&["--seconds"]).is_err());
        assert_eq!(options(&["--help"]), Ok(None));
    }
}
