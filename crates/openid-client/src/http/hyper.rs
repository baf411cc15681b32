use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http_body_util::BodyExt as _;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::client::WantsClientCert;
use rustls::{ClientConfig, ConfigBuilder};

use crate::error::Error;
use crate::http::pinned::PinnedVerifier;
use crate::http::resolve::{AddressRefused, Resolver};
use crate::http::{
    Body, BoxFuture, ClientCertificate, DestinationPolicy, HttpClient, RootCertificates,
    TransportError, TransportFailure,
};

/// The transport over hyper and rustls, with *ring* underneath: connections are kept and used
/// again, and TLS 1.2 is the oldest version spoken.
///
/// It speaks plain http as well; whether a request may use it is decided by the policy of the
/// client that sends it.
pub struct HyperClient {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Body>,
    tls: ClientConfig,
    policy: Option<Arc<dyn DestinationPolicy>>,
}

impl HyperClient {
    /// A transport that trusts the platform's root certificates (feature `native-roots`) and these.
    ///
    /// # Errors
    ///
    /// [`Error::Tls`] when TLS cannot be set up.
    pub fn new(roots: RootCertificates) -> Result<Self, Error> {
        let config = tls_config(roots)?.with_no_client_auth();
        Ok(Self::with_tls_config(config))
    }

    /// The same, showing this certificate to servers that ask for one.
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

    /// A transport with the application's own TLS settings, such as a private trust store. The
    /// list of application protocols in `config` is replaced.
    pub fn with_tls_config(mut config: ClientConfig) -> Self {
        config.alpn_protocols.clear();
        Self::assemble(config, None)
    }

    /// The same transport, which asks this policy about every request and every address it would
    /// connect to.
    #[must_use]
    pub fn destination_policy(self, policy: Arc<dyn DestinationPolicy>) -> Self {
        Self::assemble(self.tls, Some(policy))
    }

    fn assemble(tls: ClientConfig, policy: Option<Arc<dyn DestinationPolicy>>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(policy.clone()));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1();
        #[cfg(feature = "http2")]
        let connector = connector.enable_http2();
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build(connector.wrap_connector(tcp));
        Self {
            client,
            tls,
            policy,
        }
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
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async move {
            self.judge(request.uri())?;
            let response = self.client.request(request).await.map_err(|error| {
                let connecting = error.is_connect();
                TransportError::before_response(error, connecting)
            })?;
            Ok(response.map(|incoming| {
                Body::new(incoming.map_err(|error| {
                    TransportError::with_source(TransportFailure::Interrupted, error)
                }))
            }))
        })
    }
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperClient")
    }
}

/// Settings that trust the platform's root certificates and these.
fn tls_config(
    roots: RootCertificates,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
    // The provider is named, never taken from the process: two libraries in one program that
    // disagree about a global default would otherwise end in a panic.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(Error::Tls)?;
    if roots.pinned().is_empty() {
        return Ok(builder.with_root_certificates(roots.into_store()));
    }
    let pinned = roots.pinned().to_vec();
    let verifier = PinnedVerifier::new(roots.into_store(), pinned, &provider)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier)))
}

/// Shared out among the addresses of a host, so that one that does not answer leaves time for the
/// next.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Below the minute or more after which servers and gateways usually close an idle connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// Idle connections kept for each host.
const IDLE_CONNECTIONS: usize = 32;
