//! The policy of a client: limits, clock settings, and checks that are switched off.

mod clock_skew;
mod danger;
mod origins;
mod repair;
mod tenants;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use url::Url;

use self::origins::Origins;
use crate::error::{Error, Misuse};
use crate::names::EndpointName;
use crate::profile::{Party, Profile, Requirement};
use crate::time::UnixTime;

pub use self::clock_skew::ClockSkew;
pub use self::danger::Danger;
pub use self::repair::RepairResponse;
pub use self::tenants::{TenantId, Tenants};

/// How strictly a client checks what servers send, and how long it waits. The default is strict.
#[derive(Debug, Clone)]
pub struct Policy {
    clock_skew: ClockSkew,
    clock_tolerance: Duration,
    timeout: Duration,
    body_cap: usize,
    insecure_requests: bool,
    detached_signature_response_checks: bool,
    requires_authorization_response_iss: bool,
    requires_logout_token_type: bool,
    tenants: Option<Tenants>,
    origins: Origins,
    /// The checks that are switched off.
    pub danger: Danger,
}

impl Policy {
    /// How wrong the local clock is, in whole seconds. It is corrected by this much before it is
    /// compared with a time that a server states.
    pub const fn clock_skew(&self) -> ClockSkew {
        self.clock_skew
    }

    /// Sets [`clock_skew`](Self::clock_skew); none by default.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for more than a day in either direction: such a value accepts
    /// tokens that expired long ago. [`danger_set_clock_skew`](Self::danger_set_clock_skew) takes
    /// any value.
    pub fn set_clock_skew(&mut self, clock_skew: ClockSkew) -> Result<&mut Self, Error> {
        let seconds = clock_skew.seconds_to_add();
        if seconds.unsigned_abs() > LARGEST_SKEW {
            return Err(Misuse::InvalidArgument {
                argument: "clock_skew",
                expected: "at most a day (86400 seconds) either way; `danger_clock_skew` and \
                           `Policy::danger_set_clock_skew` take more",
                found: format!("{seconds} s"),
            }
            .into());
        }
        Ok(self.danger_set_clock_skew(clock_skew))
    }

    /// Sets [`clock_skew`](Self::clock_skew) without a limit, for tests and for a device that has
    /// no clock and learns the time elsewhere. A value that is too low accepts expired tokens.
    pub const fn danger_set_clock_skew(&mut self, clock_skew: ClockSkew) -> &mut Self {
        self.clock_skew = clock_skew;
        self
    }

    /// The difference that is tolerated, in whole seconds, when a time in a token is compared with
    /// the clock.
    pub const fn clock_tolerance(&self) -> Duration {
        self.clock_tolerance
    }

    /// Sets [`clock_tolerance`](Self::clock_tolerance); 30 seconds by default. A fraction of a
    /// second is dropped.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] above 600 seconds: a larger value hides a broken clock. Use
    /// [`set_clock_skew`](Self::set_clock_skew) for that.
    pub fn set_clock_tolerance(&mut self, tolerance: Duration) -> Result<&mut Self, Error> {
        if tolerance > LARGEST_TOLERANCE {
            return Err(Misuse::InvalidArgument {
                argument: "clock_tolerance",
                expected: "at most 600 seconds",
                found: format!("{} s", tolerance.as_secs_f64()),
            }
            .into());
        }
        self.clock_tolerance = Duration::from_secs(tolerance.as_secs());
        Ok(self)
    }

