//! The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 sections 3.1.2.1,
//! 3.2.2.1 and 3.3.2.1). It always contains `state`; it contains PKCE parameters if it requests a
//! code, and a `nonce` if it requests an ID Token.

mod complete;

pub use self::complete::check_redirect_uri;

use std::time::Duration;

use serde_json::Value;

use super::authorization_details::AuthorizationDetail;
use super::response_type::{ResponseMode, ResponseType};
use crate::configuration::Configuration;
use crate::request_object::RequestObject;
use crate::secret::Secret;
use crate::wire::{JsonObject, Parameters};

/// The settings of a login that is about to begin.
///
/// Only [`redirect_uri`](Self::redirect_uri) has to be set, unless the client metadata list exactly
/// one. Each login gets a new state, nonce and PKCE verifier, which the
/// [`PendingLogin`](super::PendingLogin) stores. The challenge method is S256 even if the server's
/// `code_challenge_methods_supported` does not list it: a server that does not support PKCE ignores
/// the parameter (RFC 6749 section 3.1), and an attacker who shortens the list must not be able to
/// remove it.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    pub(crate) configuration: Configuration,
    redirect_uri: Option<String>,
    scope: String,
    response_type: ResponseType,
    response_mode: Option<ResponseMode>,
    max_age: Option<u64>,
    lifetime: u64,
    parameters: Parameters,
    extra: Parameters,
    pub(crate) request_object: Option<RequestObject>,
    pub(crate) pushed: bool,
}

impl AuthorizationRequest {
    /// Creates a request for an ID Token (scope `openid`) with a lifetime of one hour.
    pub fn new(configuration: Configuration) -> Self {
        let redirect_uri = match configuration.client().redirect_uris.as_deref() {
            Some([only]) => Some(only.clone()),
            _ => None,
        };
        Self {
            configuration,
            redirect_uri,
            scope: "openid".to_owned(),
            response_type: ResponseType::Code,
            response_mode: None,
            max_age: None,
            lifetime: DEFAULT_LIFETIME,
            parameters: Parameters::new(),
            extra: Parameters::new(),
            request_object: None,
            pushed: false,
        }
    }

    /// Sets where the browser returns to: an absolute URL without fragment, as registered. The
    /// default is the entry of `redirect_uris` in the client metadata, if there is exactly one. The
    /// text is sent unchanged, here and with the code.
    #[must_use]
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// Sets the scope values, separated by single spaces. Without `openid` among them, no ID Token
    /// is expected, and one with a nonce is refused. An empty text omits the parameter, and the
    /// server chooses.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets what the response contains; a code by default. Both other types need `openid` in the
    /// scope.
    ///
    /// The response to [`IdToken`](ResponseType::IdToken) goes to
    /// [`PendingLogin::resume_implicit`](super::PendingLogin::resume_implicit).
    #[must_use]
    pub const fn response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self
    }

    /// Sets how the response comes back. The default is the query for a code, and the fragment for
    /// a response with an ID Token. A response in any other mode is refused.
    #[must_use]
    pub const fn response_mode(mut self, response_mode: ResponseMode) -> Self {
        self.response_mode = Some(response_mode);
        self
    }

    /// Sets the longest time since the user's last authentication, in whole seconds: a fraction is
    /// dropped. `auth_time` of the ID Token is then required and checked. The age is measured when
    /// the login begins.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age.as_secs());
        self
    }

    /// Sets what the server may show: `none`, `login`, `consent`, `select_account`, or several of
    /// them separated by spaces.
    #[must_use]
    pub fn prompt(self, prompt: impl Into<String>) -> Self {
        self.set("prompt", prompt)
    }

    /// Sets who is likely to log in, for example an e-mail address.
    #[must_use]
    pub fn login_hint(self, login_hint: impl Into<String>) -> Self {
        self.set("login_hint", login_hint)
    }

    /// Sets an earlier ID Token of the user who is to log in, as [`IdToken::jwt`] gives it.
    ///
    /// [`IdToken::jwt`]: crate::validate::IdToken::jwt
    #[must_use]
    pub fn id_token_hint(self, id_token: impl Into<Secret>) -> Self {
        self.set("id_token_hint", id_token.into().expose().as_str())
    }

    /// Sets the preferred authentication context classes, in order of preference and separated by
    /// spaces. The server may ignore them: the application has to check `acr` of the ID Token.
    #[must_use]
    pub fn acr_values(self, acr_values: impl Into<String>) -> Self {
        self.set("acr_values", acr_values)
    }

    /// Sets the languages for the server's pages, in order of preference and separated by spaces
    /// (RFC 5646 tags).
    #[must_use]
    pub fn ui_locales(self, ui_locales: impl Into<String>) -> Self {
        self.set("ui_locales", ui_locales)
    }

    /// Requests single claims in the ID Token or the UserInfo response (OpenID Connect Core 1.0
    /// section 5.5): an object with the members `id_token` and `userinfo`.
    #[must_use]
    pub fn claims(self, claims: JsonObject) -> Self {
        self.set("claims", Value::Object(claims).to_string())
    }

    /// Sets a detailed description of what the access token permits (RFC 9396 section 2).
    #[must_use]
    pub fn authorization_details(
        self,
        details: impl IntoIterator<Item = AuthorizationDetail>,
    ) -> Self {
        self.set(
            "authorization_details",
            AuthorizationDetail::encode(details),
        )
    }

    /// Adds a resource server that the access token is for: an absolute URI without fragment
    /// (RFC 8707 section 2).
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.parameter("resource", resource)
    }

    /// Sends the request as a request object (RFC 9101) that is signed with the client's key.
    #[must_use]
    pub fn request_object(mut self, request_object: RequestObject) -> Self {
        self.request_object = Some(request_object);
        self
    }

    /// Sends the request to the server before the browser goes there (RFC 9126).
    #[must_use]
    pub const fn pushed(mut self) -> Self {
        self.pushed = true;
        self
    }

    /// Adds any other parameter. A name may be given several times, for example `resource` (RFC
    /// 8707 section 2). Names that this type sets itself, and names that must not pass through a
    /// browser, are refused when the login begins.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.append(name, value);
        self
    }

    /// Sets the longest time between the request and its callback, in whole seconds; an hour by
    /// default.
    #[must_use]
    pub const fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.as_secs();
        self
    }

    fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.set(name, value);
        self
    }
}

/// The default lifetime of a login in seconds. It leaves time to look for a second factor.
const DEFAULT_LIFETIME: u64 = 3600;
