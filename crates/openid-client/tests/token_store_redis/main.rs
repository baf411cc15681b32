//! A store in Redis: what it promises, what a restart leaves, and eight processes on one login.
//!
//! Each test starts a separate `redis-server` on loopback; without that program it is skipped,
//! unless `REQUIRE_REDIS_SERVER` is set.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod processes;
#[path = "../support/mod.rs"]
mod support;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use openid_client::store::{RedisStore, TokenStore};
use tokio::task::JoinSet;

use self::support::stores::{self, LONG, save};

/// A server of this test's own, which ends with it.
struct Redis {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Redis {
    fn start() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let found = Command::new("redis-server").arg("--version").output();
        if !found.is_ok_and(|output| output.status.success()) {
            let required = std::env::var_os("REQUIRE_REDIS_SERVER").is_some();
            assert!(!required, "redis-server is not installed");
            println!("skipped: redis-server is not installed");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = format!("redis-{}-{number}", std::process::id());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = Self::spawn(port, &folder);
        Some(Self {
            process,
            port,
            folder,
        })
    }

    fn spawn(port: u16, folder: &PathBuf) -> Child {
        Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .arg("--dir")
            .arg(folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// A connection, as soon as the server accepts one.
    async fn store(&self) -> RedisStore {
        for _ in 0..100 {
            if let Ok(store) = RedisStore::connect(&self.url()).await {
                return store;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("redis-server does not answer");
    }

    /// Ends the process by a signal that it cannot catch.
    fn crash(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts another process on the same files.
    fn restart(&mut self) {
        self.process = Self::spawn(self.port, &self.folder);
    }

    /// What the server says about a setting.
    fn setting(&self, name: &str) -> String {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        write!(connection, "CONFIG GET {name}\r\nQUIT\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        // Two texts in an array, each after its length.
        answer.split("\r\n").nth(4).unwrap().to_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn it_keeps_what_every_store_promises() {
    let Some(server) = Redis::start() else { return };
    let redis = server.store().await;
    let store = |prefix: &str| Arc::new(redis.clone().prefix(prefix)) as Arc<dyn TokenStore>;
    stores::a_value_is_replaced_only_where_it_is_the_one_expected("redis", store("a")).await;
    stores::a_value_is_taken_once("redis", store("b")).await;
    stores::what_has_expired_is_not_there("redis", store("c")).await;
    stores::one_lease_of_a_name_is_held("redis", store("d")).await;
    let last = store("e");
    stores::a_dropped_operation_happens_as_a_whole_or_not_at_all("redis", last).await;
}

/// Redis is killed at the moment when the answer to a save has arrived, while others go on. A kill
/// takes what the process had not handed to the system; what a loss of power would take as well is
/// what `appendfsync always` is for, so the test also looks at the setting.
#[tokio::test]
async fn a_restart_loses_nothing_that_was_saved() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let first = redis.store().await;
    assert_eq!(redis.setting("appendonly"), "yes");
    assert_eq!(redis.setting("appendfsync"), "always");
    let mut revision = save(&first, "a", "1").await;
    for round in 0..5 {
        let store = Arc::new(redis.store().await);
        let lease = format!("lease-{round}");
        let held = store.lease(&lease, LONG).await.unwrap().unwrap();
        let mut savers = JoinSet::new();
        for saver in 0..8 {
            let store = Arc::clone(&store);
            savers.spawn(async move {
                let (name, mut saved) = (format!("saver-{saver}"), Vec::new());
                for number in 0_u32.. {
                    let value = number.to_string();
                    match store.save(&name, value.as_str().into(), None, LONG).await {
                        Ok(revision) => saved.push((value, revision.unwrap())),
                        Err(_) => break,
                    }
                }
                (name, saved.pop())
            });
        }
        tokio::time::sleep(Duration::from_millis(20 * round)).await;
        let value_now = round.to_string();
        revision = save(&*store, "a", &value_now).await.max(revision);
        redis.crash();
        let saved = savers.join_all().await;
        redis.restart();
        let again = redis.store().await;
        let entry = again.load("a").await.unwrap().unwrap();
        assert_eq!((entry.value, entry.revision), (value_now.into(), revision));
        for (name, last) in saved {
            // What was on its way when Redis died may be there or not.
            let Some((value, revision)) = last else {
                continue;
            };
            let entry = again.load(&name).await.unwrap().unwrap();
            assert!(entry.revision >= revision, "{name} has lost {value}");
        }
        assert_eq!(again.lease(&lease, LONG).await.unwrap(), None);
        assert!(
            again
                .lease("new", Duration::from_millis(1))
                .await
                .unwrap()
                .unwrap()
                .number()
                > held.number()
        );
    }
    // The first connection has come back too.
    let mut found = None;
    for _ in 0..50 {
        if let Ok(entry) = first.load("a").await {
            found = entry;
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(found.unwrap().value, "4".into());
}

/// Someone else has written to the server.
#[tokio::test]
async fn a_value_that_is_too_long_is_not_read() {
    let Some(server) = Redis::start() else { return };
    let store = server.store().await;
    let write = |length: usize| {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).unwrap();
        let key = "{openid-client}:entry:a";
        let head = format!(
            "*6\r\n$4\r\nHSET\r\n${}\r\n{key}\r\n$5\r\nvalue\r\n",
            key.len()
        );
        write!(connection, "{head}${length}\r\n{}\r\n", "x".repeat(length)).unwrap();
        write!(connection, "$8\r\nrevision\r\n$1\r\n7\r\nQUIT\r\n").unwrap();
        connection.read_to_string(&mut String::new()).unwrap();
    };
    write(4 << 20);
    let entry = store.load("a").await.unwrap().unwrap();
    assert_eq!(entry.value.expose().len(), 4 << 20);
    write((4 << 20) + 1);
    for error in [
        store.load("a").await.unwrap_err(),
        store.take("a").await.unwrap_err(),
    ] {
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("the value is too long"), "{source}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = RedisStore::connect(&format!("redis://127.0.0.1:{port}/")).await;
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "the token store failed to connect");
}
