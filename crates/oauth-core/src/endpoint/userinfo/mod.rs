//! Claims about the user (OpenID Connect Core 1.0 section 5.3).

mod response;

use bytes::Bytes;
use http::Response;
use http::StatusCode;

pub use self::response::UserInfoAddress;
pub use self::response::UserInfoResponse;
use crate::configuration::Configuration;
use crate::dpop::ProofOfPossession;
use crate::endpoint::AccessToken;
use crate::endpoint::Endpoint;
use crate::env::UnixTime;
use crate::error::Artefact;
use crate::error::Error;
use crate::error::Reason;
use crate::error::Unsupported;
use crate::error::printable;
use crate::metadata::required_string;
use crate::outbound::EndpointName;
use crate::policy::Policy;
use crate::secret::constant_time_eq;
use crate::validate::IdToken;
use crate::validate::PreviousIdToken;
use crate::wire::Draft;
use crate::wire::json_object;
use crate::wire::media_type_is;
use crate::wire::refusal;

/// The UserInfo endpoint, asked with one access token.
#[derive(Debug, Clone)]
pub struct UserInfo {
    configuration: Configuration,
    access_token: AccessToken,
    subject: ExpectedSubject,
}

/// Whom a UserInfo response must be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedSubject {
    /// The user whose ID Token has this `sub`.
    Equals(String),
    /// Anybody. An access token of another user that was swapped in then goes unnoticed (OpenID
    /// Connect Core 1.0 section 5.3.4); use it only where there is no ID Token at all.
    DangerUnchecked,
}

impl From<&IdToken> for ExpectedSubject {
    fn from(id_token: &IdToken) -> Self {
        Self::Equals(id_token.sub().to_owned())
    }
}

impl From<&PreviousIdToken> for ExpectedSubject {
    fn from(login: &PreviousIdToken) -> Self {
        Self::Equals(login.sub().to_owned())
    }
}

impl UserInfo {
    /// A question about the user to whom `access_token` belongs.
    pub fn new(
        configuration: Configuration,
        access_token: impl Into<AccessToken>,
        subject: impl Into<ExpectedSubject>,
    ) -> Self {
        Self {
            configuration,
            access_token: access_token.into(),
            subject: subject.into(),
        }
    }

    fn registered_algorithm(&self) -> Option<&str> {
        let client = self.configuration.client();
        client.userinfo_signed_response_alg.as_deref()
    }
}

impl Endpoint for UserInfo {
    type Output = UserInfoResponse;

    const NAME: EndpointName = EndpointName::UserInfo;

    fn policy(&self) -> &Policy {
        self.configuration.policy()
    }

    /// The access token speaks for the client.
    fn authenticated(&self) -> Option<&Configuration> {
        None
    }

    fn proof(&self) -> Option<ProofOfPossession<'_>> {
        self.access_token.proof(&self.configuration)
    }

    fn client_certificate(&self) -> bool {
        self.configuration.has_client_certificate()
    }

    fn request(&self) -> Result<Draft, Error> {
        let accept = match self.registered_algorithm() {
            Some(_) => "application/jwt",
            None => "application/json",
        };
        let mut draft = Draft::get(self.configuration.endpoint(Self::NAME)?, accept);
        self.access_token
            .authorize(&self.configuration, &mut draft.headers)?;
        Ok(draft)
    }

    /// Reads the claims. They are about the expected user, or refused (section 5.3.2: `sub` must
    /// be compared).
    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<UserInfoResponse, Error> {
        let artefact = Artefact::UserInfoResponse;
        if response.status() != StatusCode::OK {
            return Err(refusal(artefact, 200, response));
        }
        if media_type_is(response.headers(), "application/jwt") {
            return Err(Unsupported::Form {
                artefact,
                form: "a JWT",
            }
            .into());
        }
        if let Some(algorithm) = self.registered_algorithm() {
            let expected = algorithm.to_owned();
            return Err(artefact.rejected(Reason::NotSigned { expected }).into());
        }
        let object = json_object(artefact, response)?;
        let sub = required_string(&object, "sub").map_err(|reason| artefact.rejected(reason))?;
        if let ExpectedSubject::Equals(expected) = &self.subject
            && !constant_time_eq(expected.as_bytes(), sub.as_bytes())
        {
            let mismatch = Reason::AttributeMismatch {
                member: "sub",
                expected: Some(printable(expected)),
                found: Some(printable(&sub)),
            };
            return Err(artefact.rejected(mismatch).into());
        }
        Ok(UserInfoResponse::new(sub, object.to_owned_map()))
    }
}

#[cfg(test)]
mod tests;
