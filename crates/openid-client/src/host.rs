//! The world as the driver sees it: time, randomness, the network and the keys.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, mem};

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use jose::JwkSet;
use oauth_core::cache::Cache;
use oauth_core::configuration::Configuration;
use oauth_core::entropy::Entropy;
use oauth_core::env::Env;
use oauth_core::error::{KeyFault, Misuse, NoAnswer, Unanswered};
use oauth_core::key::KeyJob;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::outbound::{Outbound, ResponseBody};
use oauth_core::policy::Policy;
use oauth_core::wire::refuses_with_challenge;
use tokio::time::Instant;

use crate::accepted_tokens::AcceptedTokens;
use crate::clock::Clock;
use crate::exchange::{exchange, host_of, stream, timed_out};
use crate::flights::{Exchange, Flights, Land, join};
use crate::http::{Body, BoxFuture, HttpClient, Observer};
use crate::keyring::Keyring;
use crate::lock::lock;
use crate::trace::Attempts;

/// What the operations of one client, and of its siblings under another policy, have in common.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn HttpClient>,
    /// The transport that shows the client's certificate, if it is not the usual one.
    pub(crate) certified: Option<Arc<dyn HttpClient>>,
    /// The setting that would add such a certificate, if neither transport has one.
    pub(crate) missing_certificate: Option<&'static str>,
    pub(crate) observer: Observer,
    pub(crate) user_agent: HeaderValue,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) started: Instant,
    pub(crate) cache: Cache,
    pub(crate) flights: Flights,
    pub(crate) accepted_tokens: AcceptedTokens,
}

impl Shared {
    /// Refuses a client that needs a certificate, where none was given.
    pub(crate) fn check_client_certificate(
        &self,
        configuration: &Configuration,
    ) -> Result<(), oauth_core::Error> {
        if let Some(argument) = self.missing_certificate
            && configuration.has_client_certificate()
        {
            return Err(Misuse::MissingArgument {
                argument,
                purpose: "mutual TLS, which the client metadata asks for",
            }
            .into());
        }
        Ok(())
    }
}

/// Refuses a certificate that nothing would show.
pub(crate) fn check_certificate_is_used(
    shared: &Shared,
    configuration: &Configuration,
) -> Result<(), oauth_core::Error> {
    if shared.certified.is_some() && !configuration.has_client_certificate() {
        return Err(Misuse::InvalidArgument {
            argument: "client_certificate",
            expected: "shown for something: tls_client_auth, self_signed_tls_client_auth, or \
                       tls_client_certificate_bound_access_tokens or use_mtls_endpoint_aliases in \
                       the client metadata",
            found: format!(
                "{}, and neither of the two in the metadata",
                configuration.authentication().as_str().escape_debug()
            ),
        }
        .into());
    }
    Ok(())
}

/// The four callbacks of the driver, under the policy of one client.
pub(crate) struct Host<'a> {
    shared: &'a Arc<Shared>,
    keyring: &'a Keyring,
    policy: &'a Policy,
    /// The request body of the caller, if it has one.
    request_body: Mutex<CallersBody>,
    /// The body of the last streamed response, until it is taken.
    response_body: Mutex<Option<Body>>,
    attempts: Attempts,
}

/// The body of a request that the caller brings.
#[derive(Default)]
pub(crate) enum CallersBody {
    #[default]
    Spent,
    Once(Body),
    Repeatable(Arc<dyn Fn() -> Body + Send + Sync>),
}

