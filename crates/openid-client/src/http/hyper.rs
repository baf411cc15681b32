use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use rustls::client::WantsClientCert;
use rustls::{ClientConfig, ConfigBuilder};
use tower_service::Service;

use crate::error::Error;
use crate::exchange::host_of;
use crate::http::connection::Stream;
use crate::http::exchange::{Exchange, Failed, Lease};
use crate::http::lookup::{Platform, Resolve};
use crate::http::pinned::PinnedVerifier;
use crate::http::pool::{Origin, Pool};
use crate::http::proxy::Proxy;
use crate::http::resolve::{AddressRefused, Resolver, Source};
use crate::http::sender::Sender;
use crate::http::{
    Body, BoxFuture, ClientCertificate, DestinationPolicy, HttpClient, RootCertificates,
    TransportError, TransportFailure,
};

/// The transport over hyper and rustls with *ring*. It keeps connections and uses them again. TLS
/// 1.2 is the oldest version that it accepts.
///
/// It speaks plain http as well; whether a request may use it is decided by the policy of the
/// client that sends it.
///
/// Each host has at most 100 requests under way, and so at most 100 connections; others wait for
/// their turn. A connection is closed when its exchange is given up, when a body is dropped before
/// its end, and when bytes arrive on it that belong to no request. Name lookups are limited, too:
/// 16 at a time for each transport and one for each name.
pub struct HyperClient {
    connector: HttpsConnector<HttpConnector<Resolver>>,
    pool: Arc<Pool>,
    tls: ClientConfig,
    source: Source,
    policy: Option<Arc<dyn DestinationPolicy>>,
    proxy: Option<Arc<Proxy>>,
}

impl HyperClient {
    /// Creates a transport that trusts the platform's root certificates (feature `native-roots`),
    /// those of Mozilla's list (feature `webpki-roots`) and these.
    ///
    /// # Errors
    ///
    /// [`Error::Tls`] when TLS cannot be set up.
    pub fn new(roots: RootCertificates) -> Result<Self, Error> {
        let config = tls_config(roots)?.with_no_client_auth();
        Ok(Self::with_tls_config(config))
    }

    /// Creates the same transport, which shows this certificate to servers that request one.
    ///
    /// # Errors
    ///
    /// [`Error::Tls`] when TLS cannot be set up, or when the certificate and its key do not belong
    /// together.
    pub fn with_client_certificate(
        roots: RootCertificates,
        certificate: ClientCertificate,
    ) -> Result<Self, Error> {
        let (chain, key) = certificate.into_parts();
        let config = tls_config(roots)?.with_client_auth_cert(chain, key);
        Ok(Self::with_tls_config(config.map_err(Error::Tls)?))
    }

    /// Creates a transport with the application's TLS settings, for example a private trust store.
    /// The list of application protocols in `config` is replaced.
    pub fn with_tls_config(mut config: ClientConfig) -> Self {
        config.alpn_protocols.clear();
        Self::assemble(config, Source::Platform(Platform::new()), None, CONNECTIONS)
    }

    /// Returns the same transport, which asks this policy about every request and every address
    /// before it connects.
    #[must_use]
    pub fn destination_policy(self, policy: impl DestinationPolicy + 'static) -> Self {
        let policy: Arc<dyn DestinationPolicy> = Arc::new(policy);
        Self::assemble(self.tls, self.source, Some(policy), self.pool.limit())
    }

    /// Returns the same transport, which looks up host names with this resolver.
    #[must_use]
    pub fn resolver(self, resolver: impl Resolve + 'static) -> Self {
        let source = Source::Application(Arc::new(resolver));
        Self::assemble(self.tls, source, self.policy, self.pool.limit())
    }

    /// Returns the same transport with at most this many connections for each host; 100 by default,
    /// and at least one. A request that finds them all in use waits for one, within its deadline.
    #[must_use]
    pub fn connections_per_host(self, limit: usize) -> Self {
        Self::assemble(self.tls, self.source, self.policy, limit.max(1))
    }

