//! Why there is no answer, in the terms of the core.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use oauth_core::error::{NoAnswer, TlsFault};
use rustls::{AlertDescription, CertificateError};

type Source = Arc<dyn StdError + Send + Sync>;

/// A failure before the connection could carry a request.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct ConnectFault(ureq::Error);

impl ConnectFault {
    /// Marks an error. A deadline that has passed says enough.
    pub(super) fn wrap(error: ureq::Error) -> ureq::Error {
        match error {
            ureq::Error::Timeout(timeout) => ureq::Error::Timeout(timeout),
            error => ureq::Error::Other(Box::new(Self(error))),
        }
    }
}

/// A connection that had carried another exchange was closed before a byte of the response.
#[derive(Debug, thiserror::Error)]
#[error("a connection that was used again had been closed")]
pub(super) struct ClosedUnanswered;

/// An error of the transport without a text from the request or the response.
#[derive(Debug)]
struct Failed(&'static str);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Failed {}

/// Sorts an error of ureq. Errors that may contain a part of the URL or of a header are replaced
/// by a fixed text.
pub(super) fn reason_of(
    error: ureq::Error,
    host: &str,
    deadline: Duration,
) -> (NoAnswer, Option<Source>) {
    let failed = |text| (NoAnswer::Failed, Some(Arc::new(Failed(text)) as Source));
    match error {
        ureq::Error::Timeout(_) => (NoAnswer::TimedOut { deadline }, None),
        ureq::Error::Other(other) => match other.downcast::<ConnectFault>() {
            Ok(fault) => before_connection(fault.0, host, deadline),
            Err(_) => failed("the transport failed"),
        },
        ureq::Error::Io(error) => of_io(error, host, deadline, NoAnswer::Interrupted),
        // The text has the status of the proxy.
        ureq::Error::ConnectProxyFailed(_) => (
            NoAnswer::NotConnected {
                host: host.to_owned(),
            },
            Some(Arc::new(Failed("the proxy has not opened a tunnel"))),
        ),
        ureq::Error::Protocol(_) => failed("the response is not valid HTTP/1.1"),
        ureq::Error::LargeResponseHeader(..) => failed("the head of the response is too long"),
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => failed("the request cannot be sent"),
        _ => failed("the transport failed"),
    }
}

fn before_connection(
    error: ureq::Error,
    host: &str,
    deadline: Duration,
) -> (NoAnswer, Option<Source>) {
    let not_connected = NoAnswer::NotConnected {
        host: host.to_owned(),
    };
    match error {
        ureq::Error::Io(error) => of_io(error, host, deadline, not_connected),
        ureq::Error::HostNotFound => (not_connected, Some(Arc::new(Failed("host not found")))),
        ureq::Error::Tls(text) => (
            NoAnswer::NotTrusted {
                host: host.to_owned(),
                cause: TlsFault::Handshake,
            },
            Some(Arc::new(Failed(text))),
        ),
        _ => (not_connected, None),
    }
}

fn of_io(
    error: io::Error,
    host: &str,
    deadline: Duration,
    otherwise: NoAnswer,
) -> (NoAnswer, Option<Source>) {
    let inner = error.get_ref();
    let reason = if let Some(error) = inner.and_then(|inner| inner.downcast_ref()) {
        NoAnswer::NotTrusted {
            host: host.to_owned(),
            cause: tls_fault(error),
        }
    } else if inner.is_some_and(|inner| inner.is::<ClosedUnanswered>()) {
        return (NoAnswer::ClosedUnanswered, None);
    } else if error.kind() == ErrorKind::TimedOut {
        NoAnswer::TimedOut { deadline }
    } else {
        otherwise
    };
    (reason, Some(Arc::new(error)))
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                TlsFault::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsFault::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::OtherName
            }
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                TlsFault::OtherPurpose
            }
            // An authority of the same name whose key is another one.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                TlsFault::UnknownIssuer
            }
            CertificateError::Revoked => TlsFault::Revoked,
            // What the verifier behind rustls calls it; rustls has no name for it.
            CertificateError::Other(error) if error.to_string().contains("CaUsedAsEndEntity") => {
                TlsFault::AuthorityAsServer
            }
            _ => TlsFault::UnusableCertificate,
        },
        rustls::Error::AlertReceived(alert) if CERTIFICATE_ALERTS.contains(alert) => {
            TlsFault::ClientCertificate
        }
        _ => TlsFault::Handshake,
    }
}

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
