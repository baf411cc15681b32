//! How strict and how patient a client is.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::env::UnixTime;
use crate::error::{Error, Misuse};
use crate::outbound::EndpointName;
use crate::profile::{Party, Profile, Requirement};
use crate::repair::RepairResponse;
use crate::tenants::Tenants;

/// The terms on which a client talks to servers and believes them. The default is the strict one.
#[derive(Debug, Clone)]
pub struct Policy {
    clock_skew: i64,
    clock_tolerance: u64,
    timeout: Duration,
    body_cap: usize,
    insecure_requests: bool,
    detached_signature_response_checks: bool,
    requires_authorization_response_iss: bool,
    tenants: Option<Tenants>,
    /// Checks that are switched off, each by its name.
    pub danger: Danger,
}

/// Checks that can be switched off for a provider that cannot pass them. All are on by default;
/// each that is switched off takes a protection away, which its documentation names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Danger {
    /// Believe an ID Token from the token endpoint without verifying its signature (OpenID Connect
    /// Core 1.0 section 3.1.3.7, step 6, permits it). Whoever can answer in the provider's place,
    /// a proxy that ends TLS for one, can then log in as anybody.
    pub skip_id_token_signature_check: bool,
    /// Do not compare `at_hash` with the access token (section 3.1.3.8). An access token of another
    /// login can then be swapped in. An ID Token signed with ML-DSA that has an `at_hash` is
    /// accepted with this alone, since SHAKE256, which made it, is not supported here.
    pub skip_at_hash_check: bool,
    /// Accept an ID Token whose `iat` lies in the future, or before the backchannel authentication that
    /// it answers.
    pub skip_iat_check: bool,
    /// Accept an `azp` that is not this client, and further audiences without one (section
    /// 3.1.3.7, steps 3 to 5). A token meant for another client can then be replayed here.
    pub skip_azp_check: bool,
    /// Accept an ID Token from a refresh that is not held against the original one (section 12.2).
    /// A login can then turn into somebody else's.
    pub skip_continuity_check: bool,
    /// Accept an ID Token from a refresh whose `auth_time` is not that of the login (section 12.2). For
    /// providers that put the time of the refresh there. A login that the user has renewed in between
    /// then looks like the first one. Everything else is still compared.
    pub skip_auth_time_continuity_check: bool,
    /// Accept an ID Token whose `typ` is one of these, besides `JWT` and none at all: `["ID"]`, for
    /// example. For providers that invented a type. A type that another kind of token has, such as
    /// `at+jwt`, lets tokens of that kind log people in, where their claims are right.
    pub accepted_id_token_types: Vec<String>,
    /// Accept a `sub` that is an integer (RFC 7519 section 4.1.2 has it as a string) in ID Tokens,
    /// UserInfo and introspection, and read it as text, digit for digit; the claims then hold that text.
    /// For home-made providers that use the number of a database row. The user `7` and the user `"7"`
    /// of such a provider are then the same.
    pub accept_numeric_sub: bool,
    /// Accept `exp`, `nbf`, `iat` and `auth_time` that are strings of digits (RFC 7519 section 2 has them
    /// as numbers) in signed tokens and in introspection; the claims then hold numbers. For home-made
    /// providers. Other readers of the same token may take such a time for absent.
    pub accept_times_as_text: bool,
    /// Accept a Bearer token where a token bound to the DPoP key was asked for (RFC 9449 section 5
    /// permits it). Whoever gets hold of that token can use it.
    pub accept_bearer_for_dpop: bool,
    /// Take an access token without `token_type` for a Bearer token (RFC 6749 section 5.1 requires the
    /// type). For providers of OAuth's early days. A token of another type, which must not be used like
    /// a Bearer token (section 7.1), is then not recognised. Beside a DPoP key it changes nothing unless
    /// [`accept_bearer_for_dpop`](Self::accept_bearer_for_dpop) is set.
    pub accept_missing_token_type: bool,
    /// Accept the `scope` of a token response as an array of scope values (RFC 6749 section 3.3 has it
    /// as one string), as Twitch sends it. Nothing but the strictness of the format is lost.
    pub accept_scope_array: bool,
    /// Accept token responses and errors of the token endpoint as `application/x-www-form-urlencoded`,
    /// or as `text/plain` with the same content, in the place of JSON (RFC 6749 section 5.1). For
    /// providers of OAuth without OpenID Connect that are older than RFC 6749; one that comes with an
    /// ID Token is refused. An error page with an `=` in it is then read as a form.
    pub accept_form_encoded_tokens: bool,
    /// Read the tokens from this member of a token response, where it is an object, in the place of the
    /// response's own; `authed_user` for the user's token of Slack. Its token types `user` and `bot` are
    /// then read as Bearer. For OAuth without OpenID Connect: a response that comes with an ID Token is
    /// refused. Whoever names another member takes another party's token for the user's.
    pub token_response_within: Option<String>,
    /// Read a key set whose numbers are base64url with padding (RFC 7515 section 2 rules it out). For
    /// publishers who encode their keys by a library's default. Nothing but the one spelling of each
    /// number is lost. A key set that was read so is read so for all that share the cache.
    pub accept_padded_keys: bool,
    /// Accept what is signed and not encrypted where the client registered encryption. What it was
    /// meant to hide is then readable to whoever sees it on its way.
    pub accept_unencrypted: bool,
    /// Accept tokens in an authorization response that asked for a code alone.
    pub accept_stray_parameters: bool,
    /// Take `iss` of an authorization response in the fragment from the query, where it came alone, and
    /// where the `redirect_uri` that was sent has no `iss` of its own. For servers built with Authlib,
    /// which send the hybrid flow's answer so. Whoever can add to the query of the callback can then
    /// say which server answered (RFC 9207); `iss` of the ID Token is compared all the same.
    pub accept_iss_in_query: bool,
    /// Accept an `iss` of an authorization response that was percent-encoded once more than its
    /// channel needs. For Glewlwyd with `form_post`. RFC 9207 section 2.4 wants the plain comparison;
    /// only the encoding of the issuer itself passes.
    pub accept_percent_encoded_iss: bool,
    /// Name the token endpoint, and not the issuer, as the audience of the assertions that authenticate
    /// the client (`private_key_jwt`, `client_secret_jwt`). For providers that accept no other audience.
    /// An attacker whose server the client uses as well, and who has put the token endpoint's URL into
    /// that server's metadata, gets assertions that this one accepts (audience injection: CVE-2025-27370,
    /// CVE-2025-27371). So they are sent to the origin of the token endpoint, or of its mutual TLS alias,
    /// and refused everywhere else.
    pub token_endpoint_as_assertion_audience: bool,
    /// Change what a server has answered before it is checked, where it cannot be accepted as it is;
    /// every endpoint's answer but those of protected resources, which stream past. What the change
    /// puts in is believed as if the server had sent it, and a key set that it has changed is changed
    /// for all that share the cache. Signatures are still verified.
    pub repair_response: Option<RepairResponse>,
}

