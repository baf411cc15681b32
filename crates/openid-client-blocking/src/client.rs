//! The client: one method for each operation.

mod backchannel_authentication;
mod by_hand;
mod logout;
mod others;
mod registration;

use std::fmt;
use std::sync::Arc;

use http::Method;
use jose::SigningKey;
use oauth_core::authorization::{AuthorizationRequest, Callback, PendingLogin};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    AccessToken, ClientInformation, DeviceAuthorizationEndpoint, DeviceAuthorizationResponse,
    IntrospectionEndpoint, RevocationEndpoint,
};
use oauth_core::error::Misuse;
use oauth_core::flow::{
    AuthorizationCodeGrant, ClientCredentialsGrant, GenericGrant, PollDeviceAuthorizationGrant,
    RefreshTokenGrant, TokenSet,
};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use oauth_core::run::run;
use oauth_core::secret::Secret;
use oauth_core::time::UnixTime;

use crate::builder::{ClientBuilder, DangerDocument, Issuer, NewClient};
use crate::error::Error;
use crate::host::{Host, Shared, now};
use crate::keyring::Keyring;
use crate::protected_resource::ProtectedResourceRequest;
use crate::request::{Request, UserInfo};

/// One client at one authorization server.
///
/// A client is cheap to clone, and all clones share connections, key sets and private keys: make
/// one, keep it, and give each thread a clone.
#[derive(Clone)]
pub struct Client {
    pub(crate) configuration: Configuration,
    pub(crate) keyring: Keyring,
    /// Signs every authorization request, if set.
    pub(crate) request_object: Option<RequestObject>,
    pub(crate) shared: Arc<Shared>,
    /// The registration of a client that registered itself.
    pub(crate) information: Option<Arc<ClientInformation>>,
}

impl Client {
    /// Begins with an issuer, whose metadata are fetched (OpenID Connect Discovery 1.0 section 4,
    /// RFC 8414).
    pub fn discover(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
    ) -> ClientBuilder<Issuer> {
        ClientBuilder::new(Issuer::new(issuer.into()), ClientMetadata::new(client_id))
    }

    /// Begins with metadata of the server that the application has. They are trusted.
    pub fn from_metadata(
        server: ServerMetadata,
        client_id: impl Into<String>,
    ) -> ClientBuilder<ServerMetadata> {
        ClientBuilder::new(server, ClientMetadata::new(client_id))
    }

    /// Begins with the URL of a metadata document, without a check that the document names a
    /// certain issuer (OpenID Connect Discovery 1.0 section 4.3). ID Tokens must then name the
    /// issuer in the document.
    pub fn danger_discover_document(
        url: impl Into<String>,
        client_id: impl Into<String>,
    ) -> ClientBuilder<DangerDocument> {
        ClientBuilder::new(DangerDocument(url.into()), ClientMetadata::new(client_id))
    }

    /// Begins with an issuer at which a client with these metadata is registered (RFC 7591).
    pub fn register(
        issuer: impl Into<String>,
        metadata: ClientMetadata,
    ) -> ClientBuilder<NewClient> {
        ClientBuilder::new(NewClient::new(issuer.into()), metadata)
    }

    /// Begins a login. Returns the URL for the browser, and what the application must store until
    /// the browser comes back. Sends nothing unless the request is pushed.
    pub fn authorization_request(&self) -> Request<AuthorizationRequest> {
        Request::new(self, self.new_authorization_request())
    }

    fn new_authorization_request(&self) -> AuthorizationRequest {
        let request = AuthorizationRequest::new(self.configuration.clone());
        match &self.request_object {
            Some(request_object) => request.request_object(request_object.clone()),
            None => request,
        }
    }