impl<'a> Host<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>, keyring: &'a Keyring, policy: &'a Policy) -> Self {
        Self {
            shared,
            keyring,
            policy,
            request_body: Mutex::new(CallersBody::Spent),
            response_body: Mutex::new(None),
            attempts: Attempts::default(),
        }
    }

    /// The same, with the body of a request that leaves it to the caller.
    pub(crate) fn with_request_body(mut self, body: CallersBody) -> Self {
        self.request_body = Mutex::new(body);
        self
    }

    /// The live body of the response that the operation ended with; empty where that was read.
    pub(crate) fn into_response_body(self) -> Body {
        let body = self.response_body.into_inner();
        body.unwrap_or_else(PoisonError::into_inner)
            .unwrap_or_default()
    }

    /// The time, randomness and caches for the next step.
    pub(crate) fn env(&self) -> Env<'_> {
        Env {
            now: self.shared.clock.now(),
            elapsed: self.shared.started.elapsed(),
            entropy: &*self.shared.entropy,
            cache: &self.shared.cache,
        }
    }

    /// Performs an action. The futures are boxed here, in a function that is not generic, because
    /// the code of an async function is compiled again for each place that awaits it.
    fn perform(&self, action: Pending) -> BoxFuture<'_, Event> {
        match action {
            Pending::Send(outbound) => Box::pin(self.send(outbound)),
            Pending::UseKey(job) => Box::pin(self.use_key(job)),
            Pending::Wait(duration) => Box::pin(self.wait(duration)),
        }
    }

    /// Sends a request on the terms that it carries; one that belongs to a flight joins it.
    async fn send(&self, mut outbound: Box<Outbound>) -> Event {
        let endpoint = outbound.endpoint;
        if let Err(unanswered) = self.check(&outbound) {
            return Event::Unanswered(unanswered);
        }
        self.identify(&mut outbound);
        let Some(body) = self.body_of(&outbound) else {
            return Event::Unanswered(Unanswered {
                endpoint,
                reason: NoAnswer::Failed,
                source: Some(Arc::new(NoBody)),
            });
        };
        // The body of an earlier attempt, with which the machine did not end.
        self.keep(None);
        let transport = Arc::clone(match &self.shared.certified {
            Some(certified) if outbound.client_certificate => certified,
            _ => &self.shared.transport,
        });
        let deadline = outbound.deadline;
        let answer = match (outbound.response, outbound.flight.take()) {
            (ResponseBody::Streamed, _) => {
                let begun = Instant::now();
                let answer = stream(
                    &*transport,
                    &self.shared.observer,
                    outbound,
                    body,
                    self.attempts.next(),
                )
                .await;
                match answer {
                    // The core will refuse it. The beginning says why, and the rest is not read.
                    Ok(response) if refuses_with_challenge(&response) => {
                        let (head, body) = response.into_parts();
                        let left = deadline.saturating_sub(begun.elapsed());
                        let beginning = body.beginning(BEGINNING, left).await;
                        Ok(Response::from_parts(head, beginning))
                    }
                    Ok(response) => {
                        let (head, body) = response.into_parts();
                        self.keep(Some(body));
                        Ok(Response::from_parts(head, Bytes::new()))
                    }
                    Err(unanswered) => Err(unanswered),
                }
            }
            (ResponseBody::Buffered { cap }, None) => {
                let attempt = self.attempts.next();
                exchange(
                    &*transport,
                    &self.shared.observer,
                    outbound,
                    body,
                    cap,
                    attempt,
                )
                .await
            }
            (ResponseBody::Buffered { cap }, Some(flight)) => {
                let send = self.repeatable(*outbound, transport, cap);
                let land: Arc<Land<JwkSet>> = Arc::new(|shared, attempt, answer| {
                    let (now, elapsed) = (shared.clock.now(), shared.started.elapsed());
                    shared.cache.land(attempt, now, elapsed, answer);
                });
                let joined = join(self.shared, flight, endpoint, deadline, &*send, &land);
                return match Box::pin(joined).await {
                    Ok(()) => Event::Landed,
                    Err(unanswered) => Event::Unanswered(unanswered),
                };
            }
        };
        match answer {
            Ok(response) => Event::Received(response),
            Err(unanswered) => Event::Unanswered(unanswered),
        }
    }

    /// Sends the request of a flight, as often as the flight says.
    fn repeatable(
        &self,
        outbound: Outbound,
        transport: Arc<dyn HttpClient>,
        cap: usize,
    ) -> Box<Exchange> {
        let Outbound {
            request,
            endpoint,
            client_certificate,
            ..
        } = outbound;
        let observer = self.shared.observer.clone();
        let attempts = Attempts::default();
        Box::new(move |deadline| {
            let attempt = attempts.next();
            let mut outbound = Outbound::new(request.clone(), endpoint, deadline, cap);
            outbound.client_certificate = client_certificate;
            let body = Body::from(request.body().clone());
            let (transport, observer) = (Arc::clone(&transport), observer.clone());
            let outbound = Box::new(outbound);
            Box::pin(
                async move { exchange(&*transport, &observer, outbound, body, cap, attempt).await },
            )
        })
    }

    /// The exchange of a flight for server metadata.
    ///
    /// # Errors
    ///
    /// [`NoAnswer::DestinationRefused`] for plain http that the policy does not allow.
    pub(crate) fn metadata_exchange(
        &self,
        mut outbound: Outbound,
    ) -> Result<Box<Exchange>, Unanswered> {
        self.check(&outbound)?;
        self.identify(&mut outbound);
        let cap = self.policy.body_cap();
        Ok(self.repeatable(outbound, Arc::clone(&self.shared.transport), cap))
    }

    /// The body to send; `None` if the body of the caller was sent before.
    fn body_of(&self, outbound: &Outbound) -> Option<Body> {
        if outbound.body == oauth_core::outbound::RequestBody::Inline {
            return Some(outbound.request.body().clone().into());
        }
        let mut callers = lock(&self.request_body);
        match mem::take(&mut *callers) {
            CallersBody::Spent => None,
            CallersBody::Once(body) => Some(body),
            CallersBody::Repeatable(make) => {
                let body = make();
                *callers = CallersBody::Repeatable(make);
                Some(body)
            }
        }
    }

    fn keep(&self, body: Option<Body>) {
        *lock(&self.response_body) = body;
    }

    /// Uses a private key, within the deadline of a request.
    async fn use_key(&self, job: KeyJob) -> Event {
        let key = job.key().clone();
        let used = tokio::time::timeout(self.policy.timeout(), self.keyring.use_key(job));
        match used.await {
            Ok(Ok(result)) => Event::KeyUsed(result),
            Ok(Err(fault)) => Event::KeyUnavailable(fault),
            Err(_) => Event::KeyUnavailable(KeyFault {
                key,
                source: Some(Arc::new(timed_out(self.policy.timeout()))),
            }),
        }
    }

    /// Sleeps.
    async fn wait(&self, duration: Duration) -> Event {
        tokio::time::sleep(duration).await;
        Event::Elapsed
    }

    /// Refuses plain http unless the policy allows it. The core checks every URL that it takes from
    /// metadata; this check is the last one, and applies to everything that is sent.
    fn check(&self, outbound: &Outbound) -> Result<(), Unanswered> {
        let uri = outbound.request.uri();
        match uri.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if self.policy.insecure_requests() => Ok(()),
            _ => Err(Unanswered {
                endpoint: outbound.endpoint,
                reason: NoAnswer::DestinationRefused { host: host_of(uri) },
                source: None,
            }),
        }
    }

    /// Adds the `User-Agent`, unless the request has one.
    fn identify(&self, outbound: &mut Outbound) {
        let headers = outbound.request.headers_mut();
        headers
            .entry(header::USER_AGENT)
            .or_insert_with(|| self.shared.user_agent.clone());
    }
}

/// How much of the body of a refusal the core is given.
pub(crate) const BEGINNING: usize = 16 * 1024;

/// The request leaves its body to the caller, who brought none.
#[derive(Debug, thiserror::Error)]
#[error("the caller brought no body, or one that is spent")]
struct NoBody;

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// Runs an operation to its end: [`oauth_core::run::run`] with `.await`.
///
/// # Errors
///
/// The error that the operation ends with.
pub(crate) async fn drive<O: Operation>(
    host: &Host<'_>,
    mut operation: O,
) -> Result<O::Output, oauth_core::Error> {
    let mut event = Event::Begin;
    loop {
        let action = match operation.step(&mut host.env(), event)? {
            Action::Done(output) => return Ok(output),
            Action::Send(outbound) => Pending::Send(outbound),
            Action::UseKey(job) => Pending::UseKey(job),
            Action::Wait(duration) => Pending::Wait(duration),
        };
        event = host.perform(action).await;
    }
}

/// An [`Action`] without the result of the operation, for which a future would otherwise keep room
/// while it waits.
enum Pending {
    Send(Box<Outbound>),
    UseKey(KeyJob),
    Wait(Duration),
}
