//! What a refresh has brought is saved, even if the store fails for a while.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::source::StoredTokenSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Known, StoredTokens, Unsaved};
use crate::client::Client;
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
        client: &Client,
        stored: StoredTokenSet,
        after: Revision,
        until: Instant,
    ) -> bool {
        let longest = self.store.store().deadline().saturating_mul(2);
        let now = Instant::now();
        let until = until.min(now.checked_add(longest).unwrap_or(until));
        let saved = timeout_at(until, self.try_to_save(client, &stored, after)).await;
        match saved.ok().flatten() {
            Some(Some(revision)) => {
                self.known().revision = Some(revision);
                true
            }
            Some(None) => false,
            None => {
                self.known().unsaved = Some(Unsaved { stored, after });
                true
            }
        }
    }

    /// The answer of the store; `None` if it failed each time.
    async fn try_to_save(
        &self,
        client: &Client,
        stored: &StoredTokenSet,
        after: Revision,
    ) -> Option<Option<Revision>> {
        let mut pause = Duration::from_millis(50);
        for attempt in 0..SAVES {
            let saving = self.store.save_after(&self.name, stored, Some(after));
            match saving.await {
                // An attempt whose answer was lost may have saved them.
                Ok(None) if attempt > 0 => {
                    if let Ok(revision) = self.revision_of(client, stored).await {
                        return Some(revision);
                    }
                }
                Ok(revision) => return Some(revision),
                Err(_) => {}
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        None
    }

    /// The revision of these tokens in the store; `None` if others are there.
    async fn revision_of(
        &self,
        client: &Client,
        stored: &StoredTokenSet,
    ) -> Result<Option<Revision>, Error> {
        let loaded = self.load(client).await?;
        let same = loaded.filter(|(found, _)| found.has_tokens_of(stored));
        Ok(same.map(|(_, revision)| revision))
    }

    /// Saves first what could not be saved; without the store, nothing is refreshed.
    pub(super) async fn save_unsaved(&self) -> Result<(), Error> {
        let unsaved = self.known().unsaved.clone();
        let Some(Unsaved { stored, after }) = unsaved else {
            return Ok(());
        };
        let revision = self
            .store
            .save_after(&self.name, &stored, Some(after))
            .await?;
        self.known().saved(after, revision);
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
                let Some(Unsaved { stored, after }) = unsaved else {
                    break;
                };
                if let Ok(revision) = store.save_after(&name, &stored, Some(after)).await {
                    lock(&known).saved(after, revision);
                    break;
                }
            }
            store.release(&name, lease).await;
        });
    }
}

impl Known {
    /// What was unsaved after this revision is in the store, or a newer value is (`None`).
    fn saved(&mut self, after: Revision, revision: Option<Revision>) {
        self.unsaved.take_if(|unsaved| unsaved.after == after);
        self.revision = self.revision.max(revision);
    }

    /// The tokens that the source knows as the first of these revisions have the second one now.
    pub(super) fn follows(&mut self, before: Revision, now: Revision) {
        if self.revision == Some(before) {
            self.revision = Some(now);
        }
    }
}

/// How often a store that fails is tried before the tokens are handed out.
const SAVES: u32 = 5;

/// How often it is tried in the background: for an hour, and longer where its answers are late.
const BACKGROUND_SAVES: u32 = 1800;

/// How long the saving in the background waits between two attempts.
pub(super) const SAVE_AGAIN: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    /// The saving in the background learns late that older tokens are in the store.
    #[test]
    fn what_is_unsaved_now_is_kept_when_what_was_unsaved_before_has_been_saved() {
        let stored = r#"{"version":1,"issuer":"https://op.example","client_id":"app",
            "access_token":"a","token_type":"Bearer","received_at":1,"refresh_token":"r"}"#;
        let stored: StoredTokenSet = serde_json::from_str(stored).unwrap();
        let after = Revision::new(7);
        let mut known = Known {
            revision: Some(Revision::new(7)),
            unsaved: Some(Unsaved { stored, after }),
        };
        known.saved(Revision::new(3), Some(Revision::new(4)));
        assert!(known.unsaved.is_some());
        assert_eq!(known.revision, Some(Revision::new(7)));
        known.saved(after, Some(Revision::new(9)));
        assert!(known.unsaved.is_none());
        assert_eq!(known.revision, Some(Revision::new(9)));
    }
}
