//! A login between its request and its callback.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::checks::{AuthorizationCodeGrantChecks, ExpectedState};
use super::response_type::{ResponseMode, ResponseType};
use super::versioned;
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::error::{Error, Misuse};
use crate::pkce::CodeVerifier;
use crate::secret::Secret;
use crate::time::UnixTime;

/// Everything that must be stored between the request of a login and its callback.
///
/// It is a secret: anyone who reads it can finish the login in another browser. Keep it where only
/// the browser that began the login can reach it: in a server-side session, or [sealed](Self::seal)
/// in a cookie whose name begins with `__Host-`, marked `Secure`, `HttpOnly` and `SameSite=Lax`.
/// For [`FormPost`](ResponseMode::FormPost) use `SameSite=None`, because a browser sends no other
/// cookie with a form from another site. It is `Serialize` and `Deserialize` with an explicit
/// `version`; an unknown version is refused.
///
/// # One login, one callback
///
/// A store keyed by session **and** [`state`](Self::state) allows one callback for each login: find
/// the entry by [`Callback::state`](crate::authorization::Callback::state), **remove it**, and only
/// then resume it. A second callback with the same `state`, for example a replayed one, finds
/// nothing. A forged `state` finds nothing either and leaves the real login in place, so that an
/// attacker cannot cancel it. Keying by `state` also keeps logins in two tabs apart: with one entry
/// per session, the second tab would overwrite the login of the first, and the first callback would
/// fail.
///
/// A server cannot remove a cookie at the same moment. Name the cookie after the `state`, and
/// delete it in the response to the callback. If an attacker has a copy of it, only the rule that
/// the authorization server redeems a code once stops a replay (RFC 6749 section 4.1.2). An
/// [`IdToken`](ResponseType::IdToken) alone has no such rule.
#[derive(Clone)]
pub struct PendingLogin {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(crate) response_type: ResponseType,
    pub(super) response_mode: ResponseMode,
    pub(super) state: Secret,
    pub(super) nonce: Option<Secret>,
    pub(super) code_verifier: Option<CodeVerifier>,
    pub(super) max_age: Option<u64>,
    pub(super) id_token_expected: bool,
    /// The thumbprint of the DPoP key that the code is bound to.
    pub(super) dpop_jkt: Option<String>,
    /// What the login is for, if it asked for resources. Other logins need no such values, and stay
    /// short.
    pub(super) target: Option<Target>,
    pub(super) created_at: UnixTime,
    pub(super) lifetime: u64,
}

/// The resources of a login (RFC 8707), and the scope there.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) resources: Vec<String>,
    pub(super) scope: String,
}

impl PendingLogin {
    /// The `state` that was sent, which serves as the key in a store.
    pub fn state(&self) -> &str {
        self.state.expose()
    }

