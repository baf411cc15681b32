//! The client: one method for each operation.
//!
//! The modules are in the order in which the documentation of [`Client`] shows their methods.

mod discover;

mod lazy_client;

mod authorization_request;

mod authorization_code_grant;

mod user_info;

mod claim_sources;

mod refresh_token_grant;

mod protected_resource;

mod resource_client;

mod token_source;

mod logout;

mod back_channel_logout;

mod initiated_login;

mod grants;

mod device_authorization;

mod backchannel_authentication;

mod token_management;

mod registration;

mod by_hand;

mod sealed_login;

mod keys;

mod webfinger;

pub(crate) mod renewed;
mod requests;
mod resource_token;
mod step_up;

use std::fmt;
use std::sync::Arc;

use jose::SigningKey;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::ClientInformation;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use oauth_core::time::UnixTime;

pub use self::authorization_code_grant::AuthorizationCodeGrantRequest;
pub use self::authorization_request::AuthorizationRequest;
pub use self::backchannel_authentication::{
    BackchannelAuthenticationGrantRequest, BackchannelAuthenticationRequest,
};
pub use self::by_hand::AuthorizationCodeGrantWithChecks;
pub use self::device_authorization::{DeviceAuthorizationGrantRequest, DeviceAuthorizationRequest};
pub use self::grants::{ClientCredentialsGrantRequest, GenericGrantRequest};
pub use self::lazy_client::LazyClient;
pub use self::protected_resource::ProtectedResourceRequest;
pub use self::refresh_token_grant::RefreshTokenGrantRequest;
pub(crate) use self::registration::expected;
pub use self::resource_client::{
    FurtherScope, ResourceAccess, ResourceAccessRequest, ResourceClient, StoredResourceAccess,
};
pub use self::resource_token::ResourceToken;
pub use self::token_management::{TokenIntrospectionRequest, TokenRevocationRequest};
pub use self::token_source::{SourceGrant, TokenSource, TokenSourceBuilder};
pub use self::user_info::UserInfoRequest;
use crate::error::Error;
use crate::host::{Host, Shared, drive};
use crate::keyring::{Derived, Keyring};
use crate::trace;

/// One client at one authorization server.
///
/// A login takes [`discover`](Self::discover) once, then for each person
/// [`authorization_request`](Self::authorization_request),
/// [`authorization_code_grant`](Self::authorization_code_grant) and
/// [`fetch_user_info`](Self::fetch_user_info). The methods below are in the order in which an
/// application meets them.
///
/// A client is cheap to clone, and all clones share connections, key sets and private keys: make
/// one and keep it. Its methods need a tokio runtime with time and I/O enabled.
#[derive(Clone)]
pub struct Client {
    configuration: Configuration,
    keyring: Keyring,
    /// Signs every authorization request, if set.
    request_object: Option<RequestObject>,
    /// The keys that are derived from the client secret.
    derived: Arc<[Derived]>,
    shared: Arc<Shared>,
    /// The registration of a client that registered itself.
    information: Option<Arc<ClientInformation>>,
}

impl Client {
    /// Returns the same client under another policy. Both share connections, key sets and keys.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// use openid_client::Policy;
    /// use std::time::Duration;
    ///
    /// let mut patient = Policy::default();
    /// patient.set_timeout(Duration::from_secs(60))?;
    /// let client = client.with_policy(patient);
    /// # assert_eq!(client.configuration().policy().timeout().as_secs(), 60);
    /// # });
    /// ```
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self {
            configuration: self.configuration.with_policy(policy),
            ..self.clone()
        }
    }

    /// Returns the same client with another DPoP key (RFC 9449), which
    /// [`ClientBuilder::dpop_key`](crate::ClientBuilder::dpop_key) explains. For applications that
    /// have a key for each user.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// let client = client.with_dpop_key(key)?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert!(tokens.dpop_thumbprint().is_some());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) when the key is an HMAC secret.
    pub fn with_dpop_key(&self, key: SigningKey) -> Result<Self, Error> {
        let mut client = self.clone();
        let dpop_key = client.keyring.insert_dpop_key(key)?;
        client.configuration = self.configuration.with_dpop_key(dpop_key);
        Ok(client)
    }

    /// Server metadata, client metadata, client authentication and policy.
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The metadata that the server publishes about itself.
    pub fn server_metadata(&self) -> &ServerMetadata {
        self.configuration.server()
    }

    /// The metadata that the client has registered about itself.
    pub fn client_metadata(&self) -> &ClientMetadata {
        self.configuration.client()
    }

    /// The time by this client's clock, for [`TokenSet::expires_in`](crate::TokenSet::expires_in).
    pub fn now(&self) -> UnixTime {
        self.shared.clock.now()
    }

    /// Runs any operation of [`oauth_core`](crate::oauth_core) with this client's transport, clock,
    /// caches and keys.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # let stored = tokens.refresh_token().unwrap().clone();
    /// use openid_client::oauth_core::flow::RefreshTokenGrant;
    ///
    /// let grant = RefreshTokenGrant::new(client.configuration().clone(), stored);
    /// let tokens = client.run(grant.scope("email")).await?;
    /// # assert!(tokens.refresh_token().is_some());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the operation.
    pub async fn run<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        // A future keeps what it is given, and each future around it a copy.
        Ok(self.run_core("run", Box::new(operation)).await?)
    }

    /// Runs an operation under the name of the method that a user has called.
    async fn run_as<O: Operation>(
        &self,
        name: &'static str,
        operation: O,
    ) -> Result<O::Output, Error> {
        Ok(self.run_core(name, Box::new(operation)).await?)
    }

    pub(crate) async fn run_core<O: Operation>(
        &self,
        name: &'static str,
        operation: O,
    ) -> Result<O::Output, oauth_core::Error> {
        let host = self.host();
        let run = drive(&host, operation);
        trace::operation(name, &self.server_metadata().issuer, run).await
    }

    pub(crate) const fn new(
        configuration: Configuration,
        keyring: Keyring,
        request_object: Option<RequestObject>,
        derived: Arc<[Derived]>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            configuration,
            keyring,
            request_object,
            derived,
            shared,
            information: None,
        }
    }

    /// Returns the same client with its registration.
    pub(crate) fn informed(mut self, information: Arc<ClientInformation>) -> Self {
        self.information = Some(information);
        self
    }

    fn host(&self) -> Host<'_> {
        Host::new(&self.shared, &self.keyring, self.configuration.policy())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("issuer", &self.server_metadata().issuer)
            .field("client_id", &self.client_metadata().client_id)
            .finish_non_exhaustive()
    }
}
