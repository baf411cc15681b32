//! Connections that are kept and shared, and how many there may be for each host.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use tokio::runtime::{Handle, Id};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::http::sender::Sender;
use crate::lock::lock;

/// The connections of one transport.
pub(super) struct Pool {
    limit: usize,
    origins: Mutex<Origins>,
    /// Whether a task closes connections that stay idle.
    is_swept: AtomicBool,
}

/// By host and port, as the URL spells them. The lookup hashes the text as a whole, where an
/// `Authority` hashes letter by letter.
#[derive(Default)]
struct Origins {
    http: HashMap<Box<str>, Arc<Origin>>,
    https: HashMap<Box<str>, Arc<Origin>>,
}

impl Origins {
    fn of(&mut self, is_https: bool) -> &mut HashMap<Box<str>, Arc<Origin>> {
        match is_https {
            true => &mut self.https,
            false => &mut self.http,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Origin>> {
        self.http.values().chain(self.https.values())
    }
}

/// The connections to one host and port.
pub(super) struct Origin {
    /// Host and port for the `Host` header.
    pub(super) host: HeaderValue,
    limit: usize,
    /// A permit for each exchange.
    permits: Arc<Semaphore>,
    /// The connections without an exchange; the one used last is at the end.
    idle: Mutex<Vec<Idle>>,
    /// A connection that carries several exchanges at once, where the server speaks HTTP/2.
    #[cfg(feature = "http2")]
    pub(super) shared: super::shared::Shared,
}

struct Idle {
    sender: Sender,
    since: Instant,
    /// The runtime that drives the connection. Another one may stop while a request waits.
    runtime: Id,
}

/// The right to one exchange with a host.
pub(super) struct Turn {
    pub(super) origin: Arc<Origin>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// With at most `limit` connections for each host.
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            origins: Mutex::default(),
            is_swept: AtomicBool::new(false),
        })
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Waits until the host of this URL has room for another exchange; `None` without a host.
    pub(super) async fn turn(&self, url: &Uri) -> Option<Turn> {
        let origin = self.origin(url)?;
        let permits = Arc::clone(&origin.permits);
        // It is never closed.
        let permit = permits.acquire_owned().await.ok()?;
        Some(Turn {
            origin,
            _permit: permit,
        })
    }

    fn origin(&self, url: &Uri) -> Option<Arc<Origin>> {
        let authority = url.authority()?.as_str();
        let mut origins = lock(&self.origins);
        let origins = origins.of(is_https(url));
        if let Some(origin) = origins.get(authority) {
            return Some(Arc::clone(origin));
        }
        // This happens so rarely that its cost does not matter.
        if origins.len() == origins.capacity() {
            origins.retain(|_, origin| Arc::strong_count(origin) > 1 || !origin.is_empty());
        }
        let origin = Arc::new(Origin {
            host: host_header(url)?,
            limit: self.limit,
            permits: Arc::new(Semaphore::new(self.limit)),
            idle: Mutex::default(),
            #[cfg(feature = "http2")]
            shared: super::shared::Shared::default(),
        });
        origins.insert(authority.into(), Arc::clone(&origin));
        Some(origin)
    }

    /// Closes what has been idle for too long, now and as long as there is something idle.
    pub(super) fn sweep(self: &Arc<Self>) {
        if self.is_swept.swap(true, Ordering::AcqRel) {
            return;
        }
        let sweeping = Sweeping(Arc::downgrade(self));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(pool) = sweeping.0.upgrade() else {
                    return;
                };
                let origins: Vec<_> = lock(&pool.origins).all().cloned().collect();
                origins.iter().for_each(|origin| origin.discard_old());
                if origins.iter().all(|origin| origin.is_empty()) {
                    return;
                }
            }
        });
    }
}

/// Records that sweeping has ended, even if the task is dropped.
struct Sweeping(Weak<Pool>);

