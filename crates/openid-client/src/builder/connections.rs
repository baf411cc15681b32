//! Names and connections of the usual transport.

use std::sync::Arc;

use super::ClientBuilder;
use crate::error::Error;
use crate::http::{HyperClient, Resolve, load_platform_roots};

impl<Source> ClientBuilder<Source> {
    /// Looks up host names with this resolver instead of the platform's, of which the client runs
    /// at most 16 lookups at the same time; see [`Resolve`]. The destination policy judges what it
    /// returns.
    ///
    /// It is a setting of the built-in transport: together with [`http_client`](Self::http_client),
    /// the client fails to build with [`Error::Conflict`].
    pub fn resolver(mut self, resolver: impl Resolve + 'static) -> Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// How many connections there may be to each host, 100 by default. A request that finds them
    /// all in use waits for its turn, within its [`timeout`](Self::timeout). Under HTTP/2, it is
    /// the number of requests under way. Values below one count as one.
    ///
    /// It is a setting of the built-in transport: together with [`http_client`](Self::http_client),
    /// the client fails to build with [`Error::Conflict`].
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .connections_per_host(16)
    ///     .await?;
    /// # drop(client);
    /// # });
    /// ```
    pub fn connections_per_host(mut self, limit: usize) -> Self {
        self.connections = Some(limit);
        self
    }

    /// Reads what may block, before the client is built in an async context.
    pub(super) async fn load(&self) {
        if self.transport.is_none() && self.tls.is_none() {
            load_platform_roots().await;
        }
    }

    /// Applies the settings that do not concern TLS to a transport.
    pub(super) fn finish(
        &self,
    ) -> Result<impl Fn(HyperClient) -> HyperClient + Send + Sync + Clone + 'static, Error> {
        let policy = self.destinations.as_ref();
        let policy = policy.or(self.default_destinations.as_ref()).cloned();
        let resolver = self.resolver.clone();
        let limit = self.connections;
        let proxy = self.proxy.proxy(policy.is_some())?;
        Ok(move |mut transport: HyperClient| {
            if let Some(policy) = &policy {
                transport = transport.destination_policy(Arc::clone(policy));
            }
            if let Some(resolver) = &resolver {
                transport = transport.resolver(Arc::clone(resolver));
            }
            if let Some(limit) = limit {
                transport = transport.connections_per_host(limit);
            }
            match &proxy {
                Some(proxy) => transport.proxy(Arc::clone(proxy)),
                None => transport,
            }
        })
    }

    /// Refuses settings that a transport of the application's own does not know.
    pub(super) fn check_own_transport(&self, other: &'static str) -> Result<(), Error> {
        let set = [
            // It would see the URLs, and none of the addresses behind them.
            ("destination_policy", self.destinations.is_some()),
            ("resolver", self.resolver.is_some()),
            ("connections_per_host", self.connections.is_some()),
            ("proxy", self.proxy.is_set()),
        ];
        match set.into_iter().find(|(_, is_set)| *is_set) {
            Some((setting, _)) => Err(Error::Conflict { setting, other }),
            None => Ok(()),
        }
    }
}
