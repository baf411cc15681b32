//! Dynamic client registration (RFC 7591, OpenID Connect Dynamic Client Registration 1.0) and the
//! management of registrations (RFC 7592).

mod asked;
mod information;
mod management;

use bytes::Bytes;
use http::{Response, header};
use serde_json::Value;

use self::asked::Asked;
pub use self::management::{
    DeleteRegistrationRequest, FetchRegistrationRequest, UpdateRegistrationRequest,
};
use crate::cache::ServerRole;
pub use crate::documents::ClientInformation;
use crate::dpop::{DPoPKey, ProofOfPossession};
use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, MetadataError};
use crate::metadata::{ClientMetadata, ServerMetadata, endpoint_url};
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Draft, authorization, granting_object, registration_refusal};

/// The registration of a new client (RFC 7591 section 3).
#[derive(Debug, Clone)]
pub struct RegistrationEndpoint {
    server: ServerMetadata,
    client: ClientMetadata,
    policy: Policy,
    initial_access_token: Option<Secret>,
    dpop_key: Option<DPoPKey>,
}

impl RegistrationEndpoint {
    /// Creates the registration of a client with this metadata. Its `client_id` and `client_secret`
    /// are not sent, because the server issues them.
    ///
    /// If the response omits `token_endpoint_auth_method`, the requested method applies; if none
    /// was requested, `client_secret_basic` applies to a client with a secret, and `none` to one
    /// without.
    ///
    /// A response that protects the client less than requested fails with
    /// [`Error::RegistrationUnusable`], which contains the registration. This is the case if:
    ///
    /// * a requested signature is `none`, null or omitted;
    /// * the registered method sends the secret and the requested one does not;
    /// * the registered method is `none` and another was requested;
    /// * the signature of authorization responses, introspection responses, backchannel
    ///   authentication requests or client assertions is `none`.
    ///
    /// Members in [`extra`](ClientMetadata::extra) count as requested too.
    pub const fn new(server: ServerMetadata, client: ClientMetadata, policy: Policy) -> Self {
        Self {
            server,
            client,
            policy,
            initial_access_token: None,
            dpop_key: None,
        }
    }

    /// Sets the token that permits the registration, for a server that requires one (RFC 7591
    /// section 3).
    #[must_use]
    pub fn initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.initial_access_token = Some(token.into());
        self
    }

    /// Sets the key that the initial access token is bound to (RFC 9449 section 7). Without a key,
    /// the token is presented as a Bearer token; without a token, the key is not used.
    #[must_use]
    pub fn dpop_key(mut self, key: DPoPKey) -> Self {
        self.dpop_key = Some(key);
        self
    }
}

impl Endpoint for RegistrationEndpoint {
    type Output = ClientInformation;

    const NAME: EndpointName = EndpointName::Registration;

    /// No client authentication: the client does not exist yet.
    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.policy)
    }

    fn proof(&self) -> Option<ProofOfPossession<'_>> {
        Some(ProofOfPossession {
            key: self.dpop_key.as_ref()?,
            role: ServerRole::AuthorizationServer,
            access_token: Some(self.initial_access_token.as_ref()?),
        })
    }

    fn request(&self) -> Result<Draft, Error> {
        let member = Self::NAME.metadata_member();
        let url = self.server.endpoint(Self::NAME);
        let url = endpoint_url(
            member,
            url.ok_or(MetadataError::Missing { member })?,
            &self.policy,
        )?;
        Asked::read(&self.client)?.check()?;
        let mut metadata = self.client.to_json();
        metadata.remove("client_id");
        metadata.remove("client_secret");
        let mut draft = Draft::post_json(url, &Value::Object(metadata));
        if let Some(token) = &self.initial_access_token {
            let scheme = match self.dpop_key {
                Some(_) => "DPoP",
                None => "Bearer",
            };
            let value = authorization(scheme, "initial_access_token", token)?;
            draft.headers.insert(header::AUTHORIZATION, value);
        }
        Ok(draft)
    }

    /// Reads what the server has registered (section 3.2.1), which may differ from the request but
    /// must not protect less. The status of success is 201; some servers use 200.
    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<ClientInformation, Error> {
        let artefact = Artefact::RegistrationResponse;
        if !matches!(response.status().as_u16(), 200 | 201) {
            return Err(registration_refusal(201, response));
        }
        let object = granting_object(artefact, response, "client_id")?;
        let information = ClientInformation::read(&object);
        let information = information.map_err(|reason| artefact.rejected(reason))?;
        let asked = Asked::read(&self.client)?;
        let information = information.with_method(asked.method());
        asked::settle(&asked, asked.method(), information)
    }
}

#[cfg(test)]
mod tests;
