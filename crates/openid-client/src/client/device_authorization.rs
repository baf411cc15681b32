//! Logins on a device without a browser or a keyboard.

use oauth_core::endpoint::{DeviceAuthorizationEndpoint, DeviceAuthorizationResponse};
use oauth_core::flow::{DeviceAuthorizationGrant, InitiateDeviceAuthorization, TokenSet};
use oauth_core::wire::Parameters;

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Begins a login on a device without a browser or a keyboard (RFC 8628 section 3.1). `parameters`
    /// are those of the request, such as `scope`: with `openid` in it, an ID Token comes as well.
    ///
    /// Show the person where to go and what to enter, then wait with
    /// [`poll_device_authorization_grant`](Self::poll_device_authorization_grant).
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// let device = client
    ///     .initiate_device_authorization([("scope", "openid email")])
    ///     .await?;
    /// println!("{}: {}", device.verification_uri, device.user_code);
    /// let tokens = client.poll_device_authorization_grant(&device).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`oauth_core::Error::ResponseBody`] and [`oauth_core::Error::WwwAuthenticateChallenge`] when
    /// the server refuses; [`oauth_core::Error::Rejected`] when its answer fails a check: the URL for
    /// the person must be an https one; [`oauth_core::Error::Misuse`] for a parameter that the
    /// library sets itself; [`oauth_core::Error::Metadata`], [`oauth_core::Error::Unanswered`],
    /// [`oauth_core::Error::Key`] and [`oauth_core::Error::Entropy`].
    pub async fn initiate_device_authorization(
        &self,
        parameters: impl Into<Parameters>,
    ) -> Result<DeviceAuthorizationResponse, Error> {
        let mut request = DeviceAuthorizationEndpoint::new(self.configuration().clone());
        request.parameters = parameters.into();
        self.run(InitiateDeviceAuthorization::new(request)).await
    }

    /// Waits until the person has answered, or the code has expired (RFC 8628 section 3.4). It asks
    /// the server as often as that allows, and rides out a network that comes and goes; see
    /// [`Polling`](oauth_core::flow::Polling). To give up, drop the future.
    ///
    /// For parameters of the token requests, or an expected nonce, [`run`](Self::run) a
    /// [`DeviceAuthorizationGrant`].
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # let device = client.initiate_device_authorization([("scope", "openid")]).await?;
    /// let tokens = client.poll_device_authorization_grant(&device).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`DeviceAuthorizationGrant`]: [`oauth_core::Error::Expired`] when nobody answered,
    /// [`oauth_core::Error::ResponseBody`] with `access_denied` when the person said no.
    pub async fn poll_device_authorization_grant(
        &self,
        device: &DeviceAuthorizationResponse,
    ) -> Result<TokenSet, Error> {
        let configuration = self.configuration().clone();
        self.run(DeviceAuthorizationGrant::new(configuration, device))
            .await
    }
}
