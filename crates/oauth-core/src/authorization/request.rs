//! The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 sections 3.1.2.1,
//! 3.2.2.1 and 3.3.2.1), always with state, with PKCE where a code will come, and with nonce where an
//! ID Token will.

mod complete;

use serde_json::Value;

use super::authorization_details::AuthorizationDetail;
use super::response_type::{ResponseMode, ResponseType};
use crate::configuration::Configuration;
use crate::request_object::RequestObject;
use crate::wire::{JsonObject, Parameters};

/// A login about to begin: what to ask the authorization server for.
///
/// Only [`redirect_uri`](Self::redirect_uri) has to be set, unless the client metadata names just one.
/// State, nonce and the PKCE verifier are drawn anew for each login and kept in the
/// [`PendingLogin`](super::PendingLogin). The challenge method is S256 even where the server's
/// `code_challenge_methods_supported` does not list it: a server that knows no PKCE ignores the
/// parameter (RFC 6749 section 3.1), and a list that an attacker shortened must not take it away.
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
    /// A request for an ID Token (scope `openid`) that has to be answered within an hour.
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

    /// Where the browser comes back to: an absolute URL without fragment, as registered; by default
    /// the one of the client metadata's `redirect_uris`, when there is just one. It is sent byte for
    /// byte, now and with the code.
    #[must_use]
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// What to ask for: scope values with single spaces between them. Without `openid` among them,
    /// no ID Token is expected and none with a nonce accepted; an empty text leaves the scope to the
    /// server.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// What comes back: a code by default. Both other types need `openid` in the scope.
    ///
    /// An [`IdToken`](ResponseType::IdToken) alone is taken by
    /// [`PendingLogin::resume_implicit`](super::PendingLogin::resume_implicit).
    #[must_use]
    pub const fn response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self
    }

    /// How it comes back: by default in the query for a code, in the fragment with an ID Token. A
    /// response that comes back in another way is refused.
    #[must_use]
    pub const fn response_mode(mut self, response_mode: ResponseMode) -> Self {
        self.response_mode = Some(response_mode);
        self
    }

    /// The most seconds that may have passed since the person last proved who they are; `auth_time`
    /// of the ID Token is then required and checked. The clock stops when the login begins.
    #[must_use]
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// What the server may show: `none`, `login`, `consent`, `select_account`, or several of them
    /// with spaces between.
    #[must_use]
    pub fn prompt(self, prompt: impl Into<String>) -> Self {
        self.set("prompt", prompt)
    }

    /// Who is likely to log in, such as an e-mail address.
    #[must_use]
    pub fn login_hint(self, login_hint: impl Into<String>) -> Self {
        self.set("login_hint", login_hint)
    }

    /// An earlier ID Token of the person who is to log in.
    #[must_use]
    pub fn id_token_hint(self, id_token: impl Into<String>) -> Self {
        self.set("id_token_hint", id_token)
    }

    /// Wanted authentication context classes, most wanted first, with spaces between. A wish: the
    /// answer is the ID Token's `acr`, which the application has to look at.
    #[must_use]
    pub fn acr_values(self, acr_values: impl Into<String>) -> Self {
        self.set("acr_values", acr_values)
    }

    /// Languages for the server's pages, most wanted first, with spaces between (RFC 5646 tags).
    #[must_use]
    pub fn ui_locales(self, ui_locales: impl Into<String>) -> Self {
        self.set("ui_locales", ui_locales)
    }

    /// Single claims to be put into the ID Token or the UserInfo response (OpenID Connect Core 1.0
    /// section 5.5): an object with the members `id_token` and `userinfo`.
    #[must_use]
    pub fn claims(self, claims: JsonObject) -> Self {
        self.set("claims", Value::Object(claims).to_string())
    }

    /// What the access token is to be good for, in detail (RFC 9396 section 2).
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

    /// Packs the request into a request object (RFC 9101), signed with the client's key.
    #[must_use]
    pub fn request_object(mut self, request_object: RequestObject) -> Self {
        self.request_object = Some(request_object);
        self
    }

    /// Sends the request to the server ahead of the browser (RFC 9126).
    #[must_use]
    pub const fn pushed(mut self) -> Self {
        self.pushed = true;
        self
    }

    /// Adds any other parameter; one name may be given several times, such as `resource` (RFC 8707
    /// section 2). Names that this type sets itself, or that must not pass through a browser, are
    /// refused when the login begins.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.append(name, value);
        self
    }

    /// How many seconds the login may take, from now to its callback; 3,600 by default.
    #[must_use]
    pub const fn lifetime(mut self, seconds: u64) -> Self {
        self.lifetime = seconds;
        self
    }

    fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.set(name, value);
        self
    }
}

/// Seconds that a login may take: long enough for a person who has to find a second factor.
const DEFAULT_LIFETIME: u64 = 3600;
