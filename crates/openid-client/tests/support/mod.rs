//! What the tests share: a server that says exactly what a test tells it to, mistakes included.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test file uses a part of it"
)]

#[cfg(feature = "tracing")]
pub mod captured;
pub mod in_process;
pub mod stores;
pub mod tls;

use std::env::consts::EXE_SUFFIX;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The program of an example, which `cargo test` builds together with the tests.
pub fn example(name: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("{name}{EXE_SUFFIX}"));
    assert!(
        program.exists(),
        "{} is not there: `cargo test` builds it, `cargo test --test …` does not",
        program.display()
    );
    Command::new(program)
}

/// Polls a future this many times and drops it. Whether it completed.
pub async fn drop_after<T>(polls: usize, future: impl Future<Output = T>) -> bool {
    let mut future = pin!(future);
    let mut left = 0..polls;
    poll_fn(|context| {
        if left.next().is_none() {
            return Poll::Ready(false);
        }
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

/// Ends, with all of its connections, when it is dropped.
pub struct RawServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl RawServer {
    /// Runs `serve` on every connection.
    pub async fn start<F>(serve: impl Fn(Connection) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                serving.spawn(serve(Connection { stream, address }));
            }
        });
        Self {
            address,
            connections,
            accepting,
        }
    }

    /// Answers the first request of every connection with `bytes`, then closes it.
    pub async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |mut connection| {
            let bytes = bytes.clone();
            async move {
                connection.request().await;
                connection.write(&bytes).await;
            }
        })
        .await
    }

    /// The origin, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// How many connections have been accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One accepted connection.
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
}

impl Connection {
    /// Reads the head of the next request, and its body where it has one; `None` when the client
    /// has closed the connection.
    pub async fn request(&mut self) -> Option<String> {
        let mut text = Vec::new();
        loop {
            let length = self.stream.read_buf(&mut text).await.ok()?;
            if length == 0 {
                return None;
            }
            let read = String::from_utf8_lossy(&text).into_owned();
            if let Some((head, body)) = read.split_once("\r\n\r\n")
                && body.len() >= content_length(head)
            {
                return Some(read);
            }
        }
    }

    /// Writes; a client that is gone is the test's business.
    pub async fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// The origin of the server, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A response with `Content-Length`.
pub fn response(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A discovery document of an issuer.
pub fn discovery_document(issuer: &str) -> String {
    format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{issuer}/authorize","token_endpoint":"{issuer}/token","userinfo_endpoint":"{issuer}/userinfo","jwks_uri":"{issuer}/jwks"}}"#
    )
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}
