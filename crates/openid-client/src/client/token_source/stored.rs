//! Tokens in a store: one instance refreshes them, the others take what it has saved.
//!
//! ```text
//! load ──▶ newer and good ──────────────────────────────────▶ done
//!  ▲ │ else
//!  │ ▼
//!  │ lease ── held by another ──▶ wait ──┐
//!  │ │                                   │
//!  │ ▼                                   │
//!  │ load again ── newer ──▶ give back ──┤
//!  │ │                                   │
//!  │ ▼                                   │
//!  │ pause of a failed attempt ──▶ give back ──▶ paused
//!  │ │                                   │
//!  │ ▼                                   │
//!  │ a refresh has begun ──▶ wait ── newer ──▶ give back
//!  │ │                                   │
//!  │ ▼                                   │
//!  │ save that a refresh begins ── another value there ──▶ give back
//!  │ │                                   │
//!  │ ▼                                   │
//!  │ refresh ──▶ save ──▶ give back ──▶ done
//!  └─────────────────────────────────────┘
//! ```

mod leased;
mod refreshing;
mod saving;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use oauth_core::flow::TokenSet;
use oauth_core::secret::Secret;
use oauth_core::source::{LoginNeeded, Renewal, SourceSettings, StoredTokenSet};
use oauth_core::time::UnixTime;
use tokio::time::{Instant, sleep};

use self::leased::lease_lifetime;
use crate::client::Client;
use crate::error::Error;
use crate::lock::lock;
use crate::store::{Revision, SealedStore};

/// The tokens of one name, as one source of this process knows them.
pub(super) struct StoredTokens {
    store: SealedStore,
    name: String,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// What the source has got last.
    revision: Option<Revision>,
    unsaved: Option<Unsaved>,
}

/// What could not be saved, and the revision that it follows.
#[derive(Clone)]
struct Unsaved {
    stored: StoredTokenSet,
    after: Revision,
}

/// The result of an attempt.
pub(super) enum Outcome {
    Tokens(Box<TokenSet>),
    /// The attempt failed with this error, or that of another instance had failed; the instances
    /// share the pause.
    Paused(Option<oauth_core::Error>, Duration),
    End(LoginNeeded),
}

/// The lease that this instance holds.
struct Held {
    /// When another instance may have it.
    until: Instant,
    /// The same on the wall clock: the monotonic clock may stand still while a machine sleeps.
    until_wall: UnixTime,
    /// It is not given back, so that the other instances wait for its end.
    runs_out: bool,
}

impl StoredTokens {
    pub(super) fn new(store: &SealedStore, name: String) -> Self {
        Self {
            store: store.clone(),
            name,
            known: Arc::default(),
        }
    }

    /// The same entry of the store, for a source that has not loaded it yet.
    pub(super) fn unknown(&self) -> Self {
        Self::new(&self.store, self.name.clone())
    }

    /// Takes tokens from the store, or refreshes them. `found` are tokens that were in the store
    /// and have to be replaced.
    pub(super) async fn run(
        &self,
        client: &Client,
        settings: &SourceSettings,
        found: &mut Option<TokenSet>,
    ) -> Result<Outcome, Error> {
        let timeout = client.configuration().policy().timeout();
        let lifetime = self.lease_lifetime(timeout);
        let give_up = Instant::now().checked_add(lifetime.saturating_mul(2));
        self.save_unsaved().await?;
        let mut first = None;
        loop {
            let Some((stored, revision)) = self.load(client).await? else {
                return Ok(Outcome::End(LoginNeeded::Removed));
            };
            let tokens = stored.clone().restore(client.configuration())?;
            let is_new = is_new(&mut first, &tokens);
            if self.is_news(revision) {
                let now = client.now();
                self.known().revision = Some(revision);
                if settings.accept(&stored, now) || is_new && settings.accept_new(&stored, now) {
                    return Ok(Outcome::Tokens(Box::new(tokens)));
                }
                *found = Some(tokens);
            }
            let (begun, begun_wall) = (Instant::now(), client.now());
            if give_up.is_some_and(|give_up| begun > give_up) {
                return Err(oauth_core::Error::Aborted.into());
            }
            let Some(lease) = self.store.lease(&self.name, lifetime).await? else {
                // Another instance refreshes, or the holder of the lease has stopped and the lease
                // will expire.
                sleep(LOOK_AGAIN).await;
                continue;
            };
            let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
            let mut held = Held {
                until: begun.checked_add(lifetime).unwrap_or(begun),
                until_wall: begun_wall.saturating_add(seconds),
                runs_out: false,
            };
            let refreshed = self.refresh_leased(client, revision, &mut held).await;
            if self.known().unsaved.is_some() {
                self.save_in_background(lease);
            } else if !held.runs_out {
                self.store.release(&self.name, lease).await;
            }
            match refreshed? {
                Some(outcome) => return Ok(outcome),
                None => continue,
            }
        }
    }

    /// How long an attempt takes at most, for a client with this timeout: two leases of another
    /// instance, its own lease, and keeping the tokens.
    pub(super) fn longest(&self, timeout: Duration) -> Duration {
        self.lease_lifetime(timeout).saturating_mul(4)
    }

    fn lease_lifetime(&self, timeout: Duration) -> Duration {
        lease_lifetime(timeout, self.store.store().deadline())
    }

    async fn load(&self, client: &Client) -> Result<Option<(StoredTokenSet, Revision)>, Error> {
        self.store.load_with_revision(client, &self.name).await
    }

    fn is_news(&self, revision: Revision) -> bool {
        self.known().revision.is_none_or(|known| known < revision)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }
}

/// Whether these tokens have come into the store since the attempt looked there `first`.
fn is_new(first: &mut Option<Secret>, tokens: &TokenSet) -> bool {
    let first = first.get_or_insert_with(|| tokens.access_token().clone());
    first != tokens.access_token()
}

pub(super) const RENEWAL: Renewal = Renewal::Stored;

/// How long an instance waits for another one before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
