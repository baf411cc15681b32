//! Stores: what each operation promises, in memory and in a file.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use openid_client::Secret;
use openid_client::store::{FileStore, MemoryStore, Revision, TokenStore};
use tokio::task::JoinSet;

const LONG: Duration = Duration::from_secs(3600);

/// A file of this test's own, which is not there.
fn path() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("store-{}-{number}.json", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path
}

fn stores() -> [(&'static str, Arc<dyn TokenStore>); 2] {
    [
        ("memory", Arc::new(MemoryStore::new())),
        ("file", Arc::new(FileStore::new(path()))),
    ]
}

async fn save(store: &dyn TokenStore, name: &str, value: &str) -> Revision {
    let saved = store.save(name, value.into(), None, LONG).await.unwrap();
    saved.unwrap()
}

async fn value(store: &dyn TokenStore, name: &str) -> Option<String> {
    let entry = store.load(name).await.unwrap();
    entry.map(|entry| entry.value.expose().clone())
}

#[tokio::test]
async fn a_value_is_replaced_only_where_it_is_the_one_expected() {
    for (kind, store) in stores() {
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
}

#[tokio::test]
async fn a_value_is_taken_once() {
    for (kind, store) in stores() {
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
}

#[tokio::test]
async fn what_has_expired_is_not_there() {
    for (kind, store) in stores() {
        let moment = Duration::from_millis(20);
        let saved = store.save("a", "1".into(), None, moment).await.unwrap();
        tokio::time::sleep(moment * 2).await;
        assert_eq!(value(&*store, "a").await, None, "{kind}");
        assert_eq!(store.take("a").await.unwrap(), None, "{kind}");
        let late = store.save("a", "2".into(), saved, LONG).await.unwrap();
        assert_eq!(late, None, "{kind}");
    }
}

#[tokio::test]
async fn one_lease_of_a_name_is_held() {
    for (kind, store) in stores() {
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let store = Arc::clone(&store);
            tasks.spawn(async move { store.lease("a", LONG).await.unwrap() });
        }
        let leases: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        let [lease] = leases.try_into().unwrap();
        let other = store.lease("b", LONG).await.unwrap().unwrap();
        // Nobody gives back what is another's.
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
}

#[tokio::test]
async fn a_file_is_shared_and_survives_its_stores() {
    let path = path();
    let (one, two) = (FileStore::new(&path), FileStore::new(&path));
    save(&one, "a", "1").await;
    assert_eq!(value(&two, "a").await.as_deref(), Some("1"));
    let lease = one.lease("a", LONG).await.unwrap();
    assert!(lease.is_some());
    assert_eq!(two.lease("a", LONG).await.unwrap(), None);
    drop((one, two));
    let later = FileStore::new(&path);
    assert_eq!(value(&later, "a").await.as_deref(), Some("1"));
    assert_eq!(later.lease("a", LONG).await.unwrap(), None);
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let path = path();
    let store = FileStore::new(&path);
    save(&store, "a", "1").await;
    // One that another program left open to others is replaced, with its mode.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    save(&store, "a", "2").await;
    for suffix in ["", ".lock"] {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
    let mut left = path.into_os_string();
    left.push(".new");
    assert!(!std::path::Path::new(&left).exists());
}

/// A process waits while another one holds the lock.
#[tokio::test]
async fn an_operation_waits_for_the_lock() {
    let path = path();
    let store = FileStore::new(&path);
    save(&store, "a", "1").await;
    let mut name = path.into_os_string();
    name.push(".lock");
    let lock = std::fs::File::open(name).unwrap();
    lock.lock().unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(50), store.load("a"));
    assert!(waits.await.is_err());
    lock.unlock().unwrap();
    assert_eq!(value(&store, "a").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_and_stays() {
    for (text, message) in [
        ("{\"version\":1,\"secret-at\"", "no token store, at line 1"),
        ("", "no token store, at line 1"),
        (
            "{\"version\":2,\"numbers\":0,\"entries\":{},\"leases\":{}}",
            "unknown version of a token store: expected 1, found 2",
        ),
    ] {
        let path = path();
        std::fs::write(&path, text).unwrap();
        let store = FileStore::new(&path);
        let error = store.save("a", "1".into(), None, LONG).await.unwrap_err();
        assert_eq!(error.to_string(), "the token store failed to save");
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), message);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    let error = FileStore::new("/nowhere/store")
        .load("a")
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "the token store failed to load");
}
