//! Forward proxies.

use std::fmt;
use std::sync::Arc;

use oauth_core::error::Misuse;

use super::ClientBuilder;
use crate::error::Error;
use crate::http::Proxy;

/// The settings of a proxy. `Debug` shows none of them, because a URL may hold a password.
#[derive(Clone, Default)]
pub(super) struct ProxySettings {
    url: Option<String>,
    no_proxy: Option<String>,
    is_from_environment: bool,
    enforces_policy: bool,
}

impl<Source> ClientBuilder<Source> {
    /// Reaches all servers through the HTTP proxy at this URL, for example
    /// `http://proxy.example.com:3128`, with user name and password if the proxy asks for them:
    /// `http://user:password@proxy.example.com:3128`, percent-encoded. Without a port, the port is
    /// 80. It needs the feature `proxy`.
    ///
    /// The client asks the proxy for a tunnel (`CONNECT`, RFC 9110 section 9.3.6), also to servers
    /// over plain http. TLS runs inside of the tunnel: the proxy sees the host and the port of a
    /// server, and the certificate of the server is verified as without a proxy. The URL, the
    /// credentials and the answer of the proxy are not shown in errors.
    ///
    /// No proxy is used unless it is set here or by
    /// [`proxy_from_environment`](Self::proxy_from_environment).
    ///
    /// The proxy looks up the names of servers, so a
    /// [`destination_policy`](Self::destination_policy) cannot judge their addresses. The client
    /// fails to build with both, unless
    /// [`danger_proxy_enforces_destination_policy`](Self::danger_proxy_enforces_destination_policy)
    /// says that the proxy does it.
    ///
    /// ```
    /// # use openid_client::{Client, ServerMetadata};
    /// # let server = ServerMetadata::new("https://id.example.com");
    /// let client = Client::from_metadata(server, "my-app")
    ///     .proxy("http://proxy.example.com:3128")
    ///     .no_proxy("localhost, .internal.example.com, 10.0.0.0/8")
    ///     .build()?;
    /// # drop(client);
    /// # Ok::<(), openid_client::Error>(())
    /// ```
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy.url = Some(url.into());
        self
    }

    /// The hosts that are reached without the [`proxy`](Self::proxy), separated by commas: names,
    /// which stand for their subdomains as well; addresses; and blocks of addresses such as
    /// `10.0.0.0/8`, which are compared with a host that is an address. `*` stands for all.
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.proxy.no_proxy = Some(hosts.into());
        self
    }

    /// Takes the proxy from the environment of the process, when the client is built: from
    /// `HTTPS_PROXY` or else `ALL_PROXY`, and the exceptions from `NO_PROXY`, or from the same
    /// variables in lower case. Without the first two, no proxy is used. The values are as for
    /// [`proxy`](Self::proxy) and [`no_proxy`](Self::no_proxy). `HTTP_PROXY` is not read: in a CGI
    /// program, a stranger sets it by a header.
    pub fn proxy_from_environment(mut self) -> Self {
        self.proxy.is_from_environment = true;
        self
    }

    /// Permits a proxy together with a [`destination_policy`](Self::destination_policy), because
    /// the proxy refuses the addresses that the policy would refuse. The policy is then asked about
    /// each URL, about hosts that are addresses, and about the addresses of hosts that are reached
    /// without the proxy. The proxy decides about the addresses that it looks up: if it
    /// allows internal ones, anyone who names a server can reach them.
    pub fn danger_proxy_enforces_destination_policy(mut self) -> Self {
        self.proxy.enforces_policy = true;
        self
    }
}

impl ProxySettings {
    /// Whether a setting asks for a proxy.
    pub(super) const fn is_set(&self) -> bool {
        self.url.is_some() || self.is_from_environment || self.no_proxy.is_some()
    }

    /// The proxy, if there is one.
    pub(super) fn proxy(&self, has_policy: bool) -> Result<Option<Arc<Proxy>>, Error> {
        let conflict = |setting, other| Err(Error::Conflict { setting, other });
        let missing = Misuse::MissingArgument {
            argument: "proxy",
            purpose: "the exceptions in `no_proxy`",
        };
        let proxy = match (&self.url, &self.no_proxy, self.is_from_environment) {
            (None, None, false) => None,
            (Some(_), _, true) => return conflict("proxy", "proxy_from_environment"),
            (None, Some(_), true) => return conflict("no_proxy", "proxy_from_environment"),
            (None, Some(_), false) => return Err(oauth_core::Error::from(missing).into()),
            (None, None, true) => Proxy::from_environment()?,
            (Some(url), no_proxy, false) => {
                let no_proxy = no_proxy.as_deref().unwrap_or_default();
                Some(Proxy::new(url, no_proxy)?)
            }
        };
        if proxy.is_some() && has_policy && !self.enforces_policy {
            return Err(oauth_core::Error::from(Misuse::InvalidArgument {
                argument: "proxy",
                expected: "no destination policy, because the proxy looks up the addresses that \
                           the policy should judge (if the proxy refuses what the policy would, \
                           say so by `danger_proxy_enforces_destination_policy`)",
                found: "a destination policy".to_owned(),
            })
            .into());
        }
        Ok(proxy.map(Arc::new))
    }
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxySettings")
    }
}
