//! One token for many threads: the blocking part of [`oauth_core::source`].

mod grant;

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oauth_core::Error as CoreError;
use oauth_core::flow::TokenSet;
use oauth_core::run::Host as _;
use oauth_core::secret::Secret;
use oauth_core::source;
use oauth_core::source::{
    Answer, Attempt, Invalidation, SourceError, SourceSettings, SourcedTokens, StoredTokenSet,
};

pub use self::grant::SourceGrant;
use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Begins the settings of a source of tokens, which keeps a token and gets the next one in
    /// time.
    ///
    /// ```
    /// # use test_provider::{ClientAuthentication, ClientRegistration, TestProvider};
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// # let method = ClientAuthentication::ClientSecretBasic(secret.to_owned());
    /// # let app = ClientRegistration::new("my-service", method);
    /// # let runtime = tokio::runtime::Runtime::new()?;
    /// # let server = runtime.block_on(TestProvider::start().client(app).into_future())?;
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let api = server.provider().url(test_provider::Endpoint::Resource);
    /// use openid_client_blocking::{Client, Method, SourceGrant};
    ///
    /// // Once, when the program starts.
    /// let client = Client::discover(issuer, "my-service")
    ///     .client_secret_basic(secret)
    /// #   .root_certificate_pem(root)
    ///     .send()?;
    /// let source = client.token_source(SourceGrant::client_credentials()).build()?;
    ///
    /// // For each request, in any thread.
    /// let tokens = source.token()?;
    /// let response = client.fetch_protected_resource(&tokens, Method::GET, &api).send()?;
    /// # assert_eq!(response.status(), 200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn token_source(&self, grant: impl Into<SourceGrant>) -> TokenSourceBuilder {
        TokenSourceBuilder {
            client: self.clone(),
            grant: grant.into(),
            settings: SourceSettings::default(),
            on_change: None,
            refused: None,
        }
    }
}

type OnChange = dyn Fn(StoredTokenSet) + Send + Sync;

/// The settings of a [`TokenSource`]; see [`Client::token_source`].
#[must_use = "nothing is made until `build` is called"]
pub struct TokenSourceBuilder {
    client: Client,
    grant: SourceGrant,
    settings: SourceSettings,
    on_change: Option<Box<OnChange>>,
    refused: Option<CoreError>,
}

impl TokenSourceBuilder {
    /// Sets the shortest remaining lifetime of a token that is handed out; 30 seconds unless set.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.settings.set_margin(margin);
        self
    }

    /// Sets how long before the margin a new token is requested; see
    /// [`SourceSettings::set_refresh_ahead`].
    pub fn refresh_ahead(mut self, refresh_ahead: Duration) -> Self {
        self.settings.set_refresh_ahead(refresh_ahead);
        self
    }

    /// Sets how long a token without `expires_in` is used; see [`SourceSettings::set_lifetime`].
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        if let Err(error) = self.settings.set_lifetime(lifetime) {
            self.refused.get_or_insert(error);
        }
        self
    }

    /// Calls a function with the tokens when they have changed, before any thread gets them. It
    /// stores them, so that the login outlives the process: a server that rotates refresh tokens
    /// accepts each of them once. The function must not ask the source for a token, which waits for
    /// the function.
    pub fn on_change(mut self, keep: impl Fn(StoredTokenSet) + Send + Sync + 'static) -> Self {
        self.on_change = Some(Box::new(keep));
        self
    }

    /// Makes the source. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a lifetime of zero.
    pub fn build(self) -> Result<TokenSource, Error> {
        if let Some(refused) = self.refused {
            return Err(refused.into());
        }
        let (renewal, settings) = (self.grant.renewal(), self.settings);
        let source = match self.grant.tokens() {
            Some(tokens) => {
                let host = self.client.host();
                source::TokenSource::with_tokens(renewal, settings, tokens, &host.env())
            }
            None => source::TokenSource::new(renewal, settings),
        };
        Ok(TokenSource(Arc::new(Shared {
            client: self.client,
            grant: self.grant,
            on_change: self.on_change,
            state: Mutex::new(State {
                source,
                landing: None,
            }),
        })))
    }
}

impl fmt::Debug for TokenSourceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSourceBuilder")
            .field("client", &self.client)
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

/// A token that many threads share; see [`Client::token_source`]. Cheap to clone.
///
/// One of the threads that ask gets the next token, when the present one is nearly over. The others
/// get the present one while it is good, and wait otherwise. After a failure, threads that have no
/// good token get the same error for a time that grows, and nothing is sent.
#[derive(Clone)]
pub struct TokenSource(Arc<Shared>);

struct Shared {
    client: Client,
    grant: SourceGrant,
    on_change: Option<Box<OnChange>>,
    state: Mutex<State>,
}

