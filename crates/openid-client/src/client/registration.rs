//! Clients that register themselves, and the management of their registrations.

use std::sync::Arc;

use oauth_core::endpoint::{
    ClientInformation, DeleteRegistrationRequest, FetchRegistrationRequest,
    UpdateRegistrationRequest,
};
use oauth_core::error::Misuse;
use oauth_core::flow::{DeleteRegistration, FetchRegistration, UpdateRegistration};
use oauth_core::metadata::ClientMetadata;

use crate::builder::{ClientBuilder, NewClient};
use crate::client::Client;
use crate::error::{Error, RegistrationUnusable};

impl Client {
    /// Registers a new client (RFC 7591) and sets it up. `server` is an issuer, whose metadata are
    /// fetched as [`discover`](Self::discover) does, or its [metadata](crate::ServerMetadata).
    /// `.await` the builder to send the requests.
    ///
    /// Every call makes one more client at the server. Store the
    /// [`client_information`](Self::client_information), and give it to
    /// [`ClientBuilder::client_information`] when the program starts again.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// use openid_client::{Client, ClientMetadata};
    ///
    /// let client = Client::register(issuer, ClientMetadata::default())
    /// #   .root_certificate_pem(root)
    ///     .redirect_uri("https://app.example.com/cb")
    ///     .await?;
    /// let keep_this = client.client_information().map(|it| it.to_json());
    /// # assert!(keep_this.is_some());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The awaited builder fails as [`discover`](Self::discover) before anything is registered;
    /// with [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses; with [`CoreError::Rejected`](crate::CoreError::Rejected) when its response
    /// cannot be read; with [`CoreError::Metadata`](crate::CoreError::Metadata) when it has no
    /// registration endpoint. [`Error::RegistrationUnusable`] keeps the registration when the
    /// registered client cannot be set up, or is protected less than the metadata asked for.
    pub fn register(
        server: impl Into<NewClient>,
        metadata: ClientMetadata,
    ) -> ClientBuilder<NewClient> {
        ClientBuilder::new(server.into(), String::new()).client_metadata(metadata)
    }

    /// The registration of a client that registered itself, as the server returned it.
    pub fn client_information(&self) -> Option<&ClientInformation> {
        self.information.as_deref()
    }

    /// Fetches the registration from the server (RFC 7592 section 2.1). When the response holds
    /// another secret or token than before, the old ones may no longer work: store it, and set up a
    /// client with it.
    ///
    /// ```
    /// # test_provider::example!(registered |client, server| {
    /// let registered = client.fetch_registration().await?;
    /// # assert_eq!(registered.metadata().client_id, client.client_metadata().client_id);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] for a client that did not register itself, or whose server
    /// returned no means to manage the registration; [`Error::RegistrationUnusable`], with the
    /// registration as it now is, when that protects the client less than
    /// [`client_information`](Self::client_information) does; else as [`register`](Self::register).
    pub async fn fetch_registration(&self) -> Result<ClientInformation, Error> {
        let policy = self.configuration.policy().clone();
        let endpoint = FetchRegistrationRequest::new(self.registered()?, policy)?;
        let registered = self
            .run_as("fetch_registration", FetchRegistration::new(endpoint))
            .await;
        registered.map_err(RegistrationUnusable::of_core)
    }

    /// Replaces the whole registration with `metadata` (RFC 7592 section 2.2), and returns the
    /// client with it. Store its [`client_information`](Self::client_information).
    ///
    /// Start from the present [`client_metadata`](Self::client_metadata): a member that is left out
    /// is unset. The registered secret is not sent, because a server need not accept it; a secret
    /// that differs from it is sent.
    ///
    /// ```
    /// # test_provider::example!(registered |client, server| {
    /// let mut metadata = client.client_metadata().clone();
    /// metadata.client_name = Some("My app".to_owned());
    /// let client = client.update_registration(metadata).await?;
    /// # assert_eq!(client.client_metadata().client_name.as_deref(), Some("My app"));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`CoreError::Misuse`](crate::CoreError::Misuse) when a client
    /// cannot be set up with `metadata`, for example because it needs a certificate that was not
    /// set. Else as [`fetch_registration`](Self::fetch_registration);
    /// [`Error::RegistrationUnusable`] keeps the registration as it now is when a client cannot be
    /// set up with that.
    pub async fn update_registration(&self, metadata: ClientMetadata) -> Result<Self, Error> {
        let client_id = &self.client_metadata().client_id;
        self.configured_for(expected(metadata.clone(), client_id))?;
        let policy = self.configuration.policy().clone();
        let registered = self.registered()?;
        let mut metadata = metadata;
        // The caller started from the present metadata, which hold it (RFC 7592 section 2.2).
        if metadata.client_secret == registered.metadata().client_secret {
            metadata.client_secret = None;
        }
        let endpoint = UpdateRegistrationRequest::new(registered, metadata, policy)?;
        let updated = self
            .run_as("update_registration", UpdateRegistration::new(endpoint))
            .await;
        let information = updated.map_err(RegistrationUnusable::of_core)?;
        match self.configured_for(information.metadata().clone()) {
            Ok(updated) => Ok(updated.informed(Arc::new(information))),
            Err(cause) => Err(RegistrationUnusable::new(cause, information).into()),
        }
    }

    /// Deletes the registration (RFC 7592 section 2.3). The client cannot be used afterwards.
    ///
    /// ```
    /// # test_provider::example!(registered |client, server| {
    /// client.delete_registration().await?;
    /// # let gone = client.fetch_registration().await.unwrap_err();
    /// # assert_eq!(gone.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`fetch_registration`](Self::fetch_registration).
    pub async fn delete_registration(&self) -> Result<(), Error> {
        let policy = self.configuration.policy().clone();
        let endpoint = DeleteRegistrationRequest::new(self.registered()?, policy)?;
        self.run_as("delete_registration", DeleteRegistration::new(endpoint))
            .await
    }

    /// Returns the same client with other metadata.
    fn configured_for(&self, metadata: ClientMetadata) -> Result<Self, Error> {
        let mut keyring = self.keyring.clone();
        keyring.derive(&metadata, &self.derived)?;
        let configuration = self.configuration.with_client(metadata)?;
        self.shared.check_client_certificate(&configuration)?;
        Ok(Self {
            configuration,
            keyring,
            ..self.clone()
        })
    }

    fn registered(&self) -> Result<ClientInformation, Error> {
        let information = self.client_information().cloned();
        Ok(information
            .ok_or(Misuse::MissingArgument {
                argument: "client_information",
                purpose: "the management of a registration",
            })
            .map_err(oauth_core::Error::from)?)
    }
}

/// The metadata that a client will have when the server registers what it is asked for, to check
/// before the request that a client can be set up with them. The server issues the secret, which is
/// assumed to be long enough for every use.
pub(crate) fn expected(mut metadata: ClientMetadata, client_id: &str) -> ClientMetadata {
    client_id.clone_into(&mut metadata.client_id);
    metadata.client_secret = Some("*".repeat(64).into());
    metadata
}
