//! Asks the server about a token, and verifies a signed response (RFC 7662, RFC 9701).

use jose::SignatureAlgorithm;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::endpoint::{IntrospectionEndpoint, IntrospectionResponse, validate_introspection};
use crate::env::Env;
use crate::error::{Artefact, Error, Reason};
use crate::flow::verification::keyed::JwtKind;
use crate::flow::verification::signed_response::SignedResponse;
use crate::metadata::ClientMetadata;
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::permitted_algorithms;

/// Asks the server about a token.
///
/// Sends at most two requests: one to the introspection endpoint, and one for the key set when the
/// response is signed and the cached keys do not suffice. Uses at most two keys: one for client
/// authentication, one to decrypt.
///
/// # Errors
///
/// [`Error::ResponseBody`] and [`Error::WwwAuthenticateChallenge`] when the server refuses;
/// [`Error::Rejected`] for the response, with the member or claim at fault, for an unsigned
/// response where the client registered a signed one, or for the key set; [`Error::Unsupported`]
/// for an encrypted response that no key of the client decrypts; [`Error::Metadata`],
/// [`Error::Unanswered`], [`Error::Key`] and [`Error::Entropy`].
#[derive(Debug)]
pub struct TokenIntrospection(SignedResponse<IntrospectionEndpoint, IntrospectionKind>);

impl TokenIntrospection {
    /// The request of `endpoint`.
    pub const fn new(endpoint: IntrospectionEndpoint) -> Self {
        Self(SignedResponse::new(endpoint))
    }
}

impl Operation for TokenIntrospection {
    type Output = IntrospectionResponse;

    fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<IntrospectionResponse>, Error> {
        self.0.step(env, event)
    }
}

#[derive(Debug)]
struct IntrospectionKind(Configuration);

impl From<&IntrospectionEndpoint> for IntrospectionKind {
    fn from(endpoint: &IntrospectionEndpoint) -> Self {
        Self(endpoint.configuration.clone())
    }
}

impl JwtKind for IntrospectionKind {
    type Output = IntrospectionResponse;

    const ARTEFACT: Artefact = Artefact::IntrospectionResponse;

    fn configuration(&self) -> &Configuration {
        &self.0
    }

    fn channel(&self) -> Channel {
        Channel::Server
    }

    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        let registered = &self.0.client().introspection_signed_response_alg;
        let advertised = &self.0.server().introspection_signing_alg_values_supported;
        permitted_algorithms(
            self.0.profile(),
            registered.as_ref(),
            advertised.as_deref(),
            SignatureAlgorithm::RS256,
        )
    }

    fn encryption(client: &ClientMetadata) -> [Option<&str>; 2] {
        [
            client.introspection_encrypted_response_alg.as_deref(),
            client.introspection_encrypted_response_enc.as_deref(),
        ]
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<IntrospectionResponse, Reason> {
        validate_introspection(&self.0, now, header, claims)
    }
}

#[cfg(test)]
mod tests;
