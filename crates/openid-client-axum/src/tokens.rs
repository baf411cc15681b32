//! The tokens of sessions, in the store of the layer.

mod revocation;
mod until_the_end;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, mem, ptr};

use openid_client::store::{SealedStore, TimedStore, TokenStore};
use openid_client::{Client, Error, SourceGrant, SourcedTokens, TokenSet, TokenSource};

use self::revocation::Revocation;
use self::until_the_end::UntilTheEnd;
use crate::ended::{Mark, Memory};
use crate::error::LoginError;
use crate::sealing::Keys;
use crate::session::Session;
use crate::settings::Settings;

/// Access to the tokens of the person who has logged in. It derefs to the tokens, whose access
/// token is valid for at least 30 seconds.
///
/// As an extractor of axum it begins a login when the tokens cannot be refreshed. The layer must
/// [keep tokens](crate::LoginLayerBuilder::keep_tokens). In a layer with several clients, the route
/// must say whose token it needs, by [`RequireLogin::at`](crate::RequireLogin::at).
///
/// ```
/// use axum::body::Body;
/// use axum::response::IntoResponse;
/// use openid_client::http::Method;
/// use openid_client_axum::{AccessToken, openid_client};
///
/// async fn things(token: AccessToken) -> Result<impl IntoResponse, String> {
///     let url = "https://api.example.com/things";
///     // The request is sent once more with a new token when the API refuses this one.
///     let request = token.client().fetch_protected_resource(token.source(), Method::GET, url);
///     let response = request.await.map_err(|error| error.to_string())?;
///     Ok(response.map(Body::new))
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(things));
/// ```
#[derive(Debug, Clone)]
pub struct AccessToken {
    name: String,
    client: Client,
    source: TokenSource,
    tokens: SourcedTokens,
}

impl AccessToken {
    /// The name of the client that got the tokens.
    pub fn client_name(&self) -> &str {
        &self.name
    }

    /// The client that got the tokens.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The source of the tokens, which all requests of the session share.
    pub const fn source(&self) -> &TokenSource {
        &self.source
    }
}

impl Deref for AccessToken {
    type Target = SourcedTokens;

    fn deref(&self) -> &SourcedTokens {
        &self.tokens
    }
}

impl Settings {
    /// Keeps the tokens of a new session, if the layer keeps any.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn keep_tokens(
        &self,
        client: &Client,
        session: &Session,
        tokens: TokenSet,
    ) -> Result<(), LoginError> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        let saved = kept.store.save(client, &session.id, tokens);
        saved.await.map_err(LoginError::Store)
    }

    /// Removes the tokens of a session that ends, and revokes its refresh token where the provider
    /// revokes tokens. The person does not wait for the revocation, which is tried again while the
    /// provider cannot be reached or is at fault.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn forget_tokens(&self, mark: &Mark) -> Result<(), LoginError> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        kept.sources.remove(&mark.id);
        let client = self.client(&mark.client)?.clone();
        let sealed = kept.store.take_sealed(&mark.id).await;
        let Some(sealed) = sealed.map_err(LoginError::Store)? else {
            return Ok(());
        };
        let revocation = Revocation {
            client,
            store: kept.store.clone(),
            id: mark.id.clone(),
            sealed,
        };
        drop(tokio::spawn(revocation.run(Arc::clone(&kept.revocations))));
        Ok(())
    }

    /// The access token of a session.
    ///
    /// # Errors
    ///
    /// [`LoginError::TokensNotKept`]; [`LoginError::LoginRequired`] when the session has ended, or
    /// only a new login brings tokens; [`LoginError::NoAccessToken`]; [`LoginError::Store`];
    /// [`LoginError::ProviderUnavailable`] and [`LoginError::NotBegun`].
    pub(crate) async fn access_token(
        &self,
        session: &Arc<Session>,
    ) -> Result<AccessToken, LoginError> {
        let kept = self.kept.as_ref().ok_or(LoginError::TokensNotKept)?;
        // The session may have ended since the request came.
        if self.has_ended(session).await? {
            return Err(LoginError::LoginRequired);
        }
        let client = self.ready(&session.client).await?;
        let source = kept.sources.source(&session.id, &client, || {
            let store = kept.store_of(&self.memory, session);
            let grant = SourceGrant::stored(&store, &session.id);
            client.token_source(grant).build()
        });
        let source = source.map_err(LoginError::NoAccessToken)?;
        let tokens = source.token().await.map_err(|error| match error {
            Error::Source(error) if error.is_login_needed() => LoginError::LoginRequired,
            error => LoginError::NoAccessToken(error),
        })?;
        Ok(AccessToken {
            name: session.client.clone(),
            client,
            source,
            tokens,
        })
    }
}

/// The tokens of all sessions.
#[derive(Debug)]
pub(crate) struct Kept {
    store: SealedStore,
    unsealed: TimedStore,
    keys: Keys,
    lifetime: Duration,
    sources: Sources,
    /// Has a clone for each revocation that is not over.
    revocations: Arc<()>,
}

impl Kept {
    /// Keeps tokens in this store for as long as a session can last.
    pub(crate) fn new(unsealed: TimedStore, keys: Keys, lifetime: Duration) -> Self {
        Self {
            store: sealed(unsealed.clone(), unsealed.deadline(), &keys).lifetime(lifetime),
            unsealed,
            keys,
            lifetime,
            sources: Sources::default(),
            revocations: Arc::default(),
        }
    }

    /// The store from which the source of a session refreshes.
    fn store_of(&self, memory: &Arc<Memory>, session: &Arc<Session>) -> SealedStore {
        let store = UntilTheEnd {
            store: self.unsealed.clone(),
            memory: Arc::clone(memory),
            session: Arc::clone(session),
        };
        sealed(store, self.unsealed.deadline(), &self.keys).lifetime(self.lifetime)
    }
}

fn sealed(store: impl TokenStore + 'static, deadline: Duration, keys: &Keys) -> SealedStore {
    let store = SealedStore::new(store, keys.current.clone()).deadline(deadline);
    keys.earlier
        .iter()
        .fold(store, |store, key| store.also_opened_by(key.clone()))
}

/// The sources of the sessions that were active last. A source remembers failed attempts, so it is
/// kept while its session is active.
#[derive(Default)]
pub(crate) struct Sources(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    recent: HashMap<String, (Client, TokenSource)>,
    /// Those that were not used since `recent` was empty.
    earlier: HashMap<String, (Client, TokenSource)>,
}

impl Sources {
    /// The source of a session, for this client. Another one takes its place when the metadata of
    /// the provider have changed; both refresh under the lease of the store.
    fn source(
        &self,
        id: &str,
        client: &Client,
        make: impl FnOnce() -> Result<TokenSource, Error>,
    ) -> Result<TokenSource, Error> {
        let mut generations = self.lock();
        let is_current = |of: &Client| ptr::eq(of.server_metadata(), client.server_metadata());
        match generations.recent.get(id) {
            Some((of, source)) if is_current(of) => return Ok(source.clone()),
            _ => {}
        }
        let source = match generations.earlier.remove(id) {
            Some((of, source)) if is_current(&of) => source,
            _ => make()?,
        };
        if generations.recent.len() >= MOST {
            generations.earlier = mem::take(&mut generations.recent);
        }
        let kept = (client.clone(), source.clone());
        generations.recent.insert(id.to_owned(), kept);
        Ok(source)
    }

    fn remove(&self, id: &str) {
        let mut generations = self.lock();
        generations.recent.remove(id);
        generations.earlier.remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hides the identifiers of the sessions.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// The most sources in one generation; there are two.
const MOST: usize = 10_000;
