//! ID Tokens (OpenID Connect Core 1.0 sections 2 and 3.1.3.7).

use std::fmt;

use jose::jws::Header;
use jose::jwt::Claims;
use serde_json::Map;
use serde_json::Value;

use crate::configuration::Configuration;
use crate::env::UnixTime;
use crate::error::Reason;
use crate::error::printable;
use crate::secret::Secret;
use crate::secret::constant_time_eq;
use crate::validate::ConfirmationClaims;
use crate::validate::IdTokenExpectations;
use crate::validate::NonceExpectation;
use crate::validate::audience;
use crate::validate::claim::required;
use crate::validate::claim::text;
use crate::validate::expectations::Occasion;
use crate::validate::hashes;
use crate::validate::issuer;
use crate::validate::times::Clock;

/// A verified ID Token: its signature and every claim that decides anything were checked.
#[derive(Clone, PartialEq)]
pub struct IdToken {
    iss: String,
    sub: String,
    aud: Vec<String>,
    exp: UnixTime,
    iat: UnixTime,
    auth_time: Option<UnixTime>,
    claims: Map<String, Value>,
    jwt: Secret,
}

impl IdToken {
    /// The issuer.
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// Who logged in; unique at the issuer and never empty. Together with [`iss`](Self::iss) it is
    /// the only stable key for a user: addresses and names change and are given to others.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// The audiences; this client is one of them.
    pub fn aud(&self) -> &[String] {
        &self.aud
    }

    /// When the token expires. That is not the end of the session.
    pub const fn exp(&self) -> UnixTime {
        self.exp
    }

    /// When the token was issued.
    pub const fn iat(&self) -> UnixTime {
        self.iat
    }

    /// When the user last proved who they are.
    pub const fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// The authentication context class.
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// The authentication methods, such as `pwd` and `otp` (RFC 8176).
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        let methods = self.claims.get("amr").and_then(Value::as_array);
        methods.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The client that the token was issued to.
    pub fn azp(&self) -> Option<&str> {
        self.text("azp")
    }

    /// The nonce of the login.
    pub fn nonce(&self) -> Option<&str> {
        self.text("nonce")
    }

    /// The session at the issuer, for logout.
    pub fn sid(&self) -> Option<&str> {
        self.text("sid")
    }

    /// The key that the token is bound to.
    pub fn cnf(&self) -> Option<ConfirmationClaims<'_>> {
        ConfirmationClaims::of(&self.claims)
    }

    /// Every claim, those above included.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims alone.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// The token as it came, for `id_token_hint`.
    pub const fn jwt(&self) -> &Secret {
        &self.jwt
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken")
            .field("iss", &self.iss)
            .field("sub", &self.sub)
            .field("aud", &self.aud)
            .field("exp", &self.exp)
            .field("iat", &self.iat)
            .finish_non_exhaustive()
    }
}

/// Judges the header and the claims of an ID Token whose signature holds.
pub(crate) fn validate_id_token(
    configuration: &Configuration,
    expectations: &IdTokenExpectations,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
    jwt: &Secret,
) -> Result<IdToken, Reason> {
    let policy = configuration.policy();
    let client = configuration.client();
    let clock = Clock::new(policy, now);
    is_an_id_token(header, claims)?;

    let exp = required("exp", claims.exp())?;
    clock.not_expired(exp)?;
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    let iat = required("iat", claims.iat())?;
    if !policy.danger.skip_iat_check {
        clock.happened("iat", iat)?;
        if let Some(request) = expectations.issued_since {
            clock.issued_since(iat, policy.skewed(request))?;
        }
    }

    let iss = issuer::check_login_issuer(configuration, claims)?;
    let aud = required("aud", claims.aud())?;
    audience::contains_client(aud, &client.client_id)?;
    let sub = required("sub", claims.sub())?;
    if sub.is_empty() {
        return Err(Reason::IllTyped {
            member: "sub".into(),
            expected: "a string that is not empty",
            found: "an empty string".to_owned(),
        });
    }
    if let Some(person) = &expectations.person {
        check_person(person, iss, sub)?;
    }
    let azp = text(claims, "azp")?;
    if !policy.danger.skip_azp_check {
        audience::authorized_for_client(aud, azp, &client.client_id)?;
    }

    check_auth_time(configuration, expectations, clock, claims)?;
    check_occasion(configuration, expectations, claims)?;
    if !policy.danger.skip_at_hash_check
        && let Some(at_hash) = text(claims, "at_hash")?
        && let Some(access_token) = &expectations.access_token
    {
        hashes::matches_hash("at_hash", at_hash, access_token.expose(), header.alg())?;
    }
    if let Some(front_channel) = &expectations.front_channel {
        front_channel.check(policy, clock, iat, claims, header.alg())?;
    }

    let time = |date: jose::jwt::NumericDate| UnixTime::from_seconds(date.seconds());
    Ok(IdToken {
        iss: iss.to_owned(),
        sub: sub.to_owned(),
        aud: aud.iter().map(str::to_owned).collect(),
        exp: time(exp),
        iat: time(iat),
        auth_time: claims.auth_time().map(time),
        claims: claims.to_owned_map(),
        jwt: jwt.clone(),
    })
}

