//! The growth of allocations and time, from an eighth of the longest text to the longest.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::hostile::{Case, cases};

const STEP: usize = 8;

#[test]
fn eight_times_the_input_takes_about_eight_times_the_work() {
    for case in cases() {
        let [short, long] = [case.longest / STEP, case.longest].map(|length| (case.make)(length));
        // The first reading sets up what every later one uses.
        drop((case.read)(&short));
        let [few, many] =
            [&short, &long].map(|text| allocation_counter::measure(|| drop((case.read)(text))));
        // Half more than proportional growth, because vectors grow in steps, and a constant.
        let allowed = |few: u64, share: u64| few * STEP as u64 * 3 / 2 + share;
        assert!(
            many.bytes_total <= allowed(few.bytes_total, 4096),
            "{}: {few:?}, {many:?}",
            case.name
        );
        assert!(
            many.count_total <= allowed(few.count_total, 64),
            "{}: {few:?}, {many:?}",
            case.name
        );
        // Quadratic work takes 64 times as long, each time that it is measured. A single
        // measurement can be wrong on a busy machine.
        let is_linear = |_| time(&case, &long) < time(&case, &short) * 24;
        assert!((0..3).any(is_linear), "{} takes too long", case.name);
    }
}

/// Returns the time of one reading, as the mean of enough readings to be measured.
fn time(case: &Case, text: &[u8]) -> Duration {
    const MEASURABLE: Duration = Duration::from_millis(16);
    let start = thread_time();
    for readings in 1.. {
        drop((case.read)(text));
        let elapsed = thread_time().saturating_sub(start);
        if elapsed >= MEASURABLE {
            return elapsed / readings;
        }
    }
    MEASURABLE
}

/// Returns the processor time of this thread on Linux, and the elapsed time on other systems. Only
/// the processor time is reliable while other programs run.
fn thread_time() -> Duration {
    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    // The thread has already run for many milliseconds, so its time is not zero.
    static IS_TOLD: LazyLock<bool> = LazyLock::new(|| told().is_some_and(|time| !time.is_zero()));
    let told = IS_TOLD.then(told).flatten();
    told.unwrap_or_else(|| BEGINNING.elapsed())
}

fn told() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let (nanoseconds, _) = statistics.split_once(' ')?;
    nanoseconds.parse().ok().map(Duration::from_nanos)
}