impl Policy {
    /// Seconds to add to the local clock before it is compared with a server's; may be negative.
    pub const fn clock_skew(&self) -> i64 {
        self.clock_skew
    }

    /// Sets [`clock_skew`](Self::clock_skew); 0 by default.
    pub const fn set_clock_skew(&mut self, seconds: i64) -> &mut Self {
        self.clock_skew = seconds;
        self
    }

    /// Seconds by which a time in a token may be off.
    pub const fn clock_tolerance(&self) -> u64 {
        self.clock_tolerance
    }

    /// Sets [`clock_tolerance`](Self::clock_tolerance); 30 by default.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] above 600 seconds: a larger one hides a broken clock, for which
    /// [`set_clock_skew`](Self::set_clock_skew) is meant.
    pub fn set_clock_tolerance(&mut self, seconds: u64) -> Result<&mut Self, Error> {
        if seconds > LARGEST_TOLERANCE {
            return Err(Misuse::InvalidArgument {
                argument: "clock_tolerance",
                expected: "at most 600 seconds",
                found: seconds.to_string(),
            }
            .into());
        }
        self.clock_tolerance = seconds;
        Ok(self)
    }

    /// How long one request may take, response included.
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

    /// The most bytes that are accepted of a response body.
    pub const fn body_cap(&self) -> usize {
        self.body_cap
    }

