//! Resource servers that fetch the metadata of their issuers when the first tokens arrive.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::Misuse;
use oauth_core::source::MetadataSource;

use super::{Issuer, ProtectedResource};
use crate::builder::ClientBuilder;
use crate::client::renewed::Renewed;
use crate::error::Error;
use crate::resource_server::{Deciding, LazyIssuer, ResourceServer};

/// The source of a [`ResourceServer`] that fetches the metadata of its issuers when they are
/// needed; see [`ClientBuilder::lazy`](ClientBuilder::<ProtectedResource>::lazy).
#[derive(Debug)]
pub struct LazyProtectedResource {
    resource: ProtectedResource,
    max_age: Option<Duration>,
}

impl ClientBuilder<ProtectedResource> {
    /// Fetches the metadata of each issuer when its first token arrives, and not now, so that the
    /// application starts while an issuer is down.
    /// [`build`](ClientBuilder::<LazyProtectedResource>::build) makes the [`ResourceServer`]. Set
    /// the issuers, and what is required of requests, before.
    ///
    /// While the metadata of an issuer cannot be fetched, requests with its tokens are refused with
    /// the status 503, and those with tokens of other issuers are not concerned. The metadata are
    /// renewed by age, with the same pauses after a failure as those of a
    /// [`LazyClient`](crate::LazyClient).
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::{ResourceServer, http::Request};
    /// let api = ResourceServer::discover(issuer, "https://api.example.com")
    /// #   .root_certificate_pem(root)
    ///     .lazy()
    ///     .build()?;
    /// # let request = Request::get("/items").body(())?;
    /// # assert_eq!(api.verify(&request).await.unwrap_err().status(), 401);
    /// # });
    /// ```
    pub fn lazy(self) -> ClientBuilder<LazyProtectedResource> {
        self.map_source(|resource| LazyProtectedResource {
            resource,
            max_age: None,
        })
    }
}

impl ClientBuilder<LazyProtectedResource> {
    /// The age from which the metadata are renewed; an hour by default, at least a minute.
    pub fn metadata_max_age(mut self, age: Duration) -> Self {
        self.source.max_age = Some(age);
        self
    }

    /// Builds the resource server. Nothing is sent.
    ///
    /// # Errors
    ///
    /// As [`ResourceServer::discover`], without those of a request. What depends on the metadata of
    /// an issuer is checked when they have been fetched. If the settings do not fit them, requests
    /// with tokens of this issuer are refused with the status 500.
    pub fn build(self) -> Result<ResourceServer, Error> {
        let mut max_age = None;
        let prepared = self
            .map_source(|lazy| {
                max_age = lazy.max_age;
                lazy.resource
            })
            .prepare_resource()?;
        let (settings, shared) = (prepared.settings, prepared.shared);
        let first = prepared.issuers.first();
        let issuer = first.map_or_else(String::new, |(issuer, _)| issuer.as_str().to_owned());
        let mut core = prepared.core.clone();
        let (mut names, mut lazy) = (Vec::new(), Vec::new());
        for (issuer, trust) in prepared.issuers {
            // An issuer that is asked about its tokens may also be one whose JWTs are verified.
            if !trust.introspects() {
                let name = issuer.as_str().to_owned();
                if names.contains(&name) {
                    return Err(oauth_core::Error::from(Misuse::InvalidArgument {
                        argument: "issuer",
                        expected: "an issuer that is new",
                        found: name,
                    })
                    .into());
                }
                names.push(name);
            }
            let named = match issuer {
                Issuer::Named(named) => named,
                Issuer::Known(server) => {
                    core = trust.extend(core, &settings, &shared, *server)?;
                    continue;
                }
            };
            let source = MetadataSource::new(named.endpoint(settings.policy())?);
            let source = match max_age {
                Some(age) => source.max_age(age)?,
                None => source,
            };
            let base = prepared.core.clone();
            let make = move |settings: &_, shared: &Arc<_>, server| {
                Ok(Arc::new(trust.extend(
                    base.clone(),
                    settings,
                    shared,
                    server,
                )?))
            };
            lazy.push(LazyIssuer {
                introspects: trust.introspects(),
                cores: Renewed::new(source, settings.clone(), Arc::clone(&shared), make),
            });
        }
        Ok(ResourceServer::new(Deciding {
            core: Arc::new(core),
            lazy,
            issuer,
            replays: prepared.replays,
            settings,
            shared,
        }))
    }
}
