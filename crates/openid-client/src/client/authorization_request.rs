//! The beginning of a login.

use std::time::Duration;

use oauth_core::authorization;
use oauth_core::authorization::{AuthorizationDetail, PendingLogin, ResponseMode, ResponseType};
use oauth_core::request_object::{HostedRequest, RequestObject};
use oauth_core::secret::Secret;
use oauth_core::wire::JsonObject;
use url::Url;

use crate::client::Client;
use crate::client::requests::setters;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Begins a login (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1): `.await`
    /// the request for the URL to send the browser to, and a [`PendingLogin`] to keep until the
    /// browser comes back.
    ///
    /// Store the [`PendingLogin`] under the browser's session and its
    /// [`state`](PendingLogin::state). It implements `Serialize`;
    /// [`seal_login`](Self::seal_login) makes a cookie of it.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let mut session = std::collections::BTreeMap::new();
    /// let request = client.authorization_request().scope("openid email");
    /// let (url, pending) = request.await?;
    /// let state = pending.state().to_owned();
    /// session.insert(state, serde_json::to_string(&pending)?);
    /// // The browser goes to `url` and comes back to the redirect URI.
    /// # let callback = server.log_in(url);
    /// let tokens = client.authorization_code_grant(pending, callback).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::Misuse`](crate::CoreError::Misuse) when a setting cannot be sent, or when the
    /// server requires a signed or pushed request and the request is neither;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata) when the server metadata have no valid
    /// `authorization_endpoint`; [`CoreError::Entropy`](crate::CoreError::Entropy) when the source
    /// of randomness fails; [`CoreError::Profile`](crate::CoreError::Profile) when the request does
    /// not satisfy the client's [profile](crate::Profile). A [pushed](AuthorizationRequest::pushed)
    /// request also fails with [`CoreError::ResponseBody`](crate::CoreError::ResponseBody),
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge),
    /// [`CoreError::Rejected`](crate::CoreError::Rejected) and
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered), a signed or pushed one with
    /// [`CoreError::Key`](crate::CoreError::Key).
    pub fn authorization_request(&self) -> AuthorizationRequest {
        let mut request = authorization::AuthorizationRequest::new(self.configuration.clone());
        if let Some(request_object) = &self.request_object {
            request = request.request_object(request_object.clone());
        }
        AuthorizationRequest {
            client: self.clone(),
            request,
        }
    }
}

/// The beginning of a login; see [`Client::authorization_request`].
///
/// State, nonce and PKCE verifier are random and new for each login, and are kept in the
/// [`PendingLogin`].
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct AuthorizationRequest {
    client: Client,
    request: authorization::AuthorizationRequest,
}

impl AuthorizationRequest {
    /// The same with another request of the core.
    pub(super) fn with_request(self, request: authorization::AuthorizationRequest) -> Self {
        Self { request, ..self }
    }

    pub(super) fn request(&self) -> authorization::AuthorizationRequest {
        self.request.clone()
    }