struct State {
    source: source::TokenSource,
    /// The end of the attempt under way.
    landing: Option<Arc<Landing>>,
}

type Landed = Result<SourcedTokens, SourceError>;

/// The end of an attempt, for which threads wait.
#[derive(Default)]
struct Landing {
    answer: Mutex<Option<Landed>>,
    landed: Condvar,
}

impl Landing {
    fn wait(&self) -> Landed {
        let mut answer = lock(&self.answer);
        loop {
            if let Some(answer) = &*answer {
                return answer.clone();
            }
            let woken = self.landed.wait(answer);
            answer = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn land(&self, answer: Landed) {
        *lock(&self.answer) = Some(answer);
        self.landed.notify_all();
    }
}

impl TokenSource {
    /// Tokens whose access token is valid for at least the margin. Requests them if there are none,
    /// or waits for the thread that does.
    ///
    /// # Errors
    ///
    /// [`Error::Source`].
    pub fn token(&self) -> Result<SourcedTokens, Error> {
        let shared = &*self.0;
        let mut state = shared.lock();
        let host = shared.client.host();
        let asked = state.source.ask(&host.env());
        let under_way = asked.attempt.map(|attempt| {
            let landing = Arc::<Landing>::default();
            state.landing = Some(Arc::clone(&landing));
            UnderWay {
                shared,
                attempt: Some(attempt),
                result: None,
                landing,
            }
        });
        let landing = state.landing.clone();
        drop(state);
        match (asked.answer, under_way, landing) {
            // A refresh ahead. If it fails, the present token is still good.
            (Answer::Tokens(tokens), Some(under_way), _) => Ok(under_way.run().unwrap_or(tokens)),
            (Answer::Tokens(tokens), None, _) => Ok(tokens),
            (Answer::Failed(error), ..) => Err(error.into()),
            (Answer::Wait(_), Some(under_way), _) => Ok(under_way.run()?),
            (Answer::Wait(_), None, Some(landing)) => Ok(landing.wait()?),
            // The machine says this only of a running attempt, and each of these has a landing.
            (Answer::Wait(_), None, None) => Err(CoreError::Aborted.into()),
        }
    }

    /// Says that a resource server refused this access token, although it has not expired. Ask for
    /// the next one afterwards, unless the answer is [`Invalidation::TooYoung`].
    pub fn invalidate(&self, access_token: &Secret) -> Invalidation {
        let shared = &*self.0;
        let host = shared.client.host();
        shared.lock().source.invalidate(&host.env(), access_token)
    }

    /// The present tokens, to be stored; `None` if there are none.
    pub fn stored(&self) -> Option<StoredTokenSet> {
        let tokens = self.0.lock().source.tokens().map(Arc::clone)?;
        let configuration = self.0.client.configuration();
        Some(StoredTokenSet::new(
            configuration,
            Arc::unwrap_or_clone(tokens),
        ))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Gives tokens that have changed to the application. A refused response may bring a refresh
    /// token that has replaced the old one.
    fn keep(&self, result: &Result<TokenSet, CoreError>) {
        let Some(on_change) = &self.on_change else {
            return;
        };
        let configuration = self.client.configuration();
        let stored = match result {
            Ok(tokens) => Some(StoredTokenSet::new(configuration, tokens.clone())),
            Err(error) => error.refresh_token().and_then(|successor| {
                let tokens = self.lock().source.tokens().map(Arc::clone)?;
                let stored = StoredTokenSet::new(configuration, Arc::unwrap_or_clone(tokens));
                Some(stored.with_refresh_token(successor.clone()))
            }),
        };
        if let Some(stored) = stored {
            on_change(stored);
        }
    }
}

/// An attempt that this thread carries out. Dropping it reports its end to all threads that wait,
/// even if a function of the application panics.
struct UnderWay<'a> {
    shared: &'a Shared,
    /// Taken when it is reported.
    attempt: Option<Attempt>,
    /// The result, once there is one. A function that panics while it keeps tokens does not lose
    /// them: they may hold the only refresh token that is still good.
    result: Option<Result<TokenSet, CoreError>>,
    landing: Arc<Landing>,
}

impl UnderWay<'_> {
    fn run(mut self) -> Landed {
        let (shared, landing) = (self.shared, Arc::clone(&self.landing));
        if let Some(attempt) = &self.attempt {
            let result = shared.grant.run(&shared.client, attempt);
            shared.keep(self.result.insert(result));
        }
        drop(self);
        landing.wait()
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let Some(attempt) = self.attempt.take() else {
            return;
        };
        let result = self.result.take().unwrap_or(Err(CoreError::Aborted));
        let host = self.shared.client.host();
        let mut state = self.shared.lock();
        state.landing = None;
        let answered = state.source.answered(&host.env(), attempt, result);
        drop(state);
        self.landing.land(answered.answer);
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