impl Drop for Sweeping {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.is_swept.store(false, Ordering::Release);
        }
    }
}

impl Origin {
    /// A connection that can be used at once.
    pub(super) fn take_idle(&self) -> Option<Sender> {
        let here = Handle::current().id();
        let mut all = lock(&self.idle);
        all.retain(|idle| !idle.sender.is_closed() && idle.since.elapsed() < IDLE_TIMEOUT);
        let usable = |idle: &Idle| idle.runtime == here && idle.sender.is_ready();
        let Some(found) = all.iter().rposition(usable) else {
            // The caller opens another connection, for which there must be room.
            let in_use = self.limit.saturating_sub(self.permits.available_permits());
            all.truncate(self.limit.saturating_sub(in_use));
            return None;
        };
        Some(all.remove(found).sender)
    }

    /// Whether nothing is kept here.
    fn is_empty(&self) -> bool {
        #[cfg(feature = "http2")]
        if !self.shared.is_empty() {
            return false;
        }
        lock(&self.idle).is_empty()
    }

    fn discard_old(&self) {
        #[cfg(feature = "http2")]
        self.shared.discard_old(IDLE_TIMEOUT);
        let mut all = lock(&self.idle);
        all.retain(|idle| !idle.sender.is_closed() && idle.since.elapsed() < IDLE_TIMEOUT);
        let surplus = all.len().saturating_sub(IDLE_CONNECTIONS);
        // The first ones have been idle longest.
        all.drain(..surplus);
    }

    fn keep(&self, sender: Sender, runtime: Id) {
        // Each connection has a turn when it comes here, so there are no more than turns.
        lock(&self.idle).push(Idle {
            sender,
            since: Instant::now(),
            runtime,
        });
    }
}

impl Turn {
    /// Keeps a connection whose exchange is complete, as soon as it can carry another.
    pub(super) fn give_back(self, mut sender: Sender) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if sender.is_ready() {
            return self.origin.keep(sender, runtime.id());
        }
        // The response is complete and the request may not be: then it is not worth waiting for.
        tokio::spawn(async move {
            let ready = tokio::time::timeout(SETTLES, sender.ready()).await;
            match ready {
                Ok(true) => self.origin.keep(sender, runtime.id()),
                _ => sender.close(),
            }
        });
    }
}

/// Host and port; the port only where it is not the scheme's.
fn host_header(url: &Uri) -> Option<HeaderValue> {
    let host = url.host()?;
    let usual = if is_https(url) { 443 } else { 80 };
    let value = match url.port_u16() {
        Some(port) if port != usual => HeaderValue::try_from(format!("{host}:{port}")),
        _ => HeaderValue::try_from(host),
    };
    value.ok()
}

fn is_https(url: &Uri) -> bool {
    url.scheme() == Some(&Scheme::HTTPS)
}

/// Shorter than the minute or more after which servers and gateways usually close an idle
/// connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// How often idle connections are looked at.
const SWEEP: Duration = Duration::from_secs(25);
/// The number of idle connections that are kept for each host after a peak.
const IDLE_CONNECTIONS: usize = 32;
/// How long a connection may take to finish an exchange whose response has been read.
const SETTLES: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    /// A host in use keeps its limit, however many hosts come after it. The others are forgotten.
    #[tokio::test]
    async fn hosts_in_use_are_kept_and_others_are_forgotten() {
        let pool = Pool::new(1);
        let url = |host: usize| -> Uri { format!("https://h{host}.example/").parse().unwrap() };
        let turn = pool.turn(&url(0)).await.unwrap();
        for host in 1..1000 {
            drop(pool.turn(&url(host)).await.unwrap());
        }
        let origin = pool.origin(&url(0)).unwrap();
        assert!(Arc::ptr_eq(&origin, &turn.origin));
        assert_eq!(origin.permits.available_permits(), 0);
        assert!(lock(&pool.origins).https.len() < 10);
    }
}
