//! Introspection: the state of a token at its server (RFC 7662, RFC 9701).

mod response;
mod validate;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

pub use self::response::IntrospectionResponse;
pub(crate) use self::validate::validate_introspection;
use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, JsonOrJwt, Sender};
use crate::error::{Artefact, Error, Reason};
use crate::names::EndpointName;
use crate::profile::Profile;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::read_claims;
use crate::wire::{Draft, Parameters, granting_object, json_text, jwt, refusal};

/// An introspection request. [`TokenIntrospection`](crate::flow::TokenIntrospection) also verifies
/// a signed response.
///
/// A JWT is requested, and anything else refused, if the client has registered
/// `introspection_signed_response_alg` or `introspection_encrypted_response_alg`, or is under
/// [`Profile::Fapi2MessageSigning`].
#[derive(Debug, Clone)]
pub struct IntrospectionEndpoint {
    /// The server, and the client, which is the resource server that received the token.
    pub configuration: Configuration,
    /// The access or refresh token.
    pub token: Secret,
    /// Further parameters, for example `token_type_hint`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl IntrospectionEndpoint {
    /// Creates a request about `token`.
    pub fn new(configuration: Configuration, token: impl Into<Secret>) -> Self {
        Self {
            configuration,
            token: token.into(),
            parameters: Parameters::new(),
        }
    }
}

impl Endpoint for IntrospectionEndpoint {
    type Output = JsonOrJwt<IntrospectionResponse>;

    const NAME: EndpointName = EndpointName::Introspection;

    fn sender(&self) -> Sender<'_> {
        Sender::Client(&self.configuration)
    }

    fn request(&self) -> Result<Draft, Error> {
        let mut form = self.parameters.clone();
        form.set("token", self.token.expose().as_str());
        let mut draft = Draft::post_form(self.configuration.endpoint(Self::NAME)?, form);
        if self.expects_jwt() {
            let accept = HeaderValue::from_static(MEDIA_TYPE);
            draft.headers.insert(header::ACCEPT, accept);
        }
        Ok(draft)
    }

    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<Self::Output, Error> {
        if response.status() != StatusCode::OK {
            return Err(refusal(ARTEFACT, 200, response));
        }
        if let Some(jwt) = jwt(ARTEFACT, response, MEDIA_TYPE)? {
            return Ok(JsonOrJwt::Jwt(jwt));
        }
        let client = self.configuration.client();
        if let Some(algorithm) = &client.introspection_encrypted_response_alg {
            let expected = algorithm.clone();
            return Err(ARTEFACT.rejected(Reason::NotEncrypted { expected }).into());
        }
        if let Some(expected) = self.signed_with() {
            return Err(ARTEFACT.rejected(Reason::NotSigned { expected }).into());
        }
        let object = granting_object(ARTEFACT, response, "active")?;
        let danger = &self.configuration.policy().danger;
        let text = json_text(response.body());
        let read = read_claims(danger, text, object)
            .map_err(Reason::from)
            .and_then(|claims| IntrospectionResponse::read(&claims));
        let read = read.map_err(|reason| ARTEFACT.rejected(reason))?;
        Ok(JsonOrJwt::Json(Box::new(read)))
    }
}

impl IntrospectionEndpoint {
    /// The algorithms that may sign the response: the registered one, or those of a profile that
    /// requires a signature (FAPI 2.0 Message Signing section 5.5.2).
    fn signed_with(&self) -> Option<String> {
        let configuration = &self.configuration;
        let registered = &configuration.client().introspection_signed_response_alg;
        registered
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| match configuration.profile() {
                Some(profile @ Profile::Fapi2MessageSigning) => {
                    Some(profile.permitted().to_owned())
                }
                _ => None,
            })
    }

    fn expects_jwt(&self) -> bool {
        let client = self.configuration.client();
        self.signed_with().is_some() || client.introspection_encrypted_response_alg.is_some()
    }
}

const ARTEFACT: Artefact = Artefact::IntrospectionResponse;

/// The media type of a signed response (RFC 9701 section 4).
const MEDIA_TYPE: &str = "application/token-introspection+jwt";

#[cfg(test)]
mod tests;
