//! `cargo xtask bench`: measures a crate against its floor and its peers, and writes the report.

mod measured;
mod reasons;
mod report;
mod targets;

use std::fs;
use std::process::{Command, ExitCode};

use crate::command::{self, Workspace};
use measured::Run;
use report::Machine;

/// Runs the benchmarks that the arguments name.
///
/// # Errors A sentence for arguments that make no sense, a program that cannot be built or run, or
/// a report that cannot be written. A missed target is no error: the report says so.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    let Some(seconds) = seconds(arguments)? else {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let machine = machine(workspace)?;
    let [boring, openssl] = PROGRAMS.map(|program| measure(workspace, program, seconds));
    let text = report::write(&machine, &boring?, &openssl?);
    println!("{text}");
    let path = workspace.root().join(REPORT);
    fs::write(&path, text).map_err(|error| format!("{REPORT} cannot be written: {error}"))?;
    println!("written to {REPORT}");
    Ok(ExitCode::SUCCESS)
}

/// The seconds for each program; `None` when help is wanted.
fn seconds(arguments: &[String]) -> Result<Option<u32>, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--help" | "-h"] => Ok(None),
        ["jose"] => Ok(Some(40)),
        ["jose", "--seconds", number] => match number.parse() {
            Ok(seconds @ 1..) => Ok(Some(seconds)),
            _ => Err(format!("`{number}` is no number of seconds")),
        },
        _ => Err(USAGE.to_owned()),
    }
}

/// Builds one program and runs it. Each is a feature of the package `bench` that has the program's
/// name.
fn measure(workspace: &Workspace, program: &str, seconds: u32) -> Result<Run, String> {
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

fn machine(workspace: &Workspace) -> Result<Machine, String> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("processor not known", |(_, model)| model);
    let version =
        |command: &mut Command| Ok::<_, String>(command::read(command)?.trim().to_owned());
    Ok(Machine {
        processor: model.to_owned(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        rustc: version(
            Command::new("rustc")
                .arg("--version")
                .current_dir(workspace.root()),
        )?,
        date: version(Command::new("date").args(["-u", "+%Y-%m-%d"]))?,
    })
}

/// The first is the one that the verdicts come from: nothing in it switches on a feature of a
/// library that `jose` shares. The second adds the peer that cannot live in its process.
const PROGRAMS: [&str; 2] = ["boring", "openssl"];

const REPORT: &str = "docs/BENCHMARKS.md";

const USAGE: &str = "\
Usage: cargo xtask bench jose [--seconds N]

Measures jose against ring, aws-lc-rs, jsonwebtoken, josekit and jwt-simple, N seconds (40) in each
of two programs, and writes docs/BENCHMARKS.md. Needs the headers of OpenSSL, cmake and libclang.";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Result<Option<u32>, String> {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        seconds(&arguments)
    }

    #[test]
    fn the_crate_must_be_named() {
        assert_eq!(of(&["jose"]), Ok(Some(40)));
        assert_eq!(of(&["--help"]), Ok(None));
        assert_eq!(of(&[]), Err(USAGE.to_owned()));
        assert_eq!(of(&["oauth-core"]), Err(USAGE.to_owned()));
    }

    #[test]
    fn seconds_are_a_positive_number() {
        assert_eq!(of(&["jose", "--seconds", "7"]), Ok(Some(7)));
        for number in ["0", "-1", "x", ""] {
            let refusal = format!("`{number}` is no number of seconds");
            assert_eq!(of(&["jose", "--seconds", number]), Err(refusal));
        }
    }
}
