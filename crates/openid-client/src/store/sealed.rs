//! What goes into a store is encrypted.

use std::fmt;
use std::time::Duration;

use oauth_core::authorization::{Callback, PendingLogin, SealingKey};
use oauth_core::flow::TokenSet;
use oauth_core::secret::Secret;
use oauth_core::source::StoredTokenSet;

use crate::client::Client;
use crate::error::Error;
use crate::store::{Lease, Revision, StoreError, TimedStore, TokenStore, names};

/// A [`TokenStore`] in which everything is sealed under the application's key. The store can lose
/// the tokens. It cannot read or forge them, or return those of another name.
///
/// ```
/// # test_provider::example!(|client, tokens, server| {
/// # let (secret_bytes, session_id) = ([7; 32], "session-1");
/// # use openid_client::{SealingKey, SourceGrant, store::{MemoryStore, SealedStore}};
/// let store = SealedStore::new(MemoryStore::new(), SealingKey::new(secret_bytes));
/// // After the login; the name is the session's identifier.
/// store.save(&client, session_id, tokens).await?;
/// // In each request of the session, on any instance.
/// let source = client.token_source(SourceGrant::stored(&store, session_id)).build()?;
/// let tokens = source.token().await?;
/// # assert_eq!(tokens.login().unwrap().sub(), "alice");
/// // At the logout.
/// store.remove(session_id).await?;
/// # });
/// ```
#[derive(Clone)]
pub struct SealedStore {
    store: TimedStore,
    /// The current one first.
    keys: Vec<SealingKey>,
    lifetime: Duration,
}

impl SealedStore {
    /// Seals with this key. Every instance needs the same one. A store that is shared already is
    /// given as an `Arc`.
    pub fn new(store: impl TokenStore + 'static, key: SealingKey) -> Self {
        Self {
            store: TimedStore::new(store, DEFAULT_DEADLINE),
            keys: vec![key],
            lifetime: DEFAULT_LIFETIME,
        }
    }

    /// Also opens what was sealed with this key. To change keys, first add the new key here on
    /// every instance, then seal with it, and remove the old key when everything has been sealed
    /// again.
    #[must_use]
    pub fn also_opened_by(mut self, key: SealingKey) -> Self {
        self.keys.push(key);
        self
    }

