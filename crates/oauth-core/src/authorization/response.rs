//! The parameters of an authorization response (RFC 6749 section 4.1.2, RFC 9207, OpenID Connect
//! Core 1.0 sections 3.2.2.5 and 3.3.2.5), out of whatever they were packed in.

use url::form_urlencoded;

use super::checks::ExpectedState;
use super::response_type::ResponseType;
use crate::configuration::Configuration;
use crate::error::{Artefact, AuthorizationResponseError, Error, Reason};
use crate::secret::Secret;
use crate::validate::{PARAMETERS_ONCE, check_parameter};
use crate::wire::Parameters;

/// Parameters that came in the right channel and are not believed yet.
#[derive(Debug)]
pub(crate) struct ResponseParameters(Parameters);

/// What a response that is not an error gives out. The ID Token is not verified.
#[derive(Debug)]
pub(crate) struct Granted {
    /// Present exactly where the response type asks for a code.
    pub(crate) code: Option<Secret>,
    /// Present exactly where the response type asks for an ID Token.
    pub(crate) id_token: Option<Secret>,
}

impl ResponseParameters {
    pub(crate) const fn new(parameters: Parameters) -> Self {
        Self(parameters)
    }

    /// Checks the response to a request for `response_type`, and gives out what was asked for.
    ///
    /// State and issuer come before the server's error, so that nobody else can report one.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for each check, and [`Error::AuthorizationResponse`] for an error that
    /// the server reports.
    pub(crate) fn check(
        &self,
        configuration: &Configuration,
        response_type: ResponseType,
        state: &ExpectedState,
    ) -> Result<Granted, Error> {
        self.check_once()?;
        self.check_issuer(configuration, response_type)?;
        // RFC 6749 section 10.12: tells the answer to this browser's request from a forged one.
        state.check(&self.0).map_err(rejected)?;
        self.check_error()?;
        let asked_for = |name: &str| match name {
            "code" => response_type.has_code(),
            "id_token" => response_type.has_id_token(),
            _ => false,
        };
        // What only describes an access token hands nothing out, and servers send it beside an ID
        // Token, in the fragment or a form. The access token itself is found first.
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

    /// RFC 9207 section 2.4: tells the answer of another authorization server from this one's. An
    /// ID Token names its issuer itself, so that the parameter may be left out beside one (section 4).
    fn check_issuer(
        &self,
        configuration: &Configuration,
        response_type: ResponseType,
    ) -> Result<(), Error> {
        let server = configuration.server();
        let announced = server.authorization_response_iss_parameter_supported == Some(true);
        // One beside an error is never verified; beside anything else it must be there.
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

    /// RFC 6749 section 4.1.2.1.
    fn check_error(&self) -> Result<(), Error> {
        match self.0.first("error") {
            None => Ok(()),
            Some("") => Err(rejected(Reason::IllTyped {
                member: "error".into(),
                expected: "an error code",
                found: "nothing".to_owned(),
            })),
            Some(error) => Err(Box::new(AuthorizationResponseError {
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

/// Whether it is exactly what encoding the issuer a second time gives.
fn is_encoded_once_more(issuer: &str, found: &str) -> bool {
    let encoded = form_urlencoded::byte_serialize(issuer.as_bytes());
    issuer != found && encoded.collect::<String>() == found
}

pub(super) fn rejected(reason: Reason) -> Error {
    Artefact::AuthorizationResponse.rejected(reason).into()
}

/// Parameters that say something about an access token beside them (RFC 6749 section 4.2.2).
const DESCRIBES_A_TOKEN: [&str; 2] = ["token_type", "expires_in"];

/// Parameters of a response that hands something out, which must have been asked for.
const HANDED_OUT: [&str; 6] = [
    "code",
    "id_token",
    "token",
    "access_token",
    "token_type",
    "expires_in",
];
