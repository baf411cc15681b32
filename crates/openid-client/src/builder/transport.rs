//! How requests leave.

use std::sync::Arc;

use http::HeaderValue;
use oauth_core::error::Misuse;

use super::ClientBuilder;
use crate::http::HttpClient;

impl<Source> ClientBuilder<Source> {
    /// Trusts the root certificates in a PEM text, beside the platform's.
    pub fn root_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        let added = self.roots.add_pem(pem.as_ref());
        self.check(added)
    }

    /// Trusts a root certificate in DER form, beside the platform's.
    pub fn root_certificate_der(mut self, der: impl AsRef<[u8]>) -> Self {
        let added = self.roots.add_der(der.as_ref());
        self.check(added)
    }

    /// Sends every request through another transport. It brings its own trust: root certificates
    /// cannot be set beside it.
    pub fn http_client(mut self, transport: Arc<dyn HttpClient>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The `User-Agent` of every request; `openid-client/` and the version by default.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        let set = HeaderValue::from_str(user_agent)
            .map(|value| self.user_agent = value)
            .map_err(|_| Misuse::InvalidArgument {
                argument: "user_agent",
                expected: "visible ASCII characters and spaces",
                found: user_agent.escape_debug().to_string(),
            });
        self.check(set.map_err(oauth_core::Error::from))
    }
}
