//! The URL of an authorization request (RFC 6749 section 4.1.1), for callers that keep their own
//! state, nonce and verifier.

use url::Url;

use super::profile::check_browser;
use crate::configuration::Configuration;
use crate::entropy::{Entropy, EntropyFault, random_token};
use crate::error::{Error, MetadataError, Misuse, Unsupported, printable};
use crate::metadata::endpoint_url;
use crate::names::EndpointName;
use crate::secret::Secret;
use crate::wire::Parameters;

/// Builds the URL to send the browser to, from `parameters` as given; adds `client_id` and
/// `response_type=code` where they are missing.
///
/// Nothing else is added. The caller generates and stores [`state`](random_state),
/// [`nonce`](random_nonce) and [`code_verifier`](crate::pkce::CodeVerifier), and passes what was
/// sent to the callback as [`AuthorizationCodeGrantChecks`](super::AuthorizationCodeGrantChecks).
/// [`AuthorizationRequest`](super::AuthorizationRequest) does all of that itself.
///
/// If `parameters` contain a `request` or a `request_uri`, only `client_id` is added. Most servers
/// also require the `response_type` of the request object, and its `scope` if that contains
/// `openid` (OpenID Connect Core 1.0 sections 6.1 and 6.2): supply them here as well, except with
/// the reference to a pushed request.
///
/// A query in the endpoint's URL is kept (RFC 6749 section 3.1).
///
/// # Errors
///
/// [`Error::Metadata`] if the server metadata lack a usable `authorization_endpoint`, or if the
/// query of that URL contains a parameter of the request, because the server may use either value.
/// [`Misuse::MissingArgument`] if the server accepts signed or pushed requests only:
/// [`BuildAuthorizationUrl`](crate::flow::BuildAuthorizationUrl) makes those.
/// [`Error::Unsupported`] for a `request` if the server says that it does not support it, and for a
/// `request_uri` if the server says so and has no endpoint for pushed requests that could have
/// issued it. [`Error::Profile`] for every request under a [profile](crate::profile):
/// [`BuildAuthorizationUrl`](crate::flow::BuildAuthorizationUrl) pushes or signs it, and builds the
/// URL.
pub fn build_authorization_url(
    configuration: &Configuration,
    mut parameters: Parameters,
) -> Result<Url, Error> {
    complete(configuration, &mut parameters);
    check_browser(configuration, &parameters)?;
    url_of(configuration, parameters)
}

/// Builds the URL for a request that was checked against the client's profile before it was packed.
pub(crate) fn url_of(
    configuration: &Configuration,
    mut parameters: Parameters,
) -> Result<Url, Error> {
    complete(configuration, &mut parameters);
    require_form(
        configuration,
        parameters.contains("request") || parameters.contains("request_uri"),
        parameters.contains("request_uri"),
    )?;
    require_support(
        configuration,
        parameters.contains("request"),
        parameters.contains("request_uri"),
    )?;
    let text = configuration.server().authorization_endpoint.as_deref();
    browser_url("authorization_endpoint", text, configuration, &parameters)
}

/// Adds `client_id` and, unless the request is in a request object, `response_type`.
pub(crate) fn complete(configuration: &Configuration, parameters: &mut Parameters) {
    if !parameters.contains("client_id") {
        parameters.set("client_id", configuration.client().client_id.as_str());
    }
    let is_reference = parameters.contains("request") || parameters.contains("request_uri");
    if !is_reference && !parameters.contains("response_type") {
        parameters.set("response_type", "code");
    }
}

/// Refuses a request in a form that the server, or the client's registration, excludes: signed only
/// (RFC 9101 section 10.5), pushed only (RFC 9126 sections 5 and 6). The content of a `request_uri`
/// cannot be checked here.
pub(crate) fn require_form(
    configuration: &Configuration,
    signed: bool,
    referenced: bool,
) -> Result<(), Error> {
    let (server, client) = (configuration.server(), configuration.client());
    let missing = |argument, purpose| Err(Misuse::MissingArgument { argument, purpose }.into());
    if !referenced {
        if server.require_pushed_authorization_requests == Some(true) {
            return missing(
                "pushed",
                "a server that requires pushed authorization requests",
            );
        }
        if client.require_pushed_authorization_requests == Some(true) {
            return missing(
                "pushed",
                "a client that has registered to push its authorization requests",
            );
        }
    }
    if !signed {
        if server.require_signed_request_object == Some(true) {
            return missing(
                "request_object",
                "a server that requires signed request objects",
            );
        }
        if client.require_signed_request_object == Some(true) {
            return missing(
                "request_object",
                "a client that has registered to sign its authorization requests",
            );
        }
    }
    Ok(())
}

/// Refuses a request object that the server says it does not support (OpenID Connect Discovery 1.0
/// section 3). The reference to a pushed request is always supported (RFC 9126 section 5), and it
/// cannot be distinguished from other references.
pub(crate) fn require_support(
    configuration: &Configuration,
    by_value: bool,
    by_reference: bool,
) -> Result<(), Error> {
    let server = configuration.server();
    let unsupported = |feature| Err(Unsupported::Feature { feature }.into());
    if by_value && server.request_parameter_supported == Some(false) {
        return unsupported("request objects by value");
    }
    if by_reference
        && server.request_uri_parameter_supported == Some(false)
        && configuration
            .endpoint(EndpointName::PushedAuthorization)
            .is_err()
    {
        return unsupported("request objects by reference");
    }
    Ok(())
}

/// Returns the endpoint in `member` with `parameters` appended to its own query.
pub(crate) fn browser_url(
    member: &'static str,
    text: Option<&str>,
    configuration: &Configuration,
    parameters: &Parameters,
) -> Result<Url, Error> {
    let text = text.ok_or(MetadataError::Missing { member })?;
    let mut url = endpoint_url(member, text, configuration.policy())?;
    url.set_fragment(None);
    if let Some((name, _)) = url
        .query_pairs()
        .find(|(name, _)| parameters.contains(name) || CHANGES_THE_REQUEST.contains(&&**name))
    {
        return Err(MetadataError::Invalid {
            member,
            expected: "a URL whose query holds no parameter of the request",
            found: printable(&name),
        }
        .into());
    }
    url.query_pairs_mut().extend_pairs(parameters.iter());
    Ok(url)
}

/// Generates a `state` (RFC 6749 section 10.12): 32 random bytes in base64url.
///
/// # Errors
///
/// [`EntropyFault`] if the source of randomness fails.
pub fn random_state(entropy: &dyn Entropy) -> Result<Secret, EntropyFault> {
    random_token(entropy).map(Secret::new)
}

/// Generates a `nonce` (OpenID Connect Core 1.0 section 15.5.2): 32 random bytes in base64url.
///
/// # Errors
///
/// [`EntropyFault`] if the source of randomness fails.
pub fn random_nonce(entropy: &dyn Entropy) -> Result<Secret, EntropyFault> {
    random_token(entropy).map(Secret::new)
}

/// Parameters that redirect or replace a request if the endpoint's own query contains them, even if
/// the request itself does not.
const CHANGES_THE_REQUEST: [&str; 4] = ["request", "request_uri", "response_mode", "redirect_uri"];
