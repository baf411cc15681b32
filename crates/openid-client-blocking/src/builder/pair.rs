//! From the settings to a client.

use std::sync::Arc;

use oauth_core::configuration::Configuration;
use oauth_core::error::Misuse;
use oauth_core::key::DecryptionKeys;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};

use super::Settings;
use crate::client::Client;
use crate::error::Error;
use crate::host::Shared;

impl Settings {
    pub(super) fn pair(self, server: ServerMetadata, shared: Arc<Shared>) -> Result<Client, Error> {
        let configuration = self.configure(server, self.client.clone(), &shared)?;
        Ok(Client {
            configuration,
            keyring: self.keyring,
            request_object: self.request_object,
            shared,
            information: self.information.map(Arc::new),
        })
    }

    /// Makes the configuration of a client with this metadata at the server.
    pub(super) fn configure(
        &self,
        server: ServerMetadata,
        mut client: ClientMetadata,
        shared: &Shared,
    ) -> Result<Configuration, Error> {
        let has_certificate = shared.transport.has_certificate();
        self.bind_to_certificate(&mut client, has_certificate);
        let policy = self.policy.clone();
        let configuration = match (&self.information, &self.authentication) {
            (Some(_), chosen) => {
                Configuration::of_registered(server, client, chosen.as_ref(), policy)?
            }
            (None, None) => Configuration::new(server, client, policy)?,
            (None, Some(authentication)) => {
                let authentication = authentication.clone();
                Configuration::with_authentication(server, client, authentication, policy)?
            }
        };
        let configuration = match self.dpop_key.clone() {
            None => configuration,
            Some(key) => configuration.with_dpop_key(key),
        };
        let configuration = match self.decryption_keys.is_empty() {
            true => configuration,
            false => {
                let keys = DecryptionKeys::new(self.decryption_keys.clone())?;
                configuration.with_decryption_keys(keys)
            }
        };
        let configuration = match self.profile {
            None => configuration,
            Some(profile) => configuration.with_profile(profile)?,
        };
        check_certificate(&configuration, has_certificate)?;
        // The server decided what a registration holds, so the application made no mistake.
        if has_certificate && !configuration.has_client_certificate() && self.information.is_none()
        {
            return Err(Misuse::InvalidArgument {
                argument: "client_certificate_pem",
                expected: "shown for something: tls_client_auth, self_signed_tls_client_auth, or \
                           tls_client_certificate_bound_access_tokens or \
                           use_mtls_endpoint_aliases in the client metadata",
                found: format!(
                    "{}, and neither of the two in the metadata",
                    configuration.authentication().as_str().escape_debug()
                ),
            }
            .into());
        }
        Ok(configuration)
    }

    /// Under a profile, tokens are bound to the certificate unless they are bound to a DPoP key.
    pub(super) fn bind_to_certificate(&self, client: &mut ClientMetadata, has_certificate: bool) {
        let bound = &mut client.tls_client_certificate_bound_access_tokens;
        if self.profile.is_some() && self.dpop_key.is_none() && has_certificate && bound.is_none() {
            *bound = Some(true);
        }
    }
}

/// Refuses a client that needs a certificate, where none was given.
pub(crate) fn check_certificate(
    configuration: &Configuration,
    has_certificate: bool,
) -> Result<(), Error> {
    match (configuration.has_client_certificate(), has_certificate) {
        (true, false) => Err(Misuse::MissingArgument {
            argument: "client_certificate_pem",
            purpose: "mutual TLS, which the client metadata or the profile ask for",
        }
        .into()),
        _ => Ok(()),
    }
}
