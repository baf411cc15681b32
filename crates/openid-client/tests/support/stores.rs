//! What every store promises.

#![allow(clippy::arithmetic_side_effects, reason = "a panic is a failed test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use openid_client::Secret;
use openid_client::store::{Lease, Revision, TokenStore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::drop_after;

pub const LONG: Duration = Duration::from_secs(3600);

pub async fn save(store: &dyn TokenStore, name: &str, value: &str) -> Revision {
    let saved = store.save(name, value.into(), None, LONG).await.unwrap();
    saved.unwrap()
}

pub async fn value(store: &dyn TokenStore, name: &str) -> Option<String> {
    let entry = store.load(name).await.unwrap();
    entry.map(|entry| entry.value.expose().clone())
}

pub async fn a_value_is_replaced_only_where_it_is_the_one_expected(
    kind: &str,
    store: Arc<dyn TokenStore>,
) {
    let store = &*store;
    assert_eq!(value(store, "a").await, None, "{kind}");
    let absent = store.save("a", "x".into(), Some(Revision::new(1)), LONG);
    assert_eq!(absent.await.unwrap(), None, "{kind}");
    let first = save(store, "a", "1").await;
    save(store, "b", "other").await;
    let second = store.save("a", "2".into(), Some(first), LONG).await;
    let second = second.unwrap().unwrap();
    assert!(second > first, "{kind}");
    let late = store.save("a", "late".into(), Some(first), LONG).await;
    assert_eq!(late.unwrap(), None, "{kind}");
    let entry = store.load("a").await.unwrap().unwrap();
    assert_eq!(
        (entry.value, entry.revision),
        ("2".into(), second),
        "{kind}"
    );
    assert_eq!(value(store, "b").await.as_deref(), Some("other"), "{kind}");
    // Neither does one that was put there after the expected one was removed.
    store.take("a").await.unwrap();
    assert!(save(store, "a", "3").await > second, "{kind}");
    let late = store.save("a", "late".into(), Some(second), LONG).await;
    assert_eq!(late.unwrap(), None, "{kind}");
}

pub async fn a_value_is_taken_once(kind: &str, store: Arc<dyn TokenStore>) {
    save(&*store, "a", "1").await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.take("a").await.unwrap() });
    }
    let taken: Vec<Secret> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken, ["1".into()], "{kind}");
    assert_eq!(value(&*store, "a").await, None, "{kind}");
}

pub async fn what_has_expired_is_not_there(kind: &str, store: Arc<dyn TokenStore>) {
    let moment = Duration::from_millis(20);
    let saved = store.save("a", "1".into(), None, moment).await.unwrap();
    tokio::time::sleep(moment * 2).await;
    assert_eq!(value(&*store, "a").await, None, "{kind}");
    assert_eq!(store.take("a").await.unwrap(), None, "{kind}");
    let late = store.save("a", "2".into(), saved, LONG).await.unwrap();
    assert_eq!(late, None, "{kind}");
}

pub async fn one_lease_of_a_name_is_held(kind: &str, store: Arc<dyn TokenStore>) {
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.lease("a", LONG).await.unwrap() });
    }
    let leases: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let [lease] = leases.try_into().unwrap();
    let other = store.lease("b", LONG).await.unwrap().unwrap();
    // A lease of another name releases nothing.
    store.release("a", other).await.unwrap();
    assert_eq!(store.lease("a", LONG).await.unwrap(), None, "{kind}");
    let number = lease.number();
    store.release("a", lease).await.unwrap();
    let moment = Duration::from_millis(20);
    let next = store.lease("a", moment).await.unwrap().unwrap();
    assert!(next.number() > number, "{kind}");
    tokio::time::sleep(moment * 2).await;
    let after = store.lease("a", LONG).await.unwrap().unwrap();
    // A late release of the one that ran out changes nothing.
    store.release("a", next).await.unwrap();
    assert_eq!(store.lease("a", LONG).await.unwrap(), None, "{kind}");
    assert!(
        save(&*store, "a", "1").await.number() > after.number(),
        "{kind}"
    );
}

/// Each operation is dropped at each of its waits. What follows finds it done or not done, and is
/// not undone by it later.
pub async fn a_dropped_operation_happens_as_a_whole_or_not_at_all(
    kind: &str,
    store: Arc<dyn TokenStore>,
) {
    let store = &*store;
    let operations = ["load", "save", "save after", "take", "lease", "release"];
    for operation in operations {
        for waits in 0.. {
            let name = &*format!("{operation}-{waits}");
            let at = format!("{kind}: {operation} at {waits}");
            let first = save(store, name, "old").await;
            let leased = match operation {
                "release" => store.lease(name, LONG).await.unwrap(),
                _ => None,
            };
            let number = leased.as_ref().map(Lease::number);
            let begun = Instant::now();
            let is_complete = match operation {
                "load" => drop_after(waits, store.load(name)).await,
                "save" => drop_after(waits, store.save(name, "new".into(), None, LONG)).await,
                "save after" => {
                    let save = store.save(name, "new".into(), Some(first), LONG);
                    drop_after(waits, save).await
                }
                "take" => drop_after(waits, store.take(name)).await,
                "lease" => drop_after(waits, store.lease(name, MOMENT)).await,
                _ => drop_after(waits, store.release(name, leased.unwrap())).await,
            };
            let is_done = match operation {
                "load" => is_complete,
                "save" | "save after" => {
                    let found = value(store, name).await;
                    let found = found.as_deref();
                    assert!(found == Some("old") || found == Some("new"), "{at}");
                    found == Some("new")
                }
                "take" => value(store, name).await.is_none(),
                // The lease of a caller that is gone ends with its time.
                "lease" => match store.lease(name, LONG).await.unwrap() {
                    // It was not taken, or its time is over on a machine with much to do.
                    Some(_) => is_complete && begun.elapsed() >= MOMENT,
                    None => {
                        sleep(MOMENT * 2).await;
                        store.lease(name, LONG).await.unwrap().unwrap();
                        true
                    }
                },
                _ => {
                    let done = store.lease(name, LONG).await.unwrap().is_some();
                    if !done {
                        let lease = Lease::new(number.unwrap());
                        store.release(name, lease).await.unwrap();
                        store.lease(name, LONG).await.unwrap().unwrap();
                    }
                    done
                }
            };
            assert!(waits > 0 || !is_done, "{at}: done before it was polled");
            assert!(is_done || !is_complete, "{at}: complete and not done");
            let last = save(store, name, "last").await;
            sleep(MOMENT).await;
            let entry = store.load(name).await.unwrap().unwrap();
            assert_eq!((entry.value, entry.revision), ("last".into(), last), "{at}");
            if operation == "lease" || operation == "release" {
                assert_eq!(store.lease(name, LONG).await.unwrap(), None, "{at}");
            }
            if is_complete {
                break;
            }
        }
    }
}

const MOMENT: Duration = Duration::from_millis(20);
