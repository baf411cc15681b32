//! Asks about the user who logged in, and verifies a signed response (OpenID Connect Core 1.0
//! section 5.3).

use bytes::Bytes;
use jose::jws::Header;
use jose::jwt::Claims;
use jose::{SignatureAlgorithm, json};

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::endpoint::{
    ExpectedSubject, UserInfoEndpoint, UserInfoResponse, read_user_info, validate_user_info,
};
use crate::env::Env;
use crate::error::{Artefact, Error, Reason};
use crate::flow::verification::keyed::JwtKind;
use crate::flow::verification::signed_response::SignedResponse;
use crate::metadata::{ClientMetadata, signed};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::advertised_algorithms;

/// Asks the UserInfo endpoint about the user who logged in.
///
/// Sends at most two requests: one to the UserInfo endpoint, and one for the key set when the
/// response is signed and the cached keys do not suffice. The first is sent twice when the access
/// token is bound to a DPoP key and the server asks for a nonce. Uses at most one key for each
/// proof and one to decrypt.
///
/// # Errors
///
/// [`Error::WwwAuthenticateChallenge`] when the server refuses the access token;
/// [`Error::Rejected`] for the response, with the member or claim at fault, for a response that is
/// not signed or not encrypted as the client registered, or for the key set; [`Error::Unsupported`]
/// for an encrypted response that no key of the client decrypts; [`Error::Profile`] for
/// [`ExpectedSubject::DangerUnchecked`] under a [profile](crate::profile); [`Error::Metadata`],
/// [`Error::Unanswered`], [`Error::Key`], [`Error::Misuse`] and [`Error::Entropy`].
#[derive(Debug)]
pub struct FetchUserInfo(SignedResponse<UserInfoEndpoint, UserInfoKind>);

impl FetchUserInfo {
    /// The request of `endpoint`.
    pub const fn new(endpoint: UserInfoEndpoint) -> Self {
        Self(SignedResponse::new(endpoint))
    }
}

impl Operation for FetchUserInfo {
    type Output = UserInfoResponse;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<UserInfoResponse>, Error> {
        self.0.step(env, event)
    }
}

#[derive(Debug)]
struct UserInfoKind {
    configuration: Configuration,
    subject: ExpectedSubject,
}

impl From<&UserInfoEndpoint> for UserInfoKind {
    fn from(endpoint: &UserInfoEndpoint) -> Self {
        Self {
            configuration: endpoint.configuration().clone(),
            subject: endpoint.subject().clone(),
        }
    }
}

impl JwtKind for UserInfoKind {
    type Output = UserInfoResponse;

    const ARTEFACT: Artefact = Artefact::UserInfoResponse;

    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn channel(&self) -> Channel {
        Channel::Server
    }

    /// There is no default: if neither the client nor the server names an algorithm, no JWT is
    /// expected (OpenID Connect Dynamic Client Registration 1.0 section 2).
    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        let registered = &self.configuration.client().userinfo_signed_response_alg;
        let server = self.configuration.server();
        let advertised = &server.userinfo_signing_alg_values_supported;
        advertised_algorithms(
            self.configuration.profile(),
            signed(registered.as_ref()),
            advertised.as_deref().unwrap_or(&[]),
        )
    }

    fn encryption(client: &ClientMetadata) -> [Option<&str>; 2] {
        [
            client.userinfo_encrypted_response_alg.as_deref(),
            client.userinfo_encrypted_response_enc.as_deref(),
        ]
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<UserInfoResponse, Reason> {
        validate_user_info(&self.configuration, &self.subject, now, header, claims)
    }

    /// Reads a response that is encrypted and not signed, where the client registered encryption
    /// alone (section 5.3.2). It proves no more than JSON over TLS does, because anyone can
    /// encrypt.
    fn read_unsigned(&self, plaintext: &[u8]) -> Option<Result<UserInfoResponse, Reason>> {
        let client = self.configuration.client();
        if let Some(algorithm) = signed(client.userinfo_signed_response_alg.as_ref()) {
            let expected = algorithm.to_string();
            return Some(Err(Reason::NotSigned { expected }));
        }
        client.userinfo_encrypted_response_alg.as_ref()?;
        let limits = json::Limits::new(plaintext.len(), 32);
        Some(match json::parse_object(plaintext, limits) {
            Ok(object) => {
                let danger = &self.configuration.policy().danger;
                let text = Bytes::copy_from_slice(plaintext);
                read_user_info(danger, &self.subject, text, object)
            }
            Err(error) => Err(Reason::Json(error)),
        })
    }
}

#[cfg(test)]
mod tests;
