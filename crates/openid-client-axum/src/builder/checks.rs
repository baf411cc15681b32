//! The settings that a layer cannot have.

use openid_client::{CoreError, Error, LazyClient, Misuse, Url};

use super::LoginLayerBuilder;
use crate::return_to::is_own_path;
use crate::settings::NamedClient;

impl LoginLayerBuilder {
    pub(super) fn check_names(&self) -> Result<(), Error> {
        if !self.name.is_empty() && !is_name(&self.name) {
            return Err(invalid("name", NAME, &self.name));
        }
        let mount = &self.mount;
        let is_path = is_own_path(mount) && !mount.ends_with('/') && !mount.contains(['?', '#']);
        if !mount.is_empty() && !is_path {
            return Err(invalid("mounted_at", "a path such as `/shop`", mount));
        }
        Ok(())
    }

    pub(super) fn named_clients(&self) -> Result<Vec<NamedClient>, Error> {
        let mut named: Vec<NamedClient> = Vec::new();
        for (name, client) in &self.clients {
            if !is_name(name) {
                return Err(invalid("client", NAME, name));
            }
            if named.iter().any(|it| it.name == *name) {
                return Err(invalid("client", "a name that occurs once", name));
            }
            let uri = self.redirect_uri(client)?;
            let callback = uri.path().strip_prefix(&self.mount);
            let callback = callback
                .filter(|path| path.starts_with('/'))
                .ok_or_else(|| {
                    let expected = "a path below the one of `mounted_at`";
                    invalid("redirect_uri", expected, uri.path())
                })?;
            named.push(NamedClient {
                name: name.clone(),
                client: client.clone(),
                callback: callback.to_owned(),
                origin: uri.origin().ascii_serialization(),
            });
        }
        for one in &named {
            let is_shared = |it: &NamedClient| it.name != one.name && it.callback == one.callback;
            if named.iter().any(is_shared) && !requires_iss(&one.client) {
                let expected = "a path that no other client has, or \
                                `ClientBuilder::require_authorization_response_iss`, because this \
                                provider does not promise `iss` in its responses, or its metadata \
                                are not known yet";
                return Err(invalid("redirect_uri", expected, &one.callback));
            }
        }
        if named.is_empty() {
            let missing = Misuse::MissingArgument {
                argument: "client",
                purpose: "a login",
            };
            return Err(CoreError::from(missing).into());
        }
        Ok(named)
    }

    /// The redirect URI of a client: browsers keep the cookies of the layer only where it is HTTPS.
    fn redirect_uri(&self, client: &LazyClient) -> Result<Url, Error> {
        let uris = client.client_metadata().redirect_uris.as_deref();
        let [uri] = uris.unwrap_or_default() else {
            let expected = "one; set `ClientBuilder::redirect_uri`";
            return Err(invalid("redirect_uri", expected, "none, or several"));
        };
        let is_loopback =
            |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let expected = match self.is_insecure {
            false => {
                "an https URL (for development over http on a loopback host, call \
                 `danger_insecure_cookies`)"
            }
            true => "an http URL of a loopback host, because of `danger_insecure_cookies`",
        };
        let url = Url::parse(uri).ok().filter(|url| match self.is_insecure {
            false => url.scheme() == "https",
            true => url.scheme() == "http" && is_loopback(url),
        });
        url.ok_or_else(|| invalid("redirect_uri", expected, uri))
    }

    pub(super) fn check_paths(&self, clients: &[NamedClient]) -> Result<(), Error> {
        let prefix = &self.prefix;
        if !is_own_path(prefix) || prefix.ends_with('/') || prefix.contains(['?', '#']) {
            return Err(invalid("prefix", "a path such as `/auth`", prefix));
        }
        if !is_own_path(&self.after_logout) {
            return Err(invalid(
                "after_logout",
                "a path such as `/`",
                &self.after_logout,
            ));
        }
        for client in clients {
            let route = client.callback.strip_prefix(&format!("{prefix}/"));
            if route.is_some_and(|route| route != "callback") {
                let expected = "no path of the layer other than `callback`";
                return Err(invalid("redirect_uri", expected, &client.callback));
            }
        }
        let Some(uri) = &self.post_logout_redirect_uri else {
            return Ok(());
        };
        let path = format!("{}{prefix}/logged-out", self.mount);
        let is_expected = clients
            .iter()
            .any(|it| *uri == format!("{}{path}", it.origin));
        match is_expected {
            true => Ok(()),
            false => {
                let expected = "the origin of a redirect URI, the path of `mounted_at`, if there \
                                is one, and the path `/auth/logged-out`";
                Err(invalid("post_logout_redirect_uri", expected, uri))
            }
        }
    }
}

/// Whether each authorization response must name its issuer, so that a response of another provider
/// is refused (RFC 9207 section 2.4). Metadata that may change promise nothing.
fn requires_iss(client: &LazyClient) -> bool {
    let server = client.fixed_server_metadata();
    let promised = server.and_then(|it| it.authorization_response_iss_parameter_supported);
    promised == Some(true) || client.policy().requires_authorization_response_iss()
}

/// Whether this can be part of the name of a cookie, and of a path.
fn is_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !name.is_empty() && name.bytes().all(is_part)
}

const NAME: &str = "letters, digits, `-` and `_`";

pub(super) fn invalid(argument: &'static str, expected: &'static str, found: &str) -> Error {
    CoreError::from(Misuse::InvalidArgument {
        argument,
        expected,
        found: found.escape_debug().to_string(),
    })
    .into()
}
