//! The parameters of an authorization response (RFC 6749 section 4.1.2, RFC 9207, OpenID Connect
//! Core 1.0 sections 3.2.2.5 and 3.3.2.5), independent of how they were packed.

use std::sync::Arc;

use url::form_urlencoded;

use super::checks::ExpectedState;
use super::response_type::ResponseType;
use super::session_state::is_session_state;
use crate::configuration::Configuration;
use crate::error::{Artefact, AuthorizationResponseError, Error, Reason};
use crate::secret::Secret;
use crate::validate::{PARAMETERS_ONCE, check_parameter};
use crate::wire::Parameters;

/// Parameters that came in the right channel and are not verified yet.
#[derive(Debug)]
pub(crate) struct ResponseParameters(Parameters);

/// The content of a successful response. The ID Token is not verified.
#[derive(Debug)]
pub(crate) struct Granted {
    /// Present if and only if the response type includes a code.
    pub(crate) code: Option<Secret>,
    /// Present if and only if the response type includes an ID Token.
    pub(crate) id_token: Option<Secret>,
}

impl ResponseParameters {
    pub(crate) const fn new(parameters: Parameters) -> Self {
        Self(parameters)
    }

    /// Checks the response to a request for `response_type`, and returns what was requested.
    ///
    /// State and issuer are checked before the server's error, so that no other party can report an
    /// error.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for each failed check, and [`Error::AuthorizationResponse`] for an error
    /// that the server reports.
    pub(crate) fn check(
        &self,
        configuration: &Configuration,
        response_type: ResponseType,
        state: &ExpectedState,
    ) -> Result<Granted, Error> {
        self.check_once()?;
        self.check_issuer(configuration, response_type)?;
        // RFC 6749 section 10.12: a forged response does not have this browser's `state`.
        state.check(&self.0).map_err(rejected)?;
        self.check_error()?;
        let asked_for = |name: &str| match name {
            "code" => response_type.has_code(),
            "id_token" => response_type.has_id_token(),
            _ => false,
        };
        // Parameters that only describe an access token are harmless, and servers send them with an
        // ID Token, in the fragment or a form. The access token itself is refused first.
        let describes =
            |name: &&str| response_type.has_id_token() && DESCRIBES_A_TOKEN.contains(name);
        if !configuration.policy().danger.accept_stray_parameters
            && let Some(member) = HANDED_OUT
                .into_iter()
                .find(|name| !asked_for(name) && !describes(name) && self.0.contains(name))
        {
            return Err(rejected(Reason::ImplicitParameter { member }));
        }
        let value = |name| asked_for(name).then(|| self.required(name)).transpose();
        Ok(Granted {
            code: value("code")?,
            id_token: value("id_token")?,
        })
    }

    /// The `session_state` (OpenID Connect Session Management 1.0 section 2). It is opaque and
    /// proves nothing, so one that occurs twice, or that is [none](is_session_state), is left out.
    pub(crate) fn session_state(&self) -> Option<Secret> {
        let mut values = self.0.all("session_state");
        let value = values.next().filter(|value| is_session_state(value))?;
        values.next().is_none().then(|| Secret::from(value))
    }

    fn required(&self, name: &'static str) -> Result<Secret, Error> {
        match self.0.first(name) {
            Some(value) if !value.is_empty() => Ok(Secret::from(value)),
            _ => Err(rejected(Reason::Missing {
                member: name.into(),
            })),
        }
    }

    fn check_once(&self) -> Result<(), Error> {
        for name in PARAMETERS_ONCE {
            if self.0.all(name).nth(1).is_some() {
                return Err(rejected(Reason::Duplicate {
                    member: name.into(),
                }));
            }
        }
        Ok(())
    }

    /// Compares `iss` with the server that was asked (RFC 9207 section 2.4), so that a response of
    /// another authorization server is refused. An ID Token names its issuer itself, and the
    /// parameter may then be absent (section 4).
    fn check_issuer(
        &self,
        configuration: &Configuration,
        response_type: ResponseType,
    ) -> Result<(), Error> {
        let server = configuration.server();
        let announced = server.authorization_response_iss_parameter_supported == Some(true);
        // An ID Token in an error response is never verified; in any other response it is required.
        let in_id_token = response_type.has_id_token() && !self.0.contains("error");
        let required = configuration.policy().requires_authorization_response_iss()
            || (announced && !in_id_token);
        match self.0.first("iss") {
            Some(found) if is_encoded_once_more(&server.issuer, found) => {
                match configuration.policy().danger.accept_percent_encoded_iss {
                    true => Ok(()),
                    false => Err(rejected(Reason::PercentEncodedIssuer)),
                }
            }
            Some(found) => check_parameter(configuration, found).map_err(rejected),
            None if required => Err(rejected(Reason::Missing {
                member: "iss".into(),
            })),
            None => Ok(()),
        }
    }

    /// Returns the error that the response reports (RFC 6749 section 4.1.2.1).
    fn check_error(&self) -> Result<(), Error> {
        match self.0.first("error") {
            None => Ok(()),
            Some("") => Err(rejected(Reason::IllTyped {
                member: "error".into(),
                expected: "an error code",
                found: "nothing".to_owned(),
            })),
            Some(error) => Err(Arc::new(AuthorizationResponseError {
                error: error.to_owned(),
                error_description: self.0.first("error_description").map(str::to_owned),
                parameters: self
                    .0
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            })
            .into()),
        }
    }
}

/// Whether the text equals the issuer encoded a second time.
fn is_encoded_once_more(issuer: &str, found: &str) -> bool {
    let encoded = form_urlencoded::byte_serialize(issuer.as_bytes());
    issuer != found && encoded.collect::<String>() == found
}

pub(super) fn rejected(reason: Reason) -> Error {
    Artefact::AuthorizationResponse.rejected(reason).into()
}

/// Parameters that describe an access token in the same response (RFC 6749 section 4.2.2).
const DESCRIBES_A_TOKEN: [&str; 2] = ["token_type", "expires_in"];

/// Parameters of a successful response, each of which must have been requested.
const HANDED_OUT: [&str; 6] = [
    "code",
    "id_token",
    "token",
    "access_token",
    "token_type",
    "expires_in",
];
