//! Clients that register themselves, and what becomes of their registrations.

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
    /// Registers a new client (RFC 7591) at the server that publishes its metadata under an issuer, and
    /// sets it up as [`discover`](Self::discover) does; or at one whose
    /// [metadata](crate::ServerMetadata) is there already, which are not fetched then.
    ///
    /// Keep its [`client_information`](Self::client_information), and give that to
    /// [`ClientBuilder::client_information`] at the next start: every call of this method leaves one
    /// more client behind at the server.
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// let client = Client::register(issuer, ClientMetadata::default())
    /// #   .root_certificate_pem(root)
    ///     .redirect_uri("https://app.example.com/cb")
    ///     .await?;
    /// let keep_this = client.client_information().map(|it| it.to_json());
    /// # assert!(keep_this.is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Of the awaited builder: those of [`discover`](Self::discover), before anything is registered;
    /// [`oauth_core::Error::ResponseBody`] and [`oauth_core::Error::WwwAuthenticateChallenge`] when
    /// the server refuses, [`oauth_core::Error::Rejected`] when its answer cannot be read,
    /// [`oauth_core::Error::Metadata`] when it has no registration endpoint, and
    /// [`Error::RegistrationUnusable`], with the registration, when it has registered a client that
    /// cannot be set up, or one that is protected less than what was asked for (see
    /// [`RegistrationEndpoint::new`](oauth_core::endpoint::RegistrationEndpoint::new)).
    pub fn register(
        server: impl Into<NewClient>,
        metadata: ClientMetadata,
    ) -> ClientBuilder<NewClient> {
        ClientBuilder::new(server.into(), String::new()).client_metadata(metadata)
    }

    /// What the server has registered, for a client that registered itself.
    pub fn client_information(&self) -> Option<&ClientInformation> {
        self.information.as_deref()
    }

    /// Asks the server what is registered (RFC 7592 section 2.1). Where the answer holds another
    /// secret or token than before, the old ones may be void: keep it, and set a client up with it.
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let client = Client::register(issuer, ClientMetadata::default()).root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// let registered = client.fetch_registration().await?;
    /// # assert_eq!(registered.metadata().client_id, client.client_metadata().client_id);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] for a client that did not register itself, or whose server gave
    /// it no way to manage that; [`Error::RegistrationUnusable`], with the registration as it now is,
    /// when that protects the client less than
    /// [`client_information`](Self::client_information) says; else as [`register`](Self::register).
    pub async fn fetch_registration(&self) -> Result<ClientInformation, Error> {
        let policy = self.configuration.policy().clone();
        let endpoint = FetchRegistrationRequest::new(self.registered()?, policy)?;
        let registered = self.run(FetchRegistration::new(endpoint)).await;
        registered.map_err(RegistrationUnusable::of_core)
    }

    /// Replaces what is registered by `metadata`, all of it (RFC 7592 section 2.2), and gives the
    /// client as it then is. Keep its [`client_information`](Self::client_information). Begin with
    /// the present [`client_metadata`](Self::client_metadata): what is left out is unset. The secret that
    /// is in there is not sent, since a server need not know it; one that differs from it is (RFC 7592
    /// section 2.2), and [`UpdateRegistrationRequest`] sends whichever it is given.
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let client = Client::register(issuer, ClientMetadata::default()).root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// let mut metadata = client.client_metadata().clone();
    /// metadata.client_name = Some("My app".to_owned());
    /// let client = client.update_registration(metadata).await?;
    /// # assert_eq!(client.client_metadata().client_name.as_deref(), Some("My app"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`fetch_registration`](Self::fetch_registration), and those of
    /// [`Configuration::with_client`](oauth_core::configuration::Configuration::with_client), before
    /// anything is sent; [`Misuse::MissingArgument`], likewise, when the client would need a certificate
    /// that it has not; [`Error::RegistrationUnusable`], with the registration as it now is, when the
    /// server has registered a client that cannot be set up.
    pub async fn update_registration(&self, metadata: ClientMetadata) -> Result<Self, Error> {
        let client_id = &self.client_metadata().client_id;
        self.configured_for(expected(metadata.clone(), client_id))?;
        let policy = self.configuration.policy().clone();
        let registered = self.registered()?;
        let mut metadata = metadata;
        // It came with the metadata that the caller began with (RFC 7592 section 2.2).
        if metadata.client_secret == registered.metadata().client_secret {
            metadata.client_secret = None;
        }
        let endpoint = UpdateRegistrationRequest::new(registered, metadata, policy)?;
        let updated = self.run(UpdateRegistration::new(endpoint)).await;
        let information = updated.map_err(RegistrationUnusable::of_core)?;
        match self.configured_for(information.metadata().clone()) {
            Ok(updated) => Ok(updated.informed(information)),
            Err(cause) => Err(RegistrationUnusable::new(cause, information).into()),
        }
    }

    /// Deletes the registration (RFC 7592 section 2.3); the client is of no use afterwards.
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let client = Client::register(issuer, ClientMetadata::default()).root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// client.delete_registration().await?;
    /// # let gone = client.fetch_registration().await.unwrap_err();
    /// # assert_eq!(gone.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`fetch_registration`](Self::fetch_registration).
    pub async fn delete_registration(&self) -> Result<(), Error> {
        let policy = self.configuration.policy().clone();
        let endpoint = DeleteRegistrationRequest::new(self.registered()?, policy)?;
        self.run(DeleteRegistration::new(endpoint)).await
    }

    /// The same client with other metadata.
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

/// The metadata of a client as the server will have it when it registers what it is asked for: to see
/// beforehand whether that can be used. The secret is for the server to issue, and taken to be long
/// enough for every use.
pub(crate) fn expected(mut metadata: ClientMetadata, client_id: &str) -> ClientMetadata {
    client_id.clone_into(&mut metadata.client_id);
    metadata.client_secret = Some("*".repeat(64).into());
    metadata
}