    /// The time limit of one request, including its response.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sets [`timeout`](Self::timeout); 30 seconds by default.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when it is zero.
    pub fn set_timeout(&mut self, timeout: Duration) -> Result<&mut Self, Error> {
        if timeout.is_zero() {
            return Err(Misuse::InvalidArgument {
                argument: "timeout",
                expected: "longer than zero",
                found: "zero".to_owned(),
            }
            .into());
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// The largest response body that is accepted, in bytes.
    pub const fn body_cap(&self) -> usize {
        self.body_cap
    }

    /// Sets [`body_cap`](Self::body_cap); 1 MiB by default.
    pub const fn set_body_cap(&mut self, bytes: usize) -> &mut Self {
        self.body_cap = bytes;
        self
    }

    /// Whether plain http is allowed in addition to https.
    pub const fn insecure_requests(&self) -> bool {
        self.insecure_requests
    }

    /// Allows plain http, discovery included. Use it for development on one machine only: over a
    /// network, an attacker who can read or change the traffic can take over every login.
    pub const fn danger_allow_insecure_requests(&mut self) -> &mut Self {
        self.insecure_requests = true;
        self
    }

    /// Whether an ID Token that comes with a code must also contain a hash of the `state`.
    pub const fn detached_signature_response_checks(&self) -> bool {
        self.detached_signature_response_checks
    }

    /// Requires `s_hash` in an ID Token that comes through the browser with a `state`. The ID Token
    /// then serves as a signature over the whole response (FAPI 1.0 Part 2 section 5.2.3.1).
    pub const fn enable_detached_signature_response_checks(&mut self) -> &mut Self {
        self.detached_signature_response_checks = true;
        self
    }

    /// Whether every authorization response must contain `iss`.
    pub const fn requires_authorization_response_iss(&self) -> bool {
        self.requires_authorization_response_iss
    }

    /// Requires `iss` in authorization responses (RFC 9207 section 2.4), even if the server's
    /// metadata do not promise it. A client of several servers needs this: without it, one server
    /// can present a code of another server as its own.
    pub const fn require_authorization_response_iss(&mut self) -> &mut Self {
        self.requires_authorization_response_iss = true;
        self
    }

    /// Whether the `typ` of a logout token must be `logout+jwt`.
    pub const fn requires_logout_token_type(&self) -> bool {
        self.requires_logout_token_type
    }

    /// Accepts only logout tokens whose `typ` is `logout+jwt`. By default, a `typ` of `JWT` and an
    /// absent `typ` are accepted too, because many servers send them (OpenID Connect Back-Channel
    /// Logout 1.0 section 2.4). In both cases the `events` claim identifies a logout token.
    pub const fn require_logout_token_type(&mut self) -> &mut Self {
        self.requires_logout_token_type = true;
        self
    }

    /// The tenants of Entra ID whose users may log in.
    pub const fn tenants(&self) -> Option<&Tenants> {
        self.tenants.as_ref()
    }

    /// Sets [`tenants`](Self::tenants). An endpoint of Entra ID that serves all tenants (`common`,
    /// `organizations`) requires it. It has no effect at any other server, where the issuer
    /// decides.
    pub fn set_tenants(&mut self, tenants: Tenants) -> &mut Self {
        self.tenants = Some(tenants);
        self
    }

    /// Sends the requests for endpoints of the authorization server at the origin `public` to the
    /// origin `internal` instead, under the same path. For a server that is reached under another
    /// address from here than from browsers: in the network of its containers, or behind a gateway.
    ///
    /// Only the address of the request changes. Metadata, `iss`, `aud`, the `htu` of DPoP proofs
    /// and everything that the browser visits keep the public URLs, so no check changes. TLS is
    /// verified for the internal host, which receives the client's credentials and the codes. A
    /// protected resource, WebFinger and the endpoint of a claims provider keep their addresses.
    /// The endpoints of `mtls_endpoint_aliases` often have another origin: map it, too.
    ///
    /// An origin is a scheme, a host and an optional port: `https://id.example.com`.
    ///
    /// ```
    /// use oauth_core::policy::Policy;
    ///
    /// let mut policy = Policy::default();
    /// policy.map_origin("https://id.example.com", "https://id.identity.svc:8443")?;
    /// # Ok::<(), oauth_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for text that is not an origin, for a `public` that is mapped
    /// already, and for an `internal` over plain http, unless
    /// [`danger_allow_insecure_requests`](Self::danger_allow_insecure_requests) was called before.
    pub fn map_origin(&mut self, public: &str, internal: &str) -> Result<&mut Self, Error> {
        self.origins.map(public, internal, self.insecure_requests)?;
        Ok(self)
    }

    /// The URL to which a request for this endpoint is sent; see [`map_origin`](Self::map_origin).
    pub(crate) fn mapped(&self, endpoint: EndpointName, url: Url) -> Url {
        match endpoint.is_of_authorization_server() {
            true => self.origins.mapped(url),
            false => url,
        }
    }

    /// Refuses a policy that no security profile permits: one that switches off a check under
    /// [`danger`](Self::danger), or allows plain http.
    ///
    /// # Errors
    ///
    /// [`Error::Profile`].
    pub fn check_profile(&self, profile: Profile) -> Result<(), Error> {
        let (requirement, found) = if self.danger != Danger::default() {
            let found = "has a check switched off under `danger`";
            (Requirement::NoDanger, found)
        } else if self.insecure_requests {
            (Requirement::Tls, "may send requests over plain http")
        } else {
            return Ok(());
        };
        Err(profile.violated(requirement, Party::Client, found).into())
    }

    /// Returns the response to check; see [`Danger::repair_response`].
    pub(crate) fn repaired(
        &self,
        endpoint: EndpointName,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        match &self.danger.repair_response {
            Some(repair) => repair.apply(endpoint, response),
            None => response,
        }
    }

    /// The time that a server's times are compared with. Skew is applied here and nowhere else.
    pub(crate) const fn skewed(&self, now: UnixTime) -> UnixTime {
        now.saturating_add(self.clock_skew.seconds_to_add())
    }

    /// How many seconds a used proof or token is stored for longer than this instance accepts it.
    /// Another instance, whose clock is behind, accepts it for longer: by twice the tolerance,
    /// where each of the two clocks is as wrong as it may be. A second more, because the times are
    /// compared before it is stored.
    pub(crate) fn seconds_kept_longer(&self) -> i64 {
        let tolerance = self.clock_tolerance.as_secs();
        i64::try_from(tolerance.saturating_mul(2).saturating_add(1)).unwrap_or(i64::MAX)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            clock_skew: ClockSkew::default(),
            clock_tolerance: Duration::from_secs(30),
            timeout: Duration::from_secs(30),
            body_cap: 1024 * 1024,
            insecure_requests: false,
            detached_signature_response_checks: false,
            requires_authorization_response_iss: false,
            requires_logout_token_type: false,
            tenants: None,
            origins: Origins::default(),
            danger: Danger::default(),
        }
    }
}

const LARGEST_TOLERANCE: Duration = Duration::from_secs(600);

const LARGEST_SKEW: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_hide_a_mistake_is_refused() {
        let mut policy = Policy::default();
        for (seconds, accepted) in [(0, true), (600, true), (601, false), (9_000, false)] {
            let tolerance = Duration::from_secs(seconds);
            match policy.set_clock_tolerance(tolerance) {
                Ok(policy) => assert!(accepted && policy.clock_tolerance() == tolerance),
                Err(Error::Misuse(Misuse::InvalidArgument {
                    argument, found, ..
                })) => {
                    assert!(!accepted);
                    assert_eq!(
                        (argument, found),
                        ("clock_tolerance", format!("{seconds} s"))
                    );
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(policy.clock_tolerance(), Duration::from_secs(600));
        let day = Duration::from_secs(86_400);
        let more = day + Duration::from_secs(1);
        for (skew, refused) in [
            (ClockSkew::Ahead(day), None),
            (ClockSkew::Behind(day), None),
            (ClockSkew::Behind(more), Some("86401 s")),
            (ClockSkew::Ahead(more), Some("-86401 s")),
            (
                ClockSkew::Behind(Duration::MAX),
                Some("9223372036854775807 s"),
            ),
        ] {
            match policy.set_clock_skew(skew) {
                Ok(policy) => assert!(refused.is_none() && policy.clock_skew() == skew),
                Err(Error::Misuse(Misuse::InvalidArgument {
                    argument, found, ..
                })) => assert_eq!((argument, Some(found.as_str())), ("clock_skew", refused)),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(policy.clock_skew(), ClockSkew::Behind(day));
        let longest = ClockSkew::Ahead(Duration::MAX);
        assert_eq!(policy.danger_set_clock_skew(longest).clock_skew(), longest);
        let error = policy.set_timeout(Duration::ZERO).unwrap_err();
        let Error::Misuse(misuse) = error else {
            panic!("{error}");
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "timeout",
                expected: "longer than zero",
                found: "zero".to_owned(),
            }
        );
        assert_eq!(policy.timeout(), Duration::from_secs(30));
        let shortest = Duration::from_nanos(1);
        assert_eq!(policy.set_timeout(shortest).unwrap().timeout(), shortest);
    }
}
