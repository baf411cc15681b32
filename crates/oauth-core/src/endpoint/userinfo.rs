//! Claims about the user (OpenID Connect Core 1.0 section 5.3).

mod response;
mod validate;

use bytes::Bytes;
use http::{Response, StatusCode};

pub use self::response::UserInfoResponse;
pub(crate) use self::validate::{read_user_info, validate_user_info};
use crate::configuration::Configuration;
use crate::dpop::ProofOfPossession;
use crate::endpoint::{AccessToken, Endpoint, JsonOrJwt, Sender};
use crate::error::{Artefact, Error, Reason};
use crate::metadata::signed;
use crate::names::EndpointName;
use crate::profile::{Party, Requirement};
use crate::time::UnixTime;
use crate::validate::{IdToken, PreviousIdToken};
use crate::wire::{Draft, granting_object, json_text, jwt, resource_refusal};

/// A UserInfo request with one access token. [`FetchUserInfo`](crate::flow::FetchUserInfo) also
/// verifies a signed response.
///
/// A JWT is requested, and anything else refused, if the client has registered
/// `userinfo_signed_response_alg` with a value other than `none`, or
/// `userinfo_encrypted_response_alg`.
#[derive(Debug, Clone)]
pub struct UserInfoEndpoint {
    configuration: Configuration,
    access_token: AccessToken,
    subject: ExpectedSubject,
}

/// The user that a UserInfo response must be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedSubject {
    /// The user whose ID Token has this `sub`.
    Equals(String),
    /// Any user. A substituted access token of another user then goes unnoticed (OpenID Connect
    /// Core 1.0 section 5.3.4); use it only if there is no ID Token. A client under a
    /// [profile](crate::profile) cannot use it.
    DangerUnchecked,
}

impl From<&str> for ExpectedSubject {
    fn from(sub: &str) -> Self {
        Self::Equals(sub.to_owned())
    }
}

impl From<String> for ExpectedSubject {
    fn from(sub: String) -> Self {
        Self::Equals(sub)
    }
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

impl UserInfoEndpoint {
    /// Creates a request for the claims of the user to whom `access_token` belongs.
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

    pub(crate) const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    pub(crate) const fn subject(&self) -> &ExpectedSubject {
        &self.subject
    }

    fn expects_jwt(&self) -> bool {
        let client = self.configuration.client();
        signed(client.userinfo_signed_response_alg.as_ref()).is_some()
            || client.userinfo_encrypted_response_alg.is_some()
    }
}

impl Endpoint for UserInfoEndpoint {
    type Output = JsonOrJwt<UserInfoResponse>;

    const NAME: EndpointName = EndpointName::UserInfo;

    /// No client authentication: the access token authorizes the request.
    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(self.configuration.policy())
    }

    fn prepared_by(&self) -> Option<&Configuration> {
        Some(&self.configuration)
    }

    fn proof(&self) -> Option<ProofOfPossession<'_>> {
        self.access_token.proof(&self.configuration)
    }

    fn client_certificate(&self) -> bool {
        self.configuration.has_client_certificate()
    }

    fn request(&self) -> Result<Draft, Error> {
        self.configuration
            .require(Requirement::NoDanger, Party::Request, |_| {
                (self.subject == ExpectedSubject::DangerUnchecked)
                    .then_some("leaves `sub` unchecked")
            })?;
        let accept = match self.expects_jwt() {
            true => MEDIA_TYPE,
            false => "application/json",
        };
        let mut draft = Draft::get(self.configuration.endpoint(Self::NAME)?, accept);
        self.access_token
            .authorize(&self.configuration, &mut draft.headers)?;
        Ok(draft)
    }

    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<Self::Output, Error> {
        if response.status() != StatusCode::OK {
            return Err(resource_refusal(ARTEFACT, 200, response));
        }
        if let Some(jwt) = jwt(ARTEFACT, response, MEDIA_TYPE)? {
            return Ok(JsonOrJwt::Jwt(jwt));
        }
        let client = self.configuration.client();
        if let Some(algorithm) = signed(client.userinfo_signed_response_alg.as_ref()) {
            let expected = algorithm.to_string();
            return Err(ARTEFACT.rejected(Reason::NotSigned { expected }).into());
        }
        if let Some(algorithm) = &client.userinfo_encrypted_response_alg {
            let expected = algorithm.clone();
            return Err(ARTEFACT.rejected(Reason::NotEncrypted { expected }).into());
        }
        let object = granting_object(ARTEFACT, response, "sub")?;
        let danger = &self.configuration.policy().danger;
        let text = response.body().slice_ref(json_text(response.body()));
        let read = read_user_info(danger, &self.subject, text, object);
        let read = read.map_err(|reason| ARTEFACT.rejected(reason))?;
        Ok(JsonOrJwt::Json(Box::new(read)))
    }
}

const ARTEFACT: Artefact = Artefact::UserInfoResponse;

/// The media type of a response that is signed or encrypted.
const MEDIA_TYPE: &str = "application/jwt";

#[cfg(test)]
mod tests;
