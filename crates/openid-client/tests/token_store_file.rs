//! A store in a file, when processes are killed and when others have touched the file.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use openid_client::store::{FileStore, TokenStore as _};

use self::support::stores::{LONG, save, value};

/// A folder of this test's own, which is empty.
fn folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("file-store-{}-{number}", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

async fn load_error(path: &Path) -> String {
    let error = FileStore::new(path).load("a").await.unwrap_err();
    assert_eq!(error.to_string(), "the token store failed to load");
    std::error::Error::source(&error).unwrap().to_string()
}

/// Started by the other tests; on its own it does nothing. Each value is longer than the last.
#[tokio::test]
async fn a_process_that_saves() {
    let Ok(path) = std::env::var("TOKEN_STORE_FILE") else {
        return;
    };
    let store = FileStore::new(path);
    for number in 0_usize.. {
        let value = format!("{number} {}", "x".repeat(number * 10_000));
        store.save("a", value.into(), None, LONG).await.unwrap();
        println!("saved: {number}");
    }
}

/// The number of the value in the store, which is complete.
async fn number(path: &Path) -> usize {
    let found = value(&FileStore::new(path), "a").await.unwrap();
    let (number, rest) = found.split_once(' ').unwrap();
    let number = number.parse().unwrap();
    assert_eq!(rest.len(), number * 10_000);
    number
}

/// Starts another process that saves, by this command.
fn saving(mut command: Command, path: &Path) -> (Child, impl Iterator<Item = usize> + use<>) {
    let mut process = command
        .args(["--exact", "a_process_that_saves", "--nocapture"])
        .env("TOKEN_STORE_FILE", path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let saved = lines.filter_map(|line| {
        let line = line.unwrap();
        Some(line.split_once("saved: ")?.1.parse().unwrap())
    });
    (process, saved)
}

/// What the process had saved is there. Its lock has ended with it.
#[tokio::test]
async fn a_process_that_is_killed_leaves_the_old_content_or_the_new_one() {
    let folder = folder();
    let path = folder.join("store.json");
    for round in 0..10_u32 {
        let command = Command::new(std::env::current_exe().unwrap());
        let (mut process, mut saved) = saving(command, &path);
        let first = saved.find(|number| *number > 10).unwrap();
        std::thread::sleep(Duration::from_micros(u64::from(round) * 700));
        process.kill().unwrap();
        process.wait().unwrap();
        let last = saved.last().unwrap_or(first);
        assert!(number(&path).await >= last, "round {round}");
        save(&FileStore::new(&path), "b", "1").await;
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// The system ends the process in the middle of a write, because the file would become too long.
#[cfg(unix)]
#[tokio::test]
async fn a_process_that_dies_while_it_writes_leaves_the_old_content() {
    use std::os::unix::process::ExitStatusExt as _;
    let folder = folder();
    let path = folder.join("store.json");
    let mut command = Command::new("sh");
    // 500 blocks of 512 bytes.
    command.args(["-c", "ulimit -f 500 && exec \"$0\" \"$@\""]);
    command.arg(std::env::current_exe().unwrap());
    let (mut process, saved) = saving(command, &path);
    let last = saved.last().unwrap();
    assert_eq!(process.wait().unwrap().signal(), Some(SIGXFSZ));
    assert!(last > 20, "{last}");
    assert_eq!(number(&path).await, last);
    assert!(folder.join("store.json.new").exists());
    save(&FileStore::new(&path), "b", "1").await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
const SIGXFSZ: i32 = 25;

/// A process was killed while it wrote the new file.
#[cfg(unix)]
#[tokio::test]
async fn a_new_file_that_was_left_behind_is_replaced() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder();
    let path = folder.join("store.json");
    let store = FileStore::new(&path);
    save(&store, "a", "1").await;
    let left = folder.join("store.json.new");
    std::fs::write(&left, "{\"version\":1,").unwrap();
    assert_eq!(value(&store, "a").await.as_deref(), Some("1"));
    save(&store, "a", "2").await;
    assert!(!left.exists());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // In its place there is a link: what it leads to is not written.
    let other = folder.join("other");
    std::fs::write(&other, "other").unwrap();
    symlink(&other, &left).unwrap();
    save(&store, "a", "3").await;
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "other");
    assert_eq!(value(&store, "a").await.as_deref(), Some("3"));
    std::fs::remove_dir_all(folder).unwrap();
}

/// Two names of one file have two locks, so both would hold a lease.
#[cfg(unix)]
#[tokio::test]
async fn a_symbolic_link_is_refused() {
    use std::os::unix::fs::symlink;
    let message = "the path is a symbolic link; use the file that it leads to";
    let folder = folder();
    let (path, link) = (folder.join("store.json"), folder.join("link.json"));
    save(&FileStore::new(&path), "a", "1").await;
    symlink(&path, &link).unwrap();
    assert_eq!(load_error(&link).await, message);
    // One that leads nowhere would be replaced by a file.
    let dangling = folder.join("dangling.json");
    symlink(folder.join("nothing"), &dangling).unwrap();
    assert_eq!(load_error(&dangling).await, message);
    // The lock may not be elsewhere either.
    let other = folder.join("other.json");
    symlink(folder.join("nothing"), folder.join("other.json.lock")).unwrap();
    assert_eq!(load_error(&other).await, message);
    assert!(!folder.join("nothing").exists());
    assert_eq!(
        value(&FileStore::new(&path), "a").await.as_deref(),
        Some("1")
    );
    // A link in the way to the folder is no other name of the lock.
    let linked = folder.join("linked");
    symlink(&folder, &linked).unwrap();
    let store = FileStore::new(linked.join("store.json"));
    assert_eq!(value(&store, "a").await.as_deref(), Some("1"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn another_version_is_named_whatever_its_members_are() {
    let folder = folder();
    let path = folder.join("store.json");
    for (text, message) in [
        (
            r#"{"names":{},"version":2}"#,
            "unknown version of a token store: expected 1, found 2",
        ),
        (
            r#"{"version":300}"#,
            "unknown version of a token store: expected 1, found 300",
        ),
        (r#"{"version":1,"names":{}}"#, "no token store, at line 1"),
        (r#"{"numbers":1}"#, "no token store, at line 1"),
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(load_error(&path).await, message, "{text}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
