//! The example that shares tokens, with a `redis-server` that this test starts. Without that
//! program it is skipped, unless `REQUIRE_REDIS_SERVER` is set.

#![allow(clippy::print_stdout)]

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::share_tokens;

/// Ends with the test.
struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn instances_share_tokens_in_redis() {
    let found = Command::new("redis-server").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        let required = std::env::var_os("REQUIRE_REDIS_SERVER").is_some();
        assert!(!required, "redis-server is not installed");
        println!("skipped: redis-server is not installed");
        return;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let server = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--dir", env!("CARGO_TARGET_TMPDIR")])
        .stdout(Stdio::null())
        .spawn();
    let _server = Redis(server.unwrap());
    let mut attempts = 0..100;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(attempts.next().is_some(), "redis-server does not answer");
        sleep(Duration::from_millis(100));
    }
    share_tokens(&["--redis", &format!("redis://127.0.0.1:{port}/")]);
}
