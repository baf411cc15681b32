//! A value that is made of the metadata of a server, and made again of each version of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oauth_core::metadata::ServerMetadata;
use oauth_core::names::EndpointName;
use oauth_core::outbound::{Attempt, Flight};
use oauth_core::source::{MetadataAnswer, MetadataSource, MetadataVersion};

use crate::builder::Settings;
use crate::error::Error;
use crate::flights::{Exchange, Exchanged, Land, begin, join};
use crate::host::{Host, Shared};
use crate::lock::lock;
use crate::trace::{operation, renewal_failed};

/// A value that is made of the metadata of a server, which are fetched when the value is needed,
/// and renewed by age. Cheap to clone.
pub(crate) struct Renewed<T>(Arc<Inner<T>>);

/// Makes the value of a version of the metadata.
type Make<T> = dyn Fn(&Settings, &Arc<Shared>, ServerMetadata) -> Result<T, Error> + Send + Sync;

struct Inner<T> {
    source: MetadataSource,
    settings: Settings,
    shared: Arc<Shared>,
    make: Box<Make<T>>,
    made: Mutex<Made<T>>,
}

struct Made<T> {
    /// The last version that made a value, or failed to.
    last: Option<Arc<MetadataVersion>>,
    /// Why no value could be made of it.
    refused: Option<Error>,
    /// The value that is used, and the version that it is made of.
    value: Option<(T, Arc<MetadataVersion>)>,
}

impl<T> Inner<T> {
    fn land(&self, shared: &Shared, attempt: Attempt<MetadataVersion>, answer: Exchanged) {
        let (now, elapsed) = (shared.clock.now(), shared.started.elapsed());
        self.source.land(attempt, now, elapsed, answer);
    }
}

impl<T: Clone + Send + 'static> Renewed<T> {
    pub(crate) fn new(
        source: MetadataSource,
        settings: Settings,
        shared: Arc<Shared>,
        make: impl Fn(&Settings, &Arc<Shared>, ServerMetadata) -> Result<T, Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let made = Made {
            last: None,
            refused: None,
            value: None,
        };
        Self(Arc::new(Inner {
            source,
            settings,
            shared,
            make: Box::new(make),
            made: Mutex::new(made),
        }))
    }

    /// The value of the present metadata. Waits only if there are none.
    pub(crate) async fn value(&self) -> Result<T, Error> {
        let Inner { source, shared, .. } = &*self.0;
        let version = match source.ask(shared.clock.now(), shared.started.elapsed()) {
            MetadataAnswer::Known { metadata, renewal } => {
                if let Some(flight) = renewal {
                    self.renew(&flight);
                }
                metadata
            }
            MetadataAnswer::Wait(flight) => self.fetch(flight).await?,
            MetadataAnswer::Failed(error) => return Err(error.into()),
        };
        self.make(version)
    }

    /// The value that was made last, if there is one. Nothing is sent.
    pub(crate) fn last_value(&self) -> Option<T> {
        let made = lock(&self.0.made);
        made.value.as_ref().map(|(value, _)| value.clone())
    }

    /// Why the last fetch failed, or why no value could be made of what it brought.
    pub(crate) fn failure(&self) -> Option<Error> {
        let fetched = self.0.source.failure().map(Error::from);
        fetched.or_else(|| lock(&self.0.made).refused.clone())
    }

    /// How long it takes until the next caller causes a request, after a failure.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let Inner { source, shared, .. } = &*self.0;
        source.retry_after(shared.started.elapsed())
    }

    pub(crate) fn source(&self) -> &MetadataSource {
        &self.0.source
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    async fn fetch(&self, flight: Flight<MetadataVersion>) -> Result<Arc<MetadataVersion>, Error> {
        let inner = &*self.0;
        let (exchange, deadline) = (self.exchange()?, inner.settings.policy().timeout());
        let own = Arc::clone(&self.0);
        let land: Arc<Land<MetadataVersion>> =
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
        Ok(inner.source.landed(&flight, inner.shared.clock.now())?)
    }

    /// Begins an attempt, unless one is under way.
    fn renew(&self, flight: &Flight<MetadataVersion>) {
        let inner = &*self.0;
        // The first fetch made the same request, so there is no error.
        if let Ok(exchange) = self.exchange() {
            let deadline = inner.settings.policy().timeout();
            let own = Arc::clone(&self.0);
            let land: Arc<Land<MetadataVersion>> = Arc::new(move |shared, attempt, answer| {
                own.land(shared, attempt, answer);
                if let Some(error) = own.source.failure() {
                    renewal_failed(&error.into());
                }
            });
            begin(&inner.shared, flight, deadline, &*exchange, &land);
        }
    }

    fn exchange(&self) -> Result<Box<Exchange>, Error> {
        let inner = &*self.0;
        let settings = &inner.settings;
        let host = Host::new(&inner.shared, settings.keyring(), settings.policy());
        let exchange = host.metadata_exchange(inner.source.request()?);
        Ok(exchange.map_err(oauth_core::Error::from)?)
    }

    /// The value of this version or a newer one, or the value before if none can be made of it.
    fn make(&self, version: Arc<MetadataVersion>) -> Result<T, Error> {
        let inner = &*self.0;
        let mut made = lock(&inner.made);
        // Since this caller got its version, another one may have made the value of the next.
        let version = inner.source.newest().unwrap_or(version);
        let last = made.last.as_ref();
        if !last.is_some_and(|last| Arc::ptr_eq(last, &version)) {
            made.last = Some(Arc::clone(&version));
            let is_same = |of: &MetadataVersion| **of == **version;
            match &mut made.value {
                // What depends on the value, such as a cache, stays.
                Some((_, of)) if is_same(of) => {
                    *of = version;
                    made.refused = None;
                }
                _ => {
                    let server = ServerMetadata::clone(&version);
                    match (inner.make)(&inner.settings, &inner.shared, server) {
                        Ok(value) => {
                            made.value = Some((value, version));
                            made.refused = None;
                        }
                        Err(error) => made.refused = Some(error),
                    }
                }
            }
        }
        let now = inner.shared.clock.now();
        match (&made.value, &made.refused) {
            (Some((value, of)), _) if of.may_be_used(now) => Ok(value.clone()),
            (_, Some(error)) => Err(error.clone()),
            (_, None) => Err(oauth_core::Error::Aborted.into()),
        }
    }
}

