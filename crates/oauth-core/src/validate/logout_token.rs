//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4).

use std::fmt;

use jose::json::Value as Json;
use jose::jws::Header;
use jose::jwt::{Audience, Claims, NumericDate};
use jose::{HashAlgorithm, base64url};
use serde_json::{Map, Value};

use crate::configuration::Configuration;
use crate::error::Reason;
use crate::policy::Policy;
use crate::time::UnixTime;
use crate::validate::claim::{check_subject, not_empty, required, text};
use crate::validate::times::Clock;
use crate::validate::{IdToken, audience, issuer, token_type};

/// A verified logout token: the server reports the end of a session, or of every session of a user.
///
/// It ends the sessions for which [`ends`](Self::ends) returns true. With a [`sid`](Self::sid),
/// that is one session; without it, it is every session of the user that [`sub`](Self::sub) names
/// (section 2.7). Treat a session that has already ended as a success. Revoke the refresh tokens of
/// these sessions, except those with the scope `offline_access`.
#[derive(Clone, PartialEq)]
pub struct LogoutToken {
    iss: String,
    sub: Option<String>,
    sid: Option<String>,
    client_id: String,
    jti: String,
    exp: UnixTime,
    iat: UnixTime,
    claims: Map<String, Value>,
}

impl LogoutToken {
    /// The issuer.
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// The user whose sessions end. `sub` or [`sid`](Self::sid) is always present.
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// The session that ends, as [`IdToken::sid`] names it.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// The identifier of this token, unique at the issuer.
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// When the token expires.
    pub const fn exp(&self) -> UnixTime {
        self.exp
    }

    /// Until when the token is remembered, so that no instance with this policy accepts it twice;
    /// by the clock of this instance, without its skew.
    pub fn remembered_until(&self, policy: &Policy) -> UnixTime {
        let tolerance = i64::try_from(policy.clock_tolerance().as_secs()).unwrap_or(i64::MAX);
        let end = self.exp.saturating_add(tolerance);
        let end = end.saturating_add(policy.clock_skew().seconds_to_add().saturating_neg());
        end.saturating_add(policy.seconds_kept_longer())
    }

    /// When the token was issued.
    pub const fn iat(&self) -> UnixTime {
        self.iat
    }

    /// All claims, including those above.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Whether the session that began with this ID Token ends: the issuer is the same, and so are
    /// the session and the user that the logout token names (section 2.6, steps 9 to 11).
    ///
    /// A logout token with a `sid` does not end a session whose ID Token has none.
    pub fn ends(&self, id_token: &IdToken) -> bool {
        let same_session = self.sid().is_none_or(|sid| id_token.sid() == Some(sid));
        let same_person = self.sub().is_none_or(|sub| id_token.sub() == sub);
        self.iss == id_token.iss() && same_session && same_person
    }

    /// A name under which a store remembers that this client has accepted this token: a hash of
    /// issuer, client and `jti`, of 56 characters. A token whose name is in the store is a replay
    /// (section 2.6, step 8).
    pub fn replay_name(&self) -> String {
        // No part can be mistaken for another: each is preceded by its length.
        let parts = [&self.iss, &self.client_id, &self.jti];
        let input: String = parts
            .iter()
            .map(|part| format!("{}:{part}", part.len()))
            .collect();
        let digest = HashAlgorithm::Sha256.digest(input.as_bytes());
        format!("logout-token:{}", base64url::encode(&digest))
    }
}

