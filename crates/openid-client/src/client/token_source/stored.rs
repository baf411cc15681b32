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
//!  │ refresh ──▶ save ──▶ give back ──▶ done
//!  └─────────────────────────────────────┘
//! ```

mod leased;
mod saving;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use oauth_core::flow::{RefreshTokenGrant, TokenSet};
use oauth_core::source::{LoginNeeded, Renewal, SharedBackOff, SourceSettings, StoredTokenSet};
use tokio::time::{Instant, sleep, timeout_at};

use self::leased::{Leased, lease_lifetime};
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
    /// What could not be saved, and the revision that it follows.
    unsaved: Option<(StoredTokenSet, Revision)>,
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

    pub(super) async fn run(
        &self,
        client: &Client,
        settings: &SourceSettings,
    ) -> Result<Outcome, Error> {
        let timeout = client.configuration().policy().timeout();
        let lifetime = lease_lifetime(timeout, self.store.store().deadline());
        let give_up = Instant::now().checked_add(lifetime.saturating_mul(2));
        self.save_unsaved().await?;
        loop {
            let Some((stored, revision)) = self.load(client).await? else {
                return Ok(Outcome::End(LoginNeeded::Removed));
            };
            if self.is_news(revision) && settings.accept(&stored, client.now()) {
                return self.adopt(client, stored, revision);
            }
            let begun = Instant::now();
            let lease = self.store.lease(&self.name, lifetime).await?;
            let Some(lease) = lease else {
                // Another instance refreshes, or the holder of the lease has stopped and the lease
                // will expire.
                if give_up.is_some_and(|give_up| begun > give_up) {
                    return Err(oauth_core::Error::Aborted.into());
                }
                sleep(LOOK_AGAIN).await;
                continue;
            };
            let mut held = Held {
                until: begun.checked_add(lifetime).unwrap_or(begun),
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

    /// Refreshes while this instance holds the lease; `None` when another instance has just
    /// refreshed.
    async fn refresh_leased(
        &self,
        client: &Client,
        revision: Revision,
        held: &mut Held,
    ) -> Result<Option<Outcome>, Error> {
        let (stored, found) = match self.load(client).await? {
            Some(loaded) => loaded,
            None => return Ok(Some(Outcome::End(LoginNeeded::Removed))),
        };
        if found != revision {
            return Ok(None);
        }
        let before = self.store.back_off(client, &self.name).await?;
        let left = before.as_ref().map(|before| before.left(client.now()));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Ok(Some(Outcome::Paused(None, left)));
        }
        let tokens = stored.clone().restore(client.configuration())?;
        let Some(refresh_token) = tokens.refresh_token() else {
            return Ok(Some(Outcome::End(LoginNeeded::NoRefreshToken)));
        };
        let configuration = client.configuration().clone();
        let mut grant = RefreshTokenGrant::new(configuration, refresh_token);
        if let Some(login) = tokens.login() {
            grant = grant.previous(login.clone());
        }
        let has_sent = AtomicBool::new(false);
        let leased = Leased {
            grant,
            until: held.until,
            store_deadline: self.store.store().deadline(),
            has_sent: &has_sent,
        };
        let error = match client.run_as("refresh_token_grant", leased).await {
            Ok(tokens) => {
                let stored = StoredTokenSet::new(client.configuration(), tokens.clone());
                // If not, a new login has replaced this one.
                let is_current = self.save(stored, revision, held.until).await;
                if before.is_some() {
                    self.store.end_back_off(&self.name).await;
                }
                return Ok(is_current.then(|| Outcome::Tokens(Box::new(tokens))));
            }
            Err(Error::Core(error)) => error,
            Err(error) => return Err(error),
        };
        if let Some(successor) = error.refresh_token() {
            let stored = stored.with_refresh_token(successor.clone());
            self.save(stored, revision, held.until).await;
        } else if RENEWAL.is_ended_by(&error) {
            // No other instance needs to try what is dead. A new login, or the successor of an
            // instance that was slow to save it, is not.
            let expired = self.store.expire(&self.name, &stored, revision).await;
            if matches!(expired, Ok(false)) {
                return Ok(None);
            }
            return Err(error.into());
        }
        // Without a request, and without enough of the lease, nothing is known about the server.
        let is_of_the_server = !matches!(error, oauth_core::Error::Aborted);
        if !is_of_the_server || !has_sent.load(Ordering::Relaxed) {
            return Err(error.into());
        }
        let pause = self.pause(client, before.as_ref(), &error, held).await;
        Ok(Some(Outcome::Paused(Some(error), pause)))
    }

    /// Tells the other instances how long to wait. Where the store does not take it, the lease
    /// makes them wait.
    async fn pause(
        &self,
        client: &Client,
        before: Option<&SharedBackOff>,
        error: &oauth_core::Error,
        held: &mut Held,
    ) -> Duration {
        let back_off = SharedBackOff::after(before, error, &client.host().env());
        let saving = self.store.save_back_off(client, &self.name, &back_off);
        held.runs_out = !matches!(timeout_at(held.until, saving).await, Ok(Ok(())));
        back_off.left(client.now())
    }

    async fn load(&self, client: &Client) -> Result<Option<(StoredTokenSet, Revision)>, Error> {
        self.store.load_with_revision(client, &self.name).await
    }

    fn adopt(
        &self,
        client: &Client,
        stored: StoredTokenSet,
        revision: Revision,
    ) -> Result<Outcome, Error> {
        let tokens = stored.restore(client.configuration())?;
        self.known().revision = Some(revision);
        Ok(Outcome::Tokens(Box::new(tokens)))
    }

    fn is_news(&self, revision: Revision) -> bool {
        self.known().revision.is_none_or(|known| known < revision)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }
}

pub(super) const RENEWAL: Renewal = Renewal::Stored;

/// How long an instance waits for another one before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
