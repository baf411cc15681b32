//! Reading, replacing and deleting a registration (RFC 7592 section 2).

use std::fmt;

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use serde_json::{Map, Value};
use url::Url;

use super::asked;
use super::asked::Asked;
use crate::endpoint::{ClientInformation, Endpoint, Sender};
use crate::error::{Artefact, Error, Misuse, Reason, printable};
use crate::metadata::{ClientMetadata, endpoint_url};
use crate::names::EndpointName;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Draft, authorization, granting_object, registration_refusal};

/// A request to read a registration (RFC 7592 section 2.1).
#[derive(Debug, Clone)]
pub struct FetchRegistrationRequest(Managed);

/// A request to replace a registration (RFC 7592 section 2.2).
#[derive(Debug, Clone)]
pub struct UpdateRegistrationRequest {
    managed: Managed,
    metadata: ClientMetadata,
}

/// A request to delete a registration (RFC 7592 section 2.3).
#[derive(Debug, Clone)]
pub struct DeleteRegistrationRequest(Managed);

/// A registration whose server has a client configuration endpoint.
#[derive(Clone)]
struct Managed {
    information: ClientInformation,
    url: Url,
    token: Secret,
    policy: Policy,
}

impl FetchRegistrationRequest {
    /// Creates a request to read the registration that `information` came from.
    ///
    /// The response is checked like that to a
    /// [`RegistrationEndpoint`](crate::endpoint::RegistrationEndpoint): if it protects the client
    /// less than `information`, the request fails with [`Error::RegistrationUnusable`], which
    /// contains the current registration.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] if the server sent no `registration_client_uri` or
    /// `registration_access_token`, and so has no such endpoint. [`Error::Metadata`] if the URL is
    /// not allowed.
    pub fn new(information: ClientInformation, policy: Policy) -> Result<Self, Error> {
        Managed::new(information, policy).map(Self)
    }
}

impl UpdateRegistrationRequest {
    /// Creates a request that replaces all metadata of the registration that `information` came
    /// from: an omitted member is removed, or set by the server. `client_id` stays. A
    /// `client_secret` in `metadata` is sent and must be the current one (section 2.2).
    ///
    /// The response is checked like that to a
    /// [`RegistrationEndpoint`](crate::endpoint::RegistrationEndpoint). If neither `metadata` nor
    /// the response names an authentication method, that of `information` stays. An algorithm that
    /// is `none` in both `metadata` and `information` is not sent.
    ///
    /// # Errors
    ///
    /// The errors of [`FetchRegistrationRequest::new`].
    pub fn new(
        information: ClientInformation,
        metadata: ClientMetadata,
        policy: Policy,
    ) -> Result<Self, Error> {
        let managed = Managed::new(information, policy)?;
        Ok(Self { managed, metadata })
    }

    /// The document to send (section 2.2): it must contain `client_id`, may contain the secret, and
    /// must not contain the members that only the server sets.
    fn document(&self) -> Map<String, Value> {
        let registered = self.managed.information.metadata();
        let mut metadata = self.metadata.clone();
        metadata.client_id.clone_from(&registered.client_id);
        let mut document = metadata.to_json();
        asked::leave_out_none(&mut document, registered);
        for member in [
            "registration_access_token",
            "registration_client_uri",
            "client_id_issued_at",
            "client_secret_expires_at",
        ] {
            document.remove(member);
        }
        document
    }
}

impl DeleteRegistrationRequest {
    /// Creates a request to delete the registration that `information` came from.
    ///
    /// # Errors
    ///
    /// The errors of [`FetchRegistrationRequest::new`].
    pub fn new(information: ClientInformation, policy: Policy) -> Result<Self, Error> {
        Managed::new(information, policy).map(Self)
    }
}

