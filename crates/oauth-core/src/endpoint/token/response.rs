//! The response of the token endpoint (RFC 6749 section 5.1, OpenID Connect Core 1.0 section
//! 3.1.3.3).

use std::fmt;

use bytes::Bytes;
use http::Response;
use jose::json;
use serde_json::{Map, Value};

use super::lenient;
use super::token_type::TokenType;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Members, json_text, successful_object};

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
        Self::read_response(read_type, configuration, now, response)
            .map_err(|error| error.with_refresh_token(refresh_token_in(response)))
    }

    fn read_response(
        read_type: fn(&Configuration, &str) -> Result<TokenType, Reason>,
        configuration: &Configuration,
        now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<Self, Error> {
        let response = &*lenient::as_json(configuration, response)?;
        let response = successful_object(Artefact::TokenResponse, response, "access_token")?;
        let object = lenient::holder(configuration, &response)?;
        Self::read_object(read_type, configuration, now, object)
            .map_err(|error| error.with_refresh_token(refresh_token_of(object)))
    }

    fn read_object(
        read_type: fn(&Configuration, &str) -> Result<TokenType, Reason>,
        configuration: &Configuration,
        now: UnixTime,
        object: &json::Object<'_>,
    ) -> Result<Self, Error> {
        let members = Members::new(Artefact::TokenResponse, object);
        let access_token = members.text("access_token")?;
        let token_type = lenient::token_type(configuration, &members)?;
        // Fractions are cut off; the cast stops at the ends of the range.
        let expires_in =
            members.seconds("expires_in", "a number of seconds from 0", |seconds| {
                (seconds.is_finite() && seconds >= 0.0).then_some(seconds as u64)
            })?;
        let refresh_token = members.optional_text("refresh_token")?;
        let scope = lenient::scope(configuration, &members)?;
        let id_token = members.optional_text("id_token")?;
        let token_type = read_type(configuration, token_type)
            .map_err(|reason| Artefact::TokenResponse.rejected(reason))?;
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
            extra: members.extra(&KNOWN),
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

/// The refresh token in a response that is refused, be it for its status or its media type: a server that
/// grants nothing issues none.
fn refresh_token_in(response: &Response<Bytes>) -> Option<Secret> {
    let limits = json::Limits::new(response.body().len(), 32);
    let object = json::parse_object(json_text(response.body()), limits).ok()?;
    refresh_token_of(&object)
}

fn refresh_token_of(object: &json::Object<'_>) -> Option<Secret> {
    let refresh_token = object.get("refresh_token").and_then(json::Value::as_str);
    refresh_token.filter(|it| !it.is_empty()).map(Secret::from)
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
