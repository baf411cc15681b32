//! Who talks to whom, and on which terms.

use crate::metadata::{ClientMetadata, IssuerTemplate, ServerMetadata};
use crate::policy::Policy;
use crate::profile::Profile;

/// A client, its authorization server, and the policy between them.
#[derive(Debug, Clone)]
pub(crate) struct Parties {
    pub(crate) server: ServerMetadata,
    pub(crate) client: ClientMetadata,
    pub(crate) policy: Policy,
    pub(crate) profile: Option<Profile>,
}

impl Parties {
    /// Whom the client's own JWTs are for: the issuer, as one string. An issuer that stands for many
    /// tenants belongs to no server; there it is the token endpoint (RFC 7523 section 3).
    pub(crate) fn audience(&self) -> &str {
        match (
            IssuerTemplate::of(&self.server.issuer),
            &self.server.token_endpoint,
        ) {
            (Some(_), Some(token_endpoint)) => token_endpoint,
            _ => &self.server.issuer,
        }
    }
}