    fn assemble(
        tls: ClientConfig,
        source: Source,
        policy: Option<Arc<dyn DestinationPolicy>>,
        limit: usize,
    ) -> Self {
        let tcp = tcp(Resolver::new(source.clone(), policy.clone()));
        Self {
            connector: with_tls(tls.clone(), tcp),
            pool: Pool::new(limit),
            tls,
            source,
            policy,
            proxy: None,
        }
    }

    /// Returns the same transport, which reaches servers through a proxy. The destination policy is
    /// asked about URLs, and not about the addresses that the proxy looks up, nor about the proxy.
    pub(crate) fn proxy(mut self, proxy: Arc<Proxy>) -> Self {
        self.proxy = Some(proxy);
        self
    }

    async fn exchange(
        &self,
        mut request: Box<Request<Body>>,
    ) -> Result<Response<Body>, TransportError> {
        self.judge(request.uri())?;
        let url = request.uri().clone();
        let turn = self.pool.turn(&url).await;
        let mut turn = turn.ok_or(TransportError::new(TransportFailure::Other))?;
        // Each round but the last removes an idle connection.
        loop {
            let lease = self.lease(&turn.origin, &url).await?;
            match Exchange::run(turn, lease, request, &url).await {
                Ok(response) => {
                    self.pool.sweep();
                    return Ok(response);
                }
                Err(Failed::Unsent(again, unsent)) => (turn, request) = (again, unsent),
                Err(Failed::Unanswered(error)) => return Err(error),
            }
        }
    }

    /// A connection that is idle or shared, or a new one.
    async fn lease(&self, origin: &Origin, url: &Uri) -> Result<Lease, TransportError> {
        match origin.take_idle() {
            Some(sender) => Ok(Lease::Exclusive(sender)),
            // Boxed, because it is rare, and every exchange would have room for it.
            None => Box::pin(self.shared_or_new(origin, url)).await,
        }
    }

    #[cfg_attr(
        not(feature = "http2"),
        expect(unused_variables, reason = "HTTP/1.1 shares no connection")
    )]
    async fn shared_or_new(&self, origin: &Origin, url: &Uri) -> Result<Lease, TransportError> {
        #[cfg(feature = "http2")]
        let _opening = {
            if let Some(stake) = origin.shared.stake() {
                return Ok(Lease::Shared(stake));
            }
            let opening = match origin.shared.is_exclusive() {
                true => None,
                false => origin.shared.opening().await,
            };
            if let Some(stake) = origin.shared.stake() {
                return Ok(Lease::Shared(stake));
            }
            opening
        };
        let stream = self.connect(url).await?;
        let broken = |error| TransportError::before_response(error, true);
        #[cfg(feature = "http2")]
        if speaks_http2(&stream) {
            let stake = origin.shared.open(stream).await.map_err(broken)?;
            return Ok(Lease::Shared(stake));
        }
        #[cfg(feature = "http2")]
        origin.shared.set_exclusive();
        let sender = Sender::open(stream).await.map_err(broken)?;
        Ok(Lease::Exclusive(sender))
    }

    async fn connect(&self, url: &Uri) -> Result<Stream, TransportError> {
        let refused = |error| TransportError::before_response(NotConnected(error), true);
        let route = self.proxy.as_ref().and_then(|proxy| proxy.route(url));
        let Some(route) = route else {
            let connected = connected(self.connector.clone(), url.clone()).await;
            return connected.map_err(refused);
        };
        // TLS runs inside of the tunnel, between this client and the server.
        let tcp = tcp(Resolver::new(self.source.clone(), None));
        let mut tunnel = Tunnel::new(route.proxy.clone(), tcp);
        if let Some(credentials) = route.credentials {
            tunnel = tunnel.with_auth(credentials);
        }
        let connector = with_tls(self.tls.clone(), tunnel);
        let url = with_port(url).ok_or(TransportError::new(TransportFailure::Other))?;
        connected(connector, url).await.map_err(|error| {
            let proxy = host_of(&route.proxy);
            refused(NoTunnel { proxy, error }.into())
        })
    }

    /// Asks the policy about the URL and, as no name is looked up then, about a host that is an
    /// address.
    fn judge(&self, url: &Uri) -> Result<(), TransportError> {
        let Some(policy) = &self.policy else {
            return Ok(());
        };
        let refused = TransportFailure::DestinationRefused;
        if !policy.allows_url(url) {
            return Err(TransportError::new(refused));
        }
        let host = url.host().unwrap_or_default();
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        match host.parse() {
            Ok(address) if !policy.allows_address(host, address) => {
                let host = host.to_owned();
                let source = AddressRefused { host, address };
                Err(TransportError::with_source(refused, source))
            }
            _ => Ok(()),
        }
    }
}

