//! What a refresh has brought is saved, even if the store fails for a while.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::source::StoredTokenSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Known, StoredTokens};
use crate::error::Error;
use crate::lock::lock;
use crate::store::{Lease, Revision};

impl StoredTokens {
    /// Saves what a refresh has brought. A store that fails is tried a few times more, for as long
    /// as two of its answers may take and not beyond the end of the lease. Then it is tried in the
    /// background and at the beginning of the next attempt: until then these tokens are in this
    /// process alone. Returns `false` if another value has taken their place.
    pub(super) async fn save(
        &self,
        stored: StoredTokenSet,
        after: Revision,
        until: Instant,
    ) -> bool {
        let longest = self.store.store().deadline().saturating_mul(2);
        let now = Instant::now();
        let until = until.min(now.checked_add(longest).unwrap_or(until));
        let saved = timeout_at(until, self.try_to_save(&stored, after)).await;
        match saved.ok().flatten() {
            Some(Some(revision)) => {
                self.known().revision = Some(revision);
                true
            }
            Some(None) => false,
            None => {
                self.known().unsaved = Some((stored, after));
                true
            }
        }
    }

    /// The answer of the store; `None` if it failed each time.
    async fn try_to_save(
        &self,
        stored: &StoredTokenSet,
        after: Revision,
    ) -> Option<Option<Revision>> {
        let mut pause = Duration::from_millis(50);
        for _ in 0..SAVES {
            let saving = self.store.save_after(&self.name, stored, Some(after));
            if let Ok(revision) = saving.await {
                return Some(revision);
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        None
    }

    /// Saves first what could not be saved; without the store, nothing is refreshed.
    pub(super) async fn save_unsaved(&self) -> Result<(), Error> {
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
    pub(super) fn save_in_background(&self, lease: Lease) {
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
            store.release(&name, lease).await;
        });
    }
}

impl Known {
    /// What was unsaved is in the store, or a newer value is (`None`).
    fn saved(&mut self, revision: Option<Revision>) {
        self.unsaved = None;
        self.revision = revision.or(self.revision);
    }
}

/// How often a store that fails is tried before the tokens are handed out.
const SAVES: u32 = 5;

/// How often it is tried in the background: for an hour, and longer where its answers are late.
const BACKGROUND_SAVES: u32 = 1800;

const SAVE_AGAIN: Duration = Duration::from_secs(2);
