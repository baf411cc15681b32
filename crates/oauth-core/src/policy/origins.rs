//! Servers that are reached under another address than the one that they publish.

use url::{Origin, Url};

use crate::error::{Error, Misuse, printable_url};

/// Public origins, and the internal one of each.
#[derive(Debug, Clone, Default)]
pub(super) struct Origins(Vec<(Origin, Url)>);

impl Origins {
    /// Adds a pair. Plain http is refused for `internal` unless it is allowed.
    pub(super) fn map(
        &mut self,
        public: &str,
        internal: &str,
        allows_http: bool,
    ) -> Result<(), Error> {
        let public = origin("public", public, true)?.origin();
        if self.0.iter().any(|(mapped, _)| *mapped == public) {
            return Err(invalid(
                "public",
                "an origin that is mapped once",
                public.ascii_serialization(),
            ));
        }
        let internal = origin("internal", internal, allows_http)?;
        self.0.push((public, internal));
        Ok(())
    }

    /// The URL under the internal origin, if its origin is mapped. The result is not mapped again.
    pub(super) fn mapped(&self, url: Url) -> Url {
        if self.0.is_empty() {
            return url;
        }
        let origin = url.origin();
        let Some((_, internal)) = self.0.iter().find(|(public, _)| *public == origin) else {
            return url;
        };
        let mut mapped = internal.clone();
        mapped.set_path(url.path());
        mapped.set_query(url.query());
        mapped
    }
}

/// Reads an origin: the URL of a host without anything after it.
fn origin(argument: &'static str, text: &str, allows_http: bool) -> Result<Url, Error> {
    let expected = match allows_http {
        true => "an origin such as https://id.example.com",
        false => {
            "an origin over https such as https://id.example.com (plain http needs \
             `danger_allow_insecure_requests`)"
        }
    };
    let url = Url::parse(text).ok().filter(|url| {
        let is_http = url.scheme() == "http";
        let origin = url.origin().ascii_serialization();
        // Without user name, path, query and fragment, nothing but a slash follows the origin.
        let is_origin = url.as_str().strip_suffix('/') == Some(&*origin);
        is_origin && (url.scheme() == "https" || allows_http && is_http)
    });
    url.ok_or_else(|| invalid(argument, expected, printable_url(text)))
}

fn invalid(argument: &'static str, expected: &'static str, found: String) -> Error {
    Misuse::InvalidArgument {
        argument,
        expected,
        found,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::Origins;
    use crate::error::{Error, Misuse};

    #[test]
    fn an_origin_is_replaced_and_everything_else_stays() {
        let mut origins = Origins::default();
        for (public, internal) in [
            ("https://id.example.com", "http://id:8080"),
            ("https://ID.example.com:8443/", "https://[::1]"),
            // Would make a chain.
            ("http://id:8080", "https://elsewhere.example"),
        ] {
            origins.map(public, internal, true).unwrap();
        }
        for (url, mapped) in [
            (
                "https://id.example.com/a/../token?x=%2F&y",
                "http://id:8080/token?x=%2F&y",
            ),
            ("https://id.example.com:443", "http://id:8080/"),
            ("https://id.example.com:8443/%41?", "https://[::1]/%41?"),
            ("https://id.example.com:444/", "https://id.example.com:444/"),
            ("http://id.example.com/", "http://id.example.com/"),
            (
                "https://id.example.com.evil.example/",
                "https://id.example.com.evil.example/",
            ),
        ] {
            let found = origins.mapped(url.parse().unwrap());
            assert_eq!(found.as_str(), mapped, "{url}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        let public = "https://id.example.com";
        for (public, internal, allows_http, argument, found) in [
            ("id.example.com", public, true, "public", "id.example.com"),
            (
                "https://id.example.com/realm",
                public,
                true,
                "public",
                "https://id.example.com/realm",
            ),
            (
                "ftp://id.example",
                public,
                true,
                "public",
                "ftp://id.example",
            ),
            (public, "https://user:password@id", true, "internal", "id"),
            (public, "https://id/?a=b", true, "internal", "https://id/"),
            (public, "https://id/#a", true, "internal", "https://id/"),
            (public, "http://id:80", false, "internal", "http://id:80"),
            (
                "https://twice.example",
                "https://b.example",
                true,
                "public",
                "https://twice.example",
            ),
        ] {
            let mut origins = Origins::default();
            let first = origins.map("https://twice.example", "https://a.example", false);
            first.unwrap();
            let refused = origins.map(public, internal, allows_http).unwrap_err();
            let Error::Misuse(Misuse::InvalidArgument {
                argument: at,
                found: what,
                ..
            }) = refused
            else {
                panic!("{refused}");
            };
            assert_eq!((at, &*what), (argument, found), "{public} {internal}");
            assert_eq!(origins.0.len(), 1);
        }
    }
}
