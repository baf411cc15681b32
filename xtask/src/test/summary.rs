//! The table at the end of a run.

use std::fmt;
use std::time::Duration;

use super::outcome::{Counts, Outcome, Verdict};

/// Every stage that ran, in order. The last line is a count for other tools.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

/// One stage that ran.
pub(crate) struct Row {
    pub(crate) stage: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) time: Duration,
}

impl Summary {
    pub(crate) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.rows
            .iter()
            .any(|row| matches!(row.outcome.verdict, Verdict::Failed(_)))
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        for row in &self.rows {
            total.add(row.outcome.counts);
        }
        total
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Row {
            stage,
            outcome,
            time,
        } in &self.rows
        {
            write!(
                f,
                "{stage:14} {:8} {:7.1} s",
                outcome.verdict,
                time.as_secs_f64()
            )?;
            match &outcome.verdict {
                Verdict::Passed => writeln!(f, "  {}", outcome.counts)?,
                Verdict::Failed(reason) | Verdict::Skipped(reason) => writeln!(f, "  {reason}")?,
            }
            for note in &outcome.notes {
                writeln!(f, "    {note}")?;
            }
        }
        writeln!(f, "\n{}", self.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(outcomes: Vec<Outcome>) -> Summary {
        let mut summary = Summary::default();
        for outcome in outcomes {
            summary.push(Row {
                stage: "unit",
                outcome,
                time: Duration::from_millis(1500),
            });
        }
        summary
    }

    #[test]
    fn the_last_line_is_the_count_and_nothing_else() {
        let tests = Counts {
            passed: 40,
            failed: 0,
            skipped: 2,
        };
        let summary = summary(vec![
            Outcome::passed(),
            Outcome::of_tests(tests, Vec::new()),
            Outcome::skipped("Node is not installed"),
        ]);
        assert!(!summary.has_failed());
        assert_eq!(
            summary.to_string().lines().last(),
            Some("41 passed, 0 failed, 3 skipped")
        );
    }

    #[test]
    fn one_failed_stage_fails_the_run_and_says_why() {
        let summary = summary(vec![
            Outcome::passed(),
            Outcome::failed("a line is too long"),
        ]);
        assert!(summary.has_failed());
        let text = summary.to_string();
        assert!(
            text.contains("unit           failed       1.5 s  a line is too long\n"),
            "{text}"
        );
        assert_eq!(text.lines().last(), Some("1 passed, 1 failed, 0 skipped"));
    }

    #[test]
    fn notes_stand_below_their_stage() {
        let mut outcome = Outcome::passed();
        outcome.notes.push("code_flow".to_owned());
        let text = summary(vec![outcome]).to_string();
        assert!(
            text.contains("1 passed, 0 failed, 0 skipped\n    code_flow\n"),
            "{text}"
        );
    }
}
