//! The decision about one request.

use std::sync::Arc;

use crate::env::Env;
use crate::error::Error;
use crate::operation::{Action, Event, Operation};
use crate::resource_server::{Authorized, ResourceRequest, ResourceServer, VerifyRequest};

/// Decides whether a request may pass: verifies its access token and its DPoP proof, and stores the
/// proof as used.
///
/// For a JWT, sends at most one request, for the issuer's keys: when the cache has none or only old
/// ones, or when the right key is not among them and no token caused such a request in the last 60
/// seconds. For an opaque token, sends and uses what
/// [`TokenIntrospection`](crate::flow::TokenIntrospection) does, or nothing if the response is in
/// the cache. A proof is stored as used only after all other checks.
///
/// # Errors
///
/// [`Error::Rejected`] with the artefact at fault:
/// [`ResourceRequest`](crate::error::Artefact::ResourceRequest) for an `Authorization` header that
/// is missing, repeated or malformed; [`AccessToken`](crate::error::Artefact::AccessToken);
/// [`DPoPProof`](crate::error::Artefact::DPoPProof); [`KeySet`](crate::error::Artefact::KeySet);
/// [`IntrospectionResponse`](crate::error::Artefact::IntrospectionResponse).
/// [`Error::Unanswered`], [`Error::ResponseBody`] or [`Error::WwwAuthenticateChallenge`] when the
/// issuer refuses its keys or the introspection, or does not answer; [`Error::Metadata`] without a
/// usable `jwks_uri`; [`Error::Key`] and [`Error::Entropy`] when the resource server cannot
/// authenticate itself. [`ResourceServer::answer`] turns each into a response.
#[derive(Debug)]
pub struct AuthorizeRequest(VerifyRequest);

impl AuthorizeRequest {
    /// The decision about `request`.
    pub fn new(server: Arc<ResourceServer>, request: ResourceRequest) -> Self {
        Self(VerifyRequest::new(server, request))
    }
}

impl Operation for AuthorizeRequest {
    type Output = Authorized;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<Authorized>, Error> {
        match self.0.step(env, event)?.or_done() {
            Ok(action) => Ok(action),
            Err(verified) => {
                let replays = &self.0.server.replays;
                let stored = match verified.used_proof() {
                    Some(proof) => replays.insert(&proof.name, proof.now, proof.expires),
                    None => Ok(()),
                };
                verified.finish(stored).map(Action::Done)
            }
        }
    }
}
