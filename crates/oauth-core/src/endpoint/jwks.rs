//! The server's public keys (RFC 7517 section 5).

use bytes::Bytes;
use http::Response;
use http::StatusCode;
use jose::JwkSet;

use crate::configuration::Configuration;
use crate::endpoint::Endpoint;
use crate::env::UnixTime;
use crate::error::Artefact;
use crate::error::Error;
use crate::error::Reason;
use crate::outbound::EndpointName;
use crate::policy::Policy;
use crate::wire::Draft;
use crate::wire::not_json;
use crate::wire::refusal;
use crate::wire::unencoded;

/// The key set behind `jwks_uri`.
#[derive(Debug, Clone)]
pub struct Jwks {
    configuration: Configuration,
}

impl Jwks {
    /// The key set of the configuration's server.
    pub const fn new(configuration: Configuration) -> Self {
        Self { configuration }
    }
}

impl Endpoint for Jwks {
    type Output = JwkSet;

    const NAME: EndpointName = EndpointName::Jwks;

    fn policy(&self) -> &Policy {
        self.configuration.policy()
    }

    fn authenticated(&self) -> Option<&Configuration> {
        None
    }

    fn request(&self) -> Result<Draft, Error> {
        let url = self.configuration.endpoint(Self::NAME)?;
        Ok(Draft::get(
            url,
            "application/json, application/jwk-set+json",
        ))
    }

    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<JwkSet, Error> {
        let artefact = Artefact::KeySet;
        if response.status() != StatusCode::OK {
            return Err(refusal(artefact, 200, response));
        }
        let headers = response.headers();
        unencoded(artefact, headers)?;
        JwkSet::parse(response.body()).map_err(|error| {
            let reason = match error {
                jose::Error::Json { reason, .. } => not_json(
                    reason,
                    headers,
                    &["application/json", "application/jwk-set+json"],
                ),
                error => Reason::Jose(error),
            };
            artefact.rejected(reason).into()
        })
    }
}
