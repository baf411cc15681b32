//! Clients that register themselves (RFC 7591).

use std::fmt;
use std::sync::Arc;

use oauth_core::endpoint::RegistrationEndpoint;
use oauth_core::error::Misuse;
use oauth_core::flow::Register;
use oauth_core::run::run;
use oauth_core::secret::Secret;

use super::{ClientBuilder, Issuer};
use crate::client::Client;
use crate::error::{Error, RegistrationUnusable};
use crate::host::Host;

/// A client that is to be registered at an issuer.
pub struct NewClient {
    issuer: Issuer,
    initial_access_token: Option<Secret>,
}

impl NewClient {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer: Issuer::new(issuer),
            initial_access_token: None,
        }
    }
}

impl ClientBuilder<NewClient> {
    /// Sets the token that permits the registration (RFC 7591 section 1.2).
    pub fn initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.source.initial_access_token = Some(token.into());
        self
    }

    /// Fetches the server metadata, registers the client and makes it. Sends two requests.
    ///
    /// # Errors
    ///
    /// The errors of a client that is discovered, most of them before anything is registered;
    /// the refusal of the server; [`Error::RegistrationUnusable`] for a registration that protects
    /// the client less than what was asked for, or cannot be used.
    pub fn send(self) -> Result<Client, Error> {
        let (source, mut settings, shared) = self.prepare()?;
        if let Some(authentication) = &settings.authentication {
            let chosen = authentication.as_str();
            let method = &mut settings.client.token_endpoint_auth_method;
            match method.as_deref() {
                None => *method = Some(chosen.to_owned()),
                Some(asked) if asked == chosen => {}
                Some(asked) => {
                    return Err(Misuse::InvalidArgument {
                        argument: "token_endpoint_auth_method",
                        expected: "the method that `authentication` chooses",
                        found: asked.escape_debug().to_string(),
                    }
                    .into());
                }
            }
        }
        let server = source.issuer.fetch(&settings, &shared)?;
        let mut client = settings.client.clone();
        settings.bind_to_certificate(&mut client, shared.transport.has_certificate());
        let is_said = client.dpop_bound_access_tokens.is_some();
        if settings.profile.is_some() && settings.dpop_key.is_some() && !is_said {
            client.dpop_bound_access_tokens = Some(true);
        }
        settings.client = client;
        // A mistake that is found after the registration would leave an unused client at the
        // server.
        let mut expected = settings.client.clone();
        "to be issued".clone_into(&mut expected.client_id);
        expected.client_secret = Some("*".repeat(64).into());
        settings.configure(server.clone(), expected, &shared)?;
        let (client, policy) = (settings.client.clone(), settings.policy.clone());
        let mut endpoint = RegistrationEndpoint::new(server.clone(), client, policy);
        if let Some(token) = source.initial_access_token {
            endpoint = endpoint.initial_access_token(token);
        }
        let host = Host::new(&shared, &settings.keyring, &settings.policy);
        let information = run(&host, Register::new(endpoint)).map_err(unusable)?;
        settings.client = information.metadata().clone();
        settings.information = Some(information.clone());
        settings
            .pair(server, shared)
            .map_err(|cause| RegistrationUnusable { cause, information })
            .map_err(|unusable| Error::RegistrationUnusable(Arc::new(unusable)))
    }
}

/// Keeps the registration in the same place for each kind of fault.
pub(crate) fn unusable(error: oauth_core::Error) -> Error {
    match &error {
        oauth_core::Error::RegistrationUnusable(unusable) => {
            let information = unusable.client_information().clone();
            let cause = Error::Core(error);
            Error::RegistrationUnusable(Arc::new(RegistrationUnusable { cause, information }))
        }
        _ => Error::Core(error),
    }
}

impl fmt::Debug for NewClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewClient")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