impl Managed {
    fn new(information: ClientInformation, policy: Policy) -> Result<Self, Error> {
        let missing = |argument| Misuse::MissingArgument {
            argument,
            purpose: "the management of a registration",
        };
        let member = EndpointName::ClientConfiguration.metadata_member();
        let url = information.registration_client_uri();
        let url = endpoint_url(member, url.ok_or(missing(member))?, &policy)?;
        let token = information.registration_access_token().cloned();
        Ok(Self {
            token: token.ok_or(missing("registration_access_token"))?,
            url,
            information,
            policy,
        })
    }

    fn authorized(&self, mut draft: Draft) -> Result<Draft, Error> {
        let value = authorization("Bearer", "registration_access_token", &self.token)?;
        draft.headers.insert(header::AUTHORIZATION, value);
        Ok(draft)
    }

    /// The authentication method in the registration.
    fn method(&self) -> Option<&str> {
        let metadata = self.information.metadata();
        metadata.token_endpoint_auth_method.as_deref()
    }

    /// Reads the current registration. It must be that of the same client (section 3 makes
    /// `client_id` immutable). Token and URL may be new, and otherwise stay.
    fn read(&self, response: &Response<Bytes>) -> Result<ClientInformation, Error> {
        let artefact = Artefact::RegistrationResponse;
        if response.status() != StatusCode::OK {
            return Err(registration_refusal(200, response));
        }
        let object = granting_object(artefact, response, "client_id")?;
        let information =
            ClientInformation::read(&object).map_err(|reason| artefact.rejected(reason))?;
        let expected = &self.information.metadata().client_id;
        let found = &information.metadata().client_id;
        if found != expected {
            let mismatch = Reason::AttributeMismatch {
                member: "client_id",
                expected: Some(printable(expected)),
                found: Some(printable(found)),
            };
            return Err(artefact.rejected(mismatch).into());
        }
        Ok(information.following(self.information.clone()))
    }
}

/// Shows the URL of the registration without its query.
impl fmt::Debug for Managed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Managed")
            .field("information", &self.information)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Endpoint for FetchRegistrationRequest {
    type Output = ClientInformation;

    const NAME: EndpointName = EndpointName::ClientConfiguration;

    /// No client authentication: the registration access token authorizes the request.
    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.0.policy)
    }

    fn request(&self) -> Result<Draft, Error> {
        let Self(managed) = self;
        managed.authorized(Draft::get(managed.url.clone(), "application/json"))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<ClientInformation, Error> {
        let Self(managed) = self;
        let information = managed.read(response)?;
        let before = Asked::read(managed.information.metadata())?;
        let information = match before.method() {
            Some(method) => information.with_method(Some(method)),
            None => information,
        };
        asked::settle(&before, before.method(), information)
    }
}

impl Endpoint for UpdateRegistrationRequest {
    type Output = ClientInformation;

    const NAME: EndpointName = EndpointName::ClientConfiguration;

    /// No client authentication: the registration access token authorizes the request.
    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.managed.policy)
    }

    fn request(&self) -> Result<Draft, Error> {
        let managed = &self.managed;
        let document = self.document();
        Asked::in_document(document.clone())?.check()?;
        let mut draft = Draft::post_json(managed.url.clone(), &Value::Object(document));
        draft.method = Method::PUT;
        managed.authorized(draft)
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<ClientInformation, Error> {
        let managed = &self.managed;
        let information = managed.read(response)?;
        let asked = Asked::in_document(self.document())?;
        let method = asked.method().or_else(|| managed.method());
        asked::settle(&asked, method, information.with_method(method))
    }
}

impl Endpoint for DeleteRegistrationRequest {
    type Output = ();

    const NAME: EndpointName = EndpointName::ClientConfiguration;

    /// No client authentication: the registration access token authorizes the request.
    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.0.policy)
    }

    fn request(&self) -> Result<Draft, Error> {
        let Self(managed) = self;
        let mut draft = Draft::get(managed.url.clone(), "application/json");
        draft.method = Method::DELETE;
        managed.authorized(draft)
    }

    /// The status of success is 204, without a body (section 2.3).
    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<(), Error> {
        match response.status() {
            StatusCode::NO_CONTENT => Ok(()),
            _ => Err(registration_refusal(204, response)),
        }
    }
}