/// Refuses other kinds of JWT, which the same server signs with the same keys: access tokens
/// (RFC 9068 section 2.1), logout tokens (Back-Channel Logout 1.0 section 2.4) and the like.
fn is_an_id_token(header: &Header, claims: &Claims<'_>) -> Result<(), Reason> {
    check_type(header)?;
    if claims.get("events").is_some() {
        return Err(Reason::Unexpected {
            member: "events".into(),
        });
    }
    Ok(())
}

/// A `typ`, where there is one, must be that of a JWT for no purpose in particular.
pub(super) fn check_type(header: &Header) -> Result<(), Reason> {
    match header.typ() {
        Some(typ) if !typ.eq_ignore_ascii_case("JWT") => Err(Reason::TokenType {
            expected: "JWT",
            found: printable(typ),
        }),
        _ => Ok(()),
    }
}

/// Whether two ID Tokens of one login are about the same person.
fn check_person(person: &(String, String), iss: &str, sub: &str) -> Result<(), Reason> {
    for (claim, expected, found) in [("iss", &person.0, iss), ("sub", &person.1, sub)] {
        if expected != found {
            return Err(Reason::ClaimMismatch {
                claim,
                expected: Some(printable(expected)),
                found: Some(printable(found)),
            });
        }
    }
    Ok(())
}

/// `auth_time`: mandatory where the client registered that or a maximum age applies (OpenID
/// Connect Core 1.0 section 3.1.3.7, step 13).
fn check_auth_time(
    configuration: &Configuration,
    expectations: &IdTokenExpectations,
    clock: Clock,
    claims: &Claims<'_>,
) -> Result<(), Reason> {
    let client = configuration.client();
    let max_age = match expectations.occasion {
        Occasion::Login { max_age, .. } => max_age.or(client.default_max_age),
        // The login may be long ago by now.
        Occasion::Refresh { .. } => None,
    };
    let Some(auth_time) = claims.auth_time() else {
        if max_age.is_some() || client.require_auth_time == Some(true) {
            return Err(Reason::Missing {
                member: "auth_time".into(),
            });
        }
        return Ok(());
    };
    if auth_time.seconds() < 0 {
        return Err(Reason::IllTyped {
            member: "auth_time".into(),
            expected: "a number that is not negative",
            found: "a negative number".to_owned(),
        });
    }
    clock.happened("auth_time", auth_time)?;
    max_age.map_or(Ok(()), |max_age| clock.recent(auth_time, max_age))
}

/// The nonce of a login, or the agreement with the login in a refresh.
fn check_occasion(
    configuration: &Configuration,
    expectations: &IdTokenExpectations,
    claims: &Claims<'_>,
) -> Result<(), Reason> {
    let nonce_mismatch = |expected: Option<&str>| Reason::ClaimMismatch {
        claim: "nonce",
        expected: expected.map(str::to_owned),
        found: None,
    };
    match &expectations.occasion {
        Occasion::Login { nonce, .. } => match nonce {
            NonceExpectation::Absent if claims.get("nonce").is_some() => {
                Err(nonce_mismatch(Some("none")))
            }
            NonceExpectation::Absent => Ok(()),
            NonceExpectation::Equals(expected) => {
                let found = required("nonce", text(claims, "nonce")?)?;
                if constant_time_eq(expected.expose().as_bytes(), found.as_bytes()) {
                    Ok(())
                } else {
                    Err(nonce_mismatch(None))
                }
            }
        },
        Occasion::Refresh { .. } if configuration.policy().danger.skip_continuity_check => Ok(()),
        Occasion::Refresh {
            previous: Some(previous),
        } => previous.continued_by(claims),
        Occasion::Refresh { previous: None } => Err(Reason::Unexpected {
            member: "id_token".into(),
        }),
    }
}