impl HttpClient for HyperClient {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        // Boxed, because the future keeps it in several places.
        Box::pin(self.exchange(Box::new(request)))
    }
}

type BoxError = Box<dyn StdError + Send + Sync>;

/// Opens TCP connections to the addresses of a host.
fn tcp(resolver: Resolver) -> HttpConnector<Resolver> {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    tcp
}

/// Adds TLS for `https`.
fn with_tls<T>(tls: ClientConfig, connector: T) -> HttpsConnector<T> {
    let builder = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1();
    #[cfg(feature = "http2")]
    let builder = builder.enable_http2();
    builder.wrap_connector(connector)
}

async fn connected<T>(mut connector: HttpsConnector<T>, url: Uri) -> Result<Stream, BoxError>
where
    HttpsConnector<T>: Service<Uri, Response = Stream, Error = BoxError>,
{
    poll_fn(|context| connector.poll_ready(context)).await?;
    connector.call(url).await
}

/// The same URL with its port, which a tunnel to a server without TLS needs.
fn with_port(url: &Uri) -> Option<Uri> {
    if url.port().is_some() || url.scheme() == Some(&Scheme::HTTPS) {
        return Some(url.clone());
    }
    let mut parts = url.clone().into_parts();
    parts.authority = Some(format!("{}:80", url.host()?).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Whether the server has chosen HTTP/2 in the TLS handshake.
#[cfg(feature = "http2")]
fn speaks_http2(stream: &Stream) -> bool {
    match stream {
        hyper_rustls::MaybeHttpsStream::Http(_) => false,
        hyper_rustls::MaybeHttpsStream::Https(tls) => {
            tls.inner().get_ref().1.alpn_protocol() == Some(b"h2")
        }
    }
}

/// The connection could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("no connection")]
struct NotConnected(#[source] BoxError);

/// The proxy did not open a tunnel, or the server behind it was not reached.
#[derive(Debug, thiserror::Error)]
#[error("through the proxy {proxy}")]
struct NoTunnel {
    proxy: String,
    #[source]
    error: BoxError,
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperClient")
    }
}

/// Settings that trust the platform's root certificates and these.
pub(super) fn tls_config(
    roots: RootCertificates,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
    // The provider is named, never taken from the process: two libraries in one program that
    // disagree about a global default would otherwise end in a panic.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(Error::Tls)?;
    #[cfg(feature = "platform-verifier")]
    if roots.is_by_platform() {
        let verifier = roots.into_platform_verifier(provider)?;
        return Ok(builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier)));
    }
    if roots.pinned().is_empty() {
        return Ok(builder.with_root_certificates(roots.into_store()));
    }
    let pinned = roots.pinned().to_vec();
    let verifier = PinnedVerifier::new(roots.into_store(), pinned, &provider)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier)))
}

/// The time to open a connection. The addresses of a host share it, so that one that does not
/// respond leaves time for the next.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections to one host: as many as the streams that HTTP/2 recommends to allow (RFC 9113
/// section 6.5.2), and far below the descriptors that a process usually has.
const CONNECTIONS: usize = 100;
