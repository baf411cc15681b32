//! The output: one line for each case, with columns separated by tabs.
//!
//! The columns are group, role, case, median in nanoseconds, ratio to the floor, the lower and the
//! upper quartile of the ratio, allocations per operation, and rounds.
//!
//! The floor of a group is its floor case with the smallest median. Ratios are medians over the
//! rounds.

use crate::rounds::Measurement;
use crate::suite::{Role, Suite};

/// Prints the line of every case.
pub fn print(suite: &Suite, results: &[Vec<Measurement>]) {
    for (group, measurements) in suite.groups.iter().zip(results) {
        let floor = group
            .cases
            .iter()
            .zip(measurements)
            .filter(|(case, _)| case.role == Role::Floor)
            .map(|(_, measurement)| &measurement.rounds)
            .min_by(|a, b| quantile(a, 0.5).total_cmp(&quantile(b, 0.5)))
            .expect("every group has a floor");
        for (case, measurement) in group.cases.iter().zip(measurements) {
            let pairs = measurement.rounds.iter().zip(floor);
            let ratios: Vec<f64> = pairs.map(|(case, floor)| case / floor).collect();
            println!(
                "{}\t{}\t{}\t{:.1}\t{:.4}\t{:.4}\t{:.4}\t{}\t{}",
                group.name,
                case.role.word(),
                case.name,
                quantile(&measurement.rounds, 0.5),
                quantile(&ratios, 0.5),
                quantile(&ratios, 0.25),
                quantile(&ratios, 0.75),
                measurement.allocations,
                ratios.len(),
            );
        }
    }
}

fn quantile(values: &[f64], position: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let index = (sorted.len() - 1) as f64 * position;
    sorted[index.round() as usize]
}
