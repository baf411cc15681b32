//! No answer, or nothing that can be asked.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Artefact, TlsFault};
use crate::names::{EndpointName, KeyName};

/// No usable response came; the cause is the driver's.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{endpoint} request: {reason}")]
pub struct Unanswered {
    /// Where the request went.
    pub endpoint: EndpointName,
    /// What happened, in the terms of the protocol.
    pub reason: NoAnswer,
    /// The transport's own error.
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Why no response came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoAnswer {
    /// The deadline passed.
    #[error("no answer within {} s", .deadline.as_secs_f64())]
    TimedOut {
        /// The deadline.
        deadline: Duration,
    },
    /// The deadline passed, and the request continues: another operation began it and waits longer.
    #[error("no answer within {} s to a request that goes on", .deadline.as_secs_f64())]
    StillUnderWay {
        /// The deadline.
        deadline: Duration,
    },
    /// The host could not be found or did not accept the connection.
    #[error("no connection to {host}")]
    NotConnected {
        /// Host and port.
        host: String,
    },
    /// The server's certificate is not trusted, or the TLS handshake failed.
    #[error("no trusted TLS connection to {host}: {cause}")]
    NotTrusted {
        /// Host and port.
        host: String,
        /// Why.
        cause: TlsFault,
    },
    /// The connection broke before the response was complete.
    #[error("the connection broke before the response was complete")]
    Interrupted,
    /// A connection that had carried another exchange was closed before a byte of the response. A
    /// request by GET without a body is sent once more; see [`Call`](crate::flow::Call).
    #[error("a connection that was used again had been closed")]
    ClosedUnanswered,
    /// The body is longer than the cap; nothing of it was used.
    #[error("the response body is longer than {cap} bytes")]
    BodyTooLarge {
        /// The cap in bytes.
        cap: usize,
    },
    /// The URL is not one that the client may contact, or the address behind it is not: refused by
    /// the application's destination policy, or neither https nor allowed to be plain http.
    #[error(
        "requests to {host} are refused, by the destination policy or because the URL is not https"
    )]
    DestinationRefused {
        /// Host and port.
        host: String,
    },
    /// Another failure of the transport.
    #[error("the transport failed")]
    Failed,
}

impl NoAnswer {
    /// The stable code; see [`Error::code`](crate::Error::code).
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimedOut { .. } | Self::StillUnderWay { .. } => "OAUTH_TIMEOUT",
            Self::NotConnected { .. } => "OAUTH_NOT_CONNECTED",
            Self::NotTrusted { .. } => "OAUTH_TLS_NOT_TRUSTED",
            Self::Interrupted | Self::ClosedUnanswered => "OAUTH_RESPONSE_INTERRUPTED",
            Self::BodyTooLarge { .. } => "OAUTH_RESPONSE_BODY_TOO_LARGE",
            Self::DestinationRefused { .. } => "OAUTH_DESTINATION_REFUSED",
            Self::Failed => "OAUTH_TRANSPORT_FAILED",
        }
    }
}

/// The lifetime of a device code or of a backchannel authentication ended before an answer came.
///
/// A server that notices first says so itself, with the error `expired_token`
/// (RFC 8628 section 3.5, CIBA Core 1.0 section 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {credential} expired after {} s without an answer", .lifetime.as_secs())]
pub struct Expired {
    /// What expired: `device_code` or `auth_req_id`.
    pub credential: &'static str,
    /// Its lifetime.
    pub lifetime: Duration,
}

/// A private key could not be used; the cause is the driver's.
#[derive(Debug, Clone, thiserror::Error)]
#[error("key `{key}` could not be used")]
pub struct KeyFault {
    /// The key.
    pub key: KeyName,
    /// The key store's own error.
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// A client authentication method of the application's own could not make its credentials.
#[derive(Debug, Clone, thiserror::Error)]
#[error("client authentication by `{method}` failed")]
pub struct AuthenticationFault {
    /// The name of the method.
    pub method: String,
    /// The method's own error.
    #[source]
    pub source: Arc<dyn std::error::Error + Send + Sync>,
}

/// A token store failed, cannot be reached, or did not answer in time.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the token store failed to {operation}")]
pub struct StoreError {
    operation: &'static str,
    #[source]
    source: Arc<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// The failure of this operation, for example `load`.
    pub fn new(
        operation: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            operation,
            source: source.into().into(),
        }
    }
}