    setters! {
        /// The URL to which the browser comes back: absolute, without fragment, as registered. It
        /// is sent byte for byte, with this request and with the code. By default the one [of the
        /// client](crate::ClientBuilder::redirect_uri).
        redirect_uri(redirect_uri: impl Into<String>);

        /// The scope to ask for: scope values with single spaces between them; `openid` by default.
        /// Without `openid` among them, no ID Token is expected.
        scope(scope: impl Into<String>);

        /// The longest time that may have passed since the person last proved who they are, in
        /// whole seconds: a fraction is dropped. `auth_time` of the ID Token is then required and
        /// checked.
        max_age(max_age: Duration);

        /// What the server may show: `none`, `login`, `consent`, `select_account`, or several of
        /// them with spaces between them.
        prompt(prompt: impl Into<String>);

        /// Who is likely to log in, for example an e-mail address.
        login_hint(login_hint: impl Into<String>);

        /// An earlier ID Token of the person who is to log in, as [`IdToken::jwt`] gives it.
        ///
        /// [`IdToken::jwt`]: crate::IdToken::jwt
        id_token_hint(id_token: impl Into<Secret>);

        /// The authentication context classes to ask for, in order of preference, with spaces
        /// between them. The server need not satisfy the wish: check `acr` of the ID Token.
        acr_values(acr_values: impl Into<String>);

        /// Languages for the server's pages, in order of preference, with spaces between them.
        ui_locales(ui_locales: impl Into<String>);

        /// What the browser brings back; a code by default. For an ID Token only, finish the login
        /// with [`Client::implicit_authentication`].
        ///
        /// ```
        /// # test_provider::example!(|client, server| {
        /// use openid_client::ResponseType;
        ///
        /// let kind = ResponseType::CodeIdToken;
        /// let request = client.authorization_request().response_type(kind);
        /// let (url, pending) = request.await?;
        /// // A script of the application sends the whole URL that the browser came back to.
        /// # let callback = server.log_in(url);
        /// let tokens = client.authorization_code_grant(pending, callback).await?;
        /// # drop(tokens);
        /// # });
        /// ```
        response_type(response_type: ResponseType);

        /// How the response comes back: by default in the query for a code, and in the fragment
        /// with an ID Token. A response that comes back in another way is refused.
        ///
        /// ```
        /// # test_provider::example!(|client, server| {
        /// use openid_client::ResponseMode;
        ///
        /// let mode = ResponseMode::Jwt;
        /// let request = client.authorization_request().response_mode(mode);
        /// let (url, pending) = request.await?;
        /// # let callback = server.log_in(url);
        /// # assert!(callback.contains("?response=ey"));
        /// let tokens = client.authorization_code_grant(pending, callback).await?;
        /// # drop(tokens);
        /// # });
        /// ```
        response_mode(response_mode: ResponseMode);

        /// The claims to ask for in the ID Token or the UserInfo response: an object with the
        /// members `id_token` and `userinfo` (OpenID Connect Core 1.0 section 5.5).
        ///
        /// ```
        /// # test_provider::example!(|client, server| {
        /// # let wanted = r#"{"id_token": {"acr": {"essential": true}}}"#;
        /// # let claims = serde_json::from_str(wanted)?;
        /// let request = client.authorization_request().claims(claims);
        /// let (url, pending) = request.await?;
        /// # assert!(url.query_pairs().any(|(name, value)| name == "claims" && value.contains("acr")));
        /// # });
        /// ```
        claims(claims: JsonObject);

        /// What the access token is to permit, in detail (RFC 9396).
        ///
        /// ```
        /// # test_provider::example!(|client, server| {
        /// use openid_client::AuthorizationDetail;
        ///
        /// let payment = AuthorizationDetail::new("payment").identifier("invoice 7");
        /// let request = client.authorization_request();
        /// let request = request.authorization_details([payment]);
        /// let (url, pending) = request.await?;
        /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
        /// # assert!(tokens.extra().contains_key("authorization_details"));
        /// # });
        /// ```
        authorization_details(details: impl IntoIterator<Item = AuthorizationDetail>);

        /// Adds a resource server for which the access token is to be valid: an absolute URI (RFC
        /// 8707).
        ///
        /// ```
        /// # test_provider::example!(|client, server| {
        /// let api = "https://api.example.com/";
        /// let request = client.authorization_request().resource(api);
        /// let (url, pending) = request.await?;
        /// # assert!(url.as_str().contains("resource=https%3A%2F%2Fapi.example.com%2F"));
        /// # });
        /// ```
        resource(resource: impl Into<String>);

        /// Puts the request into a request object (RFC 9101), signed with a key of the
        /// [`Keyring`](crate::Keyring). To sign all requests, use
        /// [`ClientBuilder::request_object_key`](crate::ClientBuilder::request_object_key).
        ///
        /// ```
        /// # use openid_client::{Client, KeyName, Keyring};
        /// # test_provider::example!(at |issuer, root, server| {
        /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
        /// # let app = test_provider::ClientRegistration::public("my-app").key(&key);
        /// # server.provider().register(app.redirect_uri("https://app.example.com/cb"));
        /// # let mut keyring = Keyring::new();
        /// # keyring.insert(KeyName::new("requests"), key);
        /// # let client = Client::discover(issuer, "my-app").root_certificate_pem(root).keyring(keyring);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
        /// use openid_client::{KeyReference, RequestObject};
        ///
        /// let key = KeyReference::new("requests", SignatureAlgorithm::ES256);
        /// let signed = RequestObject::new(key)?;
        /// let request = client.authorization_request().request_object(signed);
        /// let (url, pending) = request.await?;
        /// # assert!(url.as_str().contains("request=ey") && server.log_in(url).contains("code="));
        /// # });
        /// ```
        request_object(request_object: RequestObject);

        /// Sends the request to the server first; the browser then takes only a reference to it
        /// (RFC 9126).
        ///
        /// ```
        /// # test_provider::example!(|client, server| {
        /// let (url, pending) = client.authorization_request().pushed().await?;
        /// # let callback = server.log_in(url);
        /// let tokens = client.authorization_code_grant(pending, callback).await?;
        /// # drop(tokens);
        /// # });
        /// ```
        pushed();

        /// Adds any other parameter. The same name may be added several times. A name that has its
        /// own setter is refused when the login begins.
        parameter(name: impl Into<String>, value: impl Into<String>);

        /// How long the login may take, from now to its callback, in whole seconds; an hour by
        /// default.
        lifetime(lifetime: Duration);
    }

