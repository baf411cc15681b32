//! The measurement of one operation on one thread, with a number of runs and a number of parallel
//! runs.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

use crate::allocations;
use crate::operation::Operation;

/// The arguments of the command line.
pub struct Plan {
    pub library: String,
    pub operation: Operation,
    pub provider: String,
    in_flight: usize,
    count: usize,
    pub runtime: Runtime,
}

impl Plan {
    /// Reads the command line: library, operation, parallel runs, number of runs, and the
    /// provider's URL.
    pub fn from_arguments() -> Self {
        let arguments: Vec<String> = env::args().skip(1).collect();
        let [library, operation, in_flight, count, provider] = arguments
            .try_into()
            .expect("LIBRARY OPERATION IN_FLIGHT COUNT PROVIDER");
        raise_descriptor_limit();
        Self {
            library,
            operation: Operation::named(&operation).expect("the name of an operation"),
            provider,
            in_flight: in_flight.parse().expect("a number"),
            count: count.parse().expect("a number"),
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
        }
    }

    /// Returns the number of runs, including those that warm up.
    pub fn runs(&self) -> usize {
        self.warm_up() + self.count
    }

    fn warm_up(&self) -> usize {
        self.in_flight.max(50)
    }

    /// Runs the operation and prints, separated by tabs: the number of runs, nanoseconds of elapsed
    /// time, nanoseconds of processor time, allocations, the maximum bytes of heap, and the maximum
    /// kibibytes of memory.
    pub fn measure<F, Fut>(&self, operation: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        let operation = Arc::new(operation);
        // Opens the connections, and fills the caches of the library and of the processor.
        self.runtime
            .block_on(repeat(&operation, self.in_flight, self.warm_up()));

        allocations::forget_peak();
        let allocations = allocations::count();
        let (wall, processor) = (Instant::now(), processor_time());
        collected(&mut || {
            self.runtime
                .block_on(repeat(&operation, self.in_flight, self.count));
        });
        let (wall, processor) = (wall.elapsed(), processor_time() - processor);
        println!(
            "{}\t{}\t{}\t{}\t{}\t{}",
            self.count,
            wall.as_nanos(),
            processor.as_nanos(),
            allocations::count() - allocations,
            allocations::peak(),
            peak_memory(),
        );
    }
}

/// The function that callgrind measures. Callgrind finds it by its name.
#[inline(never)]
fn collected(work: &mut dyn FnMut()) {
    work();
    // Without a following statement the call becomes a jump, and the function ends before the work.
    black_box(());
}

/// Runs an operation `count` times in `in_flight` tasks.
async fn repeat<F, Fut>(operation: &Arc<F>, in_flight: usize, count: usize)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let begun = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..in_flight)
        .map(|_| {
            let (operation, begun) = (Arc::clone(operation), Arc::clone(&begun));
            tokio::spawn(async move {
                while begun.fetch_add(1, Ordering::Relaxed) < count {
                    operation().await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("the operation succeeds");
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = time.tv_sec.try_into().expect("a positive time");
    let nanoseconds = time.tv_nsec.try_into().expect("less than a second");
    Duration::new(seconds, nanoseconds)
}

/// Returns the peak memory in kibibytes, or 0 if the system does not report it.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"))
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

/// Raises the limit of file descriptors. A thousand connections need more than many shells allow by
/// default.
pub fn raise_descriptor_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).expect("the limit may be raised up to its maximum");
}
