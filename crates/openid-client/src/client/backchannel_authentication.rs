//! Logins that a person confirms on another device, which the server notifies (CIBA).

use std::time::Duration;

use oauth_core::endpoint::{BackchannelAuthenticationResponse, Hint, Ping, Push};
use oauth_core::flow::{
    InitiateBackchannelAuthentication, PollBackchannelAuthenticationGrant, TokenSet, VerifyPush,
};
use oauth_core::request_object::RequestObject;
use oauth_core::secret::Secret;

use crate::client::Client;
use crate::client::requests::request;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Asks the server to authenticate a person on the person's device (CIBA Core 1.0 section 7).
    /// `.await` the request, then wait with
    /// [`poll_backchannel_authentication_grant`](Self::poll_backchannel_authentication_grant).
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// use openid_client::Hint;
    ///
    /// let hint = Hint::LoginHint("bob".to_owned());
    /// let request = client.initiate_backchannel_authentication(hint);
    /// let begun = request.binding_message("W4SCT").await?;
    /// let tokens = client.poll_backchannel_authentication_grant(&begun).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    /// # });
    /// ```
    ///
    /// If the client has a [`request_object_key`](crate::ClientBuilder::request_object_key), the
    /// request is signed when the client has registered this or the server lists the key's
    /// algorithm.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a setting that cannot be
    /// sent; [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses, for example with `unknown_user_id`;
    /// [`CoreError::Rejected`](crate::CoreError::Rejected) when its response fails a check;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered),
    /// [`CoreError::Key`](crate::CoreError::Key) and
    /// [`CoreError::Entropy`](crate::CoreError::Entropy).
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

    /// Waits until the person has answered, or the request has expired (CIBA Core 1.0 section
    /// 10.1). `.await` the request; drop the future to give up.
    ///
    /// It asks the server as often as the server permits. When the network fails for a while, it
    /// waits longer and asks again. After a ping, set
    /// [`after_ping`](BackchannelAuthenticationGrantRequest::after_ping), which asks at once.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # use openid_client::Hint;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// # let begun = client.initiate_backchannel_authentication(hint).await?;
    /// let tokens = client.poll_backchannel_authentication_grant(&begun).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::Expired`](crate::CoreError::Expired) when the person has not answered in time;
    /// [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) with `access_denied` when the
    /// person said no; else as [`client_credentials_grant`](Self::client_credentials_grant).
    pub fn poll_backchannel_authentication_grant(
        &self,
        begun: &BackchannelAuthenticationResponse,
    ) -> BackchannelAuthenticationGrantRequest {
        let configuration = self.configuration().clone();
        BackchannelAuthenticationGrantRequest {
            client: self.clone(),
            grant: Ok(PollBackchannelAuthenticationGrant::new(
                configuration,
                begun,
            )),
            begun: begun.clone(),
        }
    }

    /// Verifies the tokens that the server has pushed to the client's notification endpoint (CIBA
    /// Core 1.0 section 10.3.1). The ID Token binds them to the request and to each other.
    ///
    /// Read the request with [`Push::parse`], and find the response that it belongs to by its
    /// [`auth_req_id`](Push::auth_req_id). Answer with `204` when [`Push::check`] accepts it and
    /// `401` when not, and never with a redirect. Remove the response after the verification, so
    /// that a push is accepted once.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # use openid_client::Hint;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// # let begun = client.initiate_backchannel_authentication(hint).push().await?;
    /// # let now = client.now().seconds();
    /// # let request = server.provider().push(begun.auth_req_id.expose(), now).unwrap();
    /// use openid_client::Push;
    ///
    /// // `request` has come to the notification endpoint.
    /// let push = Push::parse(request.headers(), request.body())?;
    /// let tokens = client.verify_push(&begun, push).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`VerifyPush`]. When the person said no, it is
    /// [`CoreError::AuthorizationResponse`](crate::CoreError::AuthorizationResponse) with
    /// `access_denied`.
    pub async fn verify_push(
        &self,
        begun: &BackchannelAuthenticationResponse,
        push: Push,
    ) -> Result<TokenSet, Error> {
        let configuration = self.configuration().clone();
        self.run(VerifyPush::new(configuration, begun, push)).await
    }
}

