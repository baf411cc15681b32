use oauth_core::authorization;
use oauth_core::authorization::{AuthorizationDetail, PendingLogin, ResponseMode, ResponseType};
use oauth_core::request_object::RequestObject;
use oauth_core::wire::JsonObject;
use url::Url;

use crate::client::Client;
use crate::client::setters::setters;
use crate::error::Error;

/// A login about to begin: what to ask the authorization server for; see
/// [`Client::authorization_request`].
///
/// State, nonce and PKCE verifier are drawn anew for each login and kept in the [`PendingLogin`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AuthorizationRequest {
    client: Client,
    request: authorization::AuthorizationRequest,
}

impl AuthorizationRequest {
    pub(super) fn new(client: Client) -> Self {
        let mut request = authorization::AuthorizationRequest::new(client.configuration.clone());
        if let Some(request_object) = &client.request_object {
            request = request.request_object(request_object.clone());
        }
        Self { client, request }
    }

    /// The same with another request of the core.
    pub(super) fn with_request(self, request: authorization::AuthorizationRequest) -> Self {
        Self { request, ..self }
    }

    pub(super) fn request(&self) -> authorization::AuthorizationRequest {
        self.request.clone()
    }

    setters! {
        /// Where the browser comes back to: an absolute URL without fragment, as registered. It is
        /// sent byte for byte, now and with the code. By default the one that was set
        /// [for the client](crate::ClientBuilder::redirect_uri).
        redirect_uri(redirect_uri: impl Into<String>);

        /// What to ask for: scope values with single spaces between them; `openid` by default.
        /// Without `openid` among them, no ID Token is expected.
        scope(scope: impl Into<String>);

        /// The most seconds that may have passed since the person last proved who they are.
        /// `auth_time` of the ID Token is then required and checked.
        max_age(seconds: u64);

        /// What the server may show: `none`, `login`, `consent`, `select_account`, or several of
        /// them with spaces between.
        prompt(prompt: impl Into<String>);

        /// Who is likely to log in, such as an e-mail address.
        login_hint(login_hint: impl Into<String>);

        /// An earlier ID Token of the person who is to log in.
        id_token_hint(id_token: impl Into<String>);

        /// Wanted authentication context classes, the dearest first, with spaces between. A wish:
        /// the answer is the ID Token's `acr`, which the application has to look at.
        acr_values(acr_values: impl Into<String>);

        /// Languages for the server's pages, the dearest first, with spaces between.
        ui_locales(ui_locales: impl Into<String>);

        /// What comes back: a code by default. An ID Token alone is taken by
        /// [`Client::implicit_authentication`].
        ///
        /// ```
        /// # use openid_client::Client;
        /// # test_provider::server::example(async |server| {
        /// # let root = server.ca_certificate_pem();
        /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// use openid_client::{Callback, ResponseType};
        ///
        /// let kind = ResponseType::CodeIdToken;
        /// let request = client.authorization_request().response_type(kind);
        /// let (url, pending) = request.begin().await?;
        /// // A script of the application brings the whole URL that the browser came back to.
        /// # let callback = server.log_in(url);
        /// let tokens = client.authorization_code_grant(pending, callback).await?;
        /// # Ok(()) });
        /// ```
        response_type(response_type: ResponseType);

        /// How it comes back: by default in the query for a code, in the fragment with an ID Token.
        /// A response that comes back in another way is refused.
        ///
        /// ```
        /// # use openid_client::Client;
        /// # test_provider::server::example(async |server| {
        /// # let root = server.ca_certificate_pem();
        /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// use openid_client::ResponseMode;
        ///
        /// let mode = ResponseMode::Jwt;
        /// let request = client.authorization_request().response_mode(mode);
        /// let (url, pending) = request.begin().await?;
        /// # let callback = server.log_in(url);
        /// # assert!(callback.contains("?response=ey"));
        /// let tokens = client.authorization_code_grant(pending, callback).await?;
        /// # Ok(()) });
        /// ```
        response_mode(response_mode: ResponseMode);

        /// Single claims to be put into the ID Token or the UserInfo response: an object with the
        /// members `id_token` and `userinfo` (OpenID Connect Core 1.0 section 5.5).
        ///
        /// ```
        /// # use openid_client::Client;
        /// # test_provider::server::example(async |server| {
        /// # let root = server.ca_certificate_pem();
        /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// # let wanted = r#"{"id_token": {"acr": {"essential": true}}}"#;
        /// # let claims = serde_json::from_str(wanted)?;
        /// let request = client.authorization_request().claims(claims);
        /// let (url, pending) = request.begin().await?;
        /// # assert!(url.query_pairs().any(|(name, value)| name == "claims" && value.contains("acr")));
        /// # Ok(()) });
        /// ```
        claims(claims: JsonObject);

        /// What the access token is to be good for, in detail (RFC 9396).
        ///
        /// ```
        /// # use openid_client::Client;
        /// # test_provider::server::example(async |server| {
        /// # let root = server.ca_certificate_pem();
        /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// use openid_client::AuthorizationDetail;
        ///
        /// let payment = AuthorizationDetail::new("payment").identifier("invoice 7");
        /// let request = client.authorization_request();
        /// let request = request.authorization_details([payment]);
        /// let (url, pending) = request.begin().await?;
        /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
        /// # assert!(tokens.extra().contains_key("authorization_details"));
        /// # Ok(()) });
        /// ```
        authorization_details(details: impl IntoIterator<Item = AuthorizationDetail>);

        /// Adds a resource server that the access token is for: an absolute URI (RFC 8707).
        ///
        /// ```
        /// # use openid_client::Client;
        /// # test_provider::server::example(async |server| {
        /// # let root = server.ca_certificate_pem();
        /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// let api = "https://api.example.com/";
        /// let request = client.authorization_request().resource(api);
        /// let (url, pending) = request.begin().await?;
        /// # assert!(url.as_str().contains("resource=https%3A%2F%2Fapi.example.com%2F"));
        /// # Ok(()) });
        /// ```
        resource(resource: impl Into<String>);

        /// Packs the request into a request object (RFC 9101), signed with a key of the
        /// [`Keyring`](crate::Keyring). For all requests at once, see
        /// [`ClientBuilder::request_object_key`](crate::ClientBuilder::request_object_key).
        ///
        /// ```
        /// # use openid_client::{Client, Keyring};
        /// # use openid_client::core::names::KeyName;
        /// # test_provider::server::example(async |server| {
        /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
        /// # let app = test_provider::ClientRegistration::public("my-app").key(&key);
        /// # server.provider().register(app.redirect_uri("https://app.example.com/cb"));
        /// # let mut keyring = Keyring::new();
        /// # keyring.insert(KeyName::new("requests"), key);
        /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
        /// # let client = Client::discover(issuer, "my-app").root_certificate_pem(root).keyring(keyring);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// use openid_client::RequestObject;
        /// use openid_client::core::key::KeyReference;
        /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
        ///
        /// let key = KeyReference::new("requests", SignatureAlgorithm::ES256);
        /// let signed = RequestObject::new(key)?;
        /// let request = client.authorization_request().request_object(signed);
        /// let (url, pending) = request.begin().await?;
        /// # assert!(url.as_str().contains("request=ey") && server.log_in(url).contains("code="));
        /// # Ok(()) });
        /// ```
        request_object(request_object: RequestObject);

        /// Sends the request to the server ahead of the browser (RFC 9126).
        ///
        /// ```
        /// # use openid_client::Client;
        /// # test_provider::server::example(async |server| {
        /// # let root = server.ca_certificate_pem();
        /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
        /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
        /// let request = client.authorization_request().pushed();
        /// let (url, pending) = request.begin().await?;
        /// # let callback = server.log_in(url);
        /// let tokens = client.authorization_code_grant(pending, callback).await?;
        /// # Ok(()) });
        /// ```
        pushed();

        /// Adds any other parameter; one name may be given several times. Names that have a setter
        /// of their own are refused when the login begins.
        parameter(name: impl Into<String>, value: impl Into<String>);

        /// How many seconds the login may take, from now to its callback; 3,600 by default.
        lifetime(seconds: u64);
    }

    /// Begins the login: the URL to send the browser to, and what to remember until it comes back.
    ///
    /// Store the [`PendingLogin`] under the browser's session and its
    /// [`state`](PendingLogin::state), and take it out again to finish the login: that makes it
    /// one-shot. It is `Serialize`; [`Client::seal_login`] makes a cookie of it.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let mut session = std::collections::BTreeMap::new();
    /// let (url, pending) = client.authorization_request().begin().await?;
    /// let state = pending.state().to_owned();
    /// session.insert(state, serde_json::to_string(&pending)?);
    /// # assert!(session.keys().all(|state| url.as_str().contains(state)));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`BeginLogin`](oauth_core::flow::BeginLogin): [`oauth_core::Error::Misuse`] when a setting cannot be
    /// sent or the server requires a signed or pushed request that was not asked for,
    /// [`oauth_core::Error::Metadata`] when the server metadata lacks a usable
    /// `authorization_endpoint`, [`oauth_core::Error::Entropy`] when randomness fails.
    pub async fn begin(self) -> Result<(Url, PendingLogin), Error> {
        self.client.run(self.request.begin()).await
    }
}
