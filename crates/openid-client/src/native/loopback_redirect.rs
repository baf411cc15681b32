//! A redirect URI on the loopback interface (RFC 8252 section 7.3).

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use oauth_core::authorization::{Callback, PendingLogin};
use oauth_core::error::Misuse;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::{Host, Url};

use crate::error::Error;
use crate::native::connection::{Expected, serve};

/// A listener on the loopback interface, which waits for the callback of one login. Dropping it
/// frees the port.
#[derive(Debug)]
pub struct LoopbackRedirect {
    listeners: Vec<TcpListener>,
    redirect_uri: Url,
    page: Bytes,
    timeout: Duration,
}

/// No callback came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoCallback {
    /// The person did not finish the login in time, or closed the page. Begin another login.
    #[error("nobody came back from the login within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The system no longer accepts connections.
    #[error("the loopback interface accepts no connection")]
    Io(#[from] io::Error),
}

impl LoopbackRedirect {
    /// Listens for a redirect URI that is registered for the client, for example
    /// `http://127.0.0.1/callback`. If it has no port, a free one is used, which the server must
    /// allow (RFC 8252 section 7.3).
    ///
    /// The host is `127.0.0.1`, `[::1]`, or `localhost`, which RFC 8252 section 8.3 advises against
    /// and some servers ask for. With `localhost`, it listens on both addresses, so that no other
    /// program gets the callback.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for any other URI, and for a port that is in use or an address
    /// that the machine does not have.
    pub async fn bind(redirect_uri: &str) -> Result<Self, Error> {
        let mut url = loopback(redirect_uri)?;
        let addresses: &[IpAddr] = match url.host() {
            Some(Host::Ipv4(_)) => &[IpAddr::V4(Ipv4Addr::LOCALHOST)],
            Some(Host::Ipv6(_)) => &[IpAddr::V6(Ipv6Addr::LOCALHOST)],
            _ => &[
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ],
        };
        let mut listeners = Vec::with_capacity(addresses.len());
        let mut port = url.port().unwrap_or(0);
        for address in addresses {
            match TcpListener::bind((*address, port)).await {
                Ok(listener) => {
                    port = listener
                        .local_addr()
                        .map_err(|it| unusable(redirect_uri, &it))?
                        .port();
                    listeners.push(listener);
                }
                // A machine without IPv6 resolves the name to the other address. What its system
                // reports differs; a port that is in use would let another program answer.
                Err(error) if error.kind() != io::ErrorKind::AddrInUse && !listeners.is_empty() => {
                }
                Err(error) => return Err(unusable(redirect_uri, &error)),
            }
        }
        // Only a URL without a host has no port.
        let _ = url.set_port(Some(port));
        Ok(Self {
            listeners,
            redirect_uri: url,
            page: Bytes::from_static(PAGE.as_bytes()),
            timeout: TIMEOUT,
        })
    }

    /// The redirect URI with its port, for the authorization request.
    pub fn redirect_uri(&self) -> &str {
        self.redirect_uri.as_str()
    }

    /// Replaces the HTML page that the browser shows at the end. It can contain styles, but no
    /// script and nothing that is loaded.
    #[must_use]
    pub fn page(mut self, html: impl Into<String>) -> Self {
        self.page = Bytes::from(html.into());
        self
    }

    /// Sets how long [`callback`](Self::callback) waits; 5 minutes by default.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Waits until the browser comes back from this login, and shows it a page. Requests to other
    /// paths and with another `state` are answered and ignored: any page in the browser can send
    /// them. The response may be an error of the server: give it to
    /// [`authorization_code_grant`](crate::Client::authorization_code_grant).
    ///
    /// Responses in the query are read, plain or signed. A response that is encrypted has no
    /// `state` outside, and is not recognised.
    ///
    /// # Errors
    ///
    /// [`NoCallback::TimedOut`], and [`NoCallback::Io`] if the system refuses connections.
    pub async fn callback(self, pending: &PendingLogin) -> Result<Callback, NoCallback> {
        let expected = Arc::new(Expected {
            path: self.redirect_uri.path().to_owned(),
            state: pending.state().to_owned(),
            page: self.page,
        });
        let waited = tokio::time::timeout(self.timeout, wait(&self.listeners, &expected)).await;
        waited.unwrap_or(Err(NoCallback::TimedOut(self.timeout)))
    }
}

async fn wait(listeners: &[TcpListener], expected: &Arc<Expected>) -> Result<Callback, NoCallback> {
    let mut connections = JoinSet::new();
    loop {
        match next(listeners, &mut connections).await {
            Next::Callback(callback) => return Ok(callback),
            Next::Connection(Ok(stream)) => {
                connections.spawn(serve(stream, Arc::clone(expected)));
            }
            Next::Connection(Err(error)) if is_of_one_connection(&error) => {}
            Next::Connection(Err(error)) => return Err(error.into()),
        }
    }
}

enum Next {
    Callback(Callback),
    Connection(io::Result<TcpStream>),
}

/// The callback, or another connection while there are not too many.
async fn next(listeners: &[TcpListener], connections: &mut JoinSet<Option<Callback>>) -> Next {
    poll_fn(|context| {
        while let Poll::Ready(Some(ended)) = connections.poll_join_next(context) {
            if let Ok(Some(callback)) = ended {
                return Poll::Ready(Next::Callback(callback));
            }
        }
        if connections.len() < CONNECTIONS {
            for listener in listeners {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(Next::Connection(accepted.map(|(stream, _)| stream)));
                }
            }
        }
        Poll::Pending
    })
    .await
}

/// Whether only the connection failed that was to be accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Reads a redirect URI on the loopback interface.
fn loopback(redirect_uri: &str) -> Result<Url, Error> {
    let url = Url::parse(redirect_uri).ok().filter(|url| {
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address == Ipv4Addr::LOCALHOST,
            Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let is_plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        // The URL forgets the port 80, which would be replaced by a free one.
        let authority = redirect_uri.split('/').nth(2).unwrap_or_default();
        let is_usual_port = authority.ends_with(":80");
        is_loopback && is_plain && !is_usual_port && url.scheme() == "http"
    });
    url.ok_or_else(|| invalid(redirect_uri.escape_debug().to_string()))
}

fn unusable(redirect_uri: &str, error: &io::Error) -> Error {
    invalid(format!("{}: {error}", redirect_uri.escape_debug()))
}

fn invalid(found: String) -> Error {
    oauth_core::Error::from(Misuse::InvalidArgument {
        argument: "redirect_uri",
        expected: "http://127.0.0.1, http://[::1] or http://localhost with a free port or none, \
                   a path, and nothing else",
        found,
    })
    .into()
}

/// How long a person has for the login.
const TIMEOUT: Duration = Duration::from_secs(300);
/// The number of connections at a time: a browser opens several, and other pages may, too.
const CONNECTIONS: usize = 64;

const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8>\
<meta name=viewport content='width=device-width'><title>Back to the application</title>\
<style>:root{color-scheme:light dark}body{font:1.1rem system-ui;margin:4rem auto;max-width:32rem;\
padding:0 1rem}</style><h1>You can close this page</h1><p>The application has the response.</html>";
