//! The step from the settings of a request to its parameters and the pending login.

use url::Url;

use super::AuthorizationRequest;
use crate::authorization::pending::Target;
use crate::authorization::{PendingLogin, ResponseMode, ResponseType, random_nonce, random_state};
use crate::dpop::DPoPKey;
use crate::env::Env;
use crate::error::{Error, Misuse, printable};
use crate::pkce::CodeVerifier;
use crate::profile::Profile;
use crate::wire::Parameters;

impl AuthorizationRequest {
    /// Returns the parameters of the request, and the login.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if a setting cannot be sent, [`Error::Entropy`] if the source of
    /// randomness fails.
    pub(crate) fn complete(&self, env: &Env<'_>) -> Result<(Parameters, PendingLogin), Error> {
        let redirect_uri = self.checked_redirect_uri()?.to_owned();
        self.check_scope()?;
        self.check_extra()?;
        let id_token_expected = self.scope.split(' ').any(|value| value == "openid");
        if self.response_type.has_id_token() && !id_token_expected {
            return Err(invalid(
                "scope",
                "one with `openid`, since an ID Token was asked for",
                &self.scope,
            ));
        }
        let default_mode = self.response_type.default_mode();
        let asked_mode = self.response_mode.or_else(|| self.mode_of_profile());
        let response_mode = asked_mode.unwrap_or(default_mode);
        response_mode.check(self.response_type)?;
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
        let has_code = self.response_type.has_code();
        let code_verifier = has_code
            .then(|| CodeVerifier::random(env.entropy))
            .transpose()?;

        let client_id = self.configuration.client().client_id.as_str();
        let mut parameters = Parameters::new();
        parameters.set("client_id", client_id);
        parameters.set("response_type", self.response_type.as_str());
        if let Some(response_mode) = asked_mode {
            parameters.set("response_mode", response_mode.as_str());
        }
        parameters.set("redirect_uri", redirect_uri.as_str());
        if !self.scope.is_empty() {
            parameters.set("scope", self.scope.as_str());
        }
        parameters.set("state", state.expose().as_str());
        if let Some(nonce) = &nonce {
            parameters.set("nonce", nonce.expose().as_str());
        }
        if let Some(code_verifier) = &code_verifier {
            parameters.set("code_challenge", code_verifier.code_challenge());
            parameters.set("code_challenge_method", "S256");
        }
        if let Some(max_age) = self.max_age {
            parameters.set("max_age", max_age.to_string());
        }
        // Binds the code to the key: an attacker who steals the code cannot redeem it (RFC 9449
        // section 10).
        let dpop_jkt = self.configuration.dpop_key().map(DPoPKey::thumbprint);
        if let Some(dpop_jkt) = dpop_jkt.filter(|_| has_code) {
            parameters.set("dpop_jkt", dpop_jkt);
        }
        parameters.extend(self.parameters.iter());
        parameters.extend(self.extra.iter());

        let max_age = self.max_age.or(self.configuration.client().default_max_age);
        let resources: Vec<_> = self.extra.all("resource").map(str::to_owned).collect();
        let target = (!resources.is_empty()).then(|| Target {
            resources,
            scope: self.scope.clone(),
        });
        let pending = PendingLogin {
            issuer: self.configuration.server().issuer.clone(),
            client_id: client_id.to_owned(),
            redirect_uri,
            response_type: self.response_type,
            response_mode,
            state,
            nonce,
            code_verifier,
            // The default applies from now on, like a requested `max_age`.
            max_age: max_age.filter(|_| id_token_expected),
            id_token_expected,
            dpop_jkt: dpop_jkt.map(str::to_owned),
            target,
            created_at: env.now,
            lifetime: self.lifetime,
        };
        Ok((parameters, pending))
    }

    /// The mode of a response with a code alone, under a profile that requires a signed response.
    fn mode_of_profile(&self) -> Option<ResponseMode> {
        match self.configuration.profile()? {
            Profile::Fapi2MessageSigning | Profile::Fapi1Advanced
                if self.response_type == ResponseType::Code =>
            {
                Some(ResponseMode::Jwt)
            }
            _ => None,
        }
    }

    /// Returns the redirect URI if it is an absolute URL without fragment (RFC 6749 section 3.1.2).
    fn checked_redirect_uri(&self) -> Result<&str, Error> {
        let text = self
            .redirect_uri
            .as_deref()
            .ok_or(Misuse::MissingArgument {
                argument: "redirect_uri",
                purpose: "an authorization request",
            })?;
        check_redirect_uri(text)?;
        Ok(text)
    }

    /// Checks the syntax of the scope (RFC 6749 section 3.3).
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

/// Checks that a redirect URI is an absolute URL without fragment (RFC 6749 section 3.1.2).
///
/// # Errors
///
/// [`Misuse::InvalidArgument`].
pub fn check_redirect_uri(redirect_uri: &str) -> Result<(), Error> {
    const EXPECTED: &str = "an absolute URL without fragment";
    match Url::parse(redirect_uri) {
        Ok(url) if url.fragment().is_none() => Ok(()),
        _ => Err(invalid("redirect_uri", EXPECTED, redirect_uri)),
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

/// Parameters that have a setter or a separate rule, and two secrets of the token request.
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
