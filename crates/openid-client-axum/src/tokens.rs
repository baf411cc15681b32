//! The tokens of sessions, in the store of the layer.

mod until_the_end;

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use openid_client::store::{SealedStore, TimedStore, TokenStore};
use openid_client::{Client, Error, SourceGrant, SourcedTokens, TokenSet, TokenSource};

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
        session: &Session,
        tokens: TokenSet,
    ) -> Result<(), LoginError> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        let client = self.client(&session.client)?;
        let saved = kept.store.save(client, &session.id, tokens);
        saved.await.map_err(LoginError::Store)
    }

    /// Removes the tokens of a session that ends, and revokes its refresh token where the provider
    /// revokes tokens. The person does not wait for the revocation.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn forget_tokens(&self, mark: &Mark) -> Result<(), LoginError> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        kept.sources.remove(&mark.id);
        let client = self.client(&mark.client)?;
        // Tokens that cannot be read are removed all the same.
        let stored = kept.store.load(client, &mark.id).await.ok().flatten();
        let removed = kept.store.remove(&mark.id).await;
        removed.map_err(LoginError::Store)?;
        let tokens = stored.and_then(|stored| stored.restore(client.configuration()).ok());
        let refresh_token = tokens.as_ref().and_then(TokenSet::refresh_token);
        if let Some(refresh_token) = refresh_token
            && client.server_metadata().revocation_endpoint.is_some()
        {
            let revocation = client.token_revocation(refresh_token);
            drop(tokio::spawn(revocation.into_future()));
        }
        Ok(())
    }

    /// The access token of a session.
    ///
    /// # Errors
    ///
    /// [`LoginError::TokensNotKept`]; [`LoginError::LoginRequired`] when the session has ended, or
    /// only a new login brings tokens; [`LoginError::NoAccessToken`]; [`LoginError::Store`].
    pub(crate) async fn access_token(
        &self,
        session: &Arc<Session>,
    ) -> Result<AccessToken, LoginError> {
        let kept = self.kept.as_ref().ok_or(LoginError::TokensNotKept)?;
        // The session may have ended since the request came.
        if self.has_ended(session).await? {
            return Err(LoginError::LoginRequired);
        }
        let client = self.client(&session.client)?;
        let source = kept.sources.source(&session.id, || {
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
            client: client.clone(),
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
    recent: HashMap<String, TokenSource>,
    /// Those that were not used since `recent` was empty.
    earlier: HashMap<String, TokenSource>,
}

impl Sources {
    fn source(
        &self,
        id: &str,
        make: impl FnOnce() -> Result<TokenSource, Error>,
    ) -> Result<TokenSource, Error> {
        let mut generations = self.lock();
        if let Some(source) = generations.recent.get(id) {
            return Ok(source.clone());
        }
        let source = match generations.earlier.remove(id) {
            Some(source) => source,
            None => make()?,
        };
        if generations.recent.len() >= MOST {
            generations.earlier = mem::take(&mut generations.recent);
        }
        generations.recent.insert(id.to_owned(), source.clone());
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
