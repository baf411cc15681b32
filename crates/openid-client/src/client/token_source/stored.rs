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
//!  │ refresh ──▶ save ──▶ give back ──▶ done
//!  └─────────────────────────────────────┘
//! ```

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use oauth_core::env::Env;
use oauth_core::flow::{RefreshTokenGrant, TokenSet};
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::source::{LoginNeeded, Renewal, SourceSettings, StoredTokenSet};
use tokio::time::{Instant, sleep};

use crate::client::Client;
use crate::error::Error;
use crate::lock::lock;
use crate::store::{Lease, Revision, SealedStore};

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
    End(LoginNeeded),
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
        let lifetime = lease_lifetime(timeout);
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
            let lease = self.store.store().lease(&self.name, lifetime).await?;
            let Some(lease) = lease else {
                // Another instance refreshes, or the holder of the lease has stopped and the lease
                // will expire.
                if give_up.is_some_and(|give_up| begun > give_up) {
                    return Err(oauth_core::Error::Aborted.into());
                }
                sleep(LOOK_AGAIN).await;
                continue;
            };
            let until = begun.checked_add(lifetime).unwrap_or(begun);
            let refreshed = self.refresh_leased(client, revision, until).await;
            if self.known().unsaved.is_some() {
                self.save_in_background(lease);
            } else {
                // A lease that cannot be given back runs out.
                drop(self.store.store().release(&self.name, lease).await);
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
        until: Instant,
    ) -> Result<Option<Outcome>, Error> {
        let (stored, found) = match self.load(client).await? {
            Some(loaded) => loaded,
            None => return Ok(Some(Outcome::End(LoginNeeded::Removed))),
        };
        if found != revision {
            return Ok(None);
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
        match client.run(Leased { grant, until }).await {
            Ok(tokens) => {
                let stored = StoredTokenSet::new(client.configuration(), tokens.clone());
                // If not, a new login has replaced this one.
                let is_current = self.save(stored, revision).await;
                Ok(is_current.then(|| Outcome::Tokens(Box::new(tokens))))
            }
            Err(error) => {
                if let Some(successor) = error.core().and_then(oauth_core::Error::refresh_token) {
                    let stored = stored.with_refresh_token(successor.clone());
                    self.save(stored, revision).await;
                } else if error.core().is_some_and(|error| RENEWAL.is_ended_by(error)) {
                    // No other instance needs to try what is dead. A new login, or the successor of an
                    // instance that was slow to save it, is not.
                    let expired = self.store.expire(&self.name, &stored, revision).await;
                    if matches!(expired, Ok(false)) {
                        return Ok(None);
                    }
                }
                Err(error)
            }
        }
    }

    async fn load(&self, client: &Client) -> Result<Option<(StoredTokenSet, Revision)>, Error> {
        self.store.load_with_revision(client, &self.name).await
    }

    /// Saves what a refresh has brought. A store that fails is tried a few times more, then in the
    /// background and at the beginning of the next attempt: until then these tokens are in this
    /// process alone. Returns `false` if another value has taken their place.
    async fn save(&self, stored: StoredTokenSet, after: Revision) -> bool {
        let mut pause = Duration::from_millis(50);
        for _ in 0..SAVES {
            match self
                .store
                .save_after(&self.name, &stored, Some(after))
                .await
            {
                Ok(Some(revision)) => {
                    self.known().revision = Some(revision);
                    return true;
                }
                Ok(None) => return false,
                Err(_) => sleep(pause).await,
            }
            pause = pause.saturating_mul(2);
        }
        self.known().unsaved = Some((stored, after));
        true
    }

    /// Saves first what could not be saved; without the store, nothing is refreshed.
    async fn save_unsaved(&self) -> Result<(), Error> {
        let unsaved = self.known().unsaved.clone();
        let Some((stored, after)) = unsaved else {
            return Ok(());
        };
        let revision = self
            .store
            .save_after(&self.name, &stored, Some(after))
            .await?;
        self.known().saved(revision);
        Ok(())
    }

    /// Tries the store until it has what could not be saved, and keeps the lease that long: another
    /// instance that refreshed now would send a token that is spent.
    fn save_in_background(&self, lease: Lease) {
        let Self { store, name, known } = self;
        let (store, name, known) = (store.clone(), name.clone(), Arc::clone(known));
        tokio::spawn(async move {
            for _ in 0..BACKGROUND_SAVES {
                sleep(SAVE_AGAIN).await;
                let unsaved = lock(&known).unsaved.clone();
                let Some((stored, after)) = unsaved else {
                    break;
                };
                if let Ok(revision) = store.save_after(&name, &stored, Some(after)).await {
                    lock(&known).saved(revision);
                    break;
                }
            }
            drop(store.store().release(&name, lease).await);
        });
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

impl Known {
    /// What was unsaved is in the store, or a newer value is (`None`).
    fn saved(&mut self, revision: Option<Revision>) {
        self.unsaved = None;
        self.revision = revision.or(self.revision);
    }
}

/// A lease outlives the keys that are fetched first, the token request, the keys that are fetched
/// again, and the saving.
fn lease_lifetime(timeout: Duration) -> Duration {
    timeout.saturating_mul(3).saturating_add(TO_SAVE)
}

/// A refresh that sends its token only while enough of the lease is left for the answer to be
/// saved: after the end of the lease, another instance may use the same token.
struct Leased {
    grant: RefreshTokenGrant,
    until: Instant,
}

impl Operation for Leased {
    type Output = TokenSet;

    fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<TokenSet>, oauth_core::Error> {
        let action = self.grant.step(env, event)?;
        if let Action::Send(outbound) = &action
            && outbound.endpoint == EndpointName::Token
        {
            // The answer, and the keys that may have to be fetched for it.
            let needed = outbound.deadline.saturating_mul(2).saturating_add(TO_SAVE);
            let left = self.until.saturating_duration_since(Instant::now());
            if left < needed {
                return Err(oauth_core::Error::Aborted);
            }
        }
        Ok(action)
    }
}

pub(super) const RENEWAL: Renewal = Renewal::Stored;

/// How long an instance waits for another one before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How often a store that fails is tried before the tokens are handed out.
const SAVES: u32 = 5;

/// How often it is tried in the background: for an hour.
const BACKGROUND_SAVES: u32 = 1800;

const SAVE_AGAIN: Duration = Duration::from_secs(2);

/// What is kept of a lease for the saving.
const TO_SAVE: Duration = Duration::from_secs(5);