request! {
    /// The beginning of a backchannel authentication; see
    /// [`Client::initiate_backchannel_authentication`].
    BackchannelAuthenticationRequest(InitiateBackchannelAuthentication)
        -> BackchannelAuthenticationResponse, "initiate_backchannel_authentication";

    /// The scope to ask for: scope values with single spaces between them, `openid` among them;
    /// only `openid` by default.
    scope(scope: impl Into<String>);

    /// A short text that both devices show, so that the person knows which request they confirm.
    binding_message(message: impl Into<String>);

    /// A secret that the person shares with the server, so that a stranger cannot make the server
    /// notify the device.
    user_code(user_code: impl Into<String>);

    /// How long the request is to be valid, in whole seconds and at least one.
    requested_expiry(lifetime: Duration);

    /// The authentication context classes to ask for, in order of preference, with spaces between
    /// them.
    acr_values(acr_values: impl Into<String>);

    /// Asks for a ping when the authentication is over, for clients that have registered the ping
    /// mode. The token that the ping must have is random and new, and is kept in the response;
    /// [`Ping::check`] compares it.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # use openid_client::Hint;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// let request = client.initiate_backchannel_authentication(hint);
    /// let begun = request.ping().await?;
    /// # assert!(server.provider().ping(begun.auth_req_id.expose()).is_some());
    /// # });
    /// ```
    ping();

    /// Asks for the tokens to be pushed when the authentication is over, for clients that have
    /// registered the push mode. The token that the push must have is random and new, and is kept
    /// in the response; [`Client::verify_push`] compares it.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # use openid_client::Hint;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// let request = client.initiate_backchannel_authentication(hint);
    /// let begun = request.push().await?;
    /// # assert!(server.provider().push(begun.auth_req_id.expose(), 0).is_some());
    /// # });
    /// ```
    push();

    /// Like [`ping`](Self::ping) or [`push`](Self::push), with a token that the application
    /// chooses. It must be impossible to guess.
    client_notification_token(token: impl Into<Secret>);

    /// Sends the request as a JWT, signed with a key of the [`Keyring`](crate::Keyring).
    ///
    /// ```
    /// # use openid_client::{Client, Hint, KeyName, Keyring};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let bank = test_provider::ClientRegistration::public("my-bank").key(&key);
    /// # server.provider().register(bank);
    /// # let mut keyring = Keyring::new();
    /// # keyring.insert(KeyName::new("requests"), key);
    /// # let client = Client::discover(issuer, "my-bank").root_certificate_pem(root);
    /// # let client = client.keyring(keyring).await?;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    /// use openid_client::{KeyReference, RequestObject};
    ///
    /// let key = KeyReference::new("requests", SignatureAlgorithm::ES256);
    /// let request = client.initiate_backchannel_authentication(hint);
    /// let begun = request.request_object(RequestObject::new(key)?).await?;
    /// # assert!(!begun.auth_req_id.expose().is_empty());
    /// # });
    /// ```
    request_object(request_object: RequestObject);

    /// Adds any other parameter. The same name may be added several times.
    parameter(name: impl Into<String>, value: impl Into<String>);
}

/// The end of a backchannel authentication; see
/// [`Client::poll_backchannel_authentication_grant`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct BackchannelAuthenticationGrantRequest {
    client: Client,
    begun: BackchannelAuthenticationResponse,
    grant: Result<PollBackchannelAuthenticationGrant, Error>,
}

impl BackchannelAuthenticationGrantRequest {
    /// Checks a ping (CIBA Core 1.0 section 10.2), and sends the first request at once. If the
    /// server has no tokens yet, the request waits as without a ping.
    ///
    /// The ping is a request to the client's notification endpoint. Read it with [`Ping::parse`],
    /// and find the response that it belongs to by its [`auth_req_id`](Ping::auth_req_id). Answer
    /// it before you fetch the tokens, with `204` when [`Ping::check`] accepts it and `401` when
    /// not.
    ///
    /// The awaited request fails with [`CoreError::Rejected`](crate::CoreError::Rejected) when the
    /// ping does not belong to the response or lacks its token. Nothing is sent then.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # use openid_client::Hint;
    /// # let hint = Hint::LoginHint("bob".to_owned());
    /// # let begun = client.initiate_backchannel_authentication(hint).ping().await?;
    /// # let request = server.provider().ping(begun.auth_req_id.expose()).unwrap();
    /// use openid_client::Ping;
    ///
    /// // `request` has come to the notification endpoint.
    /// let ping = Ping::parse(request.headers(), request.body())?;
    /// let grant = client.poll_backchannel_authentication_grant(&begun);
    /// let tokens = grant.after_ping(&ping).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    /// # });
    /// ```
    pub fn after_ping(mut self, ping: &Ping) -> Self {
        let checked = ping.check(&self.begun);
        self.grant = self.grant.and_then(|grant| {
            checked?;
            Ok(grant.after_ping())
        });
        self
    }

    /// Adds a parameter to each token request, for example `resource`. Protocol parameters take
    /// precedence.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.grant = self.grant.map(|grant| grant.parameter(name, value));
        self
    }
}

impl IntoFuture for BackchannelAuthenticationGrantRequest {
    type Output = Result<TokenSet, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, grant, .. } = self;
        Box::pin(async move {
            client
                .run_as("poll_backchannel_authentication_grant", grant?)
                .await
        })
    }
}
