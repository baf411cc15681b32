//! The management of registrations (RFC 7592).

use std::sync::Arc;

use oauth_core::endpoint::{
    ClientInformation, DeleteRegistrationRequest, FetchRegistrationRequest,
    UpdateRegistrationRequest,
};
use oauth_core::error::Misuse;
use oauth_core::flow::{DeleteRegistration, FetchRegistration, UpdateRegistration};
use oauth_core::metadata::ClientMetadata;
use oauth_core::run::run;

use super::Client;
use crate::builder::{check_certificate, unusable};
use crate::error::{Error, RegistrationUnusable};

impl Client {
    /// The registration of a client that [registered itself](Self::register); `None` for others. It
    /// holds secrets.
    pub fn client_information(&self) -> Option<&ClientInformation> {
        self.information.as_deref()
    }

    /// Reads the registration (RFC 7592 section 2.1). The server may have replaced the access token
    /// for it.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] for a client that did not register itself; the errors of
    /// [`FetchRegistration`]; [`Error::RegistrationUnusable`].
    pub fn fetch_registration(&self) -> Result<ClientInformation, Error> {
        let policy = self.configuration.policy().clone();
        let endpoint = FetchRegistrationRequest::new(self.registered()?, policy)?;
        run(&self.host(), FetchRegistration::new(endpoint)).map_err(unusable)
    }

    /// Replaces the registration, and returns the client with it (RFC 7592 section 2.2). Start with
    /// the present metadata: the server removes what is left out.
    ///
    /// # Errors
    ///
    /// As [`fetch_registration`](Self::fetch_registration). Nothing is sent if the metadata do not
    /// fit the settings of the client.
    pub fn update_registration(&self, mut metadata: ClientMetadata) -> Result<Self, Error> {
        let mut expected = metadata.clone();
        let client_id = &self.client_metadata().client_id;
        client_id.clone_into(&mut expected.client_id);
        expected.client_secret = Some("*".repeat(64).into());
        self.configured_for(expected)?;
        let policy = self.configuration.policy().clone();
        let registered = self.registered()?;
        // The caller started from the present metadata, which hold it (RFC 7592 section 2.2).
        if metadata.client_secret == registered.metadata().client_secret {
            metadata.client_secret = None;
        }
        let endpoint = UpdateRegistrationRequest::new(registered, metadata, policy)?;
        let updated = run(&self.host(), UpdateRegistration::new(endpoint));
        let information = updated.map_err(unusable)?;
        match self.configured_for(information.metadata().clone()) {
            Ok(client) => Ok(Self {
                information: Some(Arc::new(information)),
                ..client
            }),
            Err(cause) => {
                let unusable = RegistrationUnusable { cause, information };
                Err(Error::RegistrationUnusable(Arc::new(unusable)))
            }
        }
    }

    /// Deletes the registration (RFC 7592 section 2.3). The client cannot be used afterwards.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] for a client that did not register itself; the errors of
    /// [`DeleteRegistration`].
    pub fn delete_registration(&self) -> Result<(), Error> {
        let policy = self.configuration.policy().clone();
        let endpoint = DeleteRegistrationRequest::new(self.registered()?, policy)?;
        self.run(DeleteRegistration::new(endpoint))
    }

    fn configured_for(&self, metadata: ClientMetadata) -> Result<Self, Error> {
        let configuration = self.configuration.with_client(metadata)?;
        check_certificate(&configuration, self.shared.transport.has_certificate())?;
        Ok(Self {
            configuration,
            ..self.clone()
        })
    }

    fn registered(&self) -> Result<ClientInformation, Error> {
        let information = self.client_information().cloned();
        let information = information.ok_or(Misuse::MissingArgument {
            argument: "client_information",
            purpose: "the management of a registration",
        })?;
        Ok(information)
    }
}
