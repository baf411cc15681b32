//! Connections: the look-up of a name, TCP, and TLS with one rustls configuration.
//!
//! ureq can set up rustls itself. It would then read the root certificates again for each
//! connection whose request has a deadline, and panic when a client certificate does not belong to
//! its key.

use std::io::{ErrorKind, Read as _, Write as _};
use std::sync::Arc;
use std::{fmt, io};

use http::Uri;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, TcpConnector,
    Transport, TransportAdapter,
};

use super::fault::{ClosedUnanswered, ConnectFault};

/// Looks a name up. A failure is known as one that came before the connection.
#[derive(Debug, Default)]
pub(super) struct Lookup(DefaultResolver);

impl Resolver for Lookup {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let resolved = self.0.resolve(uri, config, timeout);
        resolved.map_err(ConnectFault::wrap)
    }
}

/// Opens a TCP connection, unless there is a tunnel.
#[derive(Default)]
pub(super) struct Tcp(TcpConnector);

impl<In: Transport> Connector<In> for Tcp {
    type Out = <TcpConnector as Connector<In>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let connected = self.0.connect(details, chained);
        connected.map_err(ConnectFault::wrap)
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tcp")
    }
}

/// Speaks TLS over a connection to an https URL.
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    pub(super) fn new(config: ClientConfig) -> Self {
        Self(Arc::new(config))
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let stream = self.handshake(details, transport.boxed());
        let config = details.config;
        Ok(Some(Either::B(TlsTransport {
            stream: stream.map_err(ConnectFault::wrap)?,
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
            has_answered: false,
            awaits_answer: false,
        })))
    }
}

impl Tls {
    fn handshake(
        &self,
        details: &ConnectionDetails<'_>,
        transport: Box<dyn Transport>,
    ) -> Result<StreamOwned<ClientConnection, TransportAdapter>, Error> {
        let host = details.uri.host().unwrap_or_default();
        // Brackets belong to the URL, and not to the address (RFC 3986 section 3.2.2).
        let host = host.strip_prefix('[').unwrap_or(host);
        let host = host.strip_suffix(']').unwrap_or(host);
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| Error::Tls("the host is not a name that TLS can verify"))?;
        let connection = ClientConnection::new(Arc::clone(&self.0), name);
        let mut connection = connection.map_err(io::Error::other)?;
        let mut socket = TransportAdapter::new(transport, Arc::clone(&details.current_time));
        socket.set_timeout(left(details));
        connection.complete_io(&mut socket)?;
        Ok(StreamOwned::new(connection, socket))
    }
}

/// The time that is left after the look-up and the TCP connection.
fn left(details: &ConnectionDetails<'_>) -> NextTimeout {
    let mut timeout = details.timeout;
    if let (Duration::Exact(after), Instant::Exact(began), Instant::Exact(now)) =
        (timeout.after, details.now, (details.current_time)())
    {
        let spent = now.saturating_duration_since(began);
        timeout.after = Duration::Exact(after.saturating_sub(spent));
    }
    timeout
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// A TLS connection.
pub(super) struct TlsTransport {
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    buffers: LazyBuffers,
    /// Whether it has carried a response.
    has_answered: bool,
    /// Whether a request was sent and no byte of its response has come.
    awaits_answer: bool,
}

impl TlsTransport {
    /// Tells a connection that the server closed between two exchanges from one that broke.
    fn judge(&self, error: io::Error) -> Error {
        let is_closed = matches!(
            error.kind(),
            ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
        );
        match is_closed && self.has_answered && self.awaits_answer {
            true => Error::Io(io::Error::other(ClosedUnanswered)),
            false => Error::from(error),
        }
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        self.awaits_answer = true;
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        let written = self.stream.write_all(output);
        written.map_err(|error| self.judge(error))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = match self.stream.read(self.buffers.input_append_buf()) {
            Ok(0) if self.awaits_answer => {
                return Err(self.judge(ErrorKind::UnexpectedEof.into()));
            }
            Ok(amount) => amount,
            Err(error) => return Err(self.judge(error)),
        };
        self.buffers.input_appended(amount);
        if amount > 0 {
            self.awaits_answer = false;
            self.has_answered = true;
        }
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsTransport")
    }
}
