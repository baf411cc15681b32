//! The authorization request of the code flow (RFC 6749 section 4.1.1, OpenID Connect Core 1.0
//! section 3.1.2.1), always with state, PKCE and, where an ID Token will come, nonce.

use serde_json::Map;
use serde_json::Value;
use url::Url;

use super::authorization_details::AuthorizationDetail;
use super::build_url::BuildAuthorizationUrl;
use super::login::BeginLogin;
use super::pending::PendingLogin;
use super::pending::ResponseMode;
use super::pending::ResponseType;
use super::request_object::RequestObject;
use super::url::random_nonce;
use super::url::random_state;
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::error::printable;
use crate::pkce::CodeVerifier;
use crate::wire::Parameters;

/// A login about to begin: what to ask the authorization server for.
///
/// Only [`redirect_uri`](Self::redirect_uri) has to be set. State, nonce and the PKCE verifier are
/// drawn anew for each login and kept in the [`PendingLogin`]. The challenge method is S256 even
/// where the server's `code_challenge_methods_supported` does not list it: a server that knows no
/// PKCE ignores the parameter (RFC 6749 section 3.1), and a list that an attacker shortened must not
/// take it away.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    configuration: Configuration,
    redirect_uri: Option<String>,
    scope: String,
    max_age: Option<u64>,
    lifetime: u64,
    parameters: Parameters,
    extra: Parameters,
    request_object: Option<RequestObject>,
    pushed: bool,
}

impl AuthorizationRequest {
    /// A request for an ID Token (scope `openid`) that has to be answered within an hour.
    pub fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            redirect_uri: None,
            scope: "openid".to_owned(),
            max_age: None,
            lifetime: DEFAULT_LIFETIME,
            parameters: Parameters::new(),
            extra: Parameters::new(),
            request_object: None,
            pushed: false,
        }
    }

    /// Where the browser comes back to: an absolute URL without fragment, as registered. It is sent
    /// byte for byte, now and with the code.
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
    pub fn claims(self, claims: Map<String, Value>) -> Self {
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

    /// The operation that yields the URL for the browser and the login to remember.
    pub fn begin(self) -> BeginLogin {
        BeginLogin::new(self)
    }

    fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.set(name, value);
        self
    }

    /// What makes the URL, and the login.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] when a setting cannot be sent, [`Error::Entropy`] when randomness fails.
    pub(super) fn complete(
        self,
        env: &Env<'_>,
    ) -> Result<(BuildAuthorizationUrl, PendingLogin), Error> {
        let redirect_uri = self.checked_redirect_uri()?.to_owned();
        self.check_scope()?;
        self.check_extra()?;
        let id_token_expected = self.scope.split(' ').any(|value| value == "openid");
        if self.max_age.is_some() && !id_token_expected {
            return Err(invalid(
                "scope",
                "one with `openid`, since max_age is set",
                &self.scope,
            ));
        }

        let state = random_state(env.entropy)?;
        let nonce = id_token_expected
            .then(|| random_nonce(env.entropy))
            .transpose()?;
        let code_verifier = CodeVerifier::random(env.entropy)?;

        let client_id = self.configuration.client().client_id.as_str();
        let mut parameters = Parameters::new();
        parameters.set("client_id", client_id);
        parameters.set("response_type", ResponseType::Code.as_str());
        parameters.set("redirect_uri", redirect_uri.as_str());
        if !self.scope.is_empty() {
            parameters.set("scope", self.scope);
        }
        parameters.set("state", state.expose().as_str());
        if let Some(nonce) = &nonce {
            parameters.set("nonce", nonce.expose().as_str());
        }
        parameters.set("code_challenge", code_verifier.code_challenge());
        parameters.set("code_challenge_method", "S256");
        if let Some(max_age) = self.max_age {
            parameters.set("max_age", max_age.to_string());
        }
        // Binds the code to the key: whoever steals it cannot redeem it (RFC 9449 section 10).
        let dpop_jkt = self.configuration.dpop_key().map(DPoPKey::thumbprint);
        if let Some(dpop_jkt) = dpop_jkt {
            parameters.set("dpop_jkt", dpop_jkt);
        }
        parameters.extend(self.parameters.iter());
        parameters.extend(self.extra.iter());

        let pending = PendingLogin {
            issuer: self.configuration.server().issuer.clone(),
            client_id: client_id.to_owned(),
            redirect_uri,
            response_type: ResponseType::Code,
            response_mode: ResponseMode::Query,
            state,
            nonce,
            code_verifier,
            max_age: self.max_age,
            id_token_expected,
            dpop_jkt: dpop_jkt.map(str::to_owned),
            created_at: env.now,
            lifetime: self.lifetime,
        };
        let mut url = BuildAuthorizationUrl::new(self.configuration, parameters);
        if let Some(request_object) = self.request_object {
            url = url.request_object(request_object);
        }
        if self.pushed {
            url = url.pushed();
        }
        Ok((url, pending))
    }

    /// RFC 6749 section 3.1.2.
    fn checked_redirect_uri(&self) -> Result<&str, Error> {
        const EXPECTED: &str = "an absolute URL without fragment";
        let text = self
            .redirect_uri
            .as_deref()
            .ok_or(Misuse::MissingArgument {
                argument: "redirect_uri",
                purpose: "an authorization request",
            })?;
        match Url::parse(text) {
            Ok(url) if url.fragment().is_none() => Ok(text),
            _ => Err(invalid("redirect_uri", EXPECTED, text)),
        }
    }

    /// RFC 6749 section 3.3.
    fn check_scope(&self) -> Result<(), Error> {
        let is_scope_value = |value: &str| {
            !value.is_empty()
                && value
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
        };
        if self.scope.is_empty() || self.scope.split(' ').all(is_scope_value) {
            return Ok(());
        }
        Err(invalid(
            "scope",
            "values of printable ASCII with single spaces between them",
            &self.scope,
        ))
    }

    fn check_extra(&self) -> Result<(), Error> {
        let is_resource = |uri: &str| Url::parse(uri).is_ok_and(|url| url.fragment().is_none());
        if let Some(found) = self.extra.all("resource").find(|it| !is_resource(it)) {
            return Err(invalid(
                "resource",
                "an absolute URI without fragment",
                found,
            ));
        }
        match self.extra.iter().find(|(name, _)| RESERVED.contains(name)) {
            Some((name, _)) => Err(invalid(
                "parameter",
                "one that this library does not set itself",
                name,
            )),
            None => Ok(()),
        }
    }
}

fn invalid(argument: &'static str, expected: &'static str, found: &str) -> Error {
    Misuse::InvalidArgument {
        argument,
        expected,
        found: printable(found),
    }
    .into()
}

/// Seconds that a login may take: long enough for a person who has to find a second factor.
const DEFAULT_LIFETIME: u64 = 3600;

/// Parameters with a setter or a rule of their own, and two secrets of the token request.
const RESERVED: [&str; 22] = [
    "client_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "dpop_jkt",
    "prompt",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "ui_locales",
    "claims",
    "authorization_details",
    "request",
    "request_uri",
    "client_secret",
    "code_verifier",
];
