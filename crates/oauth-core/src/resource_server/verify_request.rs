//! The decision about one request, except whether its proof was used before.
//!
//! ```text
//! Ready ──▶ Verifying (a JWT; its keys may be fetched) ────────▶ Finished
//!      └──▶ Introspecting (an opaque token, if not in the cache) ──▶ Finished
//! ```

use std::mem;
use std::sync::Arc;

use crate::endpoint::IntrospectionResponse;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::flow::TokenIntrospection;
use crate::flow::verification::keyed::Keyed;
use crate::operation::{Action, Event, Operation};
use crate::resource_server::introspection::{IntrospectionExpectations, Moment};
use crate::resource_server::issuer::AccessTokenExpectations;
use crate::resource_server::proof::{Proof, ProofExpectations, check_proof};
use crate::resource_server::target::{has_dot_segments, normalised};
use crate::resource_server::token_form::TokenForm;
use crate::resource_server::{
    AuthorizationScheme, Introspection, ResourceRequest, ResourceServer, UsedProof,
    ValidatedAccessToken, VerifiedRequest,
};
use crate::secret::Secret;

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
    Introspecting(Box<Presented>, Box<Introspecting>),
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
    Introspection(NamedIntrospection),
}

/// The introspection of one token.
#[derive(Debug)]
struct NamedIntrospection {
    introspection: Introspection,
    /// The issuer that the token names, if it is a JWT.
    iss: Option<String>,
}

/// An introspection request that was sent.
#[derive(Debug)]
struct Introspecting {
    named: NamedIntrospection,
    begun: Moment,
    operation: TokenIntrospection,
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
            Route::Introspection(named) => self.introspect(presented, named, env),
            Route::Signature(expectations) => {
                let keyed = Keyed::new(expectations, presented.access_token.clone());
                self.verify(presented, Box::new(keyed), env, Event::Begin)
            }
        }
    }

    /// Decides by the form of the token and the issuer that it names.
    fn route(&self, access_token: &Secret) -> Result<Route, Error> {
        let introspection = self.server.introspection.as_ref();
        let (iss, introspection) = match TokenForm::of(access_token.expose())? {
            TokenForm::Jwt { iss: Some(iss) } => match self.server.trusted(&iss) {
                Some(expectations) => return Ok(Route::Signature(Arc::clone(expectations))),
                None => {
                    let asked = introspection.filter(|it| it.is_of(&iss));
                    let asked = asked.ok_or_else(|| self.server.does_not_trust(&iss))?;
                    (Some(iss), asked)
                }
            },
            TokenForm::Jwt { iss: None } => {
                let member = "iss".into();
                let missing = || Artefact::AccessToken.rejected(Reason::Missing { member });
                (None, introspection.ok_or_else(missing)?)
            }
            TokenForm::Opaque(error) => (None, introspection.ok_or(error)?),
        };
        let introspection = introspection.clone();
        Ok(Route::Introspection(NamedIntrospection {
            introspection,
            iss,
        }))
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
        presented: Box<Presented>,
        named: NamedIntrospection,
        env: &mut Env<'_>,
    ) -> Step {
        let begun = self.moment(env);
        let token = &presented.access_token;
        match named.introspection.cached(token, begun) {
            Some(response) => {
                let access_token = self.judge(&named, &response, env)?;
                presented.check_possession(&self.server, env, access_token)
            }
            None => {
                let introspecting = Box::new(Introspecting {
                    begun,
                    operation: named.introspection.ask(token),
                    named,
                });
                self.ask(presented, introspecting, env, Event::Begin)
            }
        }
    }

    fn ask(
        &mut self,
        presented: Box<Presented>,
        mut introspecting: Box<Introspecting>,
        env: &mut Env<'_>,
        event: Event,
    ) -> Step {
        match introspecting.operation.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Introspecting(presented, introspecting);
                Ok(action)
            }
            Err(response) => {
                let Introspecting { named, begun, .. } = *introspecting;
                let access_token = self.judge(&named, &response, env)?;
                // Only an accepted response is kept, so strangers cannot fill the cache. Its age
                // counts from the request, because the token may be revoked from then on.
                let token = &presented.access_token;
                named.introspection.keep(token, response, begun);
                presented.check_possession(&self.server, env, access_token)
            }
        }
    }

    /// Checks what the server says about the token.
    fn judge(
        &self,
        named: &NamedIntrospection,
        response: &IntrospectionResponse,
        env: &Env<'_>,
    ) -> Result<ValidatedAccessToken, Error> {
        let expected = IntrospectionExpectations {
            resource: &self.server.resource,
            iss: named.iss.as_deref(),
            policy: &self.server.policy,
            now: env.now,
        };
        let judged = named.introspection.judge(&expected, response);
        judged.map_err(|reason| Artefact::AccessToken.rejected(reason).into())
    }

    fn moment(&self, env: &Env<'_>) -> Moment {
        Moment {
            now: self.server.policy.skewed(env.now),
            elapsed: env.elapsed,
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
                    expires: proof
                        .expires
                        .saturating_add(server.policy.seconds_kept_longer()),
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
        let path = Some(&self.request.path);
        let path = path.filter(|path| path.starts_with('/') && !has_dot_segments(path));
        let target = path.and_then(|path| normalised(&server.url(path)));
        let target = target.ok_or_else(|| Reason::IllTyped {
            member: "request target".into(),
            expected: "a path without dot segments",
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
            (State::Introspecting(presented, introspecting), event) => {
                self.ask(presented, introspecting, env, event)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
        }
    }
}

type Step = Result<Action<VerifiedRequest>, Error>;