    /// Begins the login with a request object that the application hosts at `request_uri` (OpenID
    /// Connect Core 1.0 section 6.2). The browser takes the URL of the object and its hash to the
    /// server, which fetches it.
    ///
    /// `request_uri` is an https URL of at most 468 characters without fragment. Choose a new,
    /// unguessable one for each login, for example with [`Client::random_state`] in its path (RFC
    /// 9101 section 5.2.1). Answer GET requests for it with
    /// [`request_object_response`](crate::request_object_response) until the login ends.
    ///
    /// ```
    /// # use openid_client::{Client, KeyName, KeyReference, Keyring, RequestObject};
    /// # use openid_client::jose::{SignatureAlgorithm, SigningKey};
    /// # test_provider::server::example(async |server| {
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let app = test_provider::ClientRegistration::public("my-app").key(&key);
    /// # server.provider().register(app.redirect_uri("https://app.example.com/cb"));
    /// # let mut keyring = Keyring::new();
    /// # keyring.insert(KeyName::new("requests"), key);
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let client = Client::discover(issuer, "my-app").root_certificate_pem(root).keyring(keyring);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let key = KeyReference::new("requests", SignatureAlgorithm::ES256);
    /// # let signed = RequestObject::new(key)?;
    /// # let uri = format!("https://app.example.com/requests/{}", client.random_state()?.expose());
    /// let request = client.authorization_request().request_object(signed);
    /// let (hosted, pending) = request.host_at(&uri).await?;
    /// // The handler for `uri` answers with this response; the browser goes to `hosted.url`.
    /// let response = openid_client::request_object_response(&hosted.request_object);
    /// # server.provider().host(&uri, response);
    /// # let callback = server.log_in(hosted.url);
    /// # client.authorization_code_grant(pending, callback).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a URL that the server cannot
    /// use, or that the client has not registered among its `request_uris` where the server
    /// requires that; [`Misuse::MissingArgument`](crate::Misuse::MissingArgument) without a
    /// [key](Self::request_object) for request objects;
    /// [`CoreError::Unsupported`](crate::CoreError::Unsupported) when the server says that it does
    /// not support `request_uri`; otherwise as
    /// [`authorization_request`](Client::authorization_request).
    pub async fn host_at(
        self,
        request_uri: impl Into<String>,
    ) -> Result<(HostedRequest, PendingLogin), Error> {
        let request = self.request.host_at(request_uri);
        self.client
            .run_as("host_authorization_request", request)
            .await
    }
}

impl IntoFuture for AuthorizationRequest {
    type Output = Result<(Url, PendingLogin), Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, request } = self;
        Box::pin(async move {
            client
                .run_as("authorization_request", request.begin())
                .await
        })
    }
}
