//! The authorization response, as the browser brings it back (RFC 6749 section 4.1.2, RFC 9207).

use url::Url;

use super::checks::ExpectedState;
use crate::configuration::Configuration;
use crate::error::Artefact;
use crate::error::AuthorizationResponseError;
use crate::error::Error;
use crate::error::Misuse;
use crate::error::Reason;
use crate::error::printable;
use crate::secret::Secret;
use crate::secret::constant_time_eq;
use crate::wire::Parameters;

/// What came back through the browser, not yet believed.
#[derive(Debug, Clone)]
pub struct Callback {
    query: Parameters,
    fragment: Parameters,
}

impl Callback {
    /// The callback from the URL that the browser was sent to: the whole one, or only path and query
    /// as a server sees them.
    ///
    /// Scheme, host and path are not looked at. The `redirect_uri` of the login is the one that was
    /// remembered, never this one: behind a proxy the two differ.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when it is not a URL.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        let url = match Url::parse(url) {
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                Url::parse(ANY_BASE).and_then(|base| base.join(url))
            }
            result => result,
        }
        .map_err(|error| Misuse::InvalidArgument {
            argument: "callback",
            expected: "a URL",
            found: error.to_string(),
        })?;
        Ok(Self {
            query: Parameters::decode(url.query().unwrap_or_default()),
            fragment: Parameters::decode(url.fragment().unwrap_or_default()),
        })
    }

    /// The callback from a raw query, without its `?` and not decoded.
    pub fn from_query(query: &str) -> Self {
        Self {
            query: Parameters::decode(query),
            fragment: Parameters::new(),
        }
    }

    /// The `state` in it, by which a store finds the login that it answers. Anybody can have written
    /// it; it is compared with the one in the login later.
    pub fn state(&self) -> Option<&str> {
        self.query.first("state")
    }

    /// Checks the response to a request for a code, and gives out the code.
    ///
    /// State and issuer come before the server's error, so that nobody else can report one.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for each check, and [`Error::AuthorizationResponse`] for an error that
    /// the server reports.
    pub(crate) fn code(
        &self,
        configuration: &Configuration,
        state: &ExpectedState,
    ) -> Result<Secret, Error> {
        self.check_channel()?;
        for name in ONCE {
            if self.query.all(name).nth(1).is_some() {
                return Err(rejected(Reason::Duplicate {
                    member: name.into(),
                }));
            }
        }
        self.check_issuer(configuration)?;
        self.check_state(state)?;
        self.check_error()?;
        if !configuration.policy().danger.accept_stray_parameters
            && let Some(member) = IMPLICIT.into_iter().find(|name| self.query.contains(name))
        {
            return Err(rejected(Reason::ImplicitParameter { member }));
        }
        match self.query.first("code") {
            Some(code) if !code.is_empty() => Ok(Secret::from(code)),
            _ => Err(rejected(Reason::Missing {
                member: "code".into(),
            })),
        }
    }

    /// A request for a code is answered in the query, by plain parameters: nothing of the protocol
    /// may arrive in the fragment or packed into a JWT.
    fn check_channel(&self) -> Result<(), Error> {
        if ONCE.into_iter().any(|name| self.fragment.contains(name)) {
            return Err(rejected(Reason::ResponseMode {
                expected: "query",
                found: "fragment",
            }));
        }
        if self.query.contains("response") {
            return Err(rejected(Reason::ResponseMode {
                expected: "query",
                found: "jwt",
            }));
        }
        Ok(())
    }

    /// RFC 9207 section 2.4: tells the answer of another authorization server from this one's.
    fn check_issuer(&self, configuration: &Configuration) -> Result<(), Error> {
        let server = configuration.server();
        match self.query.first("iss") {
            Some(found) if found == server.issuer => Ok(()),
            Some(found) => Err(rejected(Reason::ParameterMismatch {
                parameter: "iss",
                expected: Some(printable(&server.issuer)),
                found: Some(printable(found)),
            })),
            None if server.authorization_response_iss_parameter_supported == Some(true) => {
                Err(rejected(Reason::Missing {
                    member: "iss".into(),
                }))
            }
            None => Ok(()),
        }
    }

    /// RFC 6749 section 10.12: tells the answer to this browser's request from a forged one.
    fn check_state(&self, expected: &ExpectedState) -> Result<(), Error> {
        let member = "state".into();
        match (expected, self.query.first("state")) {
            (ExpectedState::DangerUnchecked, _) | (ExpectedState::Absent, None) => Ok(()),
            (ExpectedState::Absent, Some(_)) => Err(rejected(Reason::Unexpected { member })),
            (ExpectedState::Equals(_), None) => Err(rejected(Reason::Missing { member })),
            (ExpectedState::Equals(expected), Some(found)) => {
                // An empty one would make every callback without a real state pass.
                if !found.is_empty()
                    && constant_time_eq(expected.expose().as_bytes(), found.as_bytes())
                {
                    Ok(())
                } else {
                    Err(rejected(Reason::ParameterMismatch {
                        parameter: "state",
                        expected: None,
                        found: None,
                    }))
                }
            }
        }
    }

    /// RFC 6749 section 4.1.2.1.
    fn check_error(&self) -> Result<(), Error> {
        match self.query.first("error") {
            None => Ok(()),
            Some("") => Err(rejected(Reason::IllTyped {
                member: "error".into(),
                expected: "an error code",
                found: "nothing".to_owned(),
            })),
            Some(error) => Err(Box::new(AuthorizationResponseError {
                error: error.to_owned(),
                error_description: self.query.first("error_description").map(str::to_owned),
                parameters: self
                    .query
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            })
            .into()),
        }
    }
}

fn rejected(reason: Reason) -> Error {
    Artefact::AuthorizationResponse.rejected(reason).into()
}

/// Parameters that mean something to this client, each of which may occur once (RFC 6749 section
/// 3.1).
const ONCE: [&str; 10] = [
    "iss",
    "state",
    "response",
    "error",
    "code",
    "id_token",
    "token",
    "access_token",
    "token_type",
    "expires_in",
];

/// Parameters of a response that hands out tokens, which a request for a code never asks for.
const IMPLICIT: [&str; 5] = [
    "id_token",
    "token",
    "access_token",
    "token_type",
    "expires_in",
];

/// Lends a path and query the scheme and host that a URL needs; neither is ever looked at.
const ANY_BASE: &str = "https://callback.invalid";

#[cfg(test)]
mod tests;
