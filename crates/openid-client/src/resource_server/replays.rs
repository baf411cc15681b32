//! Which DPoP proofs were used.

use std::time::Duration;

use oauth_core::resource_server::{MemoryReplayStore, ReplayStore as _, Unstored, UsedProof};

use crate::store::{StoreError, TimedStore, TokenStore as _};

/// The memory of used proofs: in this process, or in a store that several instances share.
pub(crate) enum Replays {
    Memory(MemoryReplayStore),
    Store(TimedStore),
}

impl Replays {
    /// Stores a proof as used, in one atomic step. The second value says why the store failed.
    pub(super) async fn insert(
        &self,
        proof: &UsedProof,
    ) -> (Result<(), Unstored>, Option<StoreError>) {
        let store = match self {
            Self::Memory(memory) => {
                return (memory.insert(&proof.name, proof.now, proof.expires), None);
            }
            Self::Store(store) => store,
        };
        let left = proof.expires.seconds().saturating_sub(proof.now.seconds());
        // The rest of a second counts as a second.
        let left = u64::try_from(left).unwrap_or_default().saturating_add(1);
        // When a proof is checked in time, the store may still take its time to answer.
        let left = Duration::from_secs(left).saturating_add(store.deadline());
        // A lease that is never given back is a name that can be taken once.
        match store.lease(&proof.name, left).await {
            Ok(Some(_)) => (Ok(()), None),
            Ok(None) => (Err(Unstored::Replayed), None),
            Err(error) => (Err(Unstored::Full), Some(error)),
        }
    }
}