impl<T> Clone for Renewed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use http::{Request, Response};
    use tokio::time::advance;

    use super::*;
    use crate::client::Client;
    use crate::http::{Body, BoxFuture, HttpClient, TransportError};

    /// Serves other metadata each time.
    #[derive(Default)]
    struct Numbered(AtomicUsize);

    impl HttpClient for Numbered {
        fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let document = format!(
                r#"{{"issuer":"https://op.example","token_endpoint":"https://op.example/{number}"}}"#
            );
            let response = Response::builder().header("content-type", "application/json");
            let response = response.body(Body::from(Bytes::from(document)));
            Box::pin(async move { Ok(response.unwrap()) })
        }
    }

    /// A caller got its version, and its thread stood still before the value was made.
    #[tokio::test(start_paused = true)]
    async fn an_older_version_takes_the_place_of_no_newer_one() {
        let client = Client::discover("https://op.example", "app");
        let lazy = client.http_client(Numbered::default()).lazy();
        let clients = lazy.build().unwrap().renewed().unwrap();
        let path = |client: &Client| {
            let endpoint = client.server_metadata().token_endpoint.clone();
            endpoint.unwrap().rsplit('/').next().unwrap().to_owned()
        };
        assert_eq!(path(&clients.value().await.unwrap()), "0");
        let older = clients.source().newest().unwrap();
        advance(Duration::from_secs(3600)).await;
        // The renewal begins, and ends in the background.
        let renewed = async {
            while path(&clients.value().await.unwrap()) == "0" {
                tokio::task::yield_now().await;
            }
        };
        renewed.await;
        assert_eq!(path(&clients.make(older).unwrap()), "1");
        assert_eq!(path(&clients.last_value().unwrap()), "1");
    }
}
