use std::error::Error as StdError;
use std::sync::Arc;
use std::{fmt, io};

use oauth_core::error::TlsFault;
use rustls::{AlertDescription, CertificateError};

use crate::http::resolve::NotResolved;

/// A request that got no complete response.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{failure}")]
pub struct TransportError {
    failure: TransportFailure,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportFailure {
    /// A deadline of the transport's own passed.
    TimedOut,
    /// The host name has no address.
    NotResolved,
    /// The destination policy refused the URL, or every address of its host.
    DestinationRefused,
    /// No address of the host accepted the connection.
    NotConnected,
    /// The server's certificate is not trusted, or the TLS handshake failed.
    NotTrusted,
    /// The connection broke before the response was complete.
    Interrupted,
    /// A connection that had carried another exchange was closed before a byte of the response. The
    /// server may have closed it for idleness, and may not have read the request. A request that
    /// changes nothing is sent once more.
    ClosedUnanswered,
    /// A body is longer than was asked for; see [`Body::collect`](crate::http::Body::collect).
    BodyTooLarge {
        /// The most bytes that were asked for.
        cap: usize,
    },
    /// Anything else.
    Other,
}

impl TransportError {
    /// A failure without another cause.
    pub const fn new(failure: TransportFailure) -> Self {
        Self {
            failure,
            source: None,
        }
    }

    /// A failure and the error behind it, which must hold no part of the request's headers or body.
    pub fn with_source(
        failure: TransportFailure,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            failure,
            source: Some(source.into().into()),
        }
    }

    /// How far the request came.
    pub const fn failure(&self) -> TransportFailure {
        self.failure
    }

    /// Why TLS failed, if the cause of this error says so.
    pub fn tls_fault(&self) -> TlsFault {
        let source = self.source.as_deref();
        let error = source.and_then(|source| find::<rustls::Error>(source));
        error.map_or(TlsFault::Handshake, tls_fault)
    }

    /// The error of a service that is not this library's.
    pub(super) fn of_service(error: Box<dyn StdError + Send + Sync>) -> Self {
        let failure = if let Some(error) = find::<Self>(&*error) {
            error.failure
        } else if find::<rustls::Error>(&*error).is_some() {
            TransportFailure::NotTrusted
        } else if find_io(&*error, io::ErrorKind::TimedOut) {
            TransportFailure::TimedOut
        } else if find_io(&*error, io::ErrorKind::ConnectionRefused) {
            TransportFailure::NotConnected
        } else {
            TransportFailure::Other
        };
        Self::with_source(failure, error)
    }

    /// Sorts an error that came before the head of the response, by the first error in its chain
    /// that tells; `connecting` when there was no connection yet.
    pub(super) fn before_response(
        error: impl StdError + Send + Sync + 'static,
        connecting: bool,
    ) -> Self {
        let failure = if find::<rustls::Error>(&error).is_some() {
            TransportFailure::NotTrusted
        } else if let Some(not_resolved) = find::<NotResolved>(&error) {
            match not_resolved {
                NotResolved::NoAddress { .. } => TransportFailure::NotResolved,
                NotResolved::Refused(_) => TransportFailure::DestinationRefused,
            }
        } else if find_io(&error, io::ErrorKind::TimedOut) {
            TransportFailure::TimedOut
        } else if connecting {
            TransportFailure::NotConnected
        } else {
            TransportFailure::Interrupted
        };
        Self::with_source(failure, error)
    }
}

impl fmt::Display for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "the transport timed out",
            Self::NotResolved => "the host name could not be resolved",
            Self::DestinationRefused => "the destination is refused",
            Self::NotConnected => "the connection was not accepted",
            Self::NotTrusted => "the TLS handshake failed",
            Self::Interrupted => "the connection broke",
            Self::ClosedUnanswered => "a connection that was used again had been closed",
            Self::BodyTooLarge { cap } => {
                return write!(f, "the body is longer than {cap} bytes");
            }
            Self::Other => "the transport failed",
        })
    }
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    match error {
        rustls::Error::InvalidCertificate(error) => {
            match error {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    TlsFault::Expired
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    TlsFault::NotYetValid
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => TlsFault::OtherName,
                CertificateError::InvalidPurpose
                | CertificateError::InvalidPurposeContext { .. } => TlsFault::OtherPurpose,
                // An authority of the same name whose key is another one, such as a test authority
                // that was made again.
                CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                    TlsFault::UnknownIssuer
                }
                CertificateError::Revoked => TlsFault::Revoked,
                error if is_authority_as_server(error) => TlsFault::AuthorityAsServer,
                _ => TlsFault::UnusableCertificate,
            }
        }
        rustls::Error::AlertReceived(alert) if CERTIFICATE_ALERTS.contains(alert) => {
            TlsFault::ClientCertificate
        }
        _ => TlsFault::Handshake,
    }
}

/// Whether a certificate is an authority's, and was to be the server's own. rustls has no name of
/// its own for what its verifier found there.
pub(super) fn is_authority_as_server(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(error) if error.to_string().contains(CA_AS_SERVER))
}

/// What the verifier behind rustls calls it.
const CA_AS_SERVER: &str = "CaUsedAsEndEntity";

/// What a server answers to a client's certificate, or to none (RFC 8446 section 6.2).
const CERTIFICATE_ALERTS: [AlertDescription; 8] = [
    AlertDescription::BadCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
    AlertDescription::CertificateRequired,
];

/// The first error of type `T` in the chain of causes.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn find_io(error: &(dyn StdError + 'static), kind: io::ErrorKind) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == kind)
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // `source` of an I/O error skips the error that it wraps.
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_that_tells_decides_how_far_a_request_came() {
        use io::ErrorKind::{ConnectionRefused, ConnectionReset, TimedOut};
        for (kind, connecting, failure) in [
            (TimedOut, true, TransportFailure::TimedOut),
            (TimedOut, false, TransportFailure::TimedOut),
            (ConnectionRefused, true, TransportFailure::NotConnected),
            (ConnectionReset, false, TransportFailure::Interrupted),
        ] {
            let error = io::Error::other(io::Error::from(kind));
            let found = TransportError::before_response(error, connecting).failure();
            assert_eq!(found, failure, "{kind} {connecting}");
        }
    }
    #[test]
    fn a_fault_of_tls_is_named() {
        use rustls::Error::{AlertReceived, DecryptError, InvalidCertificate};
        for (error, fault) in [
            (
                AlertReceived(AlertDescription::CertificateRequired),
                TlsFault::ClientCertificate,
            ),
            (
                AlertReceived(AlertDescription::HandshakeFailure),
                TlsFault::Handshake,
            ),
            (
                InvalidCertificate(CertificateError::Revoked),
                TlsFault::Revoked,
            ),
            (
                InvalidCertificate(CertificateError::BadSignature),
                TlsFault::UnknownIssuer,
            ),
            (
                InvalidCertificate(CertificateError::BadEncoding),
                TlsFault::UnusableCertificate,
            ),
            (DecryptError, TlsFault::Handshake),
        ] {
            let wrapped = io::Error::other(error.clone());
            let found = TransportError::before_response(wrapped, true);
            assert_eq!(found.failure(), TransportFailure::NotTrusted);
            assert_eq!(found.tls_fault(), fault, "{error}");
        }
        let other = TransportError::new(TransportFailure::NotTrusted);
        assert_eq!(other.tls_fault(), TlsFault::Handshake);
    }
}
