//! The count of the tests that `cargo test` reports.

use std::process::Command;

use super::outcome::Counts;
use crate::command;

/// One run of `cargo test`.
pub(crate) struct Ran {
    pub(crate) counts: Counts,
    /// The tests by name, in the order of the output, with the verdict of those that did not pass.
    pub(crate) names: Vec<String>,
    pub(crate) verdict: Result<(), String>,
}

/// Runs one command and counts its tests. A command without a passed test has failed.
///
/// # Errors
/// An error message if the command cannot be started.
pub(crate) fn run(command: &mut Command) -> Result<Ran, String> {
    let (output, verdict) = command::run_and_read(command)?;
    let counts = tests(&output);
    let verdict = verdict.and_then(|()| match counts.passed {
        0 => Err(format!("`{}` ran no test", command::shown(command))),
        _ => Ok(()),
    });
    Ok(Ran {
        counts,
        names: output.lines().filter_map(test_line).collect(),
        verdict,
    })
}

/// Adds up the final lines of every test binary and of the doc tests in `output`.
fn tests(output: &str) -> Counts {
    let mut total = Counts::default();
    for line in output.lines() {
        if let Some(counts) = closing_line(line) {
            total.add(counts);
        }
    }
    total
}

/// Parses a line like `test login::refresh ... ok`.
fn test_line(line: &str) -> Option<String> {
    let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
    Some(match verdict {
        "ok" => name.to_owned(),
        verdict => format!("{name}: {verdict}"),
    })
}

/// Parses a line like `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out;
/// …`.
fn closing_line(line: &str) -> Option<Counts> {
    let (_, fields) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for field in fields.split("; ") {
        let Some((number, what)) = field.split_once(' ') else {
            continue;
        };
        match what {
            "passed" => counts.passed = number.parse().ok()?,
            "failed" => counts.failed = number.parse().ok()?,
            "ignored" => counts.skipped = number.parse().ok()?,
            _ => {}
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "
running 2 tests
test wire::decodes ... ok
test wire::refuses ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 1 test
test crates/jose/src/lib.rs - (line 3) ... ok

test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 4 filtered out; finished in 1.25s
";

    #[test]
    fn every_closing_line_is_added() {
        assert_eq!(
            super::tests(OUTPUT),
            Counts {
                passed: 13,
                failed: 1,
                skipped: 3
            }
        );
    }

    #[test]
    fn output_without_a_closing_line_counts_nothing() {
        assert_eq!(
            super::tests("error: could not compile `jose`\n"),
            Counts::default()
        );
        assert_eq!(
            super::tests("the test result: ok. 5 passed; 0 failed"),
            Counts::default()
        );
    }

    #[test]
    fn tests_are_named_and_failures_marked() {
        let names: Vec<String> = OUTPUT.lines().filter_map(test_line).collect();
        assert_eq!(
            names,
            [
                "wire::decodes",
                "wire::refuses: FAILED",
                "crates/jose/src/lib.rs - (line 3)"
            ]
        );
    }
}
