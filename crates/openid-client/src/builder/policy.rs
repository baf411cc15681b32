//! How strict and how patient the client is.

use std::time::Duration;

use oauth_core::policy::Policy;
use oauth_core::tenants::Tenants;

use super::ClientBuilder;

impl<Source> ClientBuilder<Source> {
    /// How strict and how patient the client is; replaces what was set before.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = policy;
        self
    }

    /// How long one request may take, response included; 30 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let set = self.settings.policy.set_timeout(timeout).map(drop);
        self.check(set)
    }

    /// Seconds to add to the local clock; see [`Policy::set_clock_skew`].
    pub fn clock_skew(mut self, seconds: i64) -> Self {
        self.settings.policy.set_clock_skew(seconds);
        self
    }

    /// Seconds by which a time in a token may be off; see [`Policy::set_clock_tolerance`].
    pub fn clock_tolerance(mut self, seconds: u64) -> Self {
        let set = self.settings.policy.set_clock_tolerance(seconds).map(drop);
        self.check(set)
    }

    /// Whose people may log in, at an endpoint of Microsoft Entra ID that speaks for every tenant
    /// (`common`, `organizations`); such a client is refused without it. Elsewhere it means nothing.
    ///
    /// ```no_run
    /// use openid_client::{Client, Tenants};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let issuer = "https://login.microsoftonline.com/organizations/v2.0";
    /// let tenants = Tenants::listed(["8eaef023-2b34-4da1-9baa-8bc8c9d6a490"])?;
    /// let client = Client::discover(issuer, "my-app").tenants(tenants).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn tenants(mut self, tenants: Tenants) -> Self {
        self.settings.policy.set_tenants(tenants);
        self
    }

    /// Allows plain http, for development on one machine; see
    /// [`Policy::allow_insecure_requests`].
    pub fn allow_insecure_requests(mut self) -> Self {
        self.settings.policy.allow_insecure_requests();
        self
    }
}