/// The server metadata lacks what an operation needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// A member is absent.
    #[error(
        "the server metadata has no `{member}`: the server does not offer this, or the metadata that \
         the application supplied lack it"
    )]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// A member is not a URL that can be used.
    #[error("`{member}`{} must be {expected}, found {found}", place(.member))]
    Invalid {
        /// The member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The text is a host without a scheme.
    #[error("`{member}`{} must be an https URL, found {found}, which has no scheme: write https://{found}", place(.member))]
    NoScheme {
        /// The member.
        member: &'static str,
        /// What it is.
        found: String,
    },
    /// The URL is plain http, and insecure requests are not allowed.
    #[error(
        "`{member}`{} must be an https URL, found {found}; `danger_allow_insecure_requests` permits \
         http, which others on the network can read and change; use it only on one machine",
        place(.member)
    )]
    NotHttps {
        /// The member.
        member: &'static str,
        /// Its origin.
        found: String,
    },
    /// The URL is neither http nor https.
    #[error("`{member}`{} must be an https URL, found scheme {found}", place(.member))]
    Scheme {
        /// The member.
        member: &'static str,
        /// The scheme found.
        found: String,
    },
}

impl MetadataError {
    /// The stable code; see [`Error::code`](crate::Error::code).
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "OAUTH_MISSING_SERVER_METADATA",
            Self::Invalid { .. } | Self::NoScheme { .. } => "OAUTH_INVALID_SERVER_METADATA",
            Self::NotHttps { .. } => "OAUTH_HTTP_REQUEST_FORBIDDEN",
            Self::Scheme { .. } => "OAUTH_REQUEST_PROTOCOL_FORBIDDEN",
        }
    }
}

/// Valid by the specifications, but not done here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// The algorithm is not part of this build or of this library.
    #[error(
        "algorithm {algorithm} is not supported here; a feature of the crate may enable it (`ring`, \
         `aws-lc-rs`)"
    )]
    Algorithm {
        /// The algorithm.
        algorithm: String,
    },
    /// The server sent something in a form that cannot be read here.
    #[error("{artefact} as {form} is not supported here")]
    Form {
        /// What it sent.
        artefact: Artefact,
        /// Its form.
        form: &'static str,
    },
    /// The application has no client for a server that a protected resource names.
    #[error(
        "the application has no client at {issuer}: it has registered none there, and the server does \
         not support the metadata document or the dynamic registration that the application offers; \
         `registered_at` adds a client of this issuer"
    )]
    NoRegistration {
        /// The issuer of the server.
        issuer: String,
    },
    /// The server does not support what the client is set up for.
    #[error("the server does not support {feature}")]
    Feature {
        /// The feature.
        feature: &'static str,
    },
}

/// The document that contains the member, unless the member is an argument of the application.
fn place(member: &str) -> &'static str {
    match member {
        "issuer" | "metadata_url" | "resource" | "url" => "",
        "registration_client_uri" => " in the registration",
        "resource_metadata" => " in the challenge",
        _ => " in the server metadata",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MetadataError, NoAnswer};

    #[test]
    fn only_what_the_server_wrote_is_called_its_metadata() {
        for (member, shown) in [
            ("issuer", "`issuer` must be"),
            ("url", "`url` must be"),
            ("metadata_url", "`metadata_url` must be"),
            (
                "registration_client_uri",
                "`registration_client_uri` in the registration must be",
            ),
            (
                "token_endpoint",
                "`token_endpoint` in the server metadata must be",
            ),
        ] {
            let error = MetadataError::Invalid {
                member,
                expected: "an absolute URL",
                found: "x".to_owned(),
            };
            assert_eq!(
                error.to_string(),
                format!("{shown} an absolute URL, found x")
            );
        }
    }

    #[test]
    fn plain_http_names_what_permits_it() {
        let error = MetadataError::NotHttps {
            member: "issuer",
            found: "http://localhost:8080".to_owned(),
        };
        assert_eq!(
            error.to_string(),
            "`issuer` must be an https URL, found http://localhost:8080; \
             `danger_allow_insecure_requests` permits http, which others on the network can read \
             and change; use it only on one machine"
        );
    }

    #[test]
    fn a_deadline_is_reported_as_it_was() {
        for (milliseconds, shown) in [(300, "0.3"), (1000, "1"), (1500, "1.5"), (30_000, "30")] {
            let deadline = Duration::from_millis(milliseconds);
            let error = NoAnswer::TimedOut { deadline };
            assert_eq!(error.to_string(), format!("no answer within {shown} s"));
            let error = NoAnswer::StillUnderWay { deadline };
            assert_eq!(
                error.to_string(),
                format!("no answer within {shown} s to a request that goes on")
            );
        }
    }
}
