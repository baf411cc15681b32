//! What the instances of an application remember together, in their store.

use std::sync::Arc;
use std::time::Duration;

use openid_client::Secret;
use openid_client::store::{Lease, StoreError, TimedStore, TokenStore as _};
use tokio::time::{Instant, sleep};

use super::{Cut, Mark};

/// The store that the instances share.
#[derive(Debug)]
pub(super) struct Shared(TimedStore);

impl Shared {
    pub(super) const fn new(store: TimedStore) -> Self {
        Self(store)
    }

    pub(super) async fn has_ended(
        &self,
        names: &[Arc<str>],
        mark: &Mark,
    ) -> Result<bool, StoreError> {
        for name in names {
            if self.cut(name).await?.ends(mark) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn end_session(
        &self,
        name: &str,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        self.save(name, Cut::ALL, lifetime).await
    }

    /// Moves the cut of a name. One instance does so at a time, because a store replaces what it
    /// has not compared: an older logout token could take the place of a newer one.
    pub(super) async fn end_until(
        &self,
        name: &str,
        cut: Cut,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        let lease = self.lease(name).await?;
        let moved = async {
            match cut.is_after(self.cut(name).await?) {
                true => self.save(name, cut, lifetime).await,
                false => Ok(()),
            }
        };
        let moved = moved.await;
        // A lease that cannot be given back runs out.
        drop(self.0.release(name, lease).await);
        moved
    }

    pub(super) async fn use_login(
        &self,
        name: &str,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        // A lease that is never given back is a name that can be taken once.
        Ok(self.0.lease(name, lifetime).await?.is_some())
    }

    /// Waits while another instance holds the lease, for a little longer than it can.
    async fn lease(&self, name: &str) -> Result<Lease, StoreError> {
        // To load, to save, and to give back.
        let lifetime = self.0.deadline().saturating_mul(3);
        let give_up = Instant::now().checked_add(lifetime.saturating_add(LOOK_AGAIN));
        loop {
            let now = Instant::now();
            match self.0.lease(name, lifetime).await? {
                Some(lease) => return Ok(lease),
                None if give_up.is_some_and(|give_up| now < give_up) => sleep(LOOK_AGAIN).await,
                None => return Err(StoreError::new("lease", "another instance holds the lease")),
            }
        }
    }

    async fn cut(&self, name: &str) -> Result<Cut, StoreError> {
        let entry = self.0.load(name).await?;
        Ok(entry.map_or(Cut::NONE, |entry| read(entry.value.expose())))
    }

    async fn save(&self, name: &str, cut: Cut, lifetime: Duration) -> Result<(), StoreError> {
        let value = format!("{} {}", cut.began_at, cut.issued_at);
        let saved = self.0.save(name, Secret::from(value), None, lifetime);
        saved.await.map(drop)
    }
}

/// An entry that cannot be read says that something has ended.
fn read(text: &str) -> Cut {
    let cut = text.split_once(' ').and_then(|(began_at, issued_at)| {
        Some(Cut {
            began_at: began_at.parse().ok()?,
            issued_at: issued_at.parse().ok()?,
        })
    });
    cut.unwrap_or(Cut::ALL)
}

/// How long an instance waits for another one before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use openid_client::store::{Entry, MemoryStore, Revision, StoreFuture, TokenStore};

    use super::*;

    /// A store whose values are a while on the way.
    #[derive(Default)]
    struct Slow(MemoryStore);

    impl TokenStore for Slow {
        fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
            Box::pin(async move {
                let loaded = self.0.load(name).await;
                sleep(Duration::from_millis(10)).await;
                loaded
            })
        }

        fn save<'a>(
            &'a self,
            name: &'a str,
            value: Secret,
            after: Option<Revision>,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Revision>> {
            self.0.save(name, value, after, lifetime)
        }

        fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
            self.0.take(name)
        }

        fn lease<'a>(
            &'a self,
            name: &'a str,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Lease>> {
            self.0.lease(name, lifetime)
        }

        fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
            self.0.release(name, lease)
        }
    }

    const HOUR: Duration = Duration::from_secs(3600);

    fn shared() -> Shared {
        Shared::new(TimedStore::new(Slow::default(), Duration::from_secs(1)))
    }

    fn cut(issued_at: i64) -> Cut {
        Cut {
            began_at: 100,
            issued_at,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_logout_tokens_at_once_the_later_one_counts() {
        for (one, two) in [(10, 20), (20, 10)] {
            let shared = shared();
            let (first, second) = tokio::join!(
                shared.end_until("a", cut(one), HOUR),
                shared.end_until("a", cut(two), HOUR)
            );
            first.unwrap();
            second.unwrap();
            assert_eq!(shared.cut("a").await.unwrap(), cut(20));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_that_stopped_is_waited_for_until_its_lease_ends() {
        let shared = shared();
        shared
            .0
            .lease("a", Duration::from_secs(3))
            .await
            .unwrap()
            .unwrap();
        shared.end_until("a", cut(10), HOUR).await.unwrap();
        assert_eq!(shared.cut("a").await.unwrap(), cut(10));
        shared.0.lease("a", HOUR).await.unwrap().unwrap();
        let error = shared.end_until("a", cut(20), HOUR).await.unwrap_err();
        assert_eq!(error.to_string(), "the token store failed to lease");
    }

    #[test]
    fn an_entry_that_cannot_be_read_ends_everything() {
        assert_eq!(read("100 20"), cut(20));
        for text in ["", "100", "100 x", "100 20 3"] {
            assert_eq!(read(text), Cut::ALL, "{text}");
        }
    }
}
