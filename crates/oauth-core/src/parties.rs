//! The parties of an operation and the policy between them.

use std::sync::Arc;

use crate::metadata::{ClientMetadata, IssuerTemplate, MtlsEndpointAliases, ServerMetadata};
use crate::policy::Policy;
use crate::profile::Profile;

/// A client, its authorization server, and the client's policy. A changed configuration shares the
/// documents with the one that it was made from.
#[derive(Debug, Clone)]
pub(crate) struct Parties {
    pub(crate) server: Arc<ServerMetadata>,
    pub(crate) client: Arc<ClientMetadata>,
    pub(crate) policy: Policy,
    pub(crate) profile: Option<Profile>,
}

impl Parties {
    /// The audience of the client's own JWTs: the issuer, as one string. An issuer that covers many
    /// tenants identifies no server; the audience is then the token endpoint (RFC 7523 section 3).
    pub(crate) fn audience(&self) -> &str {
        match (
            IssuerTemplate::of(&self.server.issuer),
            &self.server.token_endpoint,
        ) {
            (Some(_), Some(token_endpoint)) => token_endpoint,
            _ => &self.server.issuer,
        }
    }

    /// Whether the client has a TLS certificate, for its authentication or because its metadata say
    /// so.
    pub(crate) fn has_certificate(&self, authenticates_by_it: bool) -> bool {
        authenticates_by_it
            || self.client.tls_client_certificate_bound_access_tokens == Some(true)
            || self.client.use_mtls_endpoint_aliases == Some(true)
    }

    /// The server's endpoints for mutual TLS (RFC 8705 section 5), if the client uses them.
    pub(crate) fn aliases_in_use(&self, authenticates_by_it: bool) -> Option<&MtlsEndpointAliases> {
        let asked = self.client.use_mtls_endpoint_aliases;
        match asked.unwrap_or_else(|| self.has_certificate(authenticates_by_it)) {
            true => self.server.mtls_endpoint_aliases.as_ref(),
            false => None,
        }
    }
}
