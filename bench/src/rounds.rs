//! Interleaved measurement.
//!
//! The speed of a shared machine changes by a third within minutes, so cases that run one after the
//! other cannot be compared. Instead, every case runs a small batch in each round. The order of the
//! groups is random, and so is the order of the cases within a group. A case is compared with its
//! floor in the same round, a few milliseconds apart. The result is the median over the rounds.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::allocations;
use crate::suite::{Group, Suite};

/// The measurements of one case.
pub struct Measurement {
    /// The nanoseconds per operation in each round.
    pub rounds: Vec<f64>,
    /// The heap allocations per operation.
    pub allocations: u64,
}

/// Runs all cases until the time is over. The result has the structure of the suite: groups, then
/// cases.
pub fn run(suite: &mut Suite, duration: Duration) -> Vec<Vec<Measurement>> {
    let mut batches: Vec<Vec<u32>> = Vec::new();
    let mut results: Vec<Vec<Measurement>> = Vec::new();
    for group in &mut suite.groups {
        let cases = &mut group.cases;
        batches.push(
            cases
                .iter_mut()
                .map(|case| batch(&mut case.operation))
                .collect(),
        );
        results.push(
            cases
                .iter_mut()
                .map(|case| Measurement {
                    rounds: Vec::new(),
                    allocations: allocations::count(&mut case.operation),
                })
                .collect(),
        );
    }

    let mut order: Vec<usize> = (0..suite.groups.len()).collect();
    let end = Instant::now() + duration;
    while Instant::now() < end {
        fastrand::shuffle(&mut order);
        for &index in &order {
            run_group(
                &mut suite.groups[index],
                &batches[index],
                &mut results[index],
            );
        }
    }
    results
}

fn run_group(group: &mut Group, batches: &[u32], results: &mut [Measurement]) {
    let mut order: Vec<usize> = (0..group.cases.len()).collect();
    fastrand::shuffle(&mut order);
    for index in order {
        let operation = &mut group.cases[index].operation;
        let batch = batches[index];
        // Runs a small batch first, because the previous case has changed the caches and the branch
        // predictor.
        time(operation, batch / 16 + 1);
        let nanoseconds = time(operation, batch) / f64::from(batch);
        results[index].rounds.push(nanoseconds);
    }
}

/// Returns the number of operations that take about a millisecond and a half.
fn batch(operation: &mut dyn FnMut()) -> u32 {
    let mut operations = 1;
    loop {
        let nanoseconds = time(operation, operations);
        if nanoseconds > BATCH / 2.0 || operations >= 1 << 20 {
            let per_operation = (nanoseconds / f64::from(operations)).max(1.0);
            return ((BATCH / per_operation) as u32).max(1);
        }
        operations *= 2;
    }
}

/// Returns the nanoseconds of processor time that this thread needs for a number of operations.
///
/// Unlike the elapsed time, it does not grow while another process uses the processor.
fn time(operation: &mut dyn FnMut(), operations: u32) -> f64 {
    let start = thread_nanoseconds();
    for _ in 0..operations {
        operation();
    }
    thread_nanoseconds() - start
}

fn thread_nanoseconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// The duration of a batch, in nanoseconds.
const BATCH: f64 = 1.5e6;