    /// How long tokens are kept after they were saved last; 90 days by default. Set what the server
    /// says of its refresh tokens.
    #[must_use]
    pub const fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How long to wait for each answer of the store; 5 seconds by default. Later the operation
    /// counts as failed. The lease of a refresh lasts for three times the timeout of the client,
    /// ten times this deadline, and two seconds.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.store.set_deadline(deadline);
        self
    }

    /// Saves the tokens of a login under a name such as the session's identifier, in the place of
    /// those that are there. An application with several clients needs different names for each.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails, and
    /// [`Misuse::NotSealed`](oauth_core::error::Misuse::NotSealed).
    pub async fn save(&self, client: &Client, name: &str, tokens: TokenSet) -> Result<(), Error> {
        let stored = StoredTokenSet::new(client.configuration(), tokens);
        self.save_after(name, &stored, None).await?;
        // The pause after a refresh of the login before does not concern this one.
        self.end_back_off(name).await;
        Ok(())
    }

    /// The tokens under this name; `None` if the store has none. Another instance may use their
    /// refresh token at any time: to use the tokens, make a [source](crate::SourceGrant::stored) of
    /// the name.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails, and
    /// [`Misuse::NotSealedHere`](oauth_core::error::Misuse::NotSealedHere) when the value cannot be
    /// opened.
    pub async fn load(&self, client: &Client, name: &str) -> Result<Option<StoredTokenSet>, Error> {
        let loaded = self.load_with_revision(client, name).await?;
        Ok(loaded.map(|(stored, _)| stored))
    }

    /// Removes the tokens under this name from the store, as [`remove`](Self::remove) does, and
    /// returns them sealed; `None` if there are none. An application with a
    /// [`LazyClient`](crate::LazyClient) can end a session at once in this way. To revoke the refresh
    /// token, it [opens](Self::open) the tokens when there is a client.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub async fn take_sealed(&self, name: &str) -> Result<Option<Secret>, Error> {
        Ok(self.store.take(&names::tokens(name)).await?)
    }

    /// Opens tokens that [`take_sealed`](Self::take_sealed) took out under this name.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`](crate::Misuse::NotSealedHere) for what was sealed under another
    /// key, issuer, client or name.
    pub fn open(
        &self,
        client: &Client,
        name: &str,
        sealed: &Secret,
    ) -> Result<StoredTokenSet, Error> {
        let (configuration, name) = (client.configuration(), names::tokens(name));
        let opened = StoredTokenSet::open(&self.keys, configuration, &name, sealed.expose());
        Ok(opened?)
    }

    /// Removes the tokens under this name, at a logout: every source of them ends when it would
    /// refresh next. Answers whether there were any.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub async fn remove(&self, name: &str) -> Result<bool, Error> {
        Ok(self.store.take(&names::tokens(name)).await?.is_some())
    }

    /// Keeps a login that has begun, under the browser's session and the login's
    /// [`state`](PendingLogin::state), for this long.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails, and
    /// [`Misuse::NotSealed`](oauth_core::error::Misuse::NotSealed).
    pub async fn save_login(
        &self,
        session_id: &str,
        pending: &PendingLogin,
        lifetime: Duration,
    ) -> Result<(), Error> {
        let name = names::login(session_id, pending.state());
        let sealed = Secret::new(pending.seal_for(self.current_key()?, &name)?);
        self.store.save(&name, sealed, None, lifetime).await?;
        Ok(())
    }

    /// Takes out the login of this session to which the callback belongs. A second callback with
    /// the same `state` finds nothing, and a forged one leaves the login where it is.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails,
    /// [`Misuse::NotSealedHere`](oauth_core::error::Misuse::NotSealedHere) when the value cannot be
    /// opened or was moved from another session or state, and
    /// [`Misuse::LoginExpired`](oauth_core::error::Misuse::LoginExpired) when the login took too
    /// long.
    pub async fn take_login(
        &self,
        client: &Client,
        session_id: &str,
        callback: &Callback,
    ) -> Result<Option<PendingLogin>, Error> {
        let Some(state) = callback.state() else {
            return Ok(None);
        };
        let name = names::login(session_id, state);
        let Some(sealed) = self.store.take(&name).await? else {
            return Ok(None);
        };
        let opened = PendingLogin::open_for(&self.keys, &name, sealed.expose(), client.now());
        Ok(Some(opened?))
    }

    pub(crate) const fn store(&self) -> &TimedStore {
        &self.store
    }

    /// The key that seals. There is always one.
    pub(super) fn current_key(&self) -> Result<&SealingKey, StoreError> {
        let key = self.keys.first();
        key.ok_or_else(|| StoreError::new("save", "there is no key"))
    }

    /// The keys that open.
    pub(super) fn keys(&self) -> &[SealingKey] {
        &self.keys
    }

    pub(crate) async fn save_after(
        &self,
        name: &str,
        stored: &StoredTokenSet,
        after: Option<Revision>,
    ) -> Result<Option<Revision>, Error> {
        let name = names::tokens(name);
        let sealed = Secret::new(stored.seal(self.current_key()?, &name)?);
        let saved = self.store.save(&name, sealed, after, self.lifetime).await?;
        Ok(saved)
    }

    /// Ends these tokens where they still have this revision, at once: of the store's operations,
    /// only saving can be bound to a revision. `false` where another value took their place.
    pub(crate) async fn expire(
        &self,
        name: &str,
        stored: &StoredTokenSet,
        revision: Revision,
    ) -> Result<bool, Error> {
        let name = names::tokens(name);
        let sealed = Secret::new(stored.seal(self.current_key()?, &name)?);
        let expired = self.store.save(&name, sealed, Some(revision), AT_ONCE);
        let is_expired = expired.await?.is_some();
        tokio::time::sleep(AT_ONCE.saturating_mul(2)).await;
        Ok(is_expired)
    }

    pub(crate) async fn load_with_revision(
        &self,
        client: &Client,
        name: &str,
    ) -> Result<Option<(StoredTokenSet, Revision)>, Error> {
        let name = names::tokens(name);
        let Some(entry) = self.store.load(&name).await? else {
            return Ok(None);
        };
        let sealed = entry.value.expose();
        let stored = StoredTokenSet::open(&self.keys, client.configuration(), &name, sealed)?;
        Ok(Some((stored, entry.revision)))
    }

    /// The lease to refresh the tokens under this name.
    pub(crate) async fn lease(
        &self,
        name: &str,
        lifetime: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        self.store.lease(&names::tokens(name), lifetime).await
    }

    /// Gives the lease back. One that cannot be given back runs out.
    pub(crate) async fn release(&self, name: &str, lease: Lease) {
        drop(self.store.release(&names::tokens(name), lease).await);
    }
}

impl fmt::Debug for SealedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedStore")
            .field("keys", &self.keys.len())
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// The shortest lifetime that every store can keep.
const AT_ONCE: Duration = Duration::from_millis(1);

/// A store is near, and its answer is a few bytes.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

const DEFAULT_LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);
