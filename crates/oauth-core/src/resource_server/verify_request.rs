//! The decision about one request, except whether its proof was used before.
//!
//! ```text
//! Ready ──▶ Verifying (a JWT; its keys may be fetched) ────────▶ Finished
//!      └──▶ Introspecting (an opaque token, if not in the cache) ──▶ Finished
//! ```

use std::mem;
use std::sync::Arc;

use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::flow::TokenIntrospection;
use crate::flow::verification::keyed::Keyed;
use crate::flow::verification::named_issuer::named_issuer;
use crate::operation::{Action, Event, Operation};
use crate::resource_server::issuer::AccessTokenExpectations;
use crate::resource_server::proof::{Proof, ProofExpectations, check_proof};
use crate::resource_server::target::normalised;
use crate::resource_server::{
    AuthorizationScheme, Authorized, Introspection, ResourceRequest, ResourceServer, Unstored,
    ValidatedAccessToken,
};
use crate::secret::Secret;
use crate::time::UnixTime;

/// Verifies the access token and the DPoP proof of a request, and leaves it to the caller to store
/// the proof as used. [`AuthorizeRequest`](crate::resource_server::AuthorizeRequest) does both.
///
/// Sends and uses what `AuthorizeRequest` does, and fails with the same errors.
#[derive(Debug)]
pub struct VerifyRequest {
    pub(super) server: Arc<ResourceServer>,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<ResourceRequest>),
    Verifying(Box<Presented>, Box<Keyed<Arc<AccessTokenExpectations>>>),
    Introspecting(Box<Presented>, Introspection, Box<TokenIntrospection>),
    Finished,
}

/// A request and the access token in it.
#[derive(Debug)]
struct Presented {
    request: Box<ResourceRequest>,
    scheme: AuthorizationScheme,
    access_token: Secret,
}

/// How the token of a request is validated.
enum Route {
    Signature(Arc<AccessTokenExpectations>),
    Introspection(Introspection),
}

/// A request that passed every check, except that its DPoP proof, if it has one, may have been used
/// before.
#[derive(Debug)]
#[must_use = "the proof is not stored as used yet"]
pub struct VerifiedRequest {
    access_token: ValidatedAccessToken,
    proof: Option<UsedProof>,
    dpop_nonce: Option<String>,
}

/// A DPoP proof that must be stored as used (RFC 9449 section 11.1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsedProof {
    /// A name that no other proof has: a hash of the key and `jti`.
    pub name: String,
    /// The current time with the clock skew of the policy.
    pub now: UnixTime,
    /// The last second in which the proof can be used.
    pub expires: UnixTime,
}

impl VerifiedRequest {
    /// The proof to store; `None` if the token is not bound to a DPoP key.
    pub const fn used_proof(&self) -> Option<&UsedProof> {
        self.proof.as_ref()
    }

    /// The decision, where `stored` says whether the [proof](Self::used_proof) was stored. Without
    /// a proof, `stored` is ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Replayed`] or [`Reason::ReplayStoreFull`].
    pub fn finish(self, stored: Result<(), Unstored>) -> Result<Authorized, Error> {
        if let (Some(_), Err(unstored)) = (&self.proof, stored) {
            let reason = match unstored {
                Unstored::Replayed => Reason::Replayed { claim: "jti" },
                Unstored::Full => Reason::ReplayStoreFull,
            };
            return Err(Artefact::DPoPProof.rejected(reason).into());
        }
        Ok(Authorized {
            access_token: self.access_token,
            dpop_nonce: self.dpop_nonce,
        })
    }
}

impl VerifyRequest {
    /// The verification of `request`.
    pub fn new(server: Arc<ResourceServer>, request: ResourceRequest) -> Self {
        let state = State::Ready(Box::new(request));
        Self { server, state }
    }

    fn begin(&mut self, request: Box<ResourceRequest>, env: &mut Env<'_>) -> Step {
        let (scheme, access_token) = request.access_token()?;
        if self.server.requires_dpop && scheme != AuthorizationScheme::DPoP {
            return Err(Artefact::AccessToken
                .rejected(Reason::UnsupportedTokenType {
                    expected: AuthorizationScheme::DPoP.as_str(),
                    found: scheme.as_str().to_owned(),
                })
                .into());
        }
        let presented = Box::new(Presented {
            request,
            scheme,
            access_token,
        });
        match self.route(&presented.access_token)? {
            Route::Introspection(introspection) => self.introspect(introspection, presented, env),
            Route::Signature(expectations) => {
                let keyed = Keyed::new(expectations, presented.access_token.clone());
                self.verify(presented, Box::new(keyed), env, Event::Begin)
            }
        }
    }

