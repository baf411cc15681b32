//! `cargo xtask fuzz`: runs the fuzz targets one after the other and counts the inputs.
//!
//! The installed compiler instruments the targets, so neither a nightly toolchain nor cargo-fuzz is
//! needed. AddressSanitizer would need them, and is left out because this project has no `unsafe`
//! code.

use std::process::{Command, ExitCode};
use std::{env, fs};

use crate::command;
use crate::command::Workspace;

/// Runs every target, or the named one, for the given time.
///
/// # Errors
/// An error message for invalid arguments, a missing tool, or a target that found a fault; the
/// input is then in `fuzz/artifacts`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    let Some((seconds, only)) = options(arguments)? else {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    println!("{}", all(workspace, seconds, only.as_deref())?);
    Ok(ExitCode::SUCCESS)
}

/// Whether there is a C++ compiler, which libFuzzer needs.
pub(crate) fn can_build() -> bool {
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    command::read(Command::new(compiler).arg("--version")).is_ok()
}

/// Builds the targets, writes the seeds, runs each target or the named one, and returns a summary.
///
/// # Errors
/// An error message if something cannot be built or a target found a fault.
pub(crate) fn all(
    workspace: &Workspace,
    seconds: u32,
    only: Option<&str>,
) -> Result<String, String> {
    let host = host(&command::read(Command::new("rustc").arg("-vV"))?)?;
    let mut build = workspace.cargo(["build", "--release", "--manifest-path", MANIFEST]);
    // With `--target`, the flags apply to the fuzz targets and not to build scripts.
    build.args(["--target", &host]);
    command::run(build.env("RUSTFLAGS", INSTRUMENTATION.join(" ")))?;
    let mut seeds = workspace.cargo(["run", "--quiet", "--manifest-path", MANIFEST]);
    seeds.args([
        "--package",
        "seeds",
        "--",
        "crates/jose/tests/vectors",
        "fuzz/corpus",
    ]);
    command::run(&mut seeds)?;

    let mut total = 0_u64;
    let targets = targets(workspace)?;
    for target in targets
        .iter()
        .filter(|target| only.is_none_or(|only| only == *target))
    {
        let inputs = fuzz(workspace, &host, target, seconds)?;
        println!("{target:<12} {inputs:>12} inputs");
        total = total.saturating_add(inputs);
    }
    if total == 0 {
        return Err("no target was run".to_owned());
    }
    Ok(format!("{total} inputs, nothing found"))
}

/// Returns the host in the output of the compiler.
fn host(told: &str) -> Result<String, String> {
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| "rustc does not say what machine it is for".to_owned())
}

/// Returns the seconds for each target, and the only target to run; `None` if help is requested.
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
        _ => Err(format!("`{seconds}` is not a number of seconds")),
    }
}

/// Returns the names of the files in `fuzz/targets`, sorted.
fn targets(workspace: &Workspace) -> Result<Vec<String>, String> {
    let folder = workspace.root().join("fuzz/targets");
    let entries = fs::read_dir(folder).map_err(|error| format!("fuzz/targets: {error}"))?;
    let mut targets: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    targets.sort();
    Ok(targets)
}

fn fuzz(workspace: &Workspace, host: &str, target: &str, seconds: u32) -> Result<u64, String> {
    for folder in ["corpus", "artifacts"] {
        let path = workspace.root().join("fuzz").join(folder).join(target);
        fs::create_dir_all(path).map_err(|error| format!("fuzz/{folder}: {error}"))?;
    }
    let program = format!("fuzz/target/{host}/release/{target}");
    let output = Command::new(workspace.root().join(&program))
        .current_dir(workspace.root())
        .arg(format!("fuzz/corpus/{target}"))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix=fuzz/artifacts/{target}/"))
        .args(["-max_len=4096", "-timeout=5", "-print_final_stats=1"])
        .arg("-dict=fuzz/dictionary.txt")
        .output()
        .map_err(|error| format!("{program} could not be started: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{target} found something:\n{told}"));
    }
    executed(&told).ok_or_else(|| format!("{target} did not say how many inputs it ran"))
}

/// Returns the number of executions in libFuzzer's final statistics.
fn executed(told: &str) -> Option<u64> {
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    line.trim().parse().ok()
}

const MANIFEST: &str = "fuzz/Cargo.toml";

/// The instrumentation that guides libFuzzer: the edges that were taken, and the operands of
/// comparisons.
const INSTRUMENTATION: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions",
];

const USAGE: &str = "\
Usage: cargo xtask fuzz [--seconds N [TARGET]]

Builds the fuzz targets, which takes a C++ compiler for libFuzzer, and runs each for N seconds (10 by
default). They begin with the vectors of jose; what they find is in fuzz/artifacts, what they learnt in
fuzz/corpus.";

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
    fn the_host_is_read() {
        let told = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(host(told), Ok("x86_64-unknown-linux-gnu".to_owned()));
        assert!(host("rustc 1.95.0\n").is_err());
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
