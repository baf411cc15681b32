//! Logins that a person confirms on another device, which the server notifies (CIBA).

use std::time::Duration;

use oauth_core::endpoint::{BackchannelAuthenticationResponse, Ping};
use oauth_core::flow::{InitiateBackchannelAuthentication, PollBackchannelAuthenticationGrant};
use oauth_core::request_object::RequestObject;
use oauth_core::secret::Secret;

use super::{Begin, Request, sealed};
use crate::error::Error;

request! {
    InitiateBackchannelAuthentication => Self, |request| request;

    /// Sets the scope, values separated by spaces: `openid` unless set.
    scope(scope: impl Into<String>);

    /// Sets a text that both devices show, so that the person sees that they belong together.
    binding_message(message: impl Into<String>);

    /// Sets the code that only the person knows.
    user_code(user_code: impl Into<String>);

    /// Asks for a lifetime of the request, in whole seconds.
    requested_expiry(lifetime: Duration);

    /// Sets the authentication context classes that are asked for.
    acr_values(acr_values: impl Into<String>);

    /// Uses the ping mode: the server calls the application when the person has decided.
    ping();

    /// Uses the push mode: the server sends the tokens to the application.
    push();

    /// Sets the token by which the server authenticates its notification; random unless set.
    client_notification_token(token: impl Into<Secret>);

    /// Signs the request (CIBA Core 1.0 section 7.1.1).
    request_object(request_object: RequestObject);

    /// Adds any other parameter.
    parameter(name: impl Into<String>, value: impl Into<String>);
}

/// Polling for the decision of a person; see
/// [`Client::poll_backchannel_authentication_grant`](crate::Client::poll_backchannel_authentication_grant).
#[derive(Debug)]
pub struct BackchannelAuthenticationGrant {
    pub(crate) begun: BackchannelAuthenticationResponse,
    pub(crate) grant: PollBackchannelAuthenticationGrant,
}

impl BackchannelAuthenticationGrant {
    fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.grant = self.grant.parameter(name, value);
        self
    }
}

request! {
    BackchannelAuthenticationGrant => PollBackchannelAuthenticationGrant, |request| request.grant;

    /// Adds any other parameter to each token request.
    parameter(name: impl Into<String>, value: impl Into<String>);
}

impl Request<BackchannelAuthenticationGrant> {
    /// Asks at once, because this notification of the server says that the person has decided
    /// (CIBA Core 1.0 section 10.2). A ping of another request makes [`send`](Self::send) fail.
    pub fn after_ping(self, ping: &Ping) -> Self {
        self.try_map(|mut request| {
            ping.check(&request.begun)?;
            request.grant = request.grant.after_ping();
            Ok(request)
        })
    }
}
