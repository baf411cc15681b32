//! `cargo xtask bench`: measures a crate against its floor and its peers, and writes the report.

mod document;
mod jose;
mod machine;
mod markdown;

use std::process::ExitCode;

use crate::command::Workspace;

/// Runs the benchmarks that the arguments name.
///
/// # Errors
/// A sentence for arguments that make no sense, a program that cannot be built or run, or a report
/// that cannot be written. A missed target is no error: the report says so.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    match parse(arguments)? {
        Wanted::Help => println!("{USAGE}"),
        Wanted::Jose { seconds } => {
            let text = jose::measure(workspace, seconds)?;
            document::write(workspace, &text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the command line asks for.
#[derive(Debug, PartialEq)]
enum Wanted {
    Help,
    Jose { seconds: u32 },
}

fn parse(arguments: &[String]) -> Result<Wanted, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--help" | "-h"] => Ok(Wanted::Help),
        ["jose"] => Ok(Wanted::Jose { seconds: 40 }),
        ["jose", "--seconds", number] => Ok(Wanted::Jose {
            seconds: positive(number, "seconds")?,
        }),
        _ => Err(USAGE.to_owned()),
    }
}

fn positive(number: &str, of: &str) -> Result<u32, String> {
    match number.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err(format!("`{number}` is no number of {of}")),
    }
}

const USAGE: &str = "\
Usage: cargo xtask bench jose [--seconds N]

Measures jose against ring, aws-lc-rs, jsonwebtoken, josekit and jwt-simple, N seconds (40) in each
of two programs, and writes its part of docs/BENCHMARKS.md. Needs the headers of OpenSSL, cmake and
libclang.";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Result<Wanted, String> {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        parse(&arguments)
    }

    #[test]
    fn what_is_measured_must_be_named() {
        assert_eq!(of(&["jose"]), Ok(Wanted::Jose { seconds: 40 }));
        assert_eq!(of(&["--help"]), Ok(Wanted::Help));
        assert_eq!(of(&[]), Err(USAGE.to_owned()));
        assert_eq!(of(&["oauth-core"]), Err(USAGE.to_owned()));
    }

    #[test]
    fn seconds_are_a_positive_number() {
        let seven = Wanted::Jose { seconds: 7 };
        assert_eq!(of(&["jose", "--seconds", "7"]), Ok(seven));
        for number in ["0", "-1", "x", ""] {
            let refusal = format!("`{number}` is no number of seconds");
            assert_eq!(of(&["jose", "--seconds", number]), Err(refusal));
        }
    }
}
