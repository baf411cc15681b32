//! Name resolution, without the addresses that the destination policy refuses.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{io, vec};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::http::lookup::{Platform, Resolve};
use crate::http::{BoxFuture, DestinationPolicy};

/// Looks up the addresses of a host, and returns those that the policy allows.
#[derive(Clone)]
pub(super) struct Resolver {
    source: Source,
    policy: Option<Arc<dyn DestinationPolicy>>,
}

/// The source of the addresses.
#[derive(Clone)]
pub(super) enum Source {
    Platform(Arc<Platform>),
    Application(Arc<dyn Resolve>),
}

/// A host name without an address that may be connected to.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotResolved {
    #[error("no address for {host}")]
    NoAddress { host: String, source: io::Error },
    #[error(transparent)]
    Refused(#[from] AddressRefused),
}

/// The destination policy refuses every address of a host; this is the first of them.
#[derive(Debug, thiserror::Error)]
#[error("the destination policy refuses {address}, an address of {host}")]
pub(super) struct AddressRefused {
    pub(super) host: String,
    pub(super) address: IpAddr,
}

impl Resolver {
    pub(super) const fn new(source: Source, policy: Option<Arc<dyn DestinationPolicy>>) -> Self {
        Self { source, policy }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = NotResolved;
    type Future = BoxFuture<'static, Result<Self::Response, NotResolved>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NotResolved>> {
        // The queue is in the call, which has a deadline.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().to_owned();
        let Self { source, policy } = self.clone();
        Box::pin(async move {
            let addresses = match source {
                Source::Platform(platform) => platform.addresses(host.clone()).await,
                Source::Application(resolver) => resolver.resolve(&host).await,
            };
            match addresses {
                Ok(addresses) => {
                    // The port is the URL's.
                    let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
                    Ok(allowed(policy.as_deref(), host, addresses)?.into_iter())
                }
                Err(source) => Err(NotResolved::NoAddress { host, source }),
            }
        })
    }
}

/// Returns the addresses that the policy allows.
fn allowed(
    policy: Option<&dyn DestinationPolicy>,
    host: String,
    addresses: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, AddressRefused> {
    let Some(policy) = policy else {
        return Ok(addresses.collect());
    };
    let (allowed, refused): (Vec<_>, Vec<_>) =
        addresses.partition(|address| policy.allows_address(&host, address.ip()));
    match (allowed.is_empty(), refused.first()) {
        (true, Some(refused)) => Err(AddressRefused {
            host,
            address: refused.ip(),
        }),
        _ => Ok(allowed),
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::allowed;
    use crate::http::PublicAddresses;

    #[test]
    fn what_the_policy_refuses_is_not_connected_to() {
        let (inside, outside) = ("10.0.0.1:0", "8.8.8.8:0");
        for (addresses, kept) in [
            (vec![outside], Ok(vec![outside])),
            // A name with an internal and a public address.
            (vec![inside, outside, "[::1]:0"], Ok(vec![outside])),
            (vec![inside, "[::1]:0"], Err("10.0.0.1")),
            (vec![], Ok(vec![])),
        ] {
            let host = || "host".to_owned();
            let addresses = parsed(&addresses);
            let found = allowed(
                Some(&PublicAddresses),
                host(),
                addresses.clone().into_iter(),
            );
            let found = found.map_err(|refused| refused.address.to_string());
            let kept = kept.map(|kept| parsed(&kept));
            assert_eq!(found, kept.map_err(str::to_owned));
            let unjudged = allowed(None, host(), addresses.clone().into_iter());
            assert_eq!(unjudged.unwrap(), addresses);
        }
    }

    fn parsed(addresses: &[&str]) -> Vec<SocketAddr> {
        let addresses = addresses.iter();
        addresses.map(|text| text.parse().unwrap()).collect()
    }
}
