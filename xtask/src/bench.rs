//! `cargo xtask bench`: measures a crate against its floor and its peers, and writes the report.

mod client;
mod document;
mod jose;
mod machine;
mod markdown;
mod size;

use std::process::ExitCode;

use crate::command::Workspace;

/// Runs the benchmarks that the arguments name.
///
/// # Errors
/// An error message for invalid arguments, a program that cannot be built or run, or a report that
/// cannot be written. A missed target is not an error; the report states it.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    match parse(arguments)? {
        Wanted::Help => println!("{USAGE}"),
        Wanted::Jose { seconds } => {
            let text = jose::measure(workspace, seconds)?;
            document::write(workspace, &text)?;
        }
        Wanted::Client { rounds } => {
            let text = client::measure(workspace, rounds)?;
            document::write(workspace, &text)?;
        }
        Wanted::Size => {
            let text = size::measure(workspace)?;
            document::write(workspace, &text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The request in the arguments.
#[derive(Debug, PartialEq)]
enum Wanted {
    Help,
    Jose { seconds: u32 },
    Client { rounds: u32 },
    Size,
}

fn parse(arguments: &[String]) -> Result<Wanted, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--help" | "-h"] => Ok(Wanted::Help),
        ["jose"] => Ok(Wanted::Jose { seconds: 40 }),
        ["jose", "--seconds", number] => Ok(Wanted::Jose {
            seconds: positive(number, "seconds")?,
        }),
        ["size"] => Ok(Wanted::Size),
        ["client"] => Ok(Wanted::Client { rounds: 7 }),
        ["client", "--rounds", number] => Ok(Wanted::Client {
            rounds: positive(number, "rounds")?,
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
       cargo xtask bench client [--rounds N]
       cargo xtask bench size

jose    Measures jose against ring, aws-lc-rs, jsonwebtoken, josekit and jwt-simple, N seconds (40) in
        each of two programs. Needs the headers of OpenSSL, cmake and libclang.
client  Measures openid-client against bare hyper, openidconnect and the npm package openid-client, in
        N rounds (7) against a provider on loopback. Counts instructions where valgrind is installed,
        and leaves the npm package out where Node is missing.
size    Builds a login program from nothing, on openid-client with several sets of features and on
        openidconnect: processor time and size. Takes as long as six clean builds.

Each writes its part of docs/BENCHMARKS.md.";

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
        assert_eq!(of(&["client"]), Ok(Wanted::Client { rounds: 7 }));
        assert_eq!(of(&["size"]), Ok(Wanted::Size));
        assert_eq!(of(&["--help"]), Ok(Wanted::Help));
        assert_eq!(of(&[]), Err(USAGE.to_owned()));
        assert_eq!(of(&["oauth-core"]), Err(USAGE.to_owned()));
        assert_eq!(of(&["client", "--seconds", "7"]), Err(USAGE.to_owned()));
    }

    #[test]
    fn seconds_and_rounds_are_positive_numbers() {
        let seven = Wanted::Jose { seconds: 7 };
        assert_eq!(of(&["jose", "--seconds", "7"]), Ok(seven));
        let three = Wanted::Client { rounds: 3 };
        assert_eq!(of(&["client", "--rounds", "3"]), Ok(three));
        for number in ["0", "-1", "x", ""] {
            let refusal = format!("`{number}` is no number of seconds");
            assert_eq!(of(&["jose", "--seconds", number]), Err(refusal));
            let refusal = format!("`{number}` is no number of rounds");
            assert_eq!(of(&["client", "--rounds", number]), Err(refusal));
        }
    }
}