/// Checks the header and the claims of a logout token whose signature is valid (section 2.6).
pub(crate) fn validate_logout_token(
    configuration: &Configuration,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<LogoutToken, Reason> {
    // Steps 6 and 7.
    is_a_logout_token(configuration, header, claims)?;
    // Step 4: as for ID Tokens.
    let iss = required("iss", claims.iss())?;
    issuer::check_claim(configuration, claims, iss)?;
    check_audience(configuration, claims)?;
    // Step 5: the user, the session or both.
    let sub = claims.sub();
    sub.map(check_subject).transpose()?;
    let sid = text(claims, "sid")?;
    let sid = sid.map(|sid| not_empty("sid", sid)).transpose()?;
    let requires_session = configuration.client().backchannel_logout_session_required;
    if sid.is_none() && (sub.is_none() || requires_session == Some(true)) {
        let member = "sid".into();
        return Err(Reason::Missing { member });
    }
    // Section 2.4 requires it; step 8, the search for a replay, needs a store.
    let jti = not_empty("jti", required("jti", claims.jti())?)?;
    let (exp, iat) = times(configuration, now, claims)?;
    let time = |date: NumericDate| UnixTime::from_seconds(date.seconds());
    Ok(LogoutToken {
        iss: iss.to_owned(),
        sub: sub.map(str::to_owned),
        sid: sid.map(str::to_owned),
        client_id: configuration.client().client_id.clone(),
        jti: jti.to_owned(),
        exp: time(exp),
        iat: time(iat),
        claims: claims.to_owned_map(),
    })
}

/// Refuses other kinds of JWT, which the same server signs with the same keys (section 4.1).
///
/// `typ` is recommended but not required, and many servers send `JWT` or omit it (section 2.4).
/// Therefore `events`, which no other kind of token has, and `nonce`, which the ID Token of a login
/// has, are always checked.
fn is_a_logout_token(
    configuration: &Configuration,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<(), Reason> {
    // Section 2.4.
    if configuration.policy().requires_logout_token_type() {
        token_type::explicit(header, LOGOUT_JWT)?;
    } else {
        token_type::untyped_or(header, LOGOUT_JWT)?;
    }
    // Section 2.6, step 7: `nonce` is prohibited.
    if claims.get("nonce").is_some() {
        return Err(Reason::Unexpected {
            member: "nonce".into(),
        });
    }
    // Section 2.6, step 6.
    let events = required("events", claims.get("events"))?;
    let Json::Object(events) = events else {
        return Err(no_object("events", events));
    };
    match required(EVENT, events.get(EVENT))? {
        Json::Object(_) => Ok(()),
        other => Err(no_object(EVENT, other)),
    }
}

/// Checks `aud` and `azp` by the rules for ID Tokens (section 2.6, step 4; OpenID Connect Core 1.0
/// section 3.1.3.7, steps 3 to 5).
fn check_audience(configuration: &Configuration, claims: &Claims<'_>) -> Result<(), Reason> {
    let client_id = &configuration.client().client_id;
    let aud: Audience<'_> = required("aud", claims.aud())?;
    audience::contains_client(aud, client_id)?;
    if configuration.policy().danger.skip_azp_check {
        return Ok(());
    }
    audience::authorized_for_client(aud, text(claims, "azp")?, client_id)
}

/// Checks `exp` and `iat`, which section 2.4 requires, by the rules for ID Tokens (section 2.6,
/// step 4), and `nbf` (RFC 7519 section 4.1.5). `exp` limits the age of a logout token; there is no
/// other limit.
fn times(
    configuration: &Configuration,
    now: UnixTime,
    claims: &Claims<'_>,
) -> Result<(NumericDate, NumericDate), Reason> {
    let clock = Clock::new(configuration.policy(), now);
    let exp = required("exp", claims.exp())?;
    let iat = required("iat", claims.iat())?;
    clock.not_expired(exp)?;
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    if !configuration.policy().danger.skip_iat_check {
        clock.happened("iat", iat)?;
    }
    Ok((exp, iat))
}

fn no_object(member: &'static str, found: &Json<'_>) -> Reason {
    Reason::IllTyped {
        member: member.into(),
        expected: "an object",
        found: found.kind().to_owned(),
    }
}

impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutToken")
            .field("iss", &self.iss)
            .field("sub", &self.sub)
            .field("exp", &self.exp)
            .field("iat", &self.iat)
            .finish_non_exhaustive()
    }
}

const LOGOUT_JWT: &str = "logout+jwt";

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
