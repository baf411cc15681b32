//! Name resolution: the platform's, with an error that can be told from a refused connection.

use std::io;
use std::task::Context;
use std::task::Poll;

use hyper_util::client::legacy::connect::dns::GaiAddrs;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::http::BoxFuture;

/// Asks the platform for the addresses of a host.
#[derive(Debug, Clone)]
pub(super) struct Resolver(GaiResolver);

/// A host name without an address.
#[derive(Debug, thiserror::Error)]
#[error("no address for {host}")]
pub(super) struct NotResolved {
    host: String,
    source: io::Error,
}

impl Resolver {
    pub(super) fn new() -> Self {
        Self(GaiResolver::new())
    }
}

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = NotResolved;
    type Future = BoxFuture<'static, Result<GaiAddrs, NotResolved>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NotResolved>> {
        // The platform's resolver keeps no queue: it is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().to_owned();
        let addresses = self.0.call(name);
        Box::pin(async move {
            addresses
                .await
                .map_err(|source| NotResolved { host, source })
        })
    }
}
