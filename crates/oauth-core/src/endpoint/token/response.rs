//! The response of the token endpoint (RFC 6749 section 5.1, OpenID Connect Core 1.0 section
//! 3.1.3.3).

use bytes::Bytes;
use http::Response;
use jose::json;

use super::lenient;
use crate::configuration::Configuration;
use crate::documents::{TokenResponse, TokenType};
use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Members, json_text, successful_object};

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

    /// Reads the tokens in a push (CIBA Core 1.0 section 10.3.1).
    pub(in crate::endpoint) fn read_pushed(
        configuration: &Configuration,
        now: UnixTime,
        object: &json::Object<'_>,
    ) -> Result<Self, Error> {
        Self::read_object(Artefact::Push, TokenType::read, configuration, now, object)
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
        Self::read_object(
            Artefact::TokenResponse,
            read_type,
            configuration,
            now,
            object,
        )
        .map_err(|error| error.with_refresh_token(refresh_token_of(object)))
    }

    fn read_object(
        artefact: Artefact,
        read_type: fn(&Configuration, &str) -> Result<TokenType, Reason>,
        configuration: &Configuration,
        now: UnixTime,
        object: &json::Object<'_>,
    ) -> Result<Self, Error> {
        let members = Members::new(artefact, object);
        let access_token = members.text("access_token")?;
        let token_type = lenient::token_type(configuration, &members)?;
        // Fractions are truncated; the cast saturates at the ends of the range.
        let expires_in =
            members.seconds("expires_in", "a number of seconds from 0", |seconds| {
                (seconds.is_finite() && seconds >= 0.0).then_some(seconds as u64)
            })?;
        let refresh_token = members.optional_text("refresh_token")?;
        let scope = lenient::scope(configuration, &members)?;
        let id_token = members.optional_text("id_token")?;
        let token_type =
            read_type(configuration, token_type).map_err(|reason| artefact.rejected(reason))?;
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
}

/// The refresh token in a response that is refused for its status or its media type.
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