    /// Ends a login: checks the callback, redeems the code and verifies the ID Token. `callback` is
    /// the URL that the browser came back to, or a [`Callback`] of a form post.
    pub fn authorization_code_grant<C>(
        &self,
        pending: PendingLogin,
        callback: C,
    ) -> Request<AuthorizationCodeGrant>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let callback = callback.try_into().map_err(Into::into);
        let grant =
            callback.and_then(|callback| Ok(pending.resume(&self.configuration, &callback)?));
        Request::checked(self, grant)
    }

    /// Fetches the claims of the person (OpenID Connect Core 1.0 section 5.3). The subject must be
    /// that of the ID Token that came with the access token, or be set by `expected_subject`.
    pub fn fetch_user_info(&self, access_token: impl Into<AccessToken>) -> Request<UserInfo> {
        let request = UserInfo::new(self.configuration.clone(), access_token.into());
        Request::new(self, request)
    }

    /// Gets new tokens for a refresh token (RFC 6749 section 6). A new ID Token must belong to the
    /// same login (OpenID Connect Core 1.0 section 12.2). Without a refresh token,
    /// [`send`](Request::send) fails with [`Misuse::MissingArgument`].
    pub fn refresh_token_grant(&self, tokens: &TokenSet) -> Request<RefreshTokenGrant> {
        let grant = RefreshTokenGrant::from_tokens(self.configuration.clone(), tokens);
        let missing = Misuse::MissingArgument {
            argument: "refresh_token",
            purpose: "a refresh",
        };
        Request::checked(self, grant.ok_or_else(|| missing.into()))
    }

    /// Gets tokens for the client itself (RFC 6749 section 4.4).
    pub fn client_credentials_grant(&self) -> Request<ClientCredentialsGrant> {
        let grant = ClientCredentialsGrant::new(self.configuration.clone());
        Request::new(self, grant)
    }

    /// Gets tokens for any other grant type, for example that of token exchange (RFC 8693).
    pub fn generic_grant(&self, grant_type: impl Into<String>) -> Request<GenericGrant> {
        let grant = GenericGrant::new(self.configuration.clone(), grant_type);
        Request::new(self, grant)
    }

    /// Begins a login on a device without a browser or a keyboard (RFC 8628 section 3.1). Show the
    /// person the URL and the code of the response.
    pub fn initiate_device_authorization(&self) -> Request<DeviceAuthorizationEndpoint> {
        let request = DeviceAuthorizationEndpoint::new(self.configuration.clone());
        Request::new(self, request)
    }

    /// Waits until the person has decided, and returns the tokens (RFC 8628 section 3.4). Blocks
    /// the thread for minutes; it ends when the code expires.
    pub fn poll_device_authorization_grant(
        &self,
        device: &DeviceAuthorizationResponse,
    ) -> Request<PollDeviceAuthorizationGrant> {
        let grant = PollDeviceAuthorizationGrant::new(self.configuration.clone(), device);
        Request::new(self, grant)
    }

    /// Asks the server about a token (RFC 7662).
    pub fn token_introspection(&self, token: impl Into<Secret>) -> Request<IntrospectionEndpoint> {
        let request = IntrospectionEndpoint::new(self.configuration.clone(), token);
        Request::new(self, request)
    }

    /// Ends a token (RFC 7009).
    pub fn token_revocation(&self, token: impl Into<Secret>) -> Request<RevocationEndpoint> {
        let request = RevocationEndpoint::new(self.configuration.clone(), token);
        Request::new(self, request)
    }

    /// Uses a protected resource with an access token: as a bearer token (RFC 6750), or with a DPoP
    /// proof if it is bound to the client's key (RFC 9449 section 7).
    pub fn fetch_protected_resource(
        &self,
        access_token: impl Into<AccessToken>,
        method: Method,
        url: impl AsRef<str>,
    ) -> ProtectedResourceRequest {
        ProtectedResourceRequest::new(self, access_token.into(), method, url.as_ref())
    }

    /// Runs any operation of [`oauth_core`] with this client's transport, caches and keys.
    ///
    /// # Errors
    ///
    /// The errors of the operation.
    pub fn run<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        Ok(run(&self.host(), operation)?)
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

    /// Returns the same client under another policy. Both share connections, key sets and keys.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self {
            configuration: self.configuration.with_policy(policy),
            ..self.clone()
        }
    }

    /// Returns the same client with another DPoP key (RFC 9449), for applications that have a key
    /// for each user.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when the key is an HMAC secret.
    pub fn with_dpop_key(&self, key: SigningKey) -> Result<Self, Error> {
        let mut client = self.clone();
        let dpop_key = client.keyring.insert_dpop_key(key)?;
        client.configuration = self.configuration.with_dpop_key(dpop_key);
        Ok(client)
    }

    /// The time now, for [`TokenSet::expires_in`].
    pub fn now(&self) -> UnixTime {
        now()
    }

    pub(crate) fn host(&self) -> Host<'_> {
        Host::new(&self.shared, &self.keyring, self.configuration.policy())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("issuer", &self.configuration.server().issuer)
            .field("client_id", &self.configuration.client().client_id)
            .finish_non_exhaustive()
    }
}
