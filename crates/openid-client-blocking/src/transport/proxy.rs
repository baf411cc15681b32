//! The way to a server: through an HTTP proxy, or directly.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use oauth_core::error::Misuse;
use url::Url;

use crate::error::Error;

/// The settings of a proxy. `Debug` shows none of them, because a URL may hold a password.
#[derive(Clone, Default)]
pub(crate) struct ProxySettings {
    pub(crate) url: Option<String>,
    pub(crate) no_proxy: Option<String>,
    pub(crate) is_from_environment: bool,
}

impl ProxySettings {
    /// # Errors
    ///
    /// [`Misuse`] for settings that exclude each other, and for a value that would be ignored: the
    /// requests would leave without the proxy.
    pub(crate) fn proxies(&self) -> Result<Proxies, Error> {
        let no_proxy = self.no_proxy.as_deref();
        match (&self.url, no_proxy, self.is_from_environment) {
            (None, None, false) => Ok(Proxies::default()),
            (None, None, true) => {
                Proxies::from_variables(|name| std::env::var_os(name)?.into_string().ok())
            }
            (_, _, true) => Err(Misuse::InvalidArgument {
                argument: "proxy_from_environment",
                expected: "neither `proxy` nor `no_proxy` beside it",
                found: "one of them".to_owned(),
            }
            .into()),
            (None, Some(_), false) => Err(Misuse::MissingArgument {
                argument: "proxy",
                purpose: "the exceptions in `no_proxy`",
            }
            .into()),
            (Some(url), no_proxy, false) => Ok(Proxies {
                all: Some(proxy("proxy", url)?),
                https: None,
                exceptions: Exceptions::parse("no_proxy", no_proxy.unwrap_or_default())?,
            }),
        }
    }
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxySettings")
    }
}

/// The proxies, and the hosts that are reached without them.
#[derive(Default)]
pub(crate) struct Proxies {
    https: Option<ureq::Proxy>,
    all: Option<ureq::Proxy>,
    exceptions: Exceptions,
}

impl Proxies {
    fn from_variables(read: impl Fn(&'static str) -> Option<String>) -> Result<Self, Error> {
        // Where both are set, that in capitals counts. An empty one counts as absent.
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| {
                let value = read(name).filter(|value| !value.is_empty())?;
                Some((name, value))
            })
        };
        let named = |found: Option<(&'static str, String)>| {
            found.map(|(name, url)| proxy(name, &url)).transpose()
        };
        let exceptions = first(["NO_PROXY", "no_proxy"]);
        Ok(Self {
            https: named(first(["HTTPS_PROXY", "https_proxy"]))?,
            all: named(first(["ALL_PROXY", "all_proxy"]))?,
            exceptions: match exceptions {
                Some((name, hosts)) => Exceptions::parse(name, &hosts)?,
                None => Exceptions::default(),
            },
        })
    }

    /// The proxy for this URL; `None` for the direct way.
    pub(super) fn route(&self, uri: &Uri) -> Option<ureq::Proxy> {
        let is_https = uri.scheme_str() == Some("https");
        let https = self.https.as_ref().filter(|_| is_https);
        let proxy = https.or(self.all.as_ref())?;
        let host = uri.host().unwrap_or_default();
        (!self.exceptions.contain(host)).then(|| proxy.clone())
    }
}

/// Reads the URL of a proxy. The message does not repeat it, because it may hold a password.
fn proxy(argument: &'static str, url: &str) -> Result<ureq::Proxy, Error> {
    let invalid = |found: &str| Misuse::InvalidArgument {
        argument,
        expected: "the URL of an HTTP proxy, such as http://user:password@proxy.example.com:3128",
        found: found.to_owned(),
    };
    let url = match url.contains("://") {
        true => Url::parse(url),
        false => Url::parse(&format!("http://{url}")),
    };
    let url = url.map_err(|_| invalid("something else"))?;
    match url.scheme() {
        "http" => {}
        "https" => return Err(invalid("a URL with the scheme `https`").into()),
        _ => return Err(invalid("a URL with another scheme").into()),
    }
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !is_bare || url.host_str().is_none() {
        return Err(invalid("something else").into());
    }
    let proxy = ureq::Proxy::new(url.as_str().trim_end_matches('/'));
    Ok(proxy.map_err(|_| invalid("something else"))?)
}

