//! Forward proxies: which requests go through one, and how it is reached.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use oauth_core::error::Misuse;

use crate::error::Error;

/// A proxy and the hosts that are reached without it. `Debug` shows no credentials.
pub(crate) struct Proxy(Matcher);

/// The way to a server through a proxy.
pub(super) struct Route {
    /// The URL of the proxy, without credentials.
    pub(super) proxy: Uri,
    /// The value of `Proxy-Authorization`.
    pub(super) credentials: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy at this URL, for all hosts except those in `no_proxy`.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for another URL than that of an HTTP proxy; the message does not
    /// repeat it, because it may hold a password.
    pub(crate) fn new(url: &str, no_proxy: &str) -> Result<Self, Error> {
        check("proxy", url)?;
        let matcher = Matcher::builder().all(url).no(no_proxy);
        Ok(Self(matcher.build()))
    }

    /// The proxy that the environment names, if it names one.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), with the name of the variable.
    pub(crate) fn from_environment() -> Result<Option<Self>, Error> {
        Self::from_variables(|name| std::env::var_os(name)?.into_string().ok())
    }

    fn from_variables(
        read: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, Error> {
        // Where both are set, that in capitals counts. An empty one counts as absent.
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| {
                let value = read(name).filter(|value| !value.is_empty())?;
                Some((name, value))
            })
        };
        let https = first(["HTTPS_PROXY", "https_proxy"]);
        let all = first(["ALL_PROXY", "all_proxy"]);
        if https.is_none() && all.is_none() {
            return Ok(None);
        }
        let mut matcher = Matcher::builder();
        if let Some((name, url)) = https {
            check(name, &url)?;
            matcher = matcher.https(url);
        }
        if let Some((name, url)) = all {
            check(name, &url)?;
            matcher = matcher.all(url);
        }
        if let Some((_, hosts)) = first(["NO_PROXY", "no_proxy"]) {
            matcher = matcher.no(hosts);
        }
        Ok(Some(Self(matcher.build())))
    }

    /// The way to this URL; `None` for the direct one.
    pub(super) fn route(&self, url: &Uri) -> Option<Route> {
        let intercept = self.0.intercept(url)?;
        Some(Route {
            proxy: intercept.uri().clone(),
            credentials: intercept.basic_auth().cloned(),
        })
    }
}

/// Refuses what the matcher would ignore: the requests would then leave without the proxy.
fn check(argument: &'static str, url: &str) -> Result<(), Error> {
    let invalid = |found: &str| {
        Error::from(oauth_core::Error::from(Misuse::InvalidArgument {
            argument,
            expected: "the URL of an HTTP proxy, such as http://user:password@proxy.example.com:3128",
            found: found.to_owned(),
        }))
    };
    let parsed: Uri = url.parse().map_err(|_| invalid("something else"))?;
    match parsed.scheme_str() {
        None | Some("http") => {}
        Some("https") => return Err(invalid("a URL with the scheme `https`")),
        Some(_) => return Err(invalid("a URL with another scheme")),
    }
    let matcher = Matcher::builder().all(url).build();
    match matcher.intercept(&Uri::from_static("https://id.example.com")) {
        Some(_) => Ok(()),
        None => Err(invalid("something else")),
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxy")
    }
}

#[cfg(test)]
mod tests {
    use http::Uri;
    use oauth_core::error::Misuse;

    use super::Proxy;
    use crate::error::Error;

    fn route(proxy: &Proxy, url: &'static str) -> Option<(String, Option<String>)> {
        let route = proxy.route(&Uri::from_static(url))?;
        let credentials = route.credentials.map(|value| {
            assert!(value.is_sensitive());
            value.to_str().unwrap().to_owned()
        });
        Some((route.proxy.to_string(), credentials))
    }

    #[test]
    fn hosts_that_are_excepted_are_reached_without_the_proxy() {
        let proxy = Proxy::new(
            "http://a%40b:p%3Ass@proxy.example:3128",
            ".internal, 10.0.0.0/8",
        );
        let proxy = proxy.unwrap();
        // RFC 7617 section 2: `a@b`, a colon, `p:ss`.
        let through = Some((
            "http://proxy.example:3128/".to_owned(),
            Some("Basic YUBiOnA6c3M=".to_owned()),
        ));
        for (url, goes_through) in [
            ("https://id.example.com/token", true),
            ("http://id.example.com/token", true),
            ("https://id.internal", false),
            ("https://internal.example", true),
            ("https://10.1.2.3", false),
            ("https://11.1.2.3", true),
            ("https://[::1]", true),
        ] {
            let expected = through.clone().filter(|_| goes_through);
            assert_eq!(route(&proxy, url), expected, "{url}");
        }
        assert_eq!(format!("{proxy:?}"), "Proxy");
    }

    #[test]
    fn what_would_be_ignored_is_refused_and_not_repeated() {
        for (url, found) in [
            (
                "socks5://user:secret@proxy.example",
                "a URL with another scheme",
            ),
            (
                "https://user:secret@proxy.example",
                "a URL with the scheme `https`",
            ),
            ("http://user:sec ret@proxy.example", "something else"),
            ("/secret", "something else"),
            ("", "something else"),
        ] {
            let refused = Proxy::new(url, "").unwrap_err();
            assert_invalid(&refused, "proxy", found);
            assert!(
                !format!("{refused} {refused:?}").contains("secret"),
                "{url}"
            );
        }
    }

    #[track_caller]
    fn assert_invalid(refused: &Error, at: &str, what: &str) {
        let Error::Core(oauth_core::Error::Misuse(Misuse::InvalidArgument {
            argument, found, ..
        })) = refused
        else {
            panic!("{refused}");
        };
        assert_eq!((*argument, found.as_str()), (at, what));
    }

    #[test]
    fn the_environment_names_a_proxy_by_three_variables() {
        let of = |variables: &'static [(&str, &str)]| {
            Proxy::from_variables(|name| {
                let found = variables.iter().find(|(set, _)| *set == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let of_https = |variables| {
            let proxy: Option<Proxy> = of(variables).unwrap();
            proxy.and_then(|proxy| Some(route(&proxy, "https://id.example.com")?.0))
        };
        for (variables, proxy) in [
            (&[][..], None),
            (&[("HTTP_PROXY", "http://http")], None),
            (&[("HTTPS_PROXY", "")], None),
            (&[("HTTPS_PROXY", "proxy:3128")], Some("http://proxy:3128/")),
            (&[("https_proxy", "http://low")], Some("http://low/")),
            (
                &[("https_proxy", "http://low"), ("HTTPS_PROXY", "http://up")],
                Some("http://up/"),
            ),
            (&[("ALL_PROXY", "http://all")], Some("http://all/")),
            (
                &[("ALL_PROXY", "http://all"), ("HTTPS_PROXY", "http://up")],
                Some("http://up/"),
            ),
            (
                &[("ALL_PROXY", "http://all"), ("no_proxy", "example.com")],
                None,
            ),
        ] {
            assert_eq!(of_https(variables).as_deref(), proxy, "{variables:?}");
        }
        let refused = of(&[("ALL_PROXY", "socks5://secret")]).unwrap_err();
        assert_invalid(&refused, "ALL_PROXY", "a URL with another scheme");
    }
}
