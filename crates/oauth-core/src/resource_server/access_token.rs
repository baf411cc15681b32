//! A validated access token.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::policy::ClockSkew;
use crate::resource_server::{Refusal, TokenBinding};
use crate::time::UnixTime;

/// A validated access token: its issuer, audience and times are checked, and either its signature
/// is valid or its server says that it is active.
///
/// A token that follows RFC 9068 has every member. An
/// [introspected](crate::resource_server::Introspection) token may lack the optional ones (RFC 7662
/// section 2.2).
#[derive(Clone, PartialEq)]
pub struct ValidatedAccessToken {
    pub(super) iss: String,
    pub(super) sub: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) jti: Option<String>,
    pub(super) exp: Option<UnixTime>,
    pub(super) iat: Option<UnixTime>,
    pub(super) auth_time: Option<UnixTime>,
    pub(super) acr: Option<String>,
    pub(super) scope: Vec<String>,
    pub(super) authorization_details: Vec<Map<String, Value>>,
    pub(super) binding: TokenBinding,
    pub(super) claims: Map<String, Value>,
    pub(super) clock_skew: ClockSkew,
}

impl ValidatedAccessToken {
    /// The issuer.
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// The resource owner, or the client itself where no resource owner is involved (RFC 9068
    /// section 2.2). It is unique at the issuer only. A JWT always has it.
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// The client that requested the token. A JWT always names it.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The identifier of the token. RFC 9068 requires it; a
    /// [profile by choice](crate::resource_server::DangerAccessTokenProfile) does not.
    pub fn jti(&self) -> Option<&str> {
        self.jti.as_deref()
    }

    /// When the token expires. A JWT always says it.
    pub const fn exp(&self) -> Option<UnixTime> {
        self.exp
    }

    /// When the token was issued. RFC 9068 requires it; a
    /// [profile by choice](crate::resource_server::DangerAccessTokenProfile) does not.
    pub const fn iat(&self) -> Option<UnixTime> {
        self.iat
    }

    /// The granted scope values; empty if the token has none.
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// The granted authorization details, each with a `type` (RFC 9396 section 9.1); empty if the
    /// token has none.
    pub fn authorization_details(&self) -> &[Map<String, Value>] {
        &self.authorization_details
    }

    /// The keys that the token is bound to.
    pub const fn binding(&self) -> &TokenBinding {
        &self.binding
    }

    /// All claims of the JWT, or all members of the introspection response, including those above.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Requires every one of these scope values.
    ///
    /// # Errors
    ///
    /// [`Refusal::InsufficientScope`] with all of `scope` if the token lacks one (RFC 6750 section
    /// 3.1).
    pub fn require_scope(&self, scope: &[&str]) -> Result<(), Refusal> {
        let has = |value: &&str| self.scope.iter().any(|granted| granted == value);
        if scope.iter().all(has) {
            return Ok(());
        }
        let scope = scope.iter().map(ToString::to_string).collect();
        Err(Refusal::InsufficientScope { scope })
    }

    /// Requires an authorization detail of this type that `permits` accepts (RFC 9396 section 9).
    ///
    /// # Errors
    ///
    /// [`Refusal::InsufficientScope`] without scope values if the token has none.
    pub fn require_authorization_detail(
        &self,
        detail_type: &str,
        permits: impl Fn(&Map<String, Value>) -> bool,
    ) -> Result<(), Refusal> {
        let is_of_type =
            |it: &Map<String, Value>| it.get("type").and_then(Value::as_str) == Some(detail_type);
        let mut details = self.authorization_details.iter();
        if details.any(|it| is_of_type(it) && permits(it)) {
            return Ok(());
        }
        Err(Refusal::InsufficientScope { scope: Vec::new() })
    }

    /// Requires one of these authentication context classes, unless the list is empty, and a login
    /// at most `max_age` ago, if it is present, in whole seconds (RFC 9470 section 3). `now` is the
    /// time by the clock of this machine; the skew of the policy is added.
    ///
    /// # Errors
    ///
    /// [`Refusal::InsufficientUserAuthentication`] if `acr` or `auth_time` does not suffice or is
    /// absent.
    pub fn require_authentication(
        &self,
        acr_values: &[&str],
        max_age: Option<Duration>,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let by_class = acr_values.is_empty()
            || self
                .acr
                .as_deref()
                .is_some_and(|acr| acr_values.contains(&acr));
        let now = now.saturating_add(self.clock_skew.seconds_to_add());
        let is_recent = max_age.is_none_or(|max_age| {
            self.auth_time
                .is_some_and(|at| now.seconds_since(at) <= max_age.as_secs())
        });
        if by_class && is_recent {
            return Ok(());
        }
        Err(Refusal::InsufficientUserAuthentication {
            acr_values: acr_values.iter().map(ToString::to_string).collect(),
            max_age,
        })
    }
}

impl fmt::Debug for ValidatedAccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidatedAccessToken")
            .field("iss", &self.iss)
            .field("sub", &self.sub)
            .field("client_id", &self.client_id)
            .field("exp", &self.exp)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
