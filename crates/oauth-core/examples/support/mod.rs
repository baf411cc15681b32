//! What the examples share: time and randomness for the core, HTTP as text, and a provider for
//! tests in another thread.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a driver does what the core does not"
)]

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oauth_core::cache::Cache;
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::error::NoAnswer;
use oauth_core::time::UnixTime;
use ring::rand::{SecureRandom as _, SystemRandom};
use test_provider::server::Server;
use test_provider::{ClientRegistration, TestProvider};

/// What the operations of one client share.
pub(crate) struct Surroundings {
    cache: Cache,
    entropy: Random,
    started: Instant,
}

impl Surroundings {
    pub(crate) fn new() -> Self {
        Self {
            cache: Cache::new(),
            entropy: Random(SystemRandom::new()),
            started: Instant::now(),
        }
    }

    /// Time and randomness for one step.
    pub(crate) fn env(&self) -> Env<'_> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        Env {
            now: UnixTime::from_seconds(i64::try_from(now).unwrap_or(i64::MAX)),
            elapsed: self.started.elapsed(),
            entropy: &self.entropy,
            cache: &self.cache,
        }
    }
}

/// Randomness from the operating system.
struct Random(SystemRandom);

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        self.0.fill(bytes).map_err(|_| EntropyFault)
    }
}

/// Host and port of a request.
pub(crate) fn host(request: &Request<Bytes>) -> String {
    request
        .uri()
        .authority()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Writes a request after which the server closes the connection. A real program uses an HTTP
/// library here, with TLS.
pub(crate) fn write_request(request: &Request<Bytes>) -> Vec<u8> {
    let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let length = request.body().len();
    let first = format!(
        "{} {target} HTTP/1.0\r\nhost: {}\r\n",
        request.method(),
        host(request)
    );
    let mut text = first.into_bytes();
    for (name, value) in request.headers() {
        text.extend_from_slice(
            &[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat(),
        );
    }
    text.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
    text.extend_from_slice(request.body());
    text
}

/// Reads a response, which ends where the connection ended.
pub(crate) fn read_response(text: &[u8], cap: usize) -> Result<Response<Bytes>, NoAnswer> {
    let end = text.windows(4).position(|it| it == b"\r\n\r\n");
    let (head, body) = end
        .and_then(|end| text.split_at_checked(end))
        .ok_or(NoAnswer::Interrupted)?;
    let body = body.strip_prefix(b"\r\n\r\n").unwrap_or_default();
    let head = str::from_utf8(head).map_err(|_| NoAnswer::Interrupted)?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse::<u16>().ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::builder().status(status.ok_or(NoAnswer::Interrupted)?);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        // A body that is shorter than announced is no body.
        let is_length = name.eq_ignore_ascii_case("content-length");
        if is_length && value.trim().parse() != Ok(body.len()) {
            return Err(NoAnswer::Interrupted);
        }
        response = response.header(name, value.trim());
    }
    if body.len() > cap {
        return Err(NoAnswer::BodyTooLarge { cap });
    }
    let response = response.body(Bytes::copy_from_slice(body));
    response.map_err(|_| NoAnswer::Interrupted)
}

/// The longest head of a response, in bytes.
pub(crate) const LONGEST_HEAD: usize = 16 * 1024;

/// Starts a provider over HTTP on the loopback interface. It has its own thread and runtime; the
/// client does not notice.
pub(crate) fn start_provider(app: ClientRegistration) -> io::Result<Server> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        runtime.block_on(async {
            let started = TestProvider::start().client(app).over_http().await;
            if sender.send(started).is_ok() {
                std::future::pending::<()>().await;
            }
        });
    });
    receiver.recv().map_err(io::Error::other)?
}
