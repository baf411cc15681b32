//! The registration of a client whose settings are complete (RFC 7591).

use std::sync::Arc;

use oauth_core::endpoint::RegistrationEndpoint;
use oauth_core::error::Misuse;
use oauth_core::flow::Register;
use oauth_core::metadata::ServerMetadata;
use oauth_core::secret::Secret;

use super::Settings;
use crate::client::{Client, expected};
use crate::error::{Error, RegistrationUnusable};
use crate::host::{Host, Shared, drive};
use crate::trace;

/// The token that permits a registration.
#[derive(Default)]
pub(super) struct Permit {
    pub(super) token: Option<Secret>,
    /// Whether it is bound to the client's DPoP key.
    pub(super) is_bound: bool,
}

impl Settings {
    /// Registers the client of these settings and sets it up.
    pub(super) async fn register(
        mut self,
        server: ServerMetadata,
        permit: Permit,
        shared: Arc<Shared>,
    ) -> Result<Client, Error> {
        let mut client = (*self.client).clone();
        self.bind_to_certificate(&mut client, &shared);
        self.bind_to_dpop_key(&mut client);
        self.client = Arc::new(client.clone());
        // A mistake that is found after the registration would leave an unused client at the
        // server.
        let expected = expected(client.clone(), "to be issued");
        self.configure(server.clone(), expected, &shared)?;
        let policy = self.policy.clone();
        let mut endpoint = RegistrationEndpoint::new(server.clone(), client, policy);
        if let Some(token) = permit.token {
            endpoint = endpoint.initial_access_token(token);
        }
        if permit.is_bound {
            let key = self.dpop_key.clone();
            let key = key.ok_or(oauth_core::Error::from(Misuse::MissingArgument {
                argument: "dpop_key",
                purpose: "an initial access token that is bound to it",
            }))?;
            endpoint = endpoint.dpop_key(key);
        }
        let host = Host::new(&shared, &self.keyring, &self.policy);
        let registration = drive(&host, Register::new(endpoint));
        let registered = trace::operation("register", &server.issuer, registration).await;
        let information =
            registered.map_err(|error| RegistrationUnusable::of_core(error.into()))?;
        self.client = Arc::new(information.metadata().clone());
        self.information = Some(Arc::new(information.clone()));
        self.pair(server, shared)
            .map_err(|cause| RegistrationUnusable::new(cause, information).into())
    }
}
