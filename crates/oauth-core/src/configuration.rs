//! One client at one authorization server.

use std::sync::Arc;

use url::Url;

use crate::client_auth::ClientAuthentication;
use crate::error::Error;
use crate::error::MetadataError;
use crate::error::Misuse;
use crate::metadata::ClientMetadata;
use crate::metadata::ServerMetadata;
use crate::outbound::EndpointName;
use crate::policy::Policy;

/// An immutable pairing of server metadata, client metadata, client authentication and policy.
///
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Configuration(Arc<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    server: ServerMetadata,
    client: ClientMetadata,
    authentication: ClientAuthentication,
    policy: Policy,
}

impl Configuration {
    /// Pairs a client with a server; the metadata comes from discovery or is written by hand.
    ///
    /// Client authentication is the registered `token_endpoint_auth_method`, or the default that
    /// [`ClientAuthentication::default_for`] describes.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when the client id is empty, [`Misuse::MissingArgument`] when
    /// the registered method needs a secret or a key that was not given, and
    /// [`Error::Metadata`] when the issuer is not a URL that may be one.
    pub fn new(
        server: ServerMetadata,
        client: ClientMetadata,
        policy: Policy,
    ) -> Result<Self, Error> {
        let authentication = ClientAuthentication::default_for(&server, &client)?;
        Self::with_authentication(server, client, authentication, policy)
    }

    /// Like [`new`](Self::new), with the client authentication of the caller's choice.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_authentication(
        server: ServerMetadata,
        client: ClientMetadata,
        authentication: ClientAuthentication,
        policy: Policy,
    ) -> Result<Self, Error> {
        if client.client_id.is_empty() {
            return Err(Misuse::InvalidArgument {
                argument: "client_id",
                expected: "not empty",
                found: "nothing".to_owned(),
            }
            .into());
        }
        crate::metadata::check_issuer(&server.issuer, &policy)?;
        Ok(Self(Arc::new(Parts {
            server,
            client,
            authentication,
            policy,
        })))
    }

    /// The same client at the same server under another policy.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        let mut parts = (*self.0).clone();
        parts.policy = policy;
        Self(Arc::new(parts))
    }

    /// The server metadata.
    pub fn server(&self) -> &ServerMetadata {
        &self.0.server
    }

    /// The client metadata.
    pub fn client(&self) -> &ClientMetadata {
        &self.0.client
    }

    /// How the client authenticates itself.
    pub fn authentication(&self) -> &ClientAuthentication {
        &self.0.authentication
    }

    /// How strict and how patient the client is.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// The URL of an endpoint, ready to be contacted.
    ///
    /// # Errors
    ///
    /// [`MetadataError::Missing`] when the metadata has none, [`MetadataError::Invalid`] when it is
    /// not a URL or carries a user name or password, [`MetadataError::NotHttps`] and
    /// [`MetadataError::Scheme`] when its scheme is not allowed.
    pub fn endpoint(&self, endpoint: EndpointName) -> Result<Url, Error> {
        let member = endpoint.metadata_member();
        let text = self
            .server()
            .endpoint(endpoint)
            .ok_or(MetadataError::Missing { member })?;
        Ok(crate::metadata::endpoint_url(member, text, self.policy())?)
    }
}
