use std::fmt;
use std::sync::{Arc, Mutex};

use rustls::ClientConfig;

use crate::error::Error;
use crate::http::hyper::tls_config;
use crate::http::{
    Body, BoxFuture, ClientCertificate, HttpClient, HyperClient, Request, Response,
    RootCertificates, TransportError, TransportFailure,
};
use crate::lock::lock;

/// A certificate of the client that can be replaced while the client runs, because certificates of
/// short life are renewed on disk or by an agent; see
/// [`ClientBuilder::replaceable_client_certificate`](crate::ClientBuilder::replaceable_client_certificate).
///
/// It is cheap to clone, and all clones are the same certificate: keep one, and
/// [`replace`](Self::replace) it.
///
/// ```
/// # let own = || test_provider::server::SelfSignedCertificate::generate();
/// # let (first, second) = (own(), own());
/// use openid_client::http::{ClientCertificate, ReplaceableCertificate};
///
/// let read = |chain: &str, key: &str| ClientCertificate::from_pem(chain.as_bytes(), key.as_bytes());
/// let certificate = ReplaceableCertificate::new(read(first.pem(), first.key_pem())?)?;
/// // Give a clone to the builder of each client. Later, when the files have changed:
/// certificate.replace(read(second.pem(), second.key_pem())?)?;
/// # Ok::<(), openid_client::Error>(())
/// ```
#[derive(Clone)]
pub struct ReplaceableCertificate(Arc<Mutex<Current>>);

struct Current {
    certificate: ClientCertificate,
    /// How often it was replaced.
    version: u64,
}

impl ReplaceableCertificate {
    /// Begins with this certificate.
    ///
    /// # Errors
    ///
    /// [`Error::Tls`] when the certificate and its key do not belong together.
    pub fn new(certificate: ClientCertificate) -> Result<Self, Error> {
        check(&certificate)?;
        Ok(Self(Arc::new(Mutex::new(Current {
            certificate,
            version: 0,
        }))))
    }

    /// Replaces the certificate. The next request of each client opens a new connection with it. A
    /// request under way keeps the old one, and no later request uses a connection, or resumes a
    /// TLS session, that was opened with the old one.
    ///
    /// Tokens that are bound to the old certificate (RFC 8705 section 3) cannot be used with the
    /// new one: refresh them, or request new ones. The server must know the new certificate before:
    /// a self-signed one by the client's key set, another one by its subject.
    ///
    /// # Errors
    ///
    /// [`Error::Tls`] when the certificate and its key do not belong together. The old one then
    /// stays in use.
    pub fn replace(&self, certificate: ClientCertificate) -> Result<(), Error> {
        check(&certificate)?;
        let mut current = lock(&self.0);
        current.certificate = certificate;
        current.version = current.version.wrapping_add(1);
        Ok(())
    }
}

fn check(certificate: &ClientCertificate) -> Result<(), Error> {
    config(RootCertificates::default(), certificate.clone()).map(drop)
}

fn config(roots: RootCertificates, certificate: ClientCertificate) -> Result<ClientConfig, Error> {
    let (chain, key) = certificate.into_parts();
    let config = tls_config(roots)?.with_client_auth_cert(chain, key);
    config.map_err(Error::Tls)
}

/// A transport that shows the present certificate.
///
/// A new certificate gets a new transport, with its own connections and TLS sessions. A server does
/// not ask for a certificate in a session that is resumed, so it would see the old one there.
pub(crate) struct Replaceable {
    certificate: ReplaceableCertificate,
    roots: RootCertificates,
    finish: Box<Finish>,
    present: Mutex<Option<(u64, Arc<HyperClient>)>>,
}

/// Applies the settings of the client.
type Finish = dyn Fn(HyperClient) -> HyperClient + Send + Sync;

impl Replaceable {
    pub(crate) fn new(
        certificate: ReplaceableCertificate,
        roots: RootCertificates,
        finish: Box<Finish>,
    ) -> Self {
        Self {
            certificate,
            roots,
            finish,
            present: Mutex::new(None),
        }
    }

    fn transport(&self) -> Result<Arc<HyperClient>, Error> {
        let current = lock(&self.certificate.0);
        let version = current.version;
        let mut present = lock(&self.present);
        if let Some((of, transport)) = &*present
            && *of == version
        {
            return Ok(Arc::clone(transport));
        }
        let certificate = current.certificate.clone();
        drop(current);
        let config = config(self.roots.clone(), certificate)?;
        let transport = Arc::new((self.finish)(HyperClient::with_tls_config(config)));
        *present = Some((version, Arc::clone(&transport)));
        Ok(transport)
    }
}

impl HttpClient for Replaceable {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let transport = self
                .transport()
                .map_err(|error| TransportError::with_source(TransportFailure::Other, error))?;
            transport.send(request).await
        })
    }
}

impl fmt::Debug for ReplaceableCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = lock(&self.0);
        write!(f, "Replaceable{:?}", current.certificate)
    }
}
