//! Logins on a device of the person's own, which the server makes ring (CIBA).

use oauth_core::endpoint::{BackchannelAuthenticationResponse, Hint, Ping};
use oauth_core::flow::{
    BackchannelAuthenticationGrant, InitiateBackchannelAuthentication, TokenSet,
};
use oauth_core::request_object::RequestObject;
use oauth_core::secret::Secret;

use crate::client::Client;
use crate::client::setters::setters;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Asks the server to authenticate a person on a device of theirs (CIBA Core 1.0 section 7):
    /// `.await` the request, after setting what it needs. Then wait with
    /// [`poll_backchannel_authentication_grant`](Self::poll_backchannel_authentication_grant).
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// use openid_client::Hint;
    ///
    /// let hint = Hint::LoginHint("bob".to_owned());
    /// let request = client.initiate_backchannel_authentication(hint);
    /// let begun = request.binding_message("W4SCT").await?;
    /// let tokens = client.poll_backchannel_authentication_grant(&begun).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    /// # Ok(()) });
    /// ```
    ///
    /// With a [`request_object_key`](crate::ClientBuilder::request_object_key), the request is signed
    /// where the client has registered for that or the server lists the key's algorithm.
    ///
    /// # Errors
    ///
    /// Of the awaited request: those of [`InitiateBackchannelAuthentication`].
    pub fn initiate_backchannel_authentication(
        &self,
        hint: Hint,
    ) -> BackchannelAuthenticationRequest {
        let configuration = self.configuration().clone();
        let mut request = InitiateBackchannelAuthentication::new(configuration, hint);
        if let Some(request_object) = &self.request_object {
            request = request.usual_request_object(request_object.clone());
        }
        BackchannelAuthenticationRequest {
            request,
            client: self.clone(),
        }
    }

    /// Waits until the person has answered, or the request has expired (CIBA Core 1.0 section 10.1).
    /// It asks the server as often as that allows, and rides out a network that comes and goes; see
    /// [`Polling`](oauth_core::flow::Polling). To give up, drop the future.
    ///
    /// Where a ping has come, nobody has to wait: see
    /// [`backchannel_authentication_grant_after_ping`](Self::backchannel_authentication_grant_after_ping).
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # use openid_client::Hint;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// # let begun = client.initiate_backchannel_authentication(hint).await?;
    /// let tokens = client.poll_backchannel_authentication_grant(&begun).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`BackchannelAuthenticationGrant`]: [`oauth_core::Error::Expired`] when nobody
    /// answered, [`oauth_core::Error::ResponseBody`] with `access_denied` when the person said no.
    pub async fn poll_backchannel_authentication_grant(
        &self,
        begun: &BackchannelAuthenticationResponse,
    ) -> Result<TokenSet, Error> {
        let configuration = self.configuration().clone();
        self.run(BackchannelAuthenticationGrant::new(configuration, begun))
            .await
    }

    /// Checks a ping (CIBA Core 1.0 section 10.2), and fetches the tokens that it says are ready, at
    /// once. Where the server is not ready after all, it goes on as
    /// [`poll_backchannel_authentication_grant`](Self::poll_backchannel_authentication_grant) does.
    ///
    /// The ping is a request to the client's notification endpoint: read it with [`Ping::parse`], and
    /// find `begun` by its [`auth_req_id`](Ping::auth_req_id). Answer it before the tokens are there;
    /// [`Ping::check`] tells whether with `204` or `401`.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # use openid_client::Hint;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// # let begun = client.initiate_backchannel_authentication(hint).ping().await?;
    /// # let request = server.provider().ping(begun.auth_req_id.expose()).unwrap();
    /// use openid_client::Ping;
    ///
    /// // `request` has come to the notification endpoint.
    /// let ping = Ping::parse(request.headers(), request.body())?;
    /// let tokens = client
    ///     .backchannel_authentication_grant_after_ping(&begun, &ping)
    ///     .await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Ping::check`], before anything is sent, and those of
    /// [`BackchannelAuthenticationGrant`].
    pub async fn backchannel_authentication_grant_after_ping(
        &self,
        begun: &BackchannelAuthenticationResponse,
        ping: &Ping,
    ) -> Result<TokenSet, Error> {
        ping.check(begun)?;
        let configuration = self.configuration().clone();
        let grant = BackchannelAuthenticationGrant::new(configuration, begun);
        self.run(grant.after_ping()).await
    }
}

/// A backchannel authentication about to begin; see
/// [`Client::initiate_backchannel_authentication`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct BackchannelAuthenticationRequest {
    client: Client,
    request: InitiateBackchannelAuthentication,
}

impl BackchannelAuthenticationRequest {
    setters! {
        /// What to ask for: scope values with single spaces between them, `openid` among them; only
        /// that by default.
        scope(scope: impl Into<String>);

        /// A short text that both devices show, so that the person knows what they say yes to.
        binding_message(message: impl Into<String>);

        /// A secret between person and server, so that strangers cannot make the device ring.
        user_code(user_code: impl Into<String>);

        /// How long the request is to be good for, in seconds, from 1.
        requested_expiry(seconds: u64);

        /// The authentication context classes asked for, the best first, with spaces between.
        acr_values(acr_values: impl Into<String>);

        /// Asks for a ping when the authentication is over, for clients that have registered for
        /// it. The token that it must come with is drawn anew and kept in the response;
        /// [`Ping::check`] compares it.
        ///
        /// ```
        /// # use openid_client::Client;
        /// # test_provider::server::example(async |server| {
        /// # let root = server.ca_certificate_pem();
        /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
        /// # use openid_client::Hint;
        /// # let hint = Hint::LoginHint("bob".to_owned());
        /// let request = client.initiate_backchannel_authentication(hint);
        /// let begun = request.ping().await?;
        /// # assert!(server.provider().ping(begun.auth_req_id.expose()).is_some());
        /// # Ok(()) });
        /// ```
        ping();

        /// The same, with a token of the caller's choice. Nobody must be able to guess it.
        client_notification_token(token: impl Into<Secret>);

        /// Sends the request as a JWT, signed with a key of the [`Keyring`](crate::Keyring).
        ///
        /// ```
        /// # use openid_client::{Client, Hint, Keyring};
        /// # use openid_client::core::names::KeyName;
        /// # test_provider::server::example(async |server| {
        /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
        /// # let bank = test_provider::ClientRegistration::public("my-bank").key(&key);
        /// # server.provider().register(bank);
        /// # let mut keyring = Keyring::new();
        /// # keyring.insert(KeyName::new("requests"), key);
        /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
        /// # let client = Client::discover(issuer, "my-bank").root_certificate_pem(root);
        /// # let client = client.keyring(keyring).await?;
        /// # let hint = Hint::LoginHint("bob".to_owned());
        /// use openid_client::RequestObject;
        /// use openid_client::core::key::KeyReference;
        /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
        ///
        /// let key = KeyReference::new("requests", SignatureAlgorithm::ES256);
        /// let request = client.initiate_backchannel_authentication(hint);
        /// let begun = request.request_object(RequestObject::new(key)?).await?;
        /// # assert!(!begun.auth_req_id.expose().is_empty());
        /// # Ok(()) });
        /// ```
        request_object(request_object: RequestObject);

        /// Adds any other parameter; one name may be given several times.
        parameter(name: impl Into<String>, value: impl Into<String>);
    }
}

impl IntoFuture for BackchannelAuthenticationRequest {
    type Output = Result<BackchannelAuthenticationResponse, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, request } = self;
        Box::pin(async move { client.run(request).await })
    }
}
