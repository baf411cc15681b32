//! The response of the token endpoint (RFC 6749 section 5.1, OpenID Connect Core 1.0 section
//! 3.1.3.3).

use std::fmt;

use bytes::Bytes;
use http::Response;
use http::StatusCode;
use jose::json;
use serde_json::Map;
use serde_json::Value;

use super::token_type::TokenType;
use crate::configuration::Configuration;
use crate::env::UnixTime;
use crate::error::Artefact;
use crate::error::Error;
use crate::error::Reason;
use crate::error::printable;
use crate::secret::Secret;
use crate::wire;

/// Tokens as the server sent them: well-formed, but with an ID Token that nobody has verified.
#[derive(Clone)]
pub struct TokenResponse {
    pub(crate) access_token: Secret,
    pub(crate) token_type: TokenType,
    pub(crate) dpop_thumbprint: Option<String>,
    pub(crate) expires_in: Option<u64>,
    pub(crate) received_at: UnixTime,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) scope: Option<String>,
    pub(crate) id_token: Option<Secret>,
    pub(crate) extra: Map<String, Value>,
}

impl TokenResponse {
    /// Reads a response received at `now`.
    pub(super) fn read(
        configuration: &Configuration,
        now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<Self, Error> {
        Self::read_with(TokenType::read, configuration, now, response)
    }

    /// Reads the response to a token exchange (RFC 8693 section 2.2.1).
    pub(super) fn read_exchanged(
        configuration: &Configuration,
        now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<Self, Error> {
        Self::read_with(TokenType::read_exchanged, configuration, now, response)
    }

    fn read_with(
        read_type: fn(&Configuration, &str) -> Result<TokenType, Reason>,
        configuration: &Configuration,
        now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<Self, Error> {
        if response.status() != StatusCode::OK {
            return Err(wire::refusal(Artefact::TokenResponse, 200, response));
        }
        let object = wire::json_object(Artefact::TokenResponse, response)?;
        if object.get("access_token").is_none()
            && let Some(error) = wire::response_body_error(response)
        {
            // Some servers refuse with status 200.
            return Err(error.into());
        }
        let access_token = text(&object, "access_token")?.ok_or_else(|| missing("access_token"))?;
        let token_type = text(&object, "token_type")?.ok_or_else(|| missing("token_type"))?;
        let expires_in = expires_in(&object)?;
        let refresh_token = text(&object, "refresh_token")?;
        let scope = scope(&object)?;
        let id_token = text(&object, "id_token")?;
        let token_type = read_type(configuration, token_type).map_err(rejected)?;
        let dpop_thumbprint = match token_type {
            TokenType::Bearer | TokenType::NotApplicable => None,
            TokenType::DPoP => configuration
                .dpop_key()
                .map(|key| key.thumbprint().to_owned()),
        };
        Ok(Self {
            access_token: Secret::from(access_token),
            token_type,
            dpop_thumbprint,
            expires_in,
            received_at: now,
            refresh_token: refresh_token.map(Secret::from),
            scope,
            id_token: id_token.map(Secret::from),
            extra: extra(&object),
        })
    }

    /// The access token.
    pub const fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// How the access token is presented.
    pub const fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// The thumbprint of the DPoP key that the access token is bound to; `None` for a Bearer token.
    pub fn dpop_thumbprint(&self) -> Option<&str> {
        self.dpop_thumbprint.as_deref()
    }

    /// The refresh token, if one was sent.
    pub const fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// Seconds for which the access token was good when it was received.
    pub const fn expires_in(&self) -> Option<u64> {
        self.expires_in
    }

    /// When the response was received, by the local clock.
    pub const fn received_at(&self) -> UnixTime {
        self.received_at
    }

    /// The scope granted, when the server names it.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The ID Token as it was sent. Nothing in it may be believed.
    pub const fn unverified_id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// What a token exchange issued: a URI such as
    /// `urn:ietf:params:oauth:token-type:access_token` (RFC 8693 section 2.2.1).
    pub fn issued_token_type(&self) -> Option<&str> {
        let issued = self.extra.get("issued_token_type")?.as_str();
        issued.filter(|issued| !issued.is_empty())
    }

    /// The other members.
    pub const fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Members that are not known here may be tokens too.
        f.debug_struct("TokenResponse")
            .field("access_token", &self.access_token)
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .field("received_at", &self.received_at)
            .field("refresh_token", &self.refresh_token)
            .field("scope", &self.scope)
            .field("id_token", &self.id_token)
            .finish_non_exhaustive()
    }
}

/// A string that must not be empty.
fn text<'a>(object: &'a json::Object<'_>, name: &'static str) -> Result<Option<&'a str>, Error> {
    const EXPECTED: &str = "a non-empty string";
    match object.get(name) {
        None => Ok(None),
        Some(json::Value::String(text)) if text.is_empty() => {
            Err(ill_typed(name, EXPECTED, "an empty string".to_owned()))
        }
        Some(json::Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(ill_typed(name, EXPECTED, other.kind().to_owned())),
    }
}

/// A string that may be empty (RFC 6749 section 3.3).
fn scope(object: &json::Object<'_>) -> Result<Option<String>, Error> {
    match object.get("scope") {
        None => Ok(None),
        Some(json::Value::String(scope)) => Ok(Some(scope.to_string())),
        Some(other) => Err(ill_typed("scope", "a string", other.kind().to_owned())),
    }
}

/// Seconds: a number that is not negative, or the same as text, which some servers send. Fractions
/// are cut off.
fn expires_in(object: &json::Object<'_>) -> Result<Option<u64>, Error> {
    let is_decimal = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let (seconds, found) = match object.get("expires_in") {
        None => return Ok(None),
        Some(json::Value::Number(number)) => (number.as_f64(), number.to_string()),
        Some(json::Value::String(text)) => {
            let number = is_decimal(text).then(|| text.parse().ok()).flatten();
            (number, format!("the string {}", printable(text)))
        }
        Some(other) => (None, other.kind().to_owned()),
    };
    match seconds {
        // The cast stops at the ends of the range.
        Some(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(Some(seconds as u64)),
        _ => Err(ill_typed("expires_in", "a number of seconds from 0", found)),
    }
}

fn extra(object: &json::Object<'_>) -> Map<String, Value> {
    object
        .iter()
        .filter(|(name, _)| !KNOWN.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned_value()))
        .collect()
}

fn missing(member: &'static str) -> Error {
    rejected(Reason::Missing {
        member: member.into(),
    })
}

fn ill_typed(member: &'static str, expected: &'static str, found: String) -> Error {
    rejected(Reason::IllTyped {
        member: member.into(),
        expected,
        found,
    })
}

fn rejected(reason: Reason) -> Error {
    Artefact::TokenResponse.rejected(reason).into()
}

const KNOWN: [&str; 6] = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "scope",
    "id_token",
];

#[cfg(test)]
mod tests;
