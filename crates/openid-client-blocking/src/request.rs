//! Requests that are made, changed by setters, and sent.

use std::fmt;
use std::time::Duration;

use oauth_core::authorization::{
    AuthorizationDetail, AuthorizationRequest, ResponseMode, ResponseType,
};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    AccessToken, DeviceAuthorizationEndpoint, ExpectedSubject, IntrospectionEndpoint,
    RevocationEndpoint, UserInfoEndpoint,
};
use oauth_core::error::Misuse;
use oauth_core::flow::{
    AuthorizationCodeGrant, ClientCredentialsGrant, FetchUserInfo, GenericGrant,
    InitiateDeviceAuthorization, MakeAuthorizationRequest, PollDeviceAuthorizationGrant,
    RefreshTokenGrant, TokenIntrospection, TokenRevocation,
};
use oauth_core::operation::Operation;
use oauth_core::request_object::RequestObject;
use oauth_core::secret::Secret;
use oauth_core::wire::{JsonObject, Parameters};

use crate::client::Client;
use crate::error::Error;

/// A request that is sent by [`send`](Self::send). `R` says which one, and has its setters.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<R> {
    client: Client,
    /// An error of the arguments is reported when the request is sent.
    request: Result<Box<R>, Error>,
}

/// What a [`Request`] becomes when it is sent. Only this crate implements it.
pub trait Begin: sealed::Sealed {
    /// The operation of the core that is run.
    type Operation: Operation;

    /// Makes the operation.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] for an argument that is missing.
    fn begin(self) -> Result<Self::Operation, Error>;
}

mod sealed {
    pub trait Sealed {}
}

impl<R: Begin> Request<R> {
    /// Sends the request and returns the checked result. Blocks until then; the documentation of
    /// the [operation](Begin::Operation) says how many requests that takes.
    ///
    /// # Errors
    ///
    /// The errors of the operation; see its documentation.
    pub fn send(self) -> Result<<R::Operation as Operation>::Output, Error> {
        self.client.run(self.request?.begin()?)
    }
}

impl<R> Request<R> {
    pub(crate) fn new(client: &Client, request: R) -> Self {
        Self::checked(client, Ok(request))
    }

    pub(crate) fn checked(client: &Client, request: Result<R, Error>) -> Self {
        Self {
            client: client.clone(),
            request: request.map(Box::new),
        }
    }

    fn map(self, set: impl FnOnce(R) -> R) -> Self {
        self.try_map(|request| Ok(set(request)))
    }

    fn try_map(mut self, set: impl FnOnce(R) -> Result<R, Error>) -> Self {
        let request = self.request.and_then(|request| set(*request));
        self.request = request.map(Box::new);
        self
    }
}

