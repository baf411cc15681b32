//! The second step: from the issuer that the application chose to the metadata of the server.

use crate::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use crate::env::Env;
use crate::error::{Error, MetadataError, Unsupported};
use crate::flow::protected_resource::first_found::FirstFound;
use crate::metadata::{ServerMetadata, check_issuer, endpoint_url};
use crate::operation::{Action, Event, Operation};
use crate::policy::Policy;

/// Fetches the metadata of an authorization server that a protected resource names, and checks that
/// they belong to this issuer and that a person can log in.
///
/// It looks at the places that the Model Context Protocol lists, in their order: that of RFC 8414,
/// `/.well-known/openid-configuration` before the path of the issuer, and the same after it.
/// Without a path, the last two are one. Sends at most three requests.
///
/// # Errors
///
/// [`Error::Rejected`] for the metadata, with
/// [`Reason::AttributeMismatch`](crate::error::Reason::AttributeMismatch) for those of another
/// issuer, wherever they were found. [`Error::Metadata`] if `authorization_endpoint` or
/// `token_endpoint` is absent or not https. [`Error::Unsupported`] if
/// `code_challenge_methods_supported` lacks `S256`, and if
/// `authorization_response_iss_parameter_supported` is not true, unless the policy
/// [requires `iss`](Policy::require_authorization_response_iss) of every response.
/// [`Error::ResponseBody`], [`Error::WwwAuthenticateChallenge`] and [`Error::Unanswered`].
#[derive(Debug)]
pub struct DiscoverAuthorizationServer {
    search: FirstFound<DiscoveryEndpoint>,
    policy: Policy,
}

impl DiscoverAuthorizationServer {
    /// Creates the operation for this issuer, on the terms of `policy`.
    ///
    /// # Errors
    ///
    /// Those of [`DiscoveryEndpoint::new`].
    pub fn new(issuer: &str, policy: Policy) -> Result<Self, Error> {
        use DiscoveryAlgorithm::{Oauth2, Oidc, OidcInserted};
        let has_path = check_issuer(issuer, &policy)?.path() != "/";
        let at = |algorithm| DiscoveryEndpoint::new(issuer, algorithm, policy.clone());
        let first = at(Oauth2)?;
        let others = match has_path {
            true => vec![at(OidcInserted)?, at(Oidc)?],
            false => vec![at(Oidc)?],
        };
        let search = FirstFound::new(first, others);
        Ok(Self { search, policy })
    }
}

impl Operation for DiscoverAuthorizationServer {
    type Output = ServerMetadata;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<ServerMetadata>, Error> {
        let action = self.search.step(env, event)?;
        if let Action::Done(server) = &action {
            check(server, &self.policy)?;
        }
        Ok(action)
    }
}

/// Checks before a registration what a login would find after it. The browser opens the URL of the
/// authorization endpoint, which a stranger chose.
fn check(server: &ServerMetadata, policy: &Policy) -> Result<(), Error> {
    for (member, url) in [
        ("authorization_endpoint", &server.authorization_endpoint),
        ("token_endpoint", &server.token_endpoint),
    ] {
        let url = url.as_deref().ok_or(MetadataError::Missing { member })?;
        endpoint_url(member, url, policy)?;
    }
    // Model Context Protocol 2026-07-28, authorization code protection.
    if !server.supports_pkce("S256") && !policy.danger.accept_unadvertised_pkce {
        let feature = "PKCE: its `code_challenge_methods_supported` lacks S256; \
                       `danger.accept_unadvertised_pkce` accepts it";
        return Err(Unsupported::Feature { feature }.into());
    }
    // RFC 9700 section 2.1 requires a defence against mix-up, and RFC 9207 section 2.4 leaves it to
    // the client whether it uses servers without `iss`. No other defence works for a client that
    // strangers bring to its servers; see `Danger::accept_unadvertised_iss`.
    let has_iss = server.authorization_response_iss_parameter_supported == Some(true)
        || policy.requires_authorization_response_iss();
    if !has_iss && !policy.danger.accept_unadvertised_iss {
        let feature = "`iss` in authorization responses: its metadata lack \
                       `authorization_response_iss_parameter_supported`; \
                       `require_authorization_response_iss` is for a server that sends `iss` \
                       nevertheless, and `danger.accept_unadvertised_iss` for one that you trust";
        return Err(Unsupported::Feature { feature }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
