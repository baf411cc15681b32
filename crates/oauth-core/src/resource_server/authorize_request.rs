//! The decision about one request.
//!
//! ```text
//! Ready ──▶ Verifying (the access token; its keys may be fetched) ──▶ Finished
//! ```

use std::mem;
use std::sync::Arc;

use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::flow::verification::keyed::Keyed;
use crate::operation::{Action, Event, Operation};
use crate::resource_server::issuer::{AccessTokenExpectations, named_issuer};
use crate::resource_server::proof::{ProofExpectations, check_proof};
use crate::resource_server::target::normalised;
use crate::resource_server::{AccessToken, ResourceRequest, ResourceServer, Scheme, Unstored};
use crate::secret::Secret;

/// Decides whether a request may pass: verifies its access token and its DPoP proof.
///
/// Sends at most one request, for the issuer's keys: when the cache has none or only old ones, or
/// when the right key is not among them and no token caused such a request in the last 60 seconds.
/// A proof is stored as used only after all other checks.
///
/// # Errors
///
/// [`Error::Rejected`] with the artefact at fault: [`ResourceRequest`](Artefact::ResourceRequest)
/// for an `Authorization` header that is missing, repeated or malformed;
/// [`AccessToken`](Artefact::AccessToken); [`DPoPProof`](Artefact::DPoPProof);
/// [`KeySet`](Artefact::KeySet). [`Error::Unanswered`], [`Error::ResponseBody`] or
/// [`Error::WwwAuthenticateChallenge`] when the keys cannot be fetched; [`Error::Metadata`] without
/// a usable `jwks_uri`. [`ResourceServer::answer`] turns each into a response.
#[derive(Debug)]
pub struct AuthorizeRequest {
    server: Arc<ResourceServer>,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<ResourceRequest>),
    Verifying(Box<Verifying>),
    Finished,
}

#[derive(Debug)]
struct Verifying {
    request: Box<ResourceRequest>,
    scheme: Scheme,
    access_token: Secret,
    verification: Keyed<Arc<AccessTokenExpectations>>,
}

/// A request that may pass.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Authorized {
    /// The verified access token. What it permits is still to be checked, for example by
    /// [`require_scope`](AccessToken::require_scope).
    pub access_token: AccessToken,
    /// The `DPoP-Nonce` that the response should carry, because the one in the proof becomes too
    /// old (RFC 9449 section 8.2).
    pub dpop_nonce: Option<String>,
}

impl AuthorizeRequest {
    /// The decision about `request`.
    pub fn new(server: Arc<ResourceServer>, request: ResourceRequest) -> Self {
        let state = State::Ready(Box::new(request));
        Self { server, state }
    }

    fn begin(&self, request: Box<ResourceRequest>) -> Result<Box<Verifying>, Error> {
        let (scheme, access_token) = request.access_token()?;
        if self.server.requires_dpop && scheme != Scheme::DPoP {
            return Err(Artefact::AccessToken
                .rejected(Reason::UnsupportedTokenType {
                    expected: Scheme::DPoP.as_str(),
                    found: scheme.as_str().to_owned(),
                })
                .into());
        }
        let iss = named_issuer(access_token.expose())?;
        let expectations = self.server.expectations(&iss)?;
        Ok(Box::new(Verifying {
            request,
            scheme,
            verification: Keyed::new(expectations, access_token.clone()),
            access_token,
        }))
    }

    fn continued(
        &mut self,
        mut verifying: Box<Verifying>,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<Authorized>, Error> {
        match verifying.verification.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Verifying(verifying);
                Ok(action)
            }
            Err(access_token) => {
                let dpop_nonce = verifying.check_possession(&self.server, env, &access_token)?;
                Ok(Action::Done(Authorized {
                    access_token,
                    dpop_nonce,
                }))
            }
        }
    }
}

impl Verifying {
    /// Checks the binding of a verified token, and returns the nonce for the response.
    fn check_possession(
        &self,
        server: &ResourceServer,
        env: &Env<'_>,
        access_token: &AccessToken,
    ) -> Result<Option<String>, Error> {
        let certificate = self.request.certificate.as_deref();
        let Some(jkt) = access_token.binding().check(self.scheme, certificate)? else {
            return Ok(None);
        };
        self.prove(server, env, jkt)
            .map_err(|reason| Artefact::DPoPProof.rejected(reason).into())
    }

    fn prove(
        &self,
        server: &ResourceServer,
        env: &Env<'_>,
        jkt: &str,
    ) -> Result<Option<String>, Reason> {
        let path = &self.request.path;
        let target = Some(path).filter(|path| path.starts_with('/'));
        let target = target.and_then(|path| normalised(&server.url(path)));
        let target = target.ok_or_else(|| Reason::IllTyped {
            member: "request target".into(),
            expected: "a path",
            found: "something else".to_owned(),
        })?;
        let proof = check_proof(
            self.request.proof()?,
            &ProofExpectations {
                method: self.request.method.as_str(),
                target: &target,
                access_token: &self.access_token,
                jkt,
                algorithms: &server.algorithms,
                max_age: server.max_proof_age,
                nonces: server.nonces.as_ref(),
                policy: &server.policy,
                now: env.now,
            },
        )?;
        let now = server.policy.skewed(env.now);
        server
            .replays
            .insert(&proof.replay_name, now, proof.expires)
            .map_err(|unstored| match unstored {
                Unstored::Replayed => Reason::Replayed { claim: "jti" },
                Unstored::Full => Reason::ReplayStoreFull,
            })?;
        let current = server.nonces.as_ref().and_then(|it| it.current(env.now));
        Ok(current.filter(|current| proof.nonce.as_ref() != Some(current)))
    }
}

impl Operation for AuthorizeRequest {
    type Output = Authorized;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<Authorized>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(request), Event::Begin) => {
                let verifying = self.begin(request)?;
                self.continued(verifying, env, Event::Begin)
            }
            (State::Ready(_), event) => Err(event.refused("Begin")),
            (State::Verifying(verifying), event) => self.continued(verifying, env, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
        }
    }
}