/// The hosts that are reached without a proxy.
#[derive(Debug, Default)]
struct Exceptions {
    all: bool,
    /// In lower case, without a dot at either end. Each stands for its subdomains as well.
    names: Vec<String>,
    /// Blocks of addresses, with the length of their prefix.
    blocks: Vec<(IpAddr, u32)>,
}

impl Exceptions {
    /// Reads names, addresses and blocks of addresses, separated by commas.
    fn parse(argument: &'static str, hosts: &str) -> Result<Self, Error> {
        let mut read = Self::default();
        let hosts = hosts.split(',').map(str::trim);
        for host in hosts.filter(|host| !host.is_empty()) {
            let invalid = || Misuse::InvalidArgument {
                argument,
                expected: "names, addresses and blocks of addresses such as 10.0.0.0/8, or `*`",
                found: host.escape_debug().to_string(),
            };
            let (address, length) = match host.split_once('/') {
                None => (host, None),
                Some((address, length)) => {
                    let length: u32 = length.parse().map_err(|_| invalid())?;
                    (address, Some(length))
                }
            };
            let address = address.trim_start_matches('[').trim_end_matches(']');
            match (address.parse::<IpAddr>(), length) {
                (Ok(address), length) => {
                    let most = bits(address).1;
                    let length = length.unwrap_or(most);
                    if length > most {
                        return Err(invalid().into());
                    }
                    read.blocks.push((address, length));
                }
                (Err(_), None) if host == "*" => read.all = true,
                (Err(_), None) if !host.contains(['*', ':', '@']) => {
                    let name = host.trim_matches('.').to_ascii_lowercase();
                    read.names.push(name);
                }
                (Err(_), _) => return Err(invalid().into()),
            }
        }
        Ok(read)
    }

