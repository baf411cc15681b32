//! Stores: what each operation promises, in memory and in a file.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use openid_client::store::{FileStore, MemoryStore, TokenStore};

use self::support::stores::{self, LONG, save, value};

/// A file of this test's own, which is not there.
fn path() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("store-{}-{number}.json", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path
}

fn every_store() -> [(&'static str, Arc<dyn TokenStore>); 2] {
    [
        ("memory", Arc::new(MemoryStore::new())),
        ("file", Arc::new(FileStore::new(path()))),
    ]
}

#[tokio::test]
async fn a_value_is_replaced_only_where_it_is_the_one_expected() {
    for (kind, store) in every_store() {
        stores::a_value_is_replaced_only_where_it_is_the_one_expected(kind, store).await;
    }
}

#[tokio::test]
async fn a_value_is_taken_once() {
    for (kind, store) in every_store() {
        stores::a_value_is_taken_once(kind, store).await;
    }
}

#[tokio::test]
async fn what_has_expired_is_not_there() {
    for (kind, store) in every_store() {
        stores::what_has_expired_is_not_there(kind, store).await;
    }
}

#[tokio::test]
async fn one_lease_of_a_name_is_held() {
    for (kind, store) in every_store() {
        stores::one_lease_of_a_name_is_held(kind, store).await;
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

/// Writes the end of the lease as a clock that differs by this many milliseconds would have.
fn set_clock(path: &Path, differs: i64) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut content: serde_json::Value = serde_json::from_str(&text).unwrap();
    let until = content.pointer_mut("/leases/a/until").unwrap();
    *until = (until.as_i64().unwrap() + differs).into();
    std::fs::write(path, content.to_string()).unwrap();
}

const AN_HOUR: i64 = 3_600_000;

/// A lease of a holder that has died, and the clock is an hour behind the one that it was taken by.
#[tokio::test]
async fn a_clock_that_was_set_back_holds_a_lease_for_its_lifetime_and_no_longer() {
    let lifetime = Duration::from_millis(400);
    // Both know that it is over.
    for asks in ["holder", "other"] {
        let path = path();
        let (holder, other) = (FileStore::new(&path), FileStore::new(&path));
        assert!(holder.lease("a", lifetime).await.unwrap().is_some());
        set_clock(&path, AN_HOUR);
        // It is seen now for the first time.
        assert_eq!(other.lease("a", lifetime).await.unwrap(), None);
        tokio::time::sleep(lifetime * 2).await;
        let store = if asks == "holder" { holder } else { other };
        let lease = store.lease("a", lifetime).await.unwrap();
        assert!(lease.is_some(), "{asks}");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_forward_ends_no_lease_that_was_seen_before() {
    let path = path();
    let (holder, other) = (FileStore::new(&path), FileStore::new(&path));
    assert!(holder.lease("a", LONG).await.unwrap().is_some());
    assert_eq!(other.lease("a", LONG).await.unwrap(), None);
    set_clock(&path, -2 * AN_HOUR);
    for store in [&holder, &other] {
        assert_eq!(store.lease("a", LONG).await.unwrap(), None);
    }
    // As the documentation says, a store that sees it only now takes it for over.
    assert!(
        FileStore::new(&path)
            .lease("a", LONG)
            .await
            .unwrap()
            .is_some()
    );
}

/// A lease that is too long to be told is long, and not over.
#[tokio::test]
async fn a_lease_without_end_is_held() {
    for (kind, store) in every_store() {
        assert!(store.lease("a", Duration::MAX).await.unwrap().is_some());
        assert_eq!(store.lease("a", LONG).await.unwrap(), None, "{kind}");
    }
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

/// Otherwise it would replace what its caller saves afterwards.
#[tokio::test]
async fn an_operation_given_up_before_it_has_the_lock_does_nothing() {
    let path = path();
    let store = FileStore::new(&path);
    let first = save(&store, "a", "1").await;
    let mut name = path.into_os_string();
    name.push(".lock");
    let lock = std::fs::File::open(name).unwrap();
    lock.lock().unwrap();
    let moment = Duration::from_millis(50);
    let late = store.save("a", "late".into(), None, LONG);
    assert!(tokio::time::timeout(moment, late).await.is_err());
    let taken = store.take("a");
    assert!(tokio::time::timeout(moment, taken).await.is_err());
    lock.unlock().unwrap();
    tokio::time::sleep(moment).await;
    let entry = store.load("a").await.unwrap().unwrap();
    assert_eq!((entry.value, entry.revision), ("1".into(), first));
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
