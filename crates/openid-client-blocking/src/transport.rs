//! The transport: two ureq agents, of which one shows the client's certificate.

mod certificates;
mod connector;
mod fault;
mod proxy;

use std::io;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Uri, header};
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::names::EndpointName;
use rustls::ClientConfig;
use ureq::Agent;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _};
use zeroize::Zeroizing;

pub(crate) use self::certificates::{ClientCertificate, RootCertificates};
use self::connector::{Lookup, Tcp, Tls};
use self::fault::reason_of;
pub(crate) use self::proxy::{Proxies, ProxySettings};

pub(crate) struct Transport {
    plain: Agent,
    certified: Option<Agent>,
    proxies: Proxies,
}

/// How much of the body of a response is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// All of it; more than this is an error.
    Cap(usize),
    /// The beginning.
    Beginning(usize),
}

impl Transport {
    /// # Errors
    ///
    /// [`Error::Tls`](crate::Error::Tls) when the certificate does not belong to its key.
    pub(crate) fn new(
        roots: RootCertificates,
        certificate: Option<ClientCertificate>,
        proxies: Proxies,
    ) -> Result<Self, crate::Error> {
        let roots = roots.into_store();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = || {
            let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
            let builder = builder.with_safe_default_protocol_versions();
            let builder = builder.map_err(crate::Error::Tls)?;
            Ok::<_, crate::Error>(builder.with_root_certificates(Arc::clone(&roots)))
        };
        let certified = match certificate {
            None => None,
            Some(ClientCertificate { chain, key }) => {
                let config = config()?.with_client_auth_cert(chain, key);
                Some(agent(config.map_err(crate::Error::Tls)?))
            }
        };
        Ok(Self {
            plain: agent(config()?.with_no_client_auth()),
            certified,
            proxies,
        })
    }

    pub(crate) const fn has_certificate(&self) -> bool {
        self.certified.is_some()
    }

    /// Sends a request once, within a deadline that covers name, connection, head and body.
    /// `limit` says how much of the body is read, once the head is known.
    pub(crate) fn exchange(
        &self,
        request: Request<Bytes>,
        endpoint: EndpointName,
        shows_certificate: bool,
        deadline: Duration,
        limit: impl FnOnce(&Response<()>) -> Limit,
    ) -> Result<Response<Bytes>, Unanswered> {
        let agent = match &self.certified {
            Some(certified) if shows_certificate => certified,
            _ => &self.plain,
        };
        let uri = request.uri().clone();
        let route = self.proxies.route(&uri);
        let exchanged = exchange(agent, request, route, deadline, limit);
        exchanged.map_err(|fault| {
            let (reason, source) = match fault {
                Fault::TooLarge { cap } => (NoAnswer::BodyTooLarge { cap }, None),
                Fault::Ureq(error) => reason_of(error, &host_of(&uri), deadline),
            };
            Unanswered {
                endpoint,
                reason,
                source,
            }
        })
    }
}

enum Fault {
    TooLarge { cap: usize },
    Ureq(ureq::Error),
}

impl From<ureq::Error> for Fault {
    fn from(error: ureq::Error) -> Self {
        Self::Ureq(error)
    }
}

/// An agent that adds nothing to a request and changes nothing about a response.
fn agent(config: ClientConfig) -> Agent {
    let settings = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent("")
        .accept("")
        .accept_encoding("")
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .build();
    // Tunnels through the proxy of a request, if it has one.
    let tunnel = ConnectProxyConnector::default();
    let connector = ().chain(tunnel).chain(Tcp::default()).chain(Tls::new(config));
    Agent::with_parts(settings, connector, Lookup::default())
}

fn exchange(
    agent: &Agent,
    request: Request<Bytes>,
    route: Option<ureq::Proxy>,
    deadline: Duration,
    limit: impl FnOnce(&Response<()>) -> Limit,
) -> Result<Response<Bytes>, Fault> {
    let (mut head, body) = request.into_parts();
    head.headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static(USER_AGENT));
    let takes_body = matches!(head.method, Method::POST | Method::PUT | Method::PATCH);
    let response = if body.is_empty() && !takes_body {
        let request = agent.configure_request(Request::from_parts(head, ()));
        let request = request.proxy(route).timeout_global(Some(deadline));
        agent.run(request.build())?
    } else {
        let request = agent.configure_request(Request::from_parts(head, &body[..]));
        let request = request.proxy(route).timeout_global(Some(deadline));
        agent.run(request.build())?
    };
    let (mut head, body) = response.into_parts();
    // Whatever ureq notes there is not part of the response.
    head.extensions.clear();
    let head = Response::from_parts(head, ());
    let limit = limit(&head);
    let (most, cap) = match limit {
        Limit::Cap(cap) => (cap.saturating_add(1), Some(cap)),
        Limit::Beginning(most) => (most, None),
    };
    let unlimited = body.into_with_config().limit(u64::MAX).reader();
    let limited = unlimited.take(u64::try_from(most).unwrap_or(u64::MAX));
    let collected = collect(limited).map_err(ureq::Error::from)?;
    match cap {
        Some(cap) if collected.len() > cap => Err(Fault::TooLarge { cap }),
        _ => Ok(head.map(|()| Bytes::from_owner(collected))),
    }
}

/// Collects a body in a buffer that is wiped when it is dropped. A buffer that is too small is
/// wiped too.
fn collect(mut body: impl io::Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut collected = Zeroizing::new(Vec::with_capacity(PIECE));
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    loop {
        let length = match body.read(&mut piece) {
            Ok(0) => return Ok(collected),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let needed = collected.len().saturating_add(length);
        if needed > collected.capacity() {
            let doubled = collected.capacity().saturating_mul(2);
            let mut larger = Zeroizing::new(Vec::with_capacity(doubled.max(needed)));
            larger.extend_from_slice(&collected);
            collected = larger;
        }
        collected.extend_from_slice(piece.get(..length).unwrap_or_default());
    }
}

/// How much of a body is read at once.
const PIECE: usize = 16 * 1024;

/// Host and port of a URL, for messages: never its user name, path or query.
pub(crate) fn host_of(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match uri.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

const USER_AGENT: &str = concat!("openid-client-blocking/", env!("CARGO_PKG_VERSION"));

/// The size of each buffer of a connection. A head of a response must fit in it.
const BUFFER: usize = 64 * 1024;
