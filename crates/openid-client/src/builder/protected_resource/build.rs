//! From the settings of a resource server to the server.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::Misuse;
use oauth_core::metadata::ServerMetadata;
use oauth_core::resource_server::ResourceServer as Core;
use oauth_core::resource_server::{DangerAccessTokenProfile, Introspection, MemoryReplayStore};

use super::{Issuer, ProtectedResource};
use crate::builder::{ClientBuilder, Settings};
use crate::error::Error;
use crate::host::Shared;
use crate::http::BoxFuture;
use crate::resource_server::{Deciding, Replays, ResourceServer};
use crate::store::TimedStore;

/// The settings that need no metadata, applied and checked.
pub(super) struct Prepared {
    /// Trusts no issuer yet.
    pub(super) core: Core,
    pub(super) issuers: Vec<(Issuer, Trust)>,
    pub(super) replays: Replays,
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
}

/// How the tokens of an issuer are judged.
#[derive(Clone, Copy)]
pub(super) struct Trust {
    way: Way,
    /// Whether it is the issuer that was named first. The settings of the client are for it.
    is_first: bool,
}

#[derive(Clone, Copy)]
enum Way {
    /// By their signature; without a profile, as RFC 9068 says.
    Signature(Option<DangerAccessTokenProfile>),
    /// By introspection, with the age and number of the responses that are kept.
    Introspection {
        cache: Option<(Duration, usize)>,
        accepts_missing_audience: bool,
    },
}

impl Trust {
    pub(super) const fn introspects(self) -> bool {
        matches!(self.way, Way::Introspection { .. })
    }

    /// The same resource server, which trusts this issuer as well.
    pub(super) fn extend(
        self,
        core: Core,
        settings: &Settings,
        shared: &Shared,
        server: ServerMetadata,
    ) -> Result<Core, Error> {
        let configuration = match self.is_first {
            true => {
                let client = (*settings.client).clone();
                Some(settings.configure(server.clone(), client, shared)?)
            }
            false => None,
        };
        match (self.way, configuration) {
            (
                Way::Introspection {
                    cache,
                    accepts_missing_audience,
                },
                Some(configuration),
            ) => {
                let mut introspection = Introspection::new(configuration)?;
                if let Some((max_age, entries)) = cache {
                    introspection = introspection.with_cache(max_age, entries)?;
                }
                if accepts_missing_audience {
                    introspection = introspection.danger_accept_missing_audience();
                }
                Ok(core.with_introspection(introspection))
            }
            (Way::Signature(Some(profile)), _) => Ok(core.with_danger_issuer(server, profile)?),
            // Only the first issuer is asked about its tokens.
            (Way::Signature(None) | Way::Introspection { .. }, _) => Ok(core.with_issuer(server)?),
        }
    }
}

impl ClientBuilder<ProtectedResource> {
    async fn fetch(self) -> Result<ResourceServer, Error> {
        self.load().await;
        let prepared = self.prepare_resource()?;
        let (settings, shared) = (prepared.settings, prepared.shared);
        let mut core = prepared.core;
        let mut first = None;
        for (issuer, trust) in prepared.issuers {
            let server = match issuer {
                Issuer::Named(named) => named.fetch(&settings, &shared).await?,
                Issuer::Known(server) => *server,
            };
            first.get_or_insert_with(|| server.issuer.clone());
            core = trust.extend(core, &settings, &shared, server)?;
        }
        Ok(ResourceServer::new(Deciding {
            core: Arc::new(core),
            lazy: Vec::new(),
            issuer: first.unwrap_or_default(),
            replays: prepared.replays,
            settings,
            shared,
        }))
    }

    /// Checks and applies what needs no metadata.
    pub(super) fn prepare_resource(self) -> Result<Prepared, Error> {
        if self.settings.profile.is_some() {
            // A profile has rules for clients alone.
            return Err(Error::Conflict {
                setting: "profile",
                other: "ResourceServer",
            });
        }
        let (mut source, mut settings, shared) = self.prepare()?;
        settings
            .keyring
            .derive(&settings.client, &settings.derived)?;
        let origin = source.origin()?;
        let core = Core::new(&source.resource, &origin, settings.policy.clone())?;
        let issuers = source.trusted()?;
        let replays = source.replays(settings.policy.timeout())?;
        let core = source.finish(core)?;
        Ok(Prepared {
            core,
            issuers,
            replays,
            settings,
            shared,
        })
    }
}

impl ProtectedResource {
    /// The issuers, and how the tokens of each are judged.
    fn trusted(&mut self) -> Result<Vec<(Issuer, Trust)>, Error> {
        let missing = |argument, purpose| {
            oauth_core::Error::from(Misuse::MissingArgument { argument, purpose })
        };
        let has_settings = self.introspection_cache.is_some() || self.accepts_missing_audience;
        if has_settings && !self.introspects {
            return Err(missing("introspect_as", "the settings of introspection").into());
        }
        let mut trusted = Vec::new();
        for issuer in mem::take(&mut self.issuers) {
            let is_first = trusted.is_empty();
            let way = match self.introspects && is_first {
                true => Way::Introspection {
                    cache: self.introspection_cache,
                    accepts_missing_audience: self.accepts_missing_audience,
                },
                false => Way::Signature(self.take_profile(issuer.as_str())),
            };
            trusted.push((issuer, Trust { way, is_first }));
        }
        if let Some((issuer, _)) = self.profiles.first() {
            return Err(oauth_core::Error::from(Misuse::InvalidArgument {
                argument: "danger_access_token_profile",
                expected: "an issuer whose tokens are verified by their signature",
                found: issuer.escape_debug().to_string(),
            })
            .into());
        }
        Ok(trusted)
    }

    /// The profile for the tokens of this issuer, which is then used.
    fn take_profile(&mut self, issuer: &str) -> Option<DangerAccessTokenProfile> {
        let place = self.profiles.iter().position(|(of, _)| of == issuer)?;
        Some(self.profiles.swap_remove(place).1)
    }

    /// Where the names of used proofs are kept.
    fn replays(&mut self, deadline: Duration) -> Result<Replays, Error> {
        match (self.replay_store.take(), self.replay_capacity) {
            (Some(_), Some(_)) => Err(Error::Conflict {
                setting: "replay_capacity",
                other: "replay_store",
            }),
            (Some(store), None) => Ok(Replays::Store(TimedStore::new(store, deadline))),
            (None, Some(0)) => Err(oauth_core::Error::from(Misuse::InvalidArgument {
                argument: "replay_capacity",
                expected: "at least 1",
                found: "0".to_owned(),
            })
            .into()),
            (None, Some(names)) => Ok(Replays::Memory(MemoryReplayStore::new(names))),
            (None, None) => Ok(Replays::Memory(MemoryReplayStore::default())),
        }
    }

    /// Applies the settings that concern every issuer.
    fn finish(&mut self, mut core: Core) -> Result<Core, Error> {
        if let Some(algorithms) = &self.algorithms {
            core = core.with_algorithms(algorithms)?;
        }
        if let Some(age) = self.max_proof_age {
            core = core.with_max_proof_age(age)?;
        }
        if let Some(nonces) = self.nonces.take() {
            core = core.with_nonces(nonces);
        }
        if self.requires_dpop {
            core = core.require_dpop();
        }
        if let Some(url) = self.resource_metadata.take() {
            core = core.with_resource_metadata(url)?;
        }
        Ok(core)
    }
}

impl IntoFuture for ClientBuilder<ProtectedResource> {
    type Output = Result<ResourceServer, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fetch())
    }
}
