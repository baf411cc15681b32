//! Counts of instructions from valgrind's callgrind. They do not depend on other work of the
//! machine.

use std::fs;
use std::process::Command;

use crate::command;
use crate::command::Workspace;

/// The number of operations under callgrind, which is fifty times slower.
pub(crate) const OPERATIONS: u32 = 500;

/// Returns the reason for not counting if valgrind is missing.
pub(crate) fn missing() -> Option<String> {
    let version = command::read(Command::new("valgrind").arg("--version"));
    version
        .err()
        .map(|_| "valgrind is not installed".to_owned())
}

/// Counts the instructions that a program executes in user space during the measured part. The
/// profile stays in the folder `bench/target/callgrind`, for `callgrind_annotate`.
///
/// # Errors
/// An error message if the program does not run under callgrind, or if nothing was counted.
pub(crate) fn collected(
    workspace: &Workspace,
    name: &str,
    program: &Command,
) -> Result<f64, String> {
    let folder = workspace.root().join("bench/target/callgrind");
    let failed = |error| format!("{}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    let file = folder.join(format!("{name}.out"));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", TOGGLE])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program.get_program())
        .args(program.get_args());
    command::read(&mut command)?;
    let profile = fs::read_to_string(&file).map_err(failed)?;
    let nothing = || format!("{name}: callgrind counted nothing");
    totals(&profile).ok_or_else(nothing)
}

fn totals(profile: &str) -> Option<f64> {
    let total = profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))?;
    total.trim().parse().ok().filter(|total| *total > 0.0)
}

/// Restricts the count to this function and what it calls; see `bench/client/src/measure.rs`.
const TOGGLE: &str = "--toggle-collect=bench_client::measure::collected";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_stands_at_the_end_of_a_profile() {
        let profile = "events: Ir\nfn=(1)\n12 34\n\ntotals: 61712\n";
        assert_eq!(totals(profile), Some(61_712.0));
        assert_eq!(totals("events: Ir\n"), None);
        assert_eq!(totals("totals: 0\n"), None);
    }
}