    fn contain(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if let Ok(address) = host.parse::<IpAddr>() {
            return self.all || self.blocks.iter().any(|block| is_in(address, *block));
        }
        let is_below = |name: &String| {
            let rest = host.strip_suffix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.all || self.names.iter().any(is_below)
    }
}

fn is_in(address: IpAddr, (block, length): (IpAddr, u32)) -> bool {
    let ((address, size), (block, most)) = (bits(address), bits(block));
    let shift = most.saturating_sub(length);
    // A shift by all bits is that of a block of all addresses.
    let prefix = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
    size == most && prefix(address) == prefix(block)
}

/// The address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_through(proxies: &Proxies, url: &'static str) -> bool {
        proxies.route(&Uri::from_static(url)).is_some()
    }

    #[test]
    fn hosts_that_are_excepted_are_reached_without_the_proxy() {
        let settings = |no_proxy: &str| ProxySettings {
            url: Some("http://proxy.example:3128".to_owned()),
            no_proxy: Some(no_proxy.to_owned()),
            is_from_environment: false,
        };
        let some = settings(" Internal.example ,.local., 10.0.0.0/8,192.0.2.1, ::1, fd00::/8,");
        let some = some.proxies().unwrap();
        for (url, expected) in [
            ("https://id.example.com/token", true),
            ("http://id.example.com/token", true),
            ("https://internal.example", false),
            ("https://id.INTERNAL.example.:8443/x", false),
            ("https://notinternal.example", true),
            ("https://internal.example.evil", true),
            ("https://id.local", false),
            ("https://10.1.2.3", false),
            ("https://11.1.2.3", true),
            ("https://192.0.2.1", false),
            ("https://192.0.2.2", true),
            ("https://[::1]:8443", false),
            ("https://[fd12::1]", false),
            ("https://[fe12::1]", true),
        ] {
            assert_eq!(goes_through(&some, url), expected, "{url}");
        }
        let none = settings("*").proxies().unwrap();
        assert!(!goes_through(&none, "https://id.example.com"));
        let everything = settings("0.0.0.0/0").proxies().unwrap();
        assert!(!goes_through(&everything, "https://203.0.113.1"));
        assert!(goes_through(&everything, "https://[::1]"));
        assert!(goes_through(&everything, "https://id.example.com"));
        for no_proxy in [
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/x",
            "a/8",
            "a*",
            "*.a",
            "a:80",
        ] {
            assert_eq!(
                refused(&settings(no_proxy)),
                ("no_proxy", no_proxy.to_owned())
            );
        }
    }

    #[track_caller]
    fn refused(settings: &ProxySettings) -> (&'static str, String) {
        invalid(settings.proxies())
    }

    #[track_caller]
    fn invalid(result: Result<Proxies, Error>) -> (&'static str, String) {
        match result {
            Err(Error::Core(oauth_core::Error::Misuse(Misuse::InvalidArgument {
                argument,
                found,
                ..
            }))) => (argument, found),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn what_would_be_ignored_is_refused_and_not_repeated() {
        for (url, expected) in [
            (
                "socks5://user:secret@proxy.example",
                "a URL with another scheme",
            ),
            (
                "https://user:secret@proxy.example",
                "a URL with the scheme `https`",
            ),
            ("http://proxy.example/secret", "something else"),
            ("http://proxy.example?secret", "something else"),
            ("http://", "something else"),
            ("", "something else"),
        ] {
            let settings = ProxySettings {
                url: Some(url.to_owned()),
                ..ProxySettings::default()
            };
            assert_eq!(refused(&settings), ("proxy", expected.to_owned()), "{url}");
            assert_eq!(format!("{settings:?}"), "ProxySettings");
        }
        let bare = ProxySettings {
            url: Some("proxy.example:3128".to_owned()),
            ..ProxySettings::default()
        };
        assert!(goes_through(
            &bare.proxies().unwrap(),
            "https://id.example.com"
        ));
    }

    #[test]
    fn settings_that_exclude_each_other_are_refused() {
        for (url, no_proxy) in [(Some("http://a"), None), (None, Some("a"))] {
            let settings = ProxySettings {
                url: url.map(str::to_owned),
                no_proxy: no_proxy.map(str::to_owned),
                is_from_environment: true,
            };
            assert_eq!(refused(&settings).0, "proxy_from_environment");
        }
        let alone = ProxySettings {
            no_proxy: Some("a".to_owned()),
            ..ProxySettings::default()
        };
        match alone.proxies() {
            Err(Error::Core(oauth_core::Error::Misuse(Misuse::MissingArgument {
                argument,
                ..
            }))) => assert_eq!(argument, "proxy"),
            _ => panic!("another result"),
        }
    }

    #[test]
    fn the_environment_names_a_proxy_by_three_variables() {
        let of = |variables: &'static [(&str, &str)]| {
            Proxies::from_variables(|name| {
                let found = variables.iter().find(|(set, _)| *set == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let host = |variables, url: &'static str| {
            let route = of(variables).unwrap().route(&Uri::from_static(url));
            route.map(|proxy| proxy.host().to_owned())
        };
        let (https, http) = ("https://id.example.com", "http://id.example.com");
        let (one, two) = (("HTTPS_PROXY", "http://one"), ("ALL_PROXY", "http://two"));
        let named = |name: &str| Some(name.to_owned());
        // A stranger sets it by a header of a CGI program.
        assert_eq!(host(&[("HTTP_PROXY", "http://http")], http), None);
        assert_eq!(host(&[("HTTPS_PROXY", "")], https), None);
        assert_eq!(host(&[("https_proxy", "http://one")], https), named("one"));
        let both: &'static [_] = &[("HTTPS_PROXY", "http://one"), ("ALL_PROXY", "http://two")];
        assert_eq!(both, [one, two]);
        assert_eq!(host(both, https), named("one"));
        assert_eq!(host(both, http), named("two"));
        let excepted: &'static [_] = &[("ALL_PROXY", "http://two"), ("no_proxy", "example.com")];
        assert_eq!(host(excepted, https), None);
        let refused = invalid(of(&[("all_proxy", "socks5://secret")]));
        assert_eq!(
            refused,
            ("all_proxy", "a URL with another scheme".to_owned())
        );
        assert_eq!(invalid(of(&[("NO_PROXY", "a*")])).0, "NO_PROXY");
    }
}
