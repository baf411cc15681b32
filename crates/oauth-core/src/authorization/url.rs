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

/// The URL to send the browser to, with `parameters` as given and `client_id` and
/// `response_type=code` where they are missing.
///
/// Nothing else is added. Whoever builds the request this way makes and keeps
/// [`state`](random_state), [`nonce`](random_nonce) and
/// [`code_verifier`](crate::pkce::CodeVerifier), and states what was sent in
/// [`AuthorizationCodeGrantChecks`](super::AuthorizationCodeGrantChecks).
/// [`AuthorizationRequest`](super::AuthorizationRequest) does all of that by itself.
///
/// With a `request` or a `request_uri` of the caller's own, nothing but `client_id` is added. Most servers
/// want `response_type` beside it, and `scope` where `openid` is in it, as they are in the request
/// object (OpenID Connect Core 1.0 sections 6.1 and 6.2): give them here as well, except beside the
/// reference to a pushed request.
///
/// A query that the endpoint brings along is kept (RFC 6749 section 3.1).
///
/// # Errors
///
/// [`Error::Metadata`] when the server metadata lacks a usable `authorization_endpoint`, or when
/// that URL's own query holds a parameter of the request: which of the two a server would believe
/// is anybody's guess. [`Misuse::MissingArgument`] when the server takes signed or pushed requests
/// only: [`BuildAuthorizationUrl`](crate::flow::BuildAuthorizationUrl) makes those.
/// [`Error::Unsupported`] for a `request` when the server says that it takes none, and for a
/// `request_uri` when it says so and has no endpoint for pushed requests, where that could be from.
/// [`Error::Profile`] under a [profile](crate::profile), for every request:
/// [`BuildAuthorizationUrl`](crate::flow::BuildAuthorizationUrl) pushes or signs it, and makes the URL.
pub fn authorization_url(
    configuration: &Configuration,
    mut parameters: Parameters,
) -> Result<Url, Error> {
    complete(configuration, &mut parameters);
    check_browser(configuration, &parameters)?;
    url_of(configuration, parameters)
}

/// The same for a request that was held against the client's profile before it was packed.
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

/// Adds what every request has: whose it is and, unless it is in a request object, for what.
pub(crate) fn complete(configuration: &Configuration, parameters: &mut Parameters) {
    if !parameters.contains("client_id") {
        parameters.set("client_id", configuration.client().client_id.as_str());
    }
    let is_reference = parameters.contains("request") || parameters.contains("request_uri");
    if !is_reference && !parameters.contains("response_type") {
        parameters.set("response_type", "code");
    }
}

/// Holds a request to the forms that the server takes, or that the client has registered for: signed
/// only (RFC 9101 section 10.5), pushed only (RFC 9126 sections 5 and 6). What a `request_uri` stands for cannot be seen here.
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

/// Refuses a request object that the server says it does not take (OpenID Connect Discovery 1.0 section
/// 3). The reference to a pushed request it takes whatever it says (RFC 9126 section 5), and nobody can
/// tell it from others.
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

/// The endpoint in `member` with `parameters` behind its own query.
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

/// A new `state` (RFC 6749 section 10.12): 32 random bytes in base64url.
///
/// # Errors
///
/// [`EntropyFault`] when the source of randomness fails.
pub fn random_state(entropy: &dyn Entropy) -> Result<Secret, EntropyFault> {
    random_token(entropy).map(Secret::new)
}

/// A new `nonce` (OpenID Connect Core 1.0 section 15.5.2): 32 random bytes in base64url.
///
/// # Errors
///
/// [`EntropyFault`] when the source of randomness fails.
pub fn random_nonce(entropy: &dyn Entropy) -> Result<Secret, EntropyFault> {
    random_token(entropy).map(Secret::new)
}

/// Parameters that would redirect or replace a request if an endpoint's own query had them, even
/// when the request itself does not.
const CHANGES_THE_REQUEST: [&str; 4] = ["request", "request_uri", "response_mode", "redirect_uri"];
