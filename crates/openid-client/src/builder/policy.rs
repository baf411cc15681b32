//! The policy of the client.

use std::time::Duration;

use oauth_core::policy::{ClockSkew, Policy, Tenants};

use super::ClientBuilder;
use crate::error::Error;

/// A policy, and single settings of a policy, in any order.
#[derive(Debug, Default)]
pub(super) struct PolicySettings {
    policy: Option<Policy>,
    timeout: Option<Duration>,
    clock_skew: Option<ClockSkew>,
    clock_tolerance: Option<Duration>,
    tenants: Option<Tenants>,
    /// Public origins, and the internal one of each.
    origins: Vec<(String, String)>,
    insecure_requests: bool,
    detached_signature_response_checks: bool,
    requires_authorization_response_iss: bool,
    pub(super) token_endpoint_as_assertion_audience: bool,
}

impl PolicySettings {
    /// Returns the policy with the single settings.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when the policy and a single setting have different values.
    pub(super) fn combine(self) -> Result<Policy, Error> {
        let default = Policy::default();
        let mut policy = self.policy.unwrap_or_default();
        if let Some(timeout) = self.timeout {
            let set = policy.timeout();
            refuse("timeout", set != default.timeout() && set != timeout)?;
            policy.set_timeout(timeout)?;
        }
        if let Some(skew) = self.clock_skew {
            let set = policy.clock_skew();
            refuse("clock_skew", set != default.clock_skew() && set != skew)?;
            policy.danger_set_clock_skew(skew);
        }
        if let Some(tolerance) = self.clock_tolerance {
            let set = policy.clock_tolerance();
            let differs = set != default.clock_tolerance() && set != tolerance;
            refuse("clock_tolerance", differs)?;
            policy.set_clock_tolerance(tolerance)?;
        }
        if let Some(tenants) = self.tenants {
            // Two functions cannot be compared.
            refuse("tenants", policy.tenants().is_some())?;
            policy.set_tenants(tenants);
        }
        if self.insecure_requests {
            policy.danger_allow_insecure_requests();
        }
        for (public, internal) in self.origins {
            policy.map_origin(&public, &internal)?;
        }
        if self.detached_signature_response_checks {
            policy.enable_detached_signature_response_checks();
        }
        if self.requires_authorization_response_iss {
            policy.require_authorization_response_iss();
        }
        policy.danger.token_endpoint_as_assertion_audience |=
            self.token_endpoint_as_assertion_audience;
        Ok(policy)
    }
}

fn refuse(setting: &'static str, conflicts: bool) -> Result<(), Error> {
    let other = "policy";
    match conflicts {
        true => Err(Error::Conflict { setting, other }),
        false => Ok(()),
    }
}

impl<Source> ClientBuilder<Source> {
    /// The policy: how strict and how patient the client is. It replaces a policy that was set
    /// before.
    ///
    /// The other settings here add to it, in any order: what they permit or require applies, and
    /// their values replace the policy's defaults. When the policy and a setting have different
    /// values for the same thing, the build fails with [`Error::Conflict`].
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let mut policy = openid_client::Policy::default();
    /// use std::time::Duration;
    ///
    /// policy.set_clock_tolerance(Duration::from_secs(60))?;
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .policy(policy)
    ///     .require_authorization_response_iss()
    ///     .await?;
    /// # assert_eq!(client.configuration().policy().clock_tolerance().as_secs(), 60);
    /// # assert!(client.configuration().policy().requires_authorization_response_iss());
    /// # });
    /// ```
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy.policy = Some(policy);
        self
    }

    /// How long one request may take, including its response; 30 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy.timeout = Some(timeout);
        let set = Policy::default().set_timeout(timeout).map(drop);
        self.check(set)
    }

    /// How wrong the local clock is, at most a day; see [`Policy::set_clock_skew`].
    pub fn clock_skew(mut self, clock_skew: ClockSkew) -> Self {
        self.policy.clock_skew = Some(clock_skew);
        let set = Policy::default().set_clock_skew(clock_skew).map(drop);
        self.check(set)
    }

    /// How wrong the local clock is, without a limit; see [`Policy::danger_set_clock_skew`].
    pub fn danger_clock_skew(mut self, clock_skew: ClockSkew) -> Self {
        self.policy.clock_skew = Some(clock_skew);
        self
    }

    /// By how much a time in a token may be wrong; 30 seconds by default. See
    /// [`Policy::set_clock_tolerance`].
    pub fn clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.policy.clock_tolerance = Some(tolerance);
        let set = Policy::default().set_clock_tolerance(tolerance).map(drop);
        self.check(set)
    }

    /// The tenants whose users may log in, at an endpoint of Microsoft Entra ID for all tenants
    /// (`common`, `organizations`). A client of such an endpoint is refused without it; at other
    /// servers it has no effect.
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
        self.policy.tenants = Some(tenants);
        self
    }

    /// Sends the requests for endpoints of the authorization server at the origin `public` to the
    /// origin `internal` instead, for a server that has another address in this network than for
    /// browsers; see [`Policy::map_origin`]. The issuer, and everything that the browser visits,
    /// keep the public origin. Call it once for each origin.
    ///
    /// The [destination policy](Self::destination_policy) judges the internal address. An internal
    /// origin over plain http needs
    /// [`danger_allow_insecure_requests`](Self::danger_allow_insecure_requests).
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .map_origin("https://id.example.com", "https://id.identity.svc:8443")
    ///     .await?;
    /// # drop(client);
    /// # });
    /// ```
    pub fn map_origin(mut self, public: impl Into<String>, internal: impl Into<String>) -> Self {
        self.policy.origins.push((public.into(), internal.into()));
        self
    }

    /// Requires `s_hash` in each ID Token that comes through the browser with a `state`. The ID
    /// Token is then a signature over the whole response (FAPI 1.0 Part 2 section 5.2.3.1); see
    /// [`Policy::enable_detached_signature_response_checks`].
    pub fn enable_detached_signature_response_checks(mut self) -> Self {
        self.policy.detached_signature_response_checks = true;
        self
    }

    /// Requires `iss` in each authorization response (RFC 9207 section 2.4), even when the server
    /// does not announce it. For a client of several servers, and above all for one whose servers
    /// strangers choose; see [`Policy::require_authorization_response_iss`].
    pub fn require_authorization_response_iss(mut self) -> Self {
        self.policy.requires_authorization_response_iss = true;
        self
    }

    /// Allows plain http, for development on one machine; see
    /// [`Policy::danger_allow_insecure_requests`].
    pub fn danger_allow_insecure_requests(mut self) -> Self {
        self.policy.insecure_requests = true;
        self
    }
}
