//! A loopback server for a provider, over HTTPS with a certificate that it makes at start, or over
//! HTTP.
//!
//! ```
//! use test_provider::server::{Scheme, Server};
//! use test_provider::{ClientRegistration, Provider};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let server = Server::start(Scheme::Https, Provider::new).await?;
//! server.provider().register(ClientRegistration::public("my-app").redirect_uri("https://app.example.com/cb"));
//! assert_eq!(server.provider().issuer(), server.url());
//! // A client that trusts `server.ca_certificate_pem()` can now discover `server.url()`.
//! # Ok(())
//! # }
//! ```

mod body;
mod certificate;
mod client_verifier;
mod connection;
mod example;
mod test_provider;

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

pub use self::certificate::{ClientCertificate, LoopbackCertificate, SelfSignedCertificate};
pub use self::example::{example, resource_example};
pub use self::test_provider::TestProvider;
use crate::protected_resource::ProtectedResource;
use crate::provider::Provider;

/// The URL scheme of a server, and the certificate of an HTTPS server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// `http`, for demonstrations in a browser.
    Http,
    /// `https`, with a certificate for `localhost` and `127.0.0.1` that chains to
    /// [`Server::ca_certificate_pem`].
    Https,
    /// `https`, with a certificate from an unknown authority. Clients must refuse the connection.
    HttpsUntrusted,
    /// `https`, with a certificate that was valid until 2020. Clients must refuse the connection.
    HttpsExpired,
    /// `https`, with a certificate that is valid only for `other.example`. Clients must refuse the
    /// connection.
    HttpsOtherHost,
    /// `https`, with a certificate that is valid from 2090 on. Clients must refuse the connection.
    HttpsNotYetValid,
    /// `https`, with a certificate that is valid only for clients. Clients must refuse the
    /// connection.
    HttpsOtherPurpose,
    /// `https`, with the self-signed certificate of an authority as the server's own, which is also
    /// [`Server::ca_certificate_pem`]. Clients must refuse the connection even if they trust it,
    /// because such a certificate only issues others (RFC 5280 section 4.2.1.9).
    HttpsAuthority,
    /// `https`, with a self-signed certificate that does not belong to an authority, which is also
    /// [`Server::ca_certificate_pem`].
    HttpsSelfSigned,
}

/// A fault of the connection, independent of the provider's response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The server takes the request and never responds. Clients must give up at their deadline.
    NeverAnswers,
    /// The server sends the head and the first byte of the body, then nothing. Clients must give up
    /// at their deadline.
    StallsAfterHead,
    /// The server sends the head and half of the body, then closes the connection. Clients must not
    /// accept the half as the whole body.
    ClosesMidBody,
    /// The server sends an endless body as fast as it can. Clients must stop at their limit.
    EndlessBody,
    /// The server sends an endless body, one byte every 100 milliseconds. Clients must give up at
    /// their deadline.
    DrippingBody,
}

/// A running server on 127.0.0.1. Dropping it ends the server and all its connections.
pub struct Server {
    url: String,
    certificate: LoopbackCertificate,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    /// `None` while the server does not listen.
    accepting: Mutex<Option<JoinHandle<()>>>,
}

/// The state that the connections share.
struct Shared {
    provider: Arc<Provider>,
    /// What the server serves in place of the provider.
    resource: Option<ProtectedResource>,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    fault: Mutex<Option<Fault>>,
    connections: AtomicUsize,
}

impl Server {
    /// Starts a server on a free port with the system's clock. `build` creates the provider from
    /// the issuer, which contains the port: `https://127.0.0.1:49152`.
    ///
    /// # Errors
    /// If no port can be bound.
    ///
    /// # Panics
    /// If there is no Tokio runtime with I/O and time.
    pub async fn start(scheme: Scheme, build: impl FnOnce(String) -> Provider) -> io::Result<Self> {
        Self::start_with_clock(scheme, system_clock, build).await
    }

    /// Starts a server with another clock, which returns seconds since 1970 (UTC).
    ///
    /// # Errors
    /// If no port can be bound.
    ///
    /// # Panics
    /// If there is no Tokio runtime with I/O and time.
    pub async fn start_with_clock(
        scheme: Scheme,
        clock: impl Fn() -> i64 + Send + Sync + 'static,
        build: impl FnOnce(String) -> Provider,
    ) -> io::Result<Self> {
        let build = |url| (Arc::new(build(url)), None);
        Self::serve(scheme, Box::new(clock), build).await
    }

    /// Starts a server for a protected resource that accepts the tokens of the provider of another
    /// server. `build` creates the resource from the URL of the new server.
    ///
    /// # Errors
    /// If no port can be bound.
    ///
    /// # Panics
    /// If there is no Tokio runtime with I/O and time.
    pub async fn start_resource(
        scheme: Scheme,
        authorization_server: &Self,
        build: impl FnOnce(String) -> ProtectedResource,
    ) -> io::Result<Self> {
        let provider = Arc::clone(&authorization_server.shared.provider);
        let build = |url| (provider, Some(build(url)));
        Self::serve(scheme, Box::new(system_clock), build).await
    }

