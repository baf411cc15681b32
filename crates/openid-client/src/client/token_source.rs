//! One token for many callers: the async part of [`oauth_core::source`].

mod builder;
mod grant;
mod on_change;
mod stored;
mod under_way;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use oauth_core::secret::Secret;
use oauth_core::source::{Answer, Invalidation, SourceSettings, SourcedTokens, StoredTokenSet};

pub use self::builder::TokenSourceBuilder;
pub use self::grant::SourceGrant;
use self::on_change::OnChange;
use self::under_way::{Landing, UnderWay};
use crate::client::Client;
use crate::error::Error;
use crate::lock::lock;

impl Client {
    /// Makes a source of access tokens, which replaces each token before it expires. Make one
    /// source for each grant, keep it, and ask it for a [`token`](TokenSource::token) before each
    /// request.
    ///
    /// `grant` says where the tokens come from: from the [`TokenSet`](crate::TokenSet) of a login,
    /// which is refreshed, or from a [`SourceGrant`].
    ///
    /// ```
    /// # test_provider::example!(service |client, server| {
    /// use openid_client::SourceGrant;
    ///
    /// let grant = SourceGrant::client_credentials().scope("read");
    /// let source = client.token_source(grant).build()?;
    /// // In each of a hundred tasks; one of them sends a request.
    /// let tokens = source.token().await?;
    /// # assert_eq!(tokens.scope(), Some("read"));
    /// # assert_eq!(source.token().await?.access_token(), tokens.access_token());
    /// # });
    /// ```
    pub fn token_source(&self, grant: impl Into<SourceGrant>) -> TokenSourceBuilder {
        TokenSourceBuilder::new(self.clone(), grant.into())
    }
}

/// One access token for many callers, replaced before it expires; see [`Client::token_source`].
///
/// It is cheap to clone, and all clones are the same source. At most one request runs at a time,
/// for any number of callers. It runs in its own task: a caller that stops waiting does not stop it
/// for the others, and a refresh token that the server rotates is kept even when no caller waits.
///
/// # What a caller gets
///
/// | the present token | the caller gets |
/// |---|---|
/// | is valid for longer than the margin | the token, at once |
/// | is near its end | the token, at once; a refresh begins in the background |
/// | is near its end, and the refresh failed | the token, at once; the next attempt waits for the back-off, or for `Retry-After` |
/// | is valid for less than the margin | the result of the one attempt, or an error that all callers share |
/// | cannot be replaced, and has not expired | the token, with a [`warning`](SourcedTokens::warning) |
/// | was ended by `invalid_grant`, or by a response about another login | [`SourceError::LoginNeeded`](crate::SourceError::LoginNeeded), from now on |
#[derive(Clone)]
pub struct TokenSource(Arc<Shared>);

struct Shared {
    client: Client,
    grant: SourceGrant,
    settings: SourceSettings,
    on_change: Option<OnChange>,
    /// Locked while it decides, and never during an `.await`.
    state: Mutex<State>,
}

struct State {
    source: oauth_core::source::TokenSource,
    /// The end of the running attempt, to wait for.
    landing: Option<Landing>,
}

impl TokenSource {
    /// Gets tokens whose access token is valid for at least the margin. Use it for one request, and
    /// ask again for the next.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// let source = client.token_source(tokens).build()?;
    /// let tokens = source.token().await?;
    /// let user = client.fetch_user_info(&tokens).await?;
    /// # assert_eq!(user.sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Source`]: the error of the attempt, which all waiting callers get, or that a login
    /// is needed. A caller that waits for an attempt of another runtime, which may have stopped,
    /// gets [`NoAnswer::StillUnderWay`](oauth_core::error::NoAnswer::StillUnderWay) when the
    /// attempt should have ended: five times the timeout of the client after its beginning, or four
    /// times the lease of a refresh in a [store](crate::store::SealedStore::deadline). Later
    /// callers get it at once. `retry_in` is then 10 seconds, and no other attempt begins before
    /// the runtime goes on or is shut down, because a refresh token must not be sent twice.
    pub async fn token(&self) -> Result<SourcedTokens, Error> {
        let (now, under_way) = self.ask();
        if let Some(under_way) = under_way {
            under_way.begin();
        }
        match now {
            Now::Answer(answer) => answer,
            Now::Wait(landing) => landing.landed().await,
        }
    }