    /// Decides by the form of the token and the issuer that it names.
    fn route(&self, access_token: &Secret) -> Result<Route, Error> {
        let named = named_issuer(Artefact::AccessToken, access_token.expose());
        match (named, &self.server.introspection) {
            // Not a JWT.
            (Err(_), Some(introspection)) => Ok(Route::Introspection(introspection.clone())),
            (Err(error), None) => Err(error),
            (Ok(iss), Some(introspection))
                if self.server.trusted(&iss).is_none() && introspection.is_of(&iss) =>
            {
                Ok(Route::Introspection(introspection.clone()))
            }
            (Ok(iss), _) => self.server.expectations(&iss).map(Route::Signature),
        }
    }

    fn verify(
        &mut self,
        presented: Box<Presented>,
        mut keyed: Box<Keyed<Arc<AccessTokenExpectations>>>,
        env: &mut Env<'_>,
        event: Event,
    ) -> Step {
        match keyed.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Verifying(presented, keyed);
                Ok(action)
            }
            Err(access_token) => presented.check_possession(&self.server, env, access_token),
        }
    }

    fn introspect(
        &mut self,
        introspection: Introspection,
        presented: Box<Presented>,
        env: &mut Env<'_>,
    ) -> Step {
        match introspection.cached(&self.server, &presented.access_token, env) {
            Some(response) => {
                let judged = introspection.judge(&self.server, &response, env.now);
                let access_token = judged.map_err(refused)?;
                presented.check_possession(&self.server, env, access_token)
            }
            None => {
                let operation = introspection.ask(&presented.access_token);
                self.ask(
                    presented,
                    introspection,
                    Box::new(operation),
                    env,
                    Event::Begin,
                )
            }
        }
    }

    fn ask(
        &mut self,
        presented: Box<Presented>,
        introspection: Introspection,
        mut operation: Box<TokenIntrospection>,
        env: &mut Env<'_>,
        event: Event,
    ) -> Step {
        match operation.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Introspecting(presented, introspection, operation);
                Ok(action)
            }
            Err(response) => {
                let judged = introspection.judge(&self.server, &response, env.now);
                let access_token = judged.map_err(refused)?;
                // Only an accepted response is kept, so strangers cannot fill the cache.
                introspection.keep(&self.server, &presented.access_token, response, env);
                presented.check_possession(&self.server, env, access_token)
            }
        }
    }
}

impl Presented {
    /// Checks the binding of a valid token.
    fn check_possession(
        &self,
        server: &ResourceServer,
        env: &Env<'_>,
        access_token: ValidatedAccessToken,
    ) -> Step {
        let certificate = self.request.certificate.as_deref();
        let jkt = access_token.binding().check(self.scheme, certificate)?;
        let proof = jkt.map(|jkt| self.prove(server, env, jkt)).transpose();
        let proof = proof.map_err(|reason| Error::from(Artefact::DPoPProof.rejected(reason)))?;
        let (proof, nonce) = match proof {
            None => (None, None),
            Some(proof) => {
                let current = server.nonces.as_ref().and_then(|it| it.current(env.now));
                let nonce = current.filter(|current| proof.nonce.as_ref() != Some(current));
                let used = UsedProof {
                    name: proof.replay_name,
                    now: server.policy.skewed(env.now),
                    expires: proof.expires,
                };
                (Some(used), nonce)
            }
        };
        Ok(Action::Done(VerifiedRequest {
            access_token,
            proof,
            dpop_nonce: nonce,
        }))
    }

    fn prove(&self, server: &ResourceServer, env: &Env<'_>, jkt: &str) -> Result<Proof, Reason> {
        let path = &self.request.path;
        let target = Some(path).filter(|path| path.starts_with('/'));
        let target = target.and_then(|path| normalised(&server.url(path)));
        let target = target.ok_or_else(|| Reason::IllTyped {
            member: "request target".into(),
            expected: "a path",
            found: "something else".to_owned(),
        })?;
        check_proof(
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
        )
    }
}

impl Operation for VerifyRequest {
    type Output = VerifiedRequest;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(request), Event::Begin) => self.begin(request, env),
            (State::Ready(_), event) => Err(event.refused("Begin")),
            (State::Verifying(presented, keyed), event) => {
                self.verify(presented, keyed, env, event)
            }
            (State::Introspecting(presented, introspection, operation), event) => {
                self.ask(presented, introspection, operation, env, event)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
        }
    }
}

fn refused(reason: Reason) -> Error {
    Artefact::AccessToken.rejected(reason).into()
}

type Step = Result<Action<VerifiedRequest>, Error>;
