//! Logins on a device without a browser or a keyboard.

use oauth_core::endpoint::{DeviceAuthorizationEndpoint, DeviceAuthorizationResponse};
use oauth_core::flow::{InitiateDeviceAuthorization, PollDeviceAuthorizationGrant, TokenSet};
use oauth_core::secret::Secret;

use crate::client::Client;
use crate::client::requests::{request, setters};
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Begins a login on a device without a browser or a keyboard (RFC 8628 section 3.1). `.await`
    /// the request, show the person the URL and the code, then wait with
    /// [`poll_device_authorization_grant`](Self::poll_device_authorization_grant).
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// let request = client.initiate_device_authorization();
    /// let device = request.scope("openid email").await?;
    /// println!("{}: {}", device.verification_uri, device.user_code);
    /// let tokens = client.poll_device_authorization_grant(&device).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses; [`CoreError::Rejected`](crate::CoreError::Rejected) when its response fails
    /// a check, for example when the URL to show is not an https URL;
    /// [`CoreError::Misuse`](crate::CoreError::Misuse) for a parameter that the library sets
    /// itself; [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered),
    /// [`CoreError::Key`](crate::CoreError::Key) and
    /// [`CoreError::Entropy`](crate::CoreError::Entropy).
    pub fn initiate_device_authorization(&self) -> DeviceAuthorizationRequest {
        DeviceAuthorizationRequest {
            request: DeviceAuthorizationEndpoint::new(self.configuration().clone()),
            client: self.clone(),
        }
    }

    /// Waits until the person has answered, or the code has expired (RFC 8628 section 3.4).
    /// `.await` the request; drop the future to give up.
    ///
    /// It asks the server as often as the server permits. When the network fails for a while, it
    /// waits longer and asks again.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let device = client.initiate_device_authorization().scope("openid").await?;
    /// let tokens = client.poll_device_authorization_grant(&device).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::Expired`](crate::CoreError::Expired) when the person has not answered in time;
    /// [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) with `access_denied` when the
    /// person said no; else as
    /// [`client_credentials_grant`](Self::client_credentials_grant).
    pub fn poll_device_authorization_grant(
        &self,
        device: &DeviceAuthorizationResponse,
    ) -> DeviceAuthorizationGrantRequest {
        DeviceAuthorizationGrantRequest {
            request: PollDeviceAuthorizationGrant::new(self.configuration().clone(), device),
            client: self.clone(),
        }
    }
}

/// The beginning of a login on another device; see [`Client::initiate_device_authorization`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct DeviceAuthorizationRequest {
    client: Client,
    request: DeviceAuthorizationEndpoint,
}

impl DeviceAuthorizationRequest {
    setters! {
        /// The scope to ask for: scope values with single spaces between them. With `openid` among
        /// them, an ID Token comes as well. Without a scope, the server decides.
        scope(scope: impl Into<String>);

        /// Adds any other parameter, for example `resource` (RFC 8707 section 2). The same name may
        /// be added several times.
        parameter(name: impl Into<String>, value: impl Into<String>);
    }
}

impl IntoFuture for DeviceAuthorizationRequest {
    type Output = Result<DeviceAuthorizationResponse, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, request } = self;
        Box::pin(async move {
            let operation = InitiateDeviceAuthorization::new(request);
            client
                .run_as("initiate_device_authorization", operation)
                .await
        })
    }
}

request! {
    /// The end of a login on another device; see [`Client::poll_device_authorization_grant`].
    DeviceAuthorizationGrantRequest(PollDeviceAuthorizationGrant) -> TokenSet,
        "poll_device_authorization_grant";

    /// Adds a parameter to each token request, for example `resource`. Protocol parameters take
    /// precedence.
    parameter(name: impl Into<String>, value: impl Into<String>);

    /// The nonce that the ID Token must have, for servers that take one with the device
    /// authorization request. Without it, an ID Token with a nonce is refused, because it belongs
    /// to another login.
    expected_nonce(nonce: impl Into<Secret>);
}
