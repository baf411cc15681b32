//! Lookups of host names: the platform's, few at a time and one for each name, or the
//! application's.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, watch};

use crate::http::BoxFuture;
use crate::lock::lock;

/// Looks up host names in the place of the platform's resolver, for example over another protocol
/// or with a cache; see [`ClientBuilder::resolver`](crate::ClientBuilder::resolver).
///
/// The destination policy judges the addresses that it returns, and the certificate of the server
/// is still compared with the name. It is called for each connection that is opened to a name, and
/// not for a host that is an address. The client limits the time that it may take by the deadline
/// of the request, and limits nothing else.
///
/// ```
/// use std::io;
/// use std::net::IpAddr;
///
/// use openid_client::http::{BoxFuture, Resolve};
///
/// /// Knows one host.
/// struct Pinned(IpAddr);
///
/// impl Resolve for Pinned {
///     fn resolve(&self, host: &str) -> BoxFuture<'_, io::Result<Vec<IpAddr>>> {
///         let known = host == "id.example.com";
///         Box::pin(async move {
///             match known {
///                 true => Ok(vec![self.0]),
///                 false => Err(io::ErrorKind::NotFound.into()),
///             }
///         })
///     }
/// }
/// ```
pub trait Resolve: Send + Sync {
    /// The addresses of a host, in the order in which they are tried.
    ///
    /// # Errors
    ///
    /// Any error when the host has no address. The request then fails with
    /// [`TransportFailure::NotResolved`](crate::http::TransportFailure::NotResolved).
    fn resolve(&self, host: &str) -> BoxFuture<'_, io::Result<Vec<IpAddr>>>;
}

impl<T: Resolve + ?Sized> Resolve for Arc<T> {
    fn resolve(&self, host: &str) -> BoxFuture<'_, io::Result<Vec<IpAddr>>> {
        (**self).resolve(host)
    }
}

/// Asks the platform, on threads for blocking work.
///
/// A lookup cannot be stopped and may take half a minute. Therefore few lookups run at a time, and
/// one for each name, which all requests to this name share: names whose servers do not answer must
/// not take the threads that the rest of the process needs.
#[derive(Debug)]
pub(super) struct Platform {
    permits: Arc<Semaphore>,
    process: &'static Semaphore,
    under_way: Mutex<HashMap<String, watch::Receiver<Option<Addresses>>>>,
    look_up: fn(&str) -> io::Result<Vec<IpAddr>>,
}

type Addresses = Result<Vec<IpAddr>, Arc<io::Error>>;

impl Platform {
    pub(super) fn new() -> Arc<Self> {
        Self::asking(ask, &PROCESS)
    }

    fn asking(
        look_up: fn(&str) -> io::Result<Vec<IpAddr>>,
        process: &'static Semaphore,
    ) -> Arc<Self> {
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(LOOKUPS)),
            process,
            under_way: Mutex::default(),
            look_up,
        })
    }

    /// The addresses of a host, from the lookup under way or from a new one.
    pub(super) async fn addresses(self: Arc<Self>, host: String) -> io::Result<Vec<IpAddr>> {
        let under_way = lock(&self.under_way).get(&host).cloned();
        let mut answer = match under_way {
            Some(answer) => answer,
            None => self.begin(host).await?,
        };
        let answered = answer.wait_for(Option::is_some).await;
        // Without an answer, the runtime of the lookup was shut down.
        let answer = answered.map(|answer| answer.clone()).ok().flatten();
        match answer {
            Some(Ok(addresses)) => Ok(addresses),
            Some(Err(error)) => Err(io::Error::new(error.kind(), error)),
            None => Err(io::ErrorKind::Interrupted.into()),
        }
    }

    async fn begin(
        self: &Arc<Self>,
        host: String,
    ) -> io::Result<watch::Receiver<Option<Addresses>>> {
        // Neither is ever closed.
        let closed = |_| io::Error::from(io::ErrorKind::Interrupted);
        let own = Arc::clone(&self.permits).acquire_owned().await;
        let own = own.map_err(closed)?;
        let process = self.process.acquire().await.map_err(closed)?;
        let mut under_way = lock(&self.under_way);
        // Another may have begun it since.
        if let Some(answer) = under_way.get(&host) {
            return Ok(answer.clone());
        }
        let (answered, answer) = watch::channel(None);
        under_way.insert(host.clone(), answer.clone());
        let lookup = Lookup {
            platform: Arc::clone(self),
            host,
            _permits: (own, process),
        };
        tokio::task::spawn_blocking(move || {
            let answer = (lookup.platform.look_up)(&lookup.host);
            answered.send_replace(Some(answer.map_err(Arc::new)));
            drop(lookup);
        });
        Ok(answer)
    }
}

/// A lookup under way, which lasts until the platform has answered, whether its caller waits or
/// not.
struct Lookup {
    platform: Arc<Platform>,
    host: String,
    _permits: (OwnedSemaphorePermit, SemaphorePermit<'static>),
}

impl Drop for Lookup {
    fn drop(&mut self) {
        lock(&self.platform.under_way).remove(&self.host);
    }
}

fn ask(host: &str) -> io::Result<Vec<IpAddr>> {
    let addresses = (host, 0).to_socket_addrs()?;
    Ok(addresses.map(|address: SocketAddr| address.ip()).collect())
}

/// Lookups of one transport at a time.
const LOOKUPS: usize = 16;

/// Lookups of all transports at a time: a quarter of the threads that tokio has for blocking work.
static PROCESS: Semaphore = Semaphore::const_new(128);

#[cfg(test)]
mod tests;
