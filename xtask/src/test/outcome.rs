//! The outcome of a stage.

use std::fmt;

/// The result of one stage.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) counts: Counts,
    /// The lines that the stage adds to the summary.
    pub(crate) notes: Vec<String>,
}

impl Outcome {
    /// Creates the outcome of a stage without tests that has passed; it counts as one.
    pub(crate) fn passed() -> Self {
        Self {
            verdict: Verdict::Passed,
            counts: Counts {
                passed: 1,
                ..Counts::default()
            },
            notes: Vec::new(),
        }
    }

    /// Creates the outcome of a stage without tests that has failed; it counts as one.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Failed(reason.into()),
            counts: Counts {
                failed: 1,
                ..Counts::default()
            },
            notes: Vec::new(),
        }
    }

    /// Creates the outcome of a stage that cannot run on this machine; it counts as one.
    pub(crate) fn skipped(reason: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Skipped(reason.into()),
            counts: Counts {
                skipped: 1,
                ..Counts::default()
            },
            notes: Vec::new(),
        }
    }

    /// Creates the outcome of a stage with tests. It has passed if its commands succeeded, no test
    /// failed and at least one ran.
    ///
    /// A failure outside of the tests, for example a compile error, counts as one.
    pub(crate) fn of_tests(mut counts: Counts, failures: Vec<String>) -> Self {
        let mut failures = failures;
        if counts.passed == 0 && counts.failed == 0 && failures.is_empty() {
            failures.push("no test was run".to_owned());
        }
        if counts.failed > 0 && failures.is_empty() {
            failures.push("a test failed".to_owned());
        }
        if failures.is_empty() {
            return Self {
                verdict: Verdict::Passed,
                counts,
                notes: Vec::new(),
            };
        }
        counts.failed = counts.failed.max(1);
        Self {
            verdict: Verdict::Failed(failures.join("; ")),
            counts,
            notes: Vec::new(),
        }
    }
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::failed, |()| Self::passed())
    }
}

/// The verdict of a stage, with the reason if it did not pass.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        })
    }
}

/// Numbers of tests, or of stages without tests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: usize, failed: usize, skipped: usize) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn a_run_without_a_test_has_failed() {
        for skipped in [0, 4] {
            let outcome = Outcome::of_tests(counts(0, 0, skipped), Vec::new());
            assert_eq!(
                outcome.verdict,
                Verdict::Failed("no test was run".to_owned())
            );
            assert_eq!(outcome.counts, counts(0, 1, skipped));
        }
    }

    #[test]
    fn a_failure_that_no_test_accounts_for_counts_as_one() {
        let outcome = Outcome::of_tests(counts(7, 0, 0), vec!["it did not compile".to_owned()]);
        assert_eq!(
            outcome.verdict,
            Verdict::Failed("it did not compile".to_owned())
        );
        assert_eq!(outcome.counts, counts(7, 1, 0));
    }

    #[test]
    fn failed_tests_fail_the_stage_for_every_exit_code() {
        let outcome = Outcome::of_tests(counts(7, 2, 0), Vec::new());
        assert_eq!(outcome.verdict, Verdict::Failed("a test failed".to_owned()));
        assert_eq!(outcome.counts, counts(7, 2, 0));
    }

    #[test]
    fn tests_that_all_pass_pass() {
        let outcome = Outcome::of_tests(counts(7, 0, 1), Vec::new());
        assert_eq!(outcome.verdict, Verdict::Passed);
        assert_eq!(outcome.counts, counts(7, 0, 1));
    }
}