    async fn serve(
        scheme: Scheme,
        clock: Box<dyn Fn() -> i64 + Send + Sync>,
        build: impl FnOnce(String) -> (Arc<Provider>, Option<ProtectedResource>),
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let certificate = match scheme {
            Scheme::HttpsAuthority => LoopbackCertificate::self_signed_authority(),
            Scheme::HttpsSelfSigned => LoopbackCertificate::self_signed(),
            _ => LoopbackCertificate::generate(),
        };
        let presented = match scheme {
            Scheme::Http => None,
            Scheme::Https | Scheme::HttpsAuthority | Scheme::HttpsSelfSigned => {
                Some(certificate.clone())
            }
            Scheme::HttpsUntrusted => Some(LoopbackCertificate::untrusted()),
            Scheme::HttpsExpired => Some(certificate.expired()),
            Scheme::HttpsOtherHost => Some(certificate.other_host()),
            Scheme::HttpsNotYetValid => Some(certificate.not_yet_valid()),
            Scheme::HttpsOtherPurpose => Some(certificate.other_purpose()),
        };
        let acceptor =
            presented.map(|certificate| TlsAcceptor::from(Arc::new(certificate.server_config())));
        let url = match acceptor {
            None => format!("http://127.0.0.1:{port}"),
            Some(_) => format!("https://127.0.0.1:{port}"),
        };
        let (provider, resource) = build(url.clone());
        let shared = Arc::new(Shared {
            provider,
            resource,
            clock,
            fault: Mutex::new(None),
            connections: AtomicUsize::new(0),
        });
        let server = Self {
            url,
            certificate,
            acceptor,
            shared,
            accepting: Mutex::default(),
        };
        server.accept(listener);
        Ok(server)
    }

    fn accept(&self, listener: TcpListener) {
        let shared = Arc::clone(&self.shared);
        let accepting = connection::accept(listener, self.acceptor.clone(), shared);
        *self.accepting() = Some(tokio::spawn(accepting));
    }

    /// Closes the port and all connections: connections are refused, as while a server is down.
    pub async fn stop_listening(&self) {
        let accepting = self.accepting().take();
        if let Some(accepting) = accepting {
            accepting.abort();
            // It was aborted.
            drop(accepting.await);
        }
    }

    /// Listens at the same port again.
    ///
    /// # Errors
    /// If the port is in use.
    pub async fn listen_again(&self) -> io::Result<()> {
        let authority = self.url.rsplit('/').next().unwrap_or_default();
        self.accept(TcpListener::bind(authority).await?);
        Ok(())
    }

    fn accepting(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        let accepting = self.accepting.lock();
        accepting.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the resource of a server that [serves one](Self::start_resource).
    ///
    /// # Panics
    /// If the server serves a provider.
    pub fn resource(&self) -> &ProtectedResource {
        let resource = self.shared.resource.as_ref();
        resource.expect("the server serves a resource")
    }

    /// Returns the provider of the server, or the one whose tokens its resource accepts.
    pub fn provider(&self) -> &Provider {
        &self.shared.provider
    }

    /// Returns the URL of the server without a slash at the end: `https://127.0.0.1:49152`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the certificate that clients must trust, in PEM.
    pub fn ca_certificate_pem(&self) -> &str {
        self.certificate.ca_pem()
    }

    /// Returns the certificate that clients must trust, in DER.
    pub fn ca_certificate_der(&self) -> &[u8] {
        self.certificate.ca_der()
    }

    /// Calls [`Provider::log_in`] at the server's time, and returns the callback URL.
    ///
    /// # Panics
    /// If [`Provider::log_in`] panics.
    pub fn log_in(&self, url: impl AsRef<str>) -> String {
        self.provider().log_in(url, (self.shared.clock)())
    }

    /// Calls [`Provider::log_in_by_form_post`] at the server's time, and returns the body that the
    /// browser posts.
    ///
    /// # Panics
    /// If [`Provider::log_in_by_form_post`] panics.
    pub fn log_in_by_form_post(&self, url: impl AsRef<str>) -> String {
        self.provider()
            .log_in_by_form_post(url, (self.shared.clock)())
    }

    /// Applies this fault to every request from now on.
    pub fn fail(&self, fault: Fault) {
        *self
            .shared
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    /// Removes the fault.
    pub fn recover(&self) {
        *self
            .shared
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns the number of TCP connections so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting().take() {
            accepting.abort();
        }
    }
}

fn system_clock() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    i64::try_from(elapsed.as_secs()).expect("the clock is before the end of time")
}
