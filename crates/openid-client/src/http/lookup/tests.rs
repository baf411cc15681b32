use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::*;

static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// A resolver that is slow, like the platform's with names whose servers do not answer.
fn dead(_: &str) -> io::Result<Vec<IpAddr>> {
    let now = AT_ONCE.fetch_add(1, Ordering::SeqCst).saturating_add(1);
    MOST.fetch_max(now, Ordering::SeqCst);
    ASKED.fetch_add(1, Ordering::SeqCst);
    thread::sleep(Duration::from_millis(300));
    AT_ONCE.fetch_sub(1, Ordering::SeqCst);
    Err(io::ErrorKind::NotFound.into())
}

/// 600 names that have no address take few threads, and a file is read at once.
#[tokio::test]
async fn dead_names_leave_threads_for_other_work() {
    let platform = Platform::asking(dead, &PROCESS);
    let waiting: Vec<_> = (0..600)
        .map(|number| {
            let host = format!("dead-{}.example", number % 300);
            tokio::spawn(Arc::clone(&platform).addresses(host))
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    let other = tokio::task::spawn_blocking(|| std::fs::read_to_string("Cargo.toml")).await;
    assert!(other.unwrap().unwrap().contains("openid-client"));
    assert!(
        begun.elapsed() < Duration::from_millis(250),
        "{:?}",
        begun.elapsed()
    );
    // Callers that give up leave nothing behind them but the lookups that have begun.
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(MOST.load(Ordering::SeqCst), LOOKUPS);
    assert!(ASKED.load(Ordering::SeqCst) <= LOOKUPS * 2);
    assert!(lock(&platform.under_way).is_empty());
    assert_eq!(platform.permits.available_permits(), LOOKUPS);
}

static ONE_NAME: AtomicUsize = AtomicUsize::new(0);

/// All that want one name share one lookup, and each answer counts for those alone who waited for
/// it.
#[tokio::test]
async fn a_name_is_looked_up_once_for_all_that_wait() {
    let look_up = |_: &str| {
        ONE_NAME.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(100));
        Ok(vec![[127, 0, 0, 1].into()])
    };
    let platform = Platform::asking(look_up, &PROCESS);
    for lookups in 1..=2 {
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..200 {
            waiting.spawn(Arc::clone(&platform).addresses("one.example".to_owned()));
        }
        for answer in waiting.join_all().await {
            assert_eq!(answer.unwrap(), [IpAddr::from([127, 0, 0, 1])]);
        }
        assert_eq!(ONE_NAME.load(Ordering::SeqCst), lookups);
    }
}

static OF_ALL: AtomicUsize = AtomicUsize::new(0);
static MOST_OF_ALL: AtomicUsize = AtomicUsize::new(0);
static FEW: Semaphore = Semaphore::const_new(LOOKUPS + 4);

/// A process with many transports, each of which has a name whose server does not answer.
#[tokio::test]
async fn all_transports_together_take_few_threads() {
    let look_up = |_: &str| {
        let now = OF_ALL.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        MOST_OF_ALL.fetch_max(now, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(50));
        OF_ALL.fetch_sub(1, Ordering::SeqCst);
        Err(io::ErrorKind::NotFound.into())
    };
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..LOOKUPS * 4 {
        let platform = Platform::asking(look_up, &FEW);
        waiting.spawn(platform.addresses(format!("dead-{number}.example")));
    }
    let answers = waiting.join_all().await;
    assert!(answers.iter().all(Result::is_err));
    assert_eq!(MOST_OF_ALL.load(Ordering::SeqCst), LOOKUPS + 4);
}
