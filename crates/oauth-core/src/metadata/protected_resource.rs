use crate::documents::document;
use crate::error::{Reason, printable_url};
use crate::metadata::{Scope, check_issuer};
use crate::policy::Policy;

document! {
    /// Protected resource metadata (RFC 9728 section 2). All URLs are text as published. Names and
    /// pages for people come from the resource alone: check a URL before a browser opens it.
    ProtectedResourceMetadata {
        [
            /// The resource identifier: an https URL without fragment.
            resource
        ]

        /// The issuers of the authorization servers that issue tokens for the resource.
        authorization_servers: Vec<String>,
        /// The scope values for the resource. The Model Context Protocol takes them as the ones
        /// that its basic functions need.
        scopes_supported: Vec<String>,
        /// Whether the resource accepts only access tokens that are bound to a DPoP key.
        dpop_bound_access_tokens_required: bool,
        /// The metadata as a signed JWT (section 2.2). They are ignored unless the application
        /// requires a [signer](crate::validate::MetadataSigner).
        signed_metadata: String,
        @informative {
            /// URL of the resource's key set, for responses that it signs.
            jwks_uri: String,
            /// The ways of sending a Bearer token: `header`, `body`, `query`. This library uses
            /// `header`.
            bearer_methods_supported: Vec<String>,
            /// The algorithms of signed resource responses.
            resource_signing_alg_values_supported: Vec<String>,
            /// The name of the resource for people.
            resource_name: String,
            /// URL of documentation for developers.
            resource_documentation: String,
            /// URL of the policy on how the data may be used.
            resource_policy_uri: String,
            /// URL of the terms of service.
            resource_tos_uri: String,
            /// Whether access tokens can be bound to client certificates.
            tls_client_certificate_bound_access_tokens: bool,
            /// The types of `authorization_details` (RFC 9396) for the resource.
            authorization_details_types_supported: Vec<String>,
            /// The algorithms of DPoP proofs.
            dpop_signing_alg_values_supported: Vec<String>,
        }
    }
}

impl ProtectedResourceMetadata {
    /// Checks the lists that the client acts upon, except for the comparison of `resource`.
    pub(crate) fn check(&self, policy: &Policy) -> Result<(), Reason> {
        let servers = self.authorization_servers.as_deref().unwrap_or_default();
        if servers.is_empty() {
            return Err(Reason::Missing {
                member: "authorization_servers".into(),
            });
        }
        if servers.len() > MOST_SERVERS {
            return Err(Reason::IllTyped {
                member: "authorization_servers".into(),
                expected: "at most 16 issuers",
                found: format!("{} issuers", servers.len()),
            });
        }
        for server in servers {
            if check_issuer(server, policy).is_err() {
                return Err(Reason::Url {
                    member: "authorization_servers".into(),
                    expected: "a list of https URLs without user name, query and fragment",
                    found: printable_url(server),
                });
            }
        }
        match self.scope() {
            Some(_) => Ok(()),
            None => Err(Reason::IllTyped {
                member: "scopes_supported".into(),
                expected: "at most 256 scope values with 4096 characters together",
                found: "another list".to_owned(),
            }),
        }
    }

    /// The scope values for the resource; `None` if they are no [`Scope`].
    pub fn scope(&self) -> Option<Scope> {
        let values = self.scopes_supported.as_deref().unwrap_or_default();
        Scope::of_values(values.iter().map(String::as_str))
    }
}

/// The most authorization servers of one resource.
const MOST_SERVERS: usize = 16;