    /// The issuer of the server that was asked, for applications that use several servers.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How the response comes back. With [`FormPost`](ResponseMode::FormPost) and
    /// [`FormPostJwt`](ResponseMode::FormPostJwt), a cookie needs `SameSite=None` to arrive with
    /// it.
    pub const fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// The resources that the login asked for, as they were written (RFC 8707 section 2). Compare
    /// them before the token request names one: the tokens of a login for another resource must not
    /// go to this one. Empty for a login that earlier versions of this library stored.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        let target = self.target.iter();
        target.flat_map(|target| target.resources.iter().map(String::as_str))
    }

    /// The scope that a login for [resources](Self::resources) asked for; `None` for other logins.
    pub fn resource_scope(&self) -> Option<&str> {
        self.target.as_ref().map(|target| target.scope.as_str())
    }

    /// When the login began.
    pub const fn created_at(&self) -> UnixTime {
        self.created_at
    }

    /// Refuses a configuration other than the one that began the login.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`].
    pub(crate) fn check_configuration(&self, configuration: &Configuration) -> Result<(), Error> {
        if self.issuer != configuration.server().issuer {
            return Err(Misuse::AnotherConfiguration { member: "issuer" }.into());
        }
        if self.client_id != configuration.client().client_id {
            return Err(Misuse::AnotherConfiguration {
                member: "client_id",
            }
            .into());
        }
        let dpop_jkt = configuration.dpop_key().map(DPoPKey::thumbprint);
        if self.dpop_jkt.as_deref() != dpop_jkt {
            return Err(Misuse::AnotherConfiguration { member: "DPoP key" }.into());
        }
        Ok(())
    }

    pub(crate) fn another_response_type(&self, expected: &'static str) -> Error {
        Misuse::InvalidArgument {
            argument: "pending",
            expected,
            found: self.response_type.as_str().to_owned(),
        }
        .into()
    }

    /// Refuses a login that has taken too long. The same clock tells both times, so no skew is
    /// applied.
    ///
    /// # Errors
    ///
    /// [`Misuse::LoginExpired`].
    pub(crate) fn check_age(&self, now: UnixTime) -> Result<(), Error> {
        if self.age(now) > self.lifetime {
            let limit = Duration::from_secs(self.lifetime);
            return Err(Misuse::LoginExpired { limit }.into());
        }
        Ok(())
    }

    /// Seconds since the login began.
    fn age(&self, now: UnixTime) -> u64 {
        now.seconds_since(self.created_at)
    }

    /// Returns the redirect URI of the login, and the values that callback and tokens are compared
    /// with.
    pub(crate) fn into_checks(self, now: UnixTime) -> (String, AuthorizationCodeGrantChecks) {
        // `max_age` limits the age of the authentication when the login begins. The time that the
        // user then takes does not count (OpenID Connect Core 1.0 section 3.1.2.1).
        let age = self.age(now);
        let checks = AuthorizationCodeGrantChecks {
            max_age: self
                .max_age
                .map(|max_age| Duration::from_secs(max_age.saturating_add(age))),
            expected_state: ExpectedState::Equals(self.state),
            expected_nonce: self.nonce,
            id_token_expected: self.id_token_expected,
            pkce_code_verifier: self.code_verifier,
            response_type: self.response_type,
            response_mode: Some(self.response_mode),
        };
        (self.redirect_uri, checks)
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

impl Serialize for PendingLogin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored {
            version: VERSION,
            issuer: Cow::Borrowed(&self.issuer),
            client_id: Cow::Borrowed(&self.client_id),
            redirect_uri: Cow::Borrowed(&self.redirect_uri),
            response_type: self.response_type,
            response_mode: self.response_mode,
            state: Cow::Borrowed(self.state.expose()),
            nonce: self
                .nonce
                .as_ref()
                .map(|nonce| Cow::Borrowed(nonce.expose().as_str())),
            code_verifier: self
                .code_verifier
                .as_ref()
                .map(|code_verifier| Cow::Borrowed(code_verifier.expose())),
            max_age: self.max_age,
            id_token_expected: self.id_token_expected,
            dpop_jkt: self.dpop_jkt.as_deref().map(Cow::Borrowed),
            resource: self.resources().map(Cow::Borrowed).collect(),
            scope: self.resource_scope().map(Cow::Borrowed),
            created_at: self.created_at.seconds(),
            lifetime: self.lifetime,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PendingLogin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored: Stored<'_> = versioned::read(deserializer, "a pending login", &[VERSION])?;
        let code_verifier = stored
            .code_verifier
            .map(|code_verifier| CodeVerifier::new(code_verifier.into_owned()))
            .transpose()
            .map_err(serde::de::Error::custom)?;
        Ok(Self {
            issuer: stored.issuer.into_owned(),
            client_id: stored.client_id.into_owned(),
            redirect_uri: stored.redirect_uri.into_owned(),
            response_type: stored.response_type,
            response_mode: stored.response_mode,
            state: Secret::new(stored.state.into_owned()),
            nonce: stored.nonce.map(|nonce| Secret::new(nonce.into_owned())),
            code_verifier,
            max_age: stored.max_age,
            id_token_expected: stored.id_token_expected,
            dpop_jkt: stored.dpop_jkt.map(Cow::into_owned),
            target: stored.scope.map(|scope| Target {
                resources: stored.resource.into_iter().map(Cow::into_owned).collect(),
                scope: scope.into_owned(),
            }),
            created_at: UnixTime::from_seconds(stored.created_at),
            lifetime: stored.lifetime,
        })
    }
}

/// The stored form. Every change to it needs a new version, except a member that may be absent.
#[derive(Serialize, Deserialize)]
#[serde(rename = "PendingLogin", deny_unknown_fields)]
struct Stored<'a> {
    version: u8,
    issuer: Cow<'a, str>,
    client_id: Cow<'a, str>,
    redirect_uri: Cow<'a, str>,
    response_type: ResponseType,
    response_mode: ResponseMode,
    state: Cow<'a, str>,
    nonce: Option<Cow<'a, str>>,
    code_verifier: Option<Cow<'a, str>>,
    max_age: Option<u64>,
    id_token_expected: bool,
    dpop_jkt: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resource: Vec<Cow<'a, str>>,
    /// Present in a login for resources alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<Cow<'a, str>>,
    created_at: i64,
    lifetime: u64,
}

const VERSION: u8 = 1;
