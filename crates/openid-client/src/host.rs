//! The world as the driver sees it: time, randomness, the network and the keys.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header;
use oauth_core::cache::Cache;
use oauth_core::env::Entropy;
use oauth_core::env::Env;
use oauth_core::error::KeyFault;
use oauth_core::error::NoAnswer;
use oauth_core::error::Unanswered;
use oauth_core::key::KeyJob;
use oauth_core::operation::Event;
use oauth_core::outbound::Outbound;
use oauth_core::policy::Policy;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::exchange::exchange;
use crate::exchange::host_of;
use crate::exchange::timed_out;
use crate::flights::Flights;
use crate::http::HttpClient;
use crate::keyring::Keyring;

/// What the operations of one client, and of its siblings under another policy, have in common.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn HttpClient>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) keyring: Keyring,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) started: Instant,
    pub(crate) cache: Cache,
    pub(crate) flights: Flights,
}

/// The four callbacks of the driver, under the policy of one client.
pub(crate) struct Host<'a> {
    shared: &'a Shared,
    policy: &'a Policy,
}

impl<'a> Host<'a> {
    pub(crate) const fn new(shared: &'a Shared, policy: &'a Policy) -> Self {
        Self { shared, policy }
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

    /// Sends a request on the terms that it carries; one that belongs to a flight joins it.
    pub(crate) async fn send(&self, mut outbound: Outbound) -> Event {
        let endpoint = outbound.endpoint;
        if let Err(reason) = self.allowed(&outbound) {
            return Event::Unanswered(Unanswered {
                endpoint,
                reason,
                source: None,
            });
        }
        outbound
            .request
            .headers_mut()
            .entry(header::USER_AGENT)
            .or_insert_with(|| self.shared.user_agent.clone());
        let transport = Arc::clone(&self.shared.transport);
        let answer = match outbound.flight {
            None => exchange(&*transport, outbound).await,
            Some(flight) => {
                self.shared
                    .flights
                    .join(flight, endpoint, outbound.deadline, async move {
                        exchange(&*transport, outbound).await
                    })
                    .await
            }
        };
        match answer {
            Ok(response) => Event::Received(response),
            Err(unanswered) => Event::Unanswered(unanswered),
        }
    }

    /// Uses a private key, within the time that a request may take.
    pub(crate) async fn use_key(&self, job: KeyJob) -> Event {
        let key = job.key().clone();
        let used = tokio::time::timeout(self.policy.timeout(), self.shared.keyring.use_key(job));
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
    pub(crate) async fn wait(&self, duration: Duration) -> Event {
        tokio::time::sleep(duration).await;
        Event::Elapsed
    }

    /// Plain http leaves this process only under a policy that says so. The core checks every URL
    /// that it takes from metadata; this check is the last one, and holds for all that is sent.
    fn allowed(&self, outbound: &Outbound) -> Result<(), NoAnswer> {
        let uri = outbound.request.uri();
        match uri.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if self.policy.insecure_requests() => Ok(()),
            _ => Err(NoAnswer::DestinationRefused { host: host_of(uri) }),
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("user_agent", &self.user_agent)
            .field("keyring", &self.keyring)
            .finish_non_exhaustive()
    }
}
