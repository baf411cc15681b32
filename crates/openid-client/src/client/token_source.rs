//! One token for many callers: the waiting around [`oauth_core::source`].

mod builder;
mod grant;
mod stored;
mod under_way;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oauth_core::secret::Secret;
use oauth_core::source::{Answer, Invalidation, SourcedTokens};

pub use self::builder::TokenSourceBuilder;
pub use self::grant::SourceGrant;
use self::under_way::{Landing, UnderWay};
use crate::client::Client;
use crate::error::Error;

impl Client {
    /// A source of access tokens that replaces them before they expire. Make one for each grant, keep
    /// it, and ask it for a [`token`](TokenSource::token) before each request.
    ///
    /// `grant` says where the tokens come from: a [`TokenSet`](crate::TokenSet) of a login, which is
    /// refreshed, or a [`SourceGrant`].
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-service").root_certificate_pem(root);
    /// # let client = client.client_secret("a-secret-of-at-least-32-characters").await?;
    /// use openid_client::SourceGrant;
    ///
    /// let grant = SourceGrant::client_credentials([("scope", "read")]);
    /// let source = client.token_source(grant).build()?;
    /// // In each of a hundred tasks; one of them sends a request.
    /// let tokens = source.token().await?;
    /// # assert_eq!(tokens.scope(), Some("read"));
    /// # assert_eq!(source.token().await?.access_token(), tokens.access_token());
    /// # Ok(()) });
    /// ```
    pub fn token_source(&self, grant: impl Into<SourceGrant>) -> TokenSourceBuilder {
        TokenSourceBuilder::new(self.clone(), grant.into())
    }
}

/// One access token for many callers, replaced before it expires; see [`Client::token_source`].
///
/// Cheap to clone, and every clone is the same source. One request is under way at most, however many
/// callers ask. It runs in a task of its own: a caller that gives up takes nothing from the others,
/// and a refresh token that the server rotates is kept when nobody waits any more.
///
/// # What happens when
///
/// | the token at hand | the caller gets |
/// |---|---|
/// | is good for longer than the margin | it, at once |
/// | is near its end | it, at once; a refresh begins in the background |
/// | is near its end, and the refresh failed | it, at once; the next attempt waits for the back-off, or for `Retry-After` |
/// | is good for less than the margin | the result of the one attempt under way, or an error that all share |
/// | cannot be replaced, and has not expired | it, with a [`warning`](SourcedTokens::warning) |
/// | was ended by `invalid_grant`, or by a response about another login | [`SourceError::LoginNeeded`](oauth_core::source::SourceError::LoginNeeded), for good |
#[derive(Clone)]
pub struct TokenSource(Arc<Shared>);

struct Shared {
    client: Client,
    grant: SourceGrant,
    margin: Duration,
    /// Locked for the moment of a decision, and never while anything is awaited.
    state: Mutex<State>,
}

struct State {
    source: oauth_core::source::TokenSource,
    /// The attempt under way, to be waited for.
    landing: Option<Landing>,
}

impl TokenSource {
    /// Tokens whose access token is good for at least the margin. Use it for one request and ask
    /// again for the next.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// let source = client.token_source(tokens).build()?;
    /// let tokens = source.token().await?;
    /// let user = client.fetch_user_info(&tokens).await?;
    /// # assert_eq!(user.sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Source`]: the one error of the attempt that all callers waited for, or that a login
    /// is needed.
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

    /// What the caller gets, and the attempt to begin once the state is unlocked: one that cannot
    /// begin reports so, which locks the state.
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
            // The machine says this of an attempt under way alone, and each has a landing.
            (Answer::Wait(_), None) => Now::Answer(Err(oauth_core::Error::Aborted.into())),
        };
        (now, under_way)
    }

    /// Reports that a resource server refused this access token with `invalid_token`, so that it is
    /// not handed out again. [`fetch_protected_resource`](Client::fetch_protected_resource) does this
    /// by itself.
    ///
    /// Where the answer is [`TooYoung`](Invalidation::TooYoung), the token was issued less than 30
    /// seconds ago: another one would be refused as well, and the refusal is the result. In the
    /// other cases, [`token`](Self::token) gives the token that replaces it.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// use openid_client::Invalidation;
    ///
    /// let source = client.token_source(tokens).build()?;
    /// let tokens = source.token().await?;
    /// // The resource server refuses it, a moment after the login.
    /// let invalidation = source.invalidate(tokens.access_token());
    /// assert_eq!(invalidation, Invalidation::TooYoung);
    /// # Ok(()) });
    /// ```
    pub fn invalidate(&self, access_token: &Secret) -> Invalidation {
        let host = self.0.client.host();
        let mut state = self.0.lock();
        state.source.invalidate(&host.env(), access_token)
    }

    /// The tokens at hand, to be stored, without a request and whether or not they are still good;
    /// `None` before the first token and after the end.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let source = client.token_source(tokens).build()?;
    /// # use openid_client::StoredTokenSet;
    /// let stored = source.stored().ok_or("the login has ended")?;
    /// let text = serde_json::to_string(&stored)?;
    /// // Later, perhaps in another process.
    /// let stored: StoredTokenSet = serde_json::from_str(&text)?;
    /// let tokens = stored.restore(client.configuration())?;
    /// let source = client.token_source(tokens).build()?;
    /// # assert!(source.token().await?.refresh_token().is_some());
    /// # Ok(()) });
    /// ```
    pub fn stored(&self) -> Option<oauth_core::source::StoredTokenSet> {
        let tokens = Arc::clone(self.0.lock().source.tokens()?);
        let configuration = self.0.client.configuration();
        let tokens = Arc::unwrap_or_clone(tokens);
        Some(oauth_core::source::StoredTokenSet::new(
            configuration,
            tokens,
        ))
    }
}

/// What a caller gets when it asks.
enum Now {
    Answer(Result<SourcedTokens, Error>),
    Wait(Landing),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