impl<R> fmt::Debug for Request<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// The request for one builder or operation of the core: what it becomes, and its setters.
macro_rules! request {
    (
        $request:ty => $operation:ty, |$this:ident| $begin:expr;
        $($(#[$documentation:meta])* $name:ident($($argument:ident: $type:ty),*);)*
    ) => {
        impl sealed::Sealed for $request {}

        impl Begin for $request {
            type Operation = $operation;

            fn begin(self) -> Result<Self::Operation, Error> {
                let $this = self;
                Ok($begin)
            }
        }

        impl Request<$request> {
            $(
                $(#[$documentation])*
                pub fn $name(self, $($argument: $type),*) -> Self {
                    self.map(|request| request.$name($($argument),*))
                }
            )*
        }
    };
}

request! {
    AuthorizationRequest => MakeAuthorizationRequest, |request| request.begin();

    /// Sets where the browser comes back to.
    redirect_uri(redirect_uri: impl Into<String>);

    /// Sets the scope, values separated by spaces: `openid` unless set.
    scope(scope: impl Into<String>);

    /// Requires a login that is at most this old (OpenID Connect Core 1.0 section 3.1.2.1).
    max_age(max_age: Duration);

    /// Sets `prompt`, for example `login`.
    prompt(prompt: impl Into<String>);

    /// Sets whom the server expects to log in.
    login_hint(login_hint: impl Into<String>);

    /// Sets an earlier ID Token of the person.
    id_token_hint(id_token: impl Into<Secret>);

    /// Sets the authentication context classes that are asked for.
    acr_values(acr_values: impl Into<String>);

    /// Sets the languages of the server's pages.
    ui_locales(ui_locales: impl Into<String>);

    /// Sets the response type: `code` unless set.
    response_type(response_type: ResponseType);

    /// Sets how the response comes back.
    response_mode(response_mode: ResponseMode);

    /// Asks for single claims (OpenID Connect Core 1.0 section 5.5).
    claims(claims: JsonObject);

    /// Asks for fine-grained permissions (RFC 9396).
    authorization_details(details: impl IntoIterator<Item = AuthorizationDetail>);

    /// Sets the resource that the access token is for (RFC 8707); may be called several times.
    resource(resource: impl Into<String>);

    /// Signs the request (RFC 9101).
    request_object(request_object: RequestObject);

    /// Pushes the request to the server (RFC 9126).
    pushed();

    /// Adds any other parameter.
    parameter(name: impl Into<String>, value: impl Into<String>);

    /// Sets how long the person has for the login.
    lifetime(lifetime: Duration);
}

request! {
    AuthorizationCodeGrant => Self, |request| request;

    /// Adds any other parameter to the token request.
    parameter(name: impl Into<String>, value: impl Into<String>);
}

request! {
    RefreshTokenGrant => Self, |request| request;

    /// Asks for a part of the scope.
    scope(scope: impl Into<String>);

    /// Adds any other parameter.
    parameter(name: impl Into<String>, value: impl Into<String>);
}

request! {
    ClientCredentialsGrant => Self, |request| request;

    /// Sets the scope.
    scope(scope: impl Into<String>);

    /// Adds any other parameter.
    parameter(name: impl Into<String>, value: impl Into<String>);

    /// Adds any other parameters.
    parameters(parameters: impl Into<Parameters>);
}

request! {
    GenericGrant => Self, |request| request;

    /// Sets the scope.
    scope(scope: impl Into<String>);

    /// Adds any other parameter.
    parameter(name: impl Into<String>, value: impl Into<String>);

    /// Adds any other parameters.
    parameters(parameters: impl Into<Parameters>);

    /// Sets the `nonce` that an ID Token must have.
    expected_nonce(nonce: impl Into<Secret>);
}

request! {
    DeviceAuthorizationEndpoint => InitiateDeviceAuthorization,
        |request| InitiateDeviceAuthorization::new(request);

    /// Sets the scope.
    scope(scope: impl Into<String>);

    /// Adds any other parameter.
    parameter(name: impl Into<String>, value: impl Into<String>);
}

request! {
    PollDeviceAuthorizationGrant => Self, |request| request;

    /// Adds any other parameter to each token request.
    parameter(name: impl Into<String>, value: impl Into<String>);

    /// Sets the `nonce` that an ID Token must have.
    expected_nonce(nonce: impl Into<Secret>);
}

request! {
    IntrospectionEndpoint => TokenIntrospection, |request| TokenIntrospection::new(request);
}

request! {
    RevocationEndpoint => TokenRevocation, |request| TokenRevocation::new(request);
}

impl Request<IntrospectionEndpoint> {
    /// Says which kind of token it is, for example `access_token`.
    pub fn token_type_hint(self, hint: impl Into<String>) -> Self {
        self.parameter("token_type_hint", hint)
    }

    /// Adds any other parameter.
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.map(|mut request| {
            request.parameters.append(name, value);
            request
        })
    }
}

impl Request<RevocationEndpoint> {
    /// Says which kind of token it is, for example `refresh_token`.
    pub fn token_type_hint(self, hint: impl Into<String>) -> Self {
        self.parameter("token_type_hint", hint)
    }

    /// Adds any other parameter.
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.map(|mut request| {
            request.parameters.append(name, value);
            request
        })
    }
}

/// A UserInfo request; see [`Client::fetch_user_info`].
#[derive(Debug)]
pub struct UserInfo {
    configuration: Configuration,
    access_token: AccessToken,
    subject: Option<ExpectedSubject>,
}

impl UserInfo {
    pub(crate) fn new(configuration: Configuration, access_token: AccessToken) -> Self {
        Self {
            configuration,
            subject: access_token.subject().map(ExpectedSubject::from),
            access_token,
        }
    }

    fn expected_subject(mut self, subject: impl Into<ExpectedSubject>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    fn endpoint(self) -> Result<UserInfoEndpoint, Misuse> {
        let subject = self.subject.ok_or(Misuse::MissingArgument {
            argument: "expected_subject",
            purpose: "a UserInfo request with an access token that no ID Token came with",
        })?;
        Ok(UserInfoEndpoint::new(
            self.configuration,
            self.access_token,
            subject,
        ))
    }
}

request! {
    UserInfo => FetchUserInfo, |request| FetchUserInfo::new(request.endpoint()?);

    /// Sets the subject that the response must be about: that of the ID Token unless set.
    expected_subject(subject: impl Into<ExpectedSubject>);
}

// These modules use the macro.
mod backchannel_authentication;
mod by_hand;

pub use self::backchannel_authentication::BackchannelAuthenticationGrant;
pub use self::by_hand::AuthorizationCodeGrantWithChecks;
