//! Backchannel authentication: the server authenticates a user on the user's own device (CIBA Core
//! 1.0 section 7).

mod notification;
mod ping;
mod push;
mod response;

use bytes::Bytes;
use http::Response;

pub use self::ping::Ping;
pub use self::push::Push;
pub use self::response::BackchannelAuthenticationResponse;
use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, Sender};
use crate::error::{Error, Misuse, printable};
use crate::names::EndpointName;
use crate::profile::{Party, Requirement};
use crate::request_object::{RequestObject, SignedRequest};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Draft, Parameters};

/// A backchannel authentication request. [`InitiateBackchannelAuthentication`] also generates the
/// token for a ping.
///
/// [`InitiateBackchannelAuthentication`]: crate::flow::InitiateBackchannelAuthentication
#[derive(Debug, Clone)]
pub struct BackchannelAuthenticationEndpoint {
    /// The client and the server.
    pub configuration: Configuration,
    /// The user to authenticate.
    pub hint: Hint,
    /// The requested scope values, separated by single spaces; they include `openid`.
    pub scope: String,
    /// The Bearer token with which the server notifies the client.
    pub client_notification_token: Option<Secret>,
    /// Further parameters, for example `binding_message`. Those that have a field here and those of
    /// client authentication are refused.
    pub parameters: Parameters,
    /// The settings for a signed request, if it is to be signed. Then only client authentication is
    /// sent outside of the JWT (section 7.1.1).
    pub request_object: Option<RequestObject>,
}

/// The user to authenticate. A request has exactly one hint (CIBA Core 1.0 section 7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// `login_hint`: an identifier, for example an e-mail address or a telephone number.
    LoginHint(String),
    /// `login_hint_token`: a token that identifies the user, in a form agreed with the server.
    LoginHintToken(Secret),
    /// `id_token_hint`: an ID Token that the server issued earlier.
    IdTokenHint(Secret),
}

impl Hint {
    /// The name of the parameter.
    const fn name(&self) -> &'static str {
        match self {
            Self::LoginHint(_) => "login_hint",
            Self::LoginHintToken(_) => "login_hint_token",
            Self::IdTokenHint(_) => "id_token_hint",
        }
    }

    fn value(&self) -> &str {
        match self {
            Self::LoginHint(hint) => hint,
            Self::LoginHintToken(token) | Self::IdTokenHint(token) => token.expose(),
        }
    }
}

impl BackchannelAuthenticationEndpoint {
    /// Creates a request for an ID Token (scope `openid`).
    pub fn new(configuration: Configuration, hint: Hint) -> Self {
        Self {
            configuration,
            hint,
            scope: "openid".to_owned(),
            client_notification_token: None,
            parameters: Parameters::new(),
            request_object: None,
        }
    }

    /// Checks the request against the client's profile (FAPI-CIBA section 5.2.3).
    fn check_profile(&self, form: &Parameters) -> Result<(), Error> {
        let is_signed = self.request_object.is_some();
        let has_context = ["binding_message", "authorization_details"]
            .iter()
            .any(|name| form.first(name).is_some_and(|value| !value.is_empty()));
        let configuration = &self.configuration;
        configuration.require(Requirement::SignedRequest, Party::Request, |profile| {
            (profile.signs() && !is_signed).then_some("is not signed")
        })?;
        configuration.require(Requirement::AuthorizationContext, Party::Request, |_| {
            (!has_context).then_some("has no `binding_message` and no `authorization_details`")
        })
    }

    /// Returns every parameter of the request except client authentication.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a parameter that cannot be sent.
    fn form(&self) -> Result<Parameters, Error> {
        self.parameters.refuse(&RESERVED)?;
        if !self.scope.split(' ').any(|value| value == "openid") {
            let found = printable(&self.scope);
            return Err(invalid("scope", "one with `openid`", found));
        }
        if self.hint.value().is_empty() {
            return Err(invalid(
                self.hint.name(),
                "not empty",
                "an empty string".to_owned(),
            ));
        }
        let expiry = self.parameters.first("requested_expiry");
        if expiry.is_some_and(|text| text.parse::<u64>().unwrap_or(0) == 0) {
            let found = printable(expiry.unwrap_or_default());
            return Err(invalid("requested_expiry", "a whole number from 1", found));
        }
        let mut form = self.parameters.clone();
        form.set("scope", self.scope.as_str());
        form.set(self.hint.name(), self.hint.value());
        if let Some(token) = &self.client_notification_token {
            form.set(NOTIFICATION_TOKEN, notification_token(token)?);
        }
        Ok(form)
    }
}

impl Endpoint for BackchannelAuthenticationEndpoint {
    type Output = BackchannelAuthenticationResponse;

    const NAME: EndpointName = EndpointName::BackchannelAuthentication;

    fn sender(&self) -> Sender<'_> {
        Sender::Client(&self.configuration)
    }

    fn signed_request(&self) -> Option<SignedRequest<'_>> {
        let request_object = self.request_object.as_ref()?;
        Some(request_object.of_backchannel_authentication(&self.configuration))
    }

    fn request(&self) -> Result<Draft, Error> {
        let mut form = self.form()?;
        self.check_profile(&form)?;
        if self.request_object.is_none() {
            // For servers that read the form before the header. A signed request has no parameters
            // outside but those of client authentication (section 7.1.1).
            let client_id = self.configuration.client().client_id.as_str();
            form.set("client_id", client_id);
        }
        Ok(Draft::post_form(
            self.configuration.endpoint(Self::NAME)?,
            form,
        ))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<Self::Output, Error> {
        let token = self.client_notification_token.clone();
        BackchannelAuthenticationResponse::read(now, response, token)
    }
}

/// Returns the token if it is valid: at most 1,024 characters (section 7.1), all of them allowed in
/// an `Authorization` header (RFC 6750 section 2.1).
fn notification_token(token: &Secret) -> Result<&str, Error> {
    let text = token.expose().as_str();
    let core = text.trim_end_matches('=');
    let is_token68 = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if !core.is_empty() && core.bytes().all(is_token68) && text.len() <= 1024 {
        return Ok(text);
    }
    Err(invalid(
        NOTIFICATION_TOKEN,
        "1 to 1,024 characters of a Bearer token",
        "another text".to_owned(),
    ))
}

fn invalid(argument: &'static str, expected: &'static str, found: String) -> Error {
    Misuse::InvalidArgument {
        argument,
        expected,
        found,
    }
    .into()
}

const NOTIFICATION_TOKEN: &str = "client_notification_token";

/// Parameters that have a field, those of client authentication, and the claims of a request
/// object.
const RESERVED: [&str; 17] = [
    "scope",
    "login_hint",
    "login_hint_token",
    "id_token_hint",
    NOTIFICATION_TOKEN,
    "request",
    "request_uri",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
];

#[cfg(test)]
mod tests;