    /// What the caller gets, and the attempt to begin after the state is unlocked. An attempt that
    /// cannot begin reports this, which locks the state.
    fn ask(&self) -> (Now, Option<UnderWay>) {
        let shared = &self.0;
        let host = shared.client.host();
        let mut state = shared.lock();
        let asked = state.source.ask(&host.env());
        let under_way = asked.attempt.map(|attempt| {
            let (under_way, landing) = UnderWay::new(Arc::clone(shared), attempt);
            state.landing = Some(landing);
            under_way
        });
        let now = match (asked.answer, &state.landing) {
            (Answer::Tokens(tokens), _) => Now::Answer(Ok(tokens)),
            (Answer::Failed(error), _) => Now::Answer(Err(error.into())),
            (Answer::Wait(_), Some(landing)) => Now::Wait(landing.clone()),
            // The machine says this only of a running attempt, and each of these has a landing.
            (Answer::Wait(_), None) => Now::Answer(Err(oauth_core::Error::Aborted.into())),
        };
        (now, under_way)
    }

    /// Reports that a resource server refused this access token with `invalid_token`, so that
    /// callers no longer get it. [`fetch_protected_resource`](Client::fetch_protected_resource)
    /// does this itself.
    ///
    /// [`TooYoung`](Invalidation::TooYoung) says that the token was issued less than 30 seconds
    /// ago: another one would be refused as well, so take the refusal as the result. Otherwise
    /// [`token`](Self::token) gives the token that replaces it.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// use openid_client::Invalidation;
    ///
    /// let source = client.token_source(tokens).build()?;
    /// let tokens = source.token().await?;
    /// // The resource server refuses it, a moment after the login.
    /// let invalidation = source.invalidate(tokens.access_token());
    /// assert_eq!(invalidation, Invalidation::TooYoung);
    /// # });
    /// ```
    pub fn invalidate(&self, access_token: &Secret) -> Invalidation {
        let host = self.0.client.host();
        let mut state = self.0.lock();
        state.source.invalidate(&host.env(), access_token)
    }

    /// The present tokens, to be stored, valid or not. Nothing is sent. `None` before the first
    /// token and after the end of the source.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # let source = client.token_source(tokens).build()?;
    /// # use openid_client::StoredTokenSet;
    /// let stored = source.stored().ok_or("the login has ended")?;
    /// let text = serde_json::to_string(&stored)?;
    /// // Later, perhaps in another process.
    /// let stored: StoredTokenSet = serde_json::from_str(&text)?;
    /// let tokens = stored.restore(client.configuration())?;
    /// let source = client.token_source(tokens).build()?;
    /// # assert!(source.token().await?.refresh_token().is_some());
    /// # });
    /// ```
    pub fn stored(&self) -> Option<StoredTokenSet> {
        let tokens = self.tokens()?;
        let configuration = self.0.client.configuration();
        let tokens = Arc::unwrap_or_clone(tokens);
        Some(StoredTokenSet::new(configuration, tokens))
    }

    /// The tokens at this moment, also if they have expired.
    pub(crate) fn tokens(&self) -> Option<Arc<oauth_core::flow::TokenSet>> {
        self.0.lock().source.tokens().map(Arc::clone)
    }
}

/// What a caller gets when it asks.
enum Now {
    Answer(Result<SourcedTokens, Error>),
    Wait(Landing),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("client", &self.0.client)
            .field("grant", &self.0.grant)
            .finish_non_exhaustive()
    }
}
