//! `cargo xtask test`: every check of this project, in stages.

mod browser;
mod count;
mod node;
mod options;
mod outcome;
mod real_provider;
mod stages;
mod summary;

use std::process::ExitCode;
use std::time::Instant;

use crate::command::Workspace;
use options::{Options, Request};
use outcome::{Outcome, Verdict};
use stages::STAGES;
use summary::{Row, Summary};

/// Runs the stages that the arguments select, in order, and prints a summary.
///
/// Every selected stage runs, even after one has failed. The exit code is not zero if one of them
/// failed.
///
/// # Errors
/// An error message for invalid arguments.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode, String> {
    let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
    let options = match options::parse(arguments, &names)? {
        Request::Help => {
            println!("{}", options::USAGE);
            return Ok(ExitCode::SUCCESS);
        }
        Request::List => {
            for stage in STAGES {
                println!("{:14} {}", stage.name, stage.about);
            }
            return Ok(ExitCode::SUCCESS);
        }
        Request::Run(options) => options,
    };

    let mut summary = Summary::default();
    for stage in STAGES.iter().filter(|stage| options.selects(stage.name)) {
        println!("\n== {}: {}", stage.name, stage.about);
        let start = Instant::now();
        let outcome = require(&options, stage.name, (stage.run)(workspace));
        let time = start.elapsed();
        println!(
            "== {}: {} in {:.1} s",
            stage.name,
            outcome.verdict,
            time.as_secs_f64()
        );
        summary.push(Row {
            stage: stage.name,
            outcome,
            time,
        });
    }

    print!("\n{summary}");
    Ok(if summary.has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Turns the outcome of a skipped stage into a failure when the stage is required.
fn require(options: &Options, stage: &str, outcome: Outcome) -> Outcome {
    match outcome.verdict {
        Verdict::Skipped(reason) if options.requires(stage) => {
            Outcome::failed(format!("required, but skipped: {reason}"))
        }
        verdict => Outcome { verdict, ..outcome },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Options {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        match options::parse(&arguments, &["deny", "unit"]).unwrap() {
            Request::Run(options) => options,
            other => panic!("not a run: {other:?}"),
        }
    }

    #[test]
    fn a_skip_fails_only_where_the_stage_is_required() {
        let skipped = || Outcome::skipped("cargo-deny is not installed");

        let free = require(&options(&["--require", "unit"]), "deny", skipped());
        assert_eq!(free.verdict, skipped().verdict);

        let required = require(&options(&["--require", "deny"]), "deny", skipped());
        assert_eq!(
            required.verdict,
            Verdict::Failed("required, but skipped: cargo-deny is not installed".to_owned())
        );
        assert_eq!(required.counts.failed, 1);
        assert_eq!(required.counts.skipped, 0);
    }

    #[test]
    fn requiring_a_stage_leaves_its_other_verdicts_alone() {
        let passed = require(&options(&["--require", "deny"]), "deny", Outcome::passed());
        assert_eq!(passed.verdict, Verdict::Passed);
        assert_eq!(passed.counts.passed, 1);
    }
}
