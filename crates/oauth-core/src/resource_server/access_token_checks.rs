//! The checks of an access token whose signature is valid (RFC 9068 section 4).

use std::sync::Arc;

use jose::SignatureAlgorithm;
use jose::json::Value;
use jose::jws::Header;
use jose::jwt::{Claims, NumericDate};

use crate::configuration::Configuration;
use crate::error::{Artefact, Reason, printable};
use crate::flow::verification::keyed::JwtKind;
use crate::metadata::ClientMetadata;
use crate::resource_server::issuer::AccessTokenExpectations;
use crate::resource_server::members::{authorization_details, is_for, scope_values};
use crate::resource_server::{DangerAccessTokenProfile, TokenBinding, ValidatedAccessToken};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::claim::{check_subject, not_empty, required, text};
use crate::validate::times::Clock;
use crate::validate::{issuer, token_type};

impl JwtKind for Arc<AccessTokenExpectations> {
    type Output = ValidatedAccessToken;

    const ARTEFACT: Artefact = Artefact::AccessToken;

    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// They never include `none` or HMAC (RFC 9068 section 2.1).
    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        self.algorithms.clone()
    }

    fn encryption(_: &ClientMetadata) -> [Option<&str>; 2] {
        [None, None]
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<ValidatedAccessToken, Reason> {
        validate_access_token(self, now, header, claims)
    }
}

/// Checks header and claims in the order of RFC 9068 section 4; section 2.2 says which claims are
/// required.
fn validate_access_token(
    expected: &AccessTokenExpectations,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<ValidatedAccessToken, Reason> {
    let profile = expected.profile.as_ref();
    // RFC 9068 section 4: `typ` must be `at+jwt`.
    match profile {
        None => token_type::explicit(header, AT_JWT)?,
        Some(profile) => is_no_other_token(profile, header, claims)?,
    }
    // Section 4: `iss` must equal the issuer of the server, and `aud` must contain the resource.
    let iss = required("iss", claims.iss())?;
    issuer::check_claim(&expected.configuration, claims, iss)?;
    let audience_claim = profile.map_or("aud", |profile| profile.audience_claim);
    contains_resource(claims, audience_claim, &expected.resource)?;
    // Section 4: the token must not have expired. `nbf` is RFC 7519 section 4.1.5.
    let clock = Clock::new(expected.configuration.policy(), now);
    let exp = required("exp", claims.exp())?;
    clock.not_expired(exp)?;
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    // Section 2.2 requires `iat`, `jti`, `sub` and `client_id`.
    let (iat, jti) = match profile {
        None => (
            Some(required("iat", claims.iat())?),
            Some(required("jti", claims.jti())?),
        ),
        Some(_) => (claims.iat(), claims.jti()),
    };
    iat.map(|iat| clock.happened("iat", iat)).transpose()?;
    jti.map(|jti| not_empty("jti", jti)).transpose()?;
    // Beyond section 2.2.1: a login in the future would pass as a recent one (RFC 9470 section 3).
    let auth_time = claims.auth_time();
    let login = auth_time.map(|at| clock.happened("auth_time", at));
    login.transpose()?;
    let sub = required("sub", claims.sub())?;
    check_subject(sub)?;
    let client_claim = profile.map_or("client_id", |profile| profile.client_claim);
    let client_id = required(client_claim, text(claims, client_claim)?)?;
    let time = |date: NumericDate| UnixTime::from_seconds(date.seconds());
    let members = claims.to_owned_map();
    Ok(ValidatedAccessToken {
        iss: iss.to_owned(),
        sub: Some(sub.to_owned()),
        client_id: Some(not_empty(client_claim, client_id)?.to_owned()),
        jti: jti.map(str::to_owned),
        exp: Some(time(exp)),
        iat: iat.map(time),
        auth_time: auth_time.map(time),
        acr: text(claims, "acr")?.map(str::to_owned),
        scope: scope(claims, profile)?,
        authorization_details: authorization_details(&members)?,
        binding: TokenBinding::read(&members)?,
        claims: members,
        clock_skew: expected.configuration.policy().clock_skew(),
    })
}

/// Refuses a token of another `typ`, and a token with the marks of an ID Token (OpenID Connect Core
/// 1.0 sections 2 and 3.3.2.11, FAPI 1.0 Advanced section 5.1.1) or of a security event such as a
/// logout token (RFC 8417 section 2.2). A profile by choice gives up the `typ` of RFC 9068 section
/// 4, which keeps them out, so their claims take its place.
fn is_no_other_token(
    profile: &DangerAccessTokenProfile,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<(), Reason> {
    match (profile.typ, header.typ()) {
        (Some(expected), _) => token_type::explicit(header, expected)?,
        (None, Some(found)) => {
            let expected = "nothing";
            let found = printable(found);
            return Err(Reason::TokenType { expected, found });
        }
        (None, None) => {}
    }
    let mark = ["nonce", "at_hash", "c_hash", "s_hash", "events"]
        .into_iter()
        .find(|mark| claims.get(mark).is_some());
    match mark {
        Some(member) => Err(Reason::Unexpected {
            member: member.into(),
        }),
        None => Ok(()),
    }
}

/// Requires the claim to be the resource, or an array that contains it (RFC 9068 section 4, RFC
/// 7519 section 4.1.3).
fn contains_resource(
    claims: &Claims<'_>,
    claim: &'static str,
    resource: &str,
) -> Result<(), Reason> {
    let found = strings(claim, required(claim, claims.get(claim))?)?;
    is_for(claim, &found, resource)
}

/// Reads the scope: text with spaces (RFC 9068 section 2.2.3), and by choice also an array.
fn scope(
    claims: &Claims<'_>,
    profile: Option<&DangerAccessTokenProfile>,
) -> Result<Vec<String>, Reason> {
    let text = match profile {
        None => text(claims, "scope")?,
        Some(profile) => match claims.get(profile.scope_claim) {
            Some(array @ Value::Array(_)) => {
                let values = strings(profile.scope_claim, array)?;
                return Ok(values.into_iter().map(str::to_owned).collect());
            }
            _ => text(claims, profile.scope_claim)?,
        },
    };
    Ok(scope_values(text.unwrap_or_default()))
}

/// Reads a string or an array of strings.
fn strings<'c>(claim: &'static str, value: &'c Value<'_>) -> Result<Vec<&'c str>, Reason> {
    let texts = match value {
        Value::String(text) => Some(vec![text.as_ref()]),
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        _ => None,
    };
    texts.ok_or_else(|| Reason::IllTyped {
        member: claim.into(),
        expected: "a string or an array of strings",
        found: value.kind().to_owned(),
    })
}

const AT_JWT: &str = "at+jwt";
