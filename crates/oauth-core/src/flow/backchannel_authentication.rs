//! Asks the server to authenticate a person on their own device (CIBA Core 1.0 section 7).
//!
//! ```text
//! Ready ──▶ Requesting ──▶ Finished
//! ```

use std::mem;
use std::time::Duration;

use crate::configuration::Configuration;
use crate::endpoint::{BackchannelAuthenticationEndpoint, BackchannelAuthenticationResponse, Hint};
use crate::entropy::random_token;
use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::Call;
use crate::operation::{Action, Event, Operation};
use crate::request_object::RequestObject;
use crate::secret::Secret;

/// Begins a backchannel authentication;
/// [`PollBackchannelAuthenticationGrant`](crate::flow::PollBackchannelAuthenticationGrant) finishes
/// it.
///
/// Sends one request and uses at most two keys: one for a signed request, one for client
/// authentication.
///
/// # Errors
///
/// [`Misuse::InvalidArgument`] for a setting that cannot be sent; [`Error::ResponseBody`] and
/// [`Error::WwwAuthenticateChallenge`] when the server refuses, with `unknown_user_id` for example;
/// [`Error::Rejected`] for the response; [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`]
/// and [`Error::Entropy`].
#[derive(Debug)]
pub struct InitiateBackchannelAuthentication {
    is_notified: bool,
    /// The request object for a request that is given none.
    usual_request_object: Option<RequestObject>,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<BackchannelAuthenticationEndpoint>),
    Requesting(Box<Call<BackchannelAuthenticationEndpoint>>),
    Finished,
}

impl InitiateBackchannelAuthentication {
    /// A request for an ID Token (scope `openid`) of the person whom `hint` names.
    pub fn new(configuration: Configuration, hint: Hint) -> Self {
        Self {
            is_notified: false,
            usual_request_object: None,
            state: State::Ready(Box::new(BackchannelAuthenticationEndpoint::new(
                configuration,
                hint,
            ))),
        }
    }

    /// What to ask for: scope values with single spaces between them, `openid` among them.
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.change(|request| request.scope = scope.into())
    }

    /// A short text that both devices show, so that the person knows what they approve.
    #[must_use]
    pub fn binding_message(self, message: impl Into<String>) -> Self {
        self.set("binding_message", message)
    }

    /// A secret that person and server share. Without it, strangers cannot make the device ring.
    #[must_use]
    pub fn user_code(self, user_code: impl Into<String>) -> Self {
        self.set("user_code", user_code)
    }

    /// How long the request may take, in whole seconds and at least one.
    #[must_use]
    pub fn requested_expiry(self, lifetime: Duration) -> Self {
        self.set("requested_expiry", lifetime.as_secs().to_string())
    }

    /// The authentication context classes asked for, the best first, with spaces between.
    #[must_use]
    pub fn acr_values(self, acr_values: impl Into<String>) -> Self {
        self.set("acr_values", acr_values)
    }

    /// Asks for a ping when the authentication is over, for clients that have registered for pings.
    /// The ping must carry a token, which is drawn at random and kept in the response;
    /// [`Ping::check`](crate::endpoint::Ping::check) compares it.
    #[must_use]
    pub const fn ping(mut self) -> Self {
        self.is_notified = true;
        self
    }

    /// Asks for the tokens to be pushed when the authentication is over, for clients that have
    /// registered the push mode. The push must carry a token, which is drawn at random and kept in
    /// the response; [`VerifyPush`](crate::flow::VerifyPush) compares it.
    #[must_use]
    pub const fn push(mut self) -> Self {
        self.is_notified = true;
        self
    }

    /// Like [`ping`](Self::ping) or [`push`](Self::push), with a token that the caller chooses. It
    /// must be impossible to guess.
    #[must_use]
    pub fn client_notification_token(self, token: impl Into<Secret>) -> Self {
        self.change(|request| request.client_notification_token = Some(token.into()))
    }

    /// Signs the request in this way where the client has registered
    /// `backchannel_authentication_request_signing_alg`, or the server lists the key's algorithm in
    /// `backchannel_authentication_request_signing_alg_values_supported` (section 4). For a client
    /// that signs every request that can be signed; [`request_object`](Self::request_object) signs
    /// in any case, and takes precedence.
    ///
    /// The request fails with [`Misuse::InvalidArgument`] where another algorithm than the key's is
    /// registered.
    #[must_use]
    pub fn usual_request_object(mut self, request_object: RequestObject) -> Self {
        self.usual_request_object = Some(request_object);
        self
    }

    /// Sends the request as a signed JWT (section 7.1.1).
    #[must_use]
    pub fn request_object(self, request_object: RequestObject) -> Self {
        self.change(|request| request.request_object = Some(request_object))
    }

    /// Adds any other parameter, such as `resource` or `authorization_details`; it may repeat.
    #[must_use]
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.change(|request| request.parameters.append(name, value))
    }

    fn set(self, name: &'static str, value: impl Into<String>) -> Self {
        self.change(|request| request.parameters.set(name, value))
    }

    /// Changes a request that has not been sent. Later it has no effect.
    fn change(mut self, change: impl FnOnce(&mut BackchannelAuthenticationEndpoint)) -> Self {
        if let State::Ready(request) = &mut self.state {
            change(request);
        }
        self
    }

    fn begin(&mut self, env: &mut Env<'_>, mut request: BackchannelAuthenticationEndpoint) -> Step {
        if self.is_notified && request.client_notification_token.is_none() {
            request.client_notification_token = Some(random_token(env.entropy)?.into());
        }
        if let (None, Some(usual)) = (&request.request_object, &self.usual_request_object)
            && usual.signs_backchannel_authentication(&request.configuration)?
        {
            request.request_object = self.usual_request_object.take();
        }
        self.call(env, Box::new(Call::new(request)), Event::Begin)
    }

    fn call(
        &mut self,
        env: &mut Env<'_>,
        mut call: Box<Call<BackchannelAuthenticationEndpoint>>,
        event: Event,
    ) -> Step {
        let action = call.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.state = State::Requesting(call);
        }
        Ok(action)
    }
}

impl Operation for InitiateBackchannelAuthentication {
    type Output = BackchannelAuthenticationResponse;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(request), Event::Begin) => self.begin(env, *request),
            (State::Requesting(call), event) => self.call(env, call, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), event) => Err(event.refused("Begin")),
        }
    }
}

type Step = Result<Action<BackchannelAuthenticationResponse>, Error>;

#[cfg(test)]
mod tests;