    /// Sets [`body_cap`](Self::body_cap); 1 MiB by default.
    pub const fn set_body_cap(&mut self, bytes: usize) -> &mut Self {
        self.body_cap = bytes;
        self
    }

    /// Whether plain http is allowed beside https.
    pub const fn insecure_requests(&self) -> bool {
        self.insecure_requests
    }

    /// Allows plain http, discovery included. For development on one machine: over a network,
    /// whoever can see or change the traffic owns the login.
    pub const fn allow_insecure_requests(&mut self) -> &mut Self {
        self.insecure_requests = true;
        self
    }

    /// Whether an ID Token beside a code must also sign the `state`.
    pub const fn detached_signature_response_checks(&self) -> bool {
        self.detached_signature_response_checks
    }

    /// Makes `s_hash` mandatory in an ID Token that comes through the browser with a `state`, which
    /// turns it into a signature over the whole response (FAPI 1.0 Part 2 section 5.2.3.1).
    pub const fn enable_detached_signature_response_checks(&mut self) -> &mut Self {
        self.detached_signature_response_checks = true;
        self
    }

    /// Whether every authorization response must carry `iss`.
    pub const fn requires_authorization_response_iss(&self) -> bool {
        self.requires_authorization_response_iss
    }

    /// Makes `iss` mandatory in authorization responses (RFC 9207 section 2.4), whether or not the
    /// server's metadata promise it. For a client of several servers: without it, one of them can
    /// pass another's code off as its own.
    pub const fn require_authorization_response_iss(&mut self) -> &mut Self {
        self.requires_authorization_response_iss = true;
        self
    }

    /// The tenants of Entra ID whose people may log in.
    pub const fn tenants(&self) -> Option<&Tenants> {
        self.tenants.as_ref()
    }

    /// Sets [`tenants`](Self::tenants), which a client needs at an endpoint of Entra ID that speaks
    /// for all of them (`common`, `organizations`). At any other server it means nothing: there, the
    /// issuer decides.
    pub fn set_tenants(&mut self, tenants: Tenants) -> &mut Self {
        self.tenants = Some(tenants);
        self
    }

    /// Refuses terms on which no client of a security profile may talk to servers: whatever is switched off
    /// under [`danger`](Self::danger), and plain http.
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

    /// The response to judge; see [`Danger::repair_response`].
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

    /// The time to compare a server's times with: the one place where skew is applied.
    pub(crate) const fn skewed(&self, now: UnixTime) -> UnixTime {
        now.saturating_add(self.clock_skew)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            clock_skew: 0,
            clock_tolerance: 30,
            timeout: Duration::from_secs(30),
            body_cap: 1024 * 1024,
            insecure_requests: false,
            detached_signature_response_checks: false,
            requires_authorization_response_iss: false,
            tenants: None,
            danger: Danger::default(),
        }
    }
}

const LARGEST_TOLERANCE: u64 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_hide_a_mistake_is_refused() {
        let mut policy = Policy::default();
        for (seconds, accepted) in [(0, true), (600, true), (601, false), (u64::MAX, false)] {
            match policy.set_clock_tolerance(seconds) {
                Ok(policy) => assert!(accepted && policy.clock_tolerance() == seconds),
                Err(Error::Misuse(Misuse::InvalidArgument {
                    argument, found, ..
                })) => {
                    assert!(!accepted);
                    assert_eq!((argument, found), ("clock_tolerance", seconds.to_string()));
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(policy.clock_tolerance(), 600);
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
