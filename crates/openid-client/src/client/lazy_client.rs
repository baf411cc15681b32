//! A client whose server metadata are fetched when they are needed, and renewed by age.

use std::fmt;
use std::sync::{Arc, Mutex};

use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::outbound::{Attempt, Flight};
use oauth_core::policy::Policy;
use oauth_core::source::{MetadataAnswer, MetadataSource};

use crate::builder::Settings;
use crate::client::Client;
use crate::error::Error;
use crate::flights::{Exchange, Exchanged, Land, begin, join};
use crate::host::{Host, Shared};
use crate::lock::lock;
use crate::trace::{operation, renewal_failed};

/// A client whose server metadata are fetched when they are needed; see
/// [`ClientBuilder::lazy`](crate::ClientBuilder::<crate::IssuerOnly>::lazy).
///
/// Keep it, and take a [`client`](Self::client) from it for each request or job. It is cheap to
/// clone. All clones share the metadata, connections, key sets and private keys, also with the
/// clients that come from it.
#[derive(Clone)]
pub struct LazyClient(Arc<Inner>);

struct Inner {
    source: MetadataSource,
    settings: Settings,
    shared: Arc<Shared>,
    /// The last metadata that made a client, or failed to, and the client that is used.
    paired: Mutex<Paired>,
}

impl Inner {
    fn land(&self, shared: &Shared, attempt: Attempt<ServerMetadata>, answer: Exchanged) {
        let (now, elapsed) = (shared.clock.now(), shared.started.elapsed());
        self.source.land(attempt, now, elapsed, answer);
    }
}

#[derive(Default)]
struct Paired {
    metadata: Option<Arc<ServerMetadata>>,
    client: Option<Client>,
    /// Why no client could be made from `metadata`.
    refused: Option<Error>,
}

impl LazyClient {
    pub(crate) fn new(source: MetadataSource, settings: Settings, shared: Arc<Shared>) -> Self {
        Self(Arc::new(Inner {
            source,
            settings,
            shared,
            paired: Mutex::default(),
        }))
    }

    /// The client, with the present metadata of the server.
    ///
    /// The first call fetches the metadata. Calls at the same time share the request, which
    /// continues when its caller gives up. After a failure, calls fail at once with the same error
    /// for one second, after another one for two, and so on up to a minute.
    ///
    /// Metadata that are older than
    /// [`metadata_max_age`](crate::ClientBuilder::<crate::Lazy>::metadata_max_age)
    /// are renewed in the background: no call waits for that. If the renewal fails, or if the new
    /// metadata name another issuer or do not fit the settings of the client, the old ones stay in
    /// use; see [`failure`](Self::failure).
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let lazy = Client::discover(issuer, "my-app").root_certificate_pem(root);
    /// # let lazy = lazy.redirect_uri("https://app.example.com/cb").lazy().build()?;
    /// let client = lazy.client().await?;
    /// let (url, pending) = client.authorization_request().scope("openid").await?;
    /// # drop((url, pending));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Core`] when the metadata cannot be fetched or fail a check, and the errors of a
    /// builder whose settings do not fit the metadata.
    pub async fn client(&self) -> Result<Client, Error> {
        let inner = &*self.0;
        let metadata = match inner.source.ask(inner.shared.started.elapsed()) {
            MetadataAnswer::Known { metadata, renewal } => {
                if let Some(flight) = renewal {
                    self.renew(&flight);
                }
                metadata
            }
            MetadataAnswer::Wait(flight) => self.fetch(flight).await?,
            MetadataAnswer::Failed(error) => return Err(error.into()),
        };
        self.pair(metadata)
    }

    /// Why the last fetch or renewal of the metadata failed; `None` after one that succeeded. For
    /// the health check of an application, because old metadata stay in use after a failure.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let lazy = Client::discover(issuer, "my-app").root_certificate_pem(root).lazy().build()?;
    /// # lazy.client().await?;
    /// if let Some(error) = lazy.failure() {
    ///     eprintln!("the metadata of the provider could not be fetched: {error:#}");
    /// }
    /// # assert!(lazy.failure().is_none());
    /// # });
    /// ```
    pub fn failure(&self) -> Option<Error> {
        let fetched = self.0.source.failure().map(Error::from);
        fetched.or_else(|| lock(&self.0.paired).refused.clone())
    }

    /// The metadata that the client has registered about itself.
    pub fn client_metadata(&self) -> &ClientMetadata {
        self.0.settings.client_metadata()
    }

    /// The policy of the client.
    pub fn policy(&self) -> &Policy {
        self.0.settings.policy()
    }

    async fn fetch(&self, flight: Flight<ServerMetadata>) -> Result<Arc<ServerMetadata>, Error> {
        let inner = &*self.0;
        let (exchange, deadline) = (self.exchange()?, self.policy().timeout());
        let own = Arc::clone(&self.0);
        let land: Arc<Land<ServerMetadata>> =
            Arc::new(move |shared, attempt, answer| own.land(shared, attempt, answer));
        let joined = join(
            &inner.shared,
            flight.clone(),
            EndpointName::Discovery,
            deadline,
            &*exchange,
            &land,
        );
        let issuer = inner.source.issuer().unwrap_or_default();
        let joined = async { joined.await.map_err(oauth_core::Error::from) };
        operation("discover", issuer, joined).await?;
        Ok(inner.source.landed(&flight)?)
    }

    /// Begins an attempt, unless one is under way.
    fn renew(&self, flight: &Flight<ServerMetadata>) {
        let inner = &*self.0;
        // The first fetch made the same request, so there is no error.
        if let Ok(exchange) = self.exchange() {
            let deadline = self.policy().timeout();
            let own = Arc::clone(&self.0);
            let land: Arc<Land<ServerMetadata>> = Arc::new(move |shared, attempt, answer| {
                own.land(shared, attempt, answer);
                if let Some(error) = own.source.failure() {
                    renewal_failed(&error.into());
                }
            });
            begin(&inner.shared, flight, deadline, &*exchange, &land);
        }
    }

    fn exchange(&self) -> Result<Box<Exchange>, Error> {
        let Inner {
            source,
            settings,
            shared,
            ..
        } = &*self.0;
        let host = Host::new(shared, settings.keyring(), settings.policy());
        let exchange = host.metadata_exchange(source.request()?);
        Ok(exchange.map_err(oauth_core::Error::from)?)
    }

    /// The client for these metadata, or the one before if no client can be made from them.
    fn pair(&self, metadata: Arc<ServerMetadata>) -> Result<Client, Error> {
        let inner = &*self.0;
        let mut paired = lock(&inner.paired);
        let last = paired.metadata.as_ref();
        if !last.is_some_and(|last| Arc::ptr_eq(last, &metadata)) {
            let server = ServerMetadata::clone(&metadata);
            let client = inner
                .settings
                .clone()
                .pair(server, Arc::clone(&inner.shared));
            paired.metadata = Some(metadata);
            match client {
                Ok(client) => (paired.client, paired.refused) = (Some(client), None),
                Err(error) => paired.refused = Some(error),
            }
        }
        match (&paired.client, &paired.refused) {
            (Some(client), _) => Ok(client.clone()),
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(oauth_core::Error::Aborted.into()),
        }
    }
}

impl fmt::Debug for LazyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyClient")
            .field("source", &self.0.source)
            .field("client_id", &self.client_metadata().client_id)
            .finish_non_exhaustive()
    }
}
