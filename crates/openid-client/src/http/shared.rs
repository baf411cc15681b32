//! A connection that carries many exchanges at once (HTTP/2).

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use http::{Request, Version, header};
use hyper::client::conn::http2::{self, SendRequest};
use hyper::rt::Executor;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::runtime::{Handle, Id};
use tokio::sync::MutexGuard;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::http::Body;
use crate::http::connection::{Gate, Stream, Watched};
use crate::http::sender::Sent;
use crate::lock::lock;

/// The connection to a host that speaks HTTP/2, if there is one.
#[derive(Default)]
pub(super) struct Shared {
    current: Mutex<Option<Arc<Connection>>>,
    /// Held while a connection is opened that may become the shared one, so that many requests open
    /// only one.
    opening: tokio::sync::Mutex<()>,
    /// Whether the host was found to speak HTTP/1.1, so that many requests need not wait.
    is_exclusive: AtomicBool,
}

struct Connection {
    sender: SendRequest<Body>,
    gate: Arc<Gate>,
    /// Ended with the connection. The tasks hold no strong reference to it.
    tasks: Arc<Mutex<JoinSet<()>>>,
    exchanges: AtomicUsize,
    /// Whether an exchange was given up on it.
    is_abandoned: AtomicBool,
    /// Whether an exchange was completed on it.
    is_reused: AtomicBool,
    since: Mutex<Instant>,
    runtime: Id,
}

/// One exchange on a shared connection.
pub(super) struct Stake(Arc<Connection>);

impl Shared {
    /// Whether connections may be opened side by side.
    pub(super) fn is_exclusive(&self) -> bool {
        self.is_exclusive.load(Ordering::Acquire)
    }

    pub(super) fn set_exclusive(&self) {
        self.is_exclusive.store(true, Ordering::Release);
    }

    pub(super) fn is_empty(&self) -> bool {
        lock(&self.current).is_none()
    }

    /// Waits while another request opens a connection. `None` when that takes so long that it may
    /// never end: its server says nothing, or its runtime has stopped.
    pub(super) async fn opening(&self) -> Option<MutexGuard<'_, ()>> {
        timeout(PATIENCE, self.opening.lock()).await.ok()
    }

    /// A stake in the current connection.
    pub(super) fn stake(&self) -> Option<Stake> {
        let mut current = lock(&self.current);
        let connection = current.as_ref()?;
        if connection.sender.is_closed() || connection.is_abandoned.load(Ordering::Acquire) {
            *current = None;
            return None;
        }
        (connection.runtime == Handle::current().id()).then(|| Stake::of(connection))
    }

    /// Opens a connection, which becomes the current one.
    pub(super) async fn open(&self, stream: Stream) -> hyper::Result<Stake> {
        let gate = Arc::new(Gate::default());
        let watched = TokioIo::new(Watched::new(stream, Arc::clone(&gate)));
        let tasks = Arc::new(Mutex::new(JoinSet::new()));
        let executor = Tasks(Arc::downgrade(&tasks));
        let builder = http2::Builder::new(executor.clone())
            .timer(TokioTimer::new())
            .handshake(watched);
        let (sender, connection) = builder.await?;
        executor.execute(connection);
        let connection = Arc::new(Connection {
            sender,
            gate,
            tasks,
            exchanges: AtomicUsize::new(0),
            is_abandoned: AtomicBool::new(false),
            is_reused: AtomicBool::new(false),
            since: Mutex::new(Instant::now()),
            runtime: Handle::current().id(),
        });
        let stake = Stake::of(&connection);
        *lock(&self.current) = Some(connection);
        Ok(stake)
    }

    pub(super) fn discard_old(&self, age: Duration) {
        let mut current = lock(&self.current);
        let is_old = |connection: &mut Arc<Connection>| {
            let is_unused = connection.exchanges.load(Ordering::Acquire) == 0;
            connection.sender.is_closed() || is_unused && lock(&connection.since).elapsed() >= age
        };
        current.take_if(is_old);
    }
}

impl Stake {
    fn of(connection: &Arc<Connection>) -> Self {
        connection.exchanges.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(connection))
    }

    pub(super) fn is_reused(&self) -> bool {
        self.0.is_reused.load(Ordering::Acquire)
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// The request has an absolute URL.
    pub(super) async fn send(&mut self, mut request: Request<Body>) -> Sent {
        *request.version_mut() = Version::HTTP_2;
        request.headers_mut().remove(header::HOST);
        self.gate().progress();
        let response = self.0.sender.clone().try_send_request(request).await?;
        self.gate().progress();
        Ok(response)
    }

    /// The exchange is complete.
    pub(super) fn completed(self) {
        self.0.is_reused.store(true, Ordering::Release);
        *lock(&self.0.since) = Instant::now();
    }

    /// Gives up the exchange. The connection accepts no other, and is closed after those under way.
    /// Further bytes from the server are not read.
    pub(super) fn close(self) {
        self.0.is_abandoned.store(true, Ordering::Release);
    }
}

impl Drop for Stake {
    fn drop(&mut self) {
        let others = self.0.exchanges.fetch_sub(1, Ordering::AcqRel) > 1;
        if !others && self.0.is_abandoned.load(Ordering::Acquire) {
            // Outside of the lock: a task that ends may want it.
            drop(mem::take(&mut *lock(&self.0.tasks)));
        }
    }
}

/// Spawns what drives one connection.
#[derive(Clone)]
struct Tasks(Weak<Mutex<JoinSet<()>>>);

impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
{
    fn execute(&self, future: F) {
        let Some(tasks) = self.0.upgrade() else {
            return;
        };
        let mut tasks = lock(&tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            future.await;
        });
    }
}

/// How long a request waits for the connection of another before it opens one itself: as long as
/// for the attempt of another in a flight.
const PATIENCE: Duration = Duration::from_secs(2);
