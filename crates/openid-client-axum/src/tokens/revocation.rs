//! The revocation of a refresh token whose session has ended.

use std::sync::Arc;
use std::time::Duration;

use openid_client::store::SealedStore;
use openid_client::{Client, CoreError, Error, LazyClient, Secret};
use tokio::time::sleep;

use crate::error::{has_no_answer, is_unavailable};

/// The tokens of a session that has ended. They are in no store any more.
pub(super) struct Revocation {
    pub(super) client: LazyClient,
    pub(super) store: SealedStore,
    pub(super) id: String,
    pub(super) sealed: Secret,
}

impl Revocation {
    /// Revokes the refresh token where the provider revokes tokens. While the provider cannot be
    /// reached or is at fault, it tries again for about four minutes. Fewer than [`MOST`]
    /// revocations wait at the same time, and each of them holds a clone of `waiting`.
    pub(super) async fn run(self, waiting: Arc<()>) {
        let mut pauses = PAUSES.into_iter();
        while self.may_succeed_later().await {
            match pauses.next() {
                Some(seconds) if Arc::strong_count(&waiting) <= MOST => {
                    sleep(Duration::from_secs(seconds)).await;
                }
                _ => return,
            }
        }
    }

    /// Makes an attempt, and returns whether another one is worth it.
    async fn may_succeed_later(&self) -> bool {
        let client = match self.client.client().await {
            Ok(client) => client,
            Err(error) => return is_unavailable(&error),
        };
        let attempt = self.attempt(&client).await;
        attempt.is_err_and(|error| has_no_answer(&error) || is_at_fault(&error))
    }

    async fn attempt(&self, client: &Client) -> Result<(), Error> {
        let tokens = self.store.open(client, &self.id, &self.sealed)?;
        let tokens = tokens.restore(client.configuration())?;
        let endpoint = client.server_metadata().revocation_endpoint.as_ref();
        if let (Some(refresh_token), Some(_)) = (tokens.refresh_token(), endpoint) {
            client.token_revocation(refresh_token).await?;
        }
        Ok(())
    }
}

/// Whether the provider, or a proxy before it, says that it cannot answer now. With status 503, the
/// token still exists (RFC 7009 section 2.2.1). Proxies use other statuses of this class as well.
fn is_at_fault(error: &Error) -> bool {
    let status = error.core().and_then(CoreError::status);
    status.is_some_and(|status| status.is_server_error())
}

/// The time before each further attempt, in seconds.
const PAUSES: [u64; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// The number of revocations that is too large for another one to wait.
const MOST: usize = 1000;

#[cfg(test)]
mod tests {
    use openid_client::SealingKey;
    use openid_client::store::MemoryStore;
    use tokio::time::Instant;

    use super::*;

    /// A provider is down while a crowd logs out.
    #[tokio::test(start_paused = true)]
    async fn few_revocations_wait_and_each_of_them_ends() {
        for (others, waits) in [(MOST - 1, true), (MOST, false)] {
            let waiting = Arc::new(());
            let _others = vec![Arc::clone(&waiting); others];
            let client = Client::discover("https://127.0.0.1:1", "app").lazy();
            let revocation = Revocation {
                client: client.build().unwrap(),
                store: SealedStore::new(MemoryStore::new(), SealingKey::new([7; 32])),
                id: "session".to_owned(),
                sealed: "sealed".into(),
            };
            let began = Instant::now();
            revocation.run(waiting).await;
            let waited = began.elapsed() >= Duration::from_secs(255);
            assert_eq!(waited, waits, "{others}");
            assert!(began.elapsed() < Duration::from_secs(1000));
        }
    }
}
