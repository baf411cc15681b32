//! References to claims that other parties state: aggregated and distributed claims (OpenID Connect
//! Core 1.0 section 5.6.2).

use std::collections::BTreeMap;
use std::fmt;

use jose::jws::Header;
use jose::jwt::Claims;
use serde_json::{Map, Value};

use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::claim::required;
use crate::validate::times::Clock;
use crate::validate::{audience, issuer, token_type};

/// A source of claims about a user that another party states. Nothing is verified: the server that
/// named the source does not vouch for its claims.
///
/// [`all`](Self::all) finds the sources. [`VerifyAggregatedClaims`] and [`FetchDistributedClaims`]
/// turn one into [`SourcedClaims`].
///
/// [`VerifyAggregatedClaims`]: crate::flow::VerifyAggregatedClaims
/// [`FetchDistributedClaims`]: crate::flow::FetchDistributedClaims
#[derive(Debug, Clone)]
pub enum UnverifiedClaimSource {
    /// The claims came with the response, as a JWT of the other party.
    Aggregated(UnverifiedAggregatedClaims),
    /// The claims can be fetched from an endpoint of the other party.
    Distributed(DistributedClaims),
}

/// Claims that came as a JWT of another party (section 5.6.2.1), unverified. `Debug` shows their
/// names alone.
#[derive(Clone)]
pub struct UnverifiedAggregatedClaims {
    names: Vec<String>,
    pub(crate) jwt: Secret,
}

/// Claims that can be fetched from an endpoint of another party (section 5.6.2.2). `Debug` shows
/// their names alone.
#[derive(Clone)]
pub struct DistributedClaims {
    names: Vec<String>,
    pub(crate) endpoint: String,
    pub(crate) access_token: Option<Secret>,
}

impl UnverifiedAggregatedClaims {
    /// The names of the claims that this source is for.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl DistributedClaims {
    /// The names of the claims that this source is for.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The URL of the endpoint, as the server wrote it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl UnverifiedClaimSource {
    /// Finds the sources that `claims` refer to: the claims of a UserInfo response or of an ID
    /// Token. A source that no claim refers to is left out.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::IllTyped`] for `_claim_names`, `_claim_sources` or a
    /// member of a source; with [`Reason::Missing`] for a source that is referred to and absent, or
    /// that has neither `JWT` nor `endpoint`; with [`Reason::Unexpected`] for one that has both.
    pub fn all(claims: &Map<String, Value>) -> Result<Vec<Self>, Error> {
        read(claims).map_err(|reason| Artefact::ClaimSources.rejected(reason).into())
    }
}

fn read(claims: &Map<String, Value>) -> Result<Vec<UnverifiedClaimSource>, Reason> {
    let Some(names) = object(claims, "_claim_names")? else {
        return Ok(Vec::new());
    };
    let mut names_of: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, source) in names {
        let source = source.as_str().ok_or_else(|| {
            ill_typed("_claim_names", "an object whose values are strings", source)
        })?;
        names_of.entry(source).or_default().push(name.clone());
    }
    if names_of.is_empty() {
        return Ok(Vec::new());
    }
    let sources = required("_claim_sources", object(claims, "_claim_sources")?)?;
    let one = |(source, names): (&str, _)| match sources.get(source) {
        Some(Value::Object(members)) => source_of(names, members),
        Some(other) => Err(ill_typed("_claim_sources", "an object of objects", other)),
        None => Err(Reason::Missing {
            member: "_claim_sources".into(),
        }),
    };
    names_of.into_iter().map(one).collect()
}

fn source_of(
    names: Vec<String>,
    members: &Map<String, Value>,
) -> Result<UnverifiedClaimSource, Reason> {
    match (text(members, "JWT")?, text(members, "endpoint")?) {
        (Some(jwt), None) => {
            let jwt = jwt.into();
            let source = UnverifiedAggregatedClaims { names, jwt };
            Ok(UnverifiedClaimSource::Aggregated(source))
        }
        (None, Some(endpoint)) => Ok(UnverifiedClaimSource::Distributed(DistributedClaims {
            names,
            endpoint: endpoint.to_owned(),
            access_token: text(members, "access_token")?.map(Secret::from),
        })),
        (Some(_), Some(_)) => Err(Reason::Unexpected {
            member: "endpoint".into(),
        }),
        (None, None) => Err(Reason::Missing {
            member: "JWT".into(),
        }),
    }
}

fn object<'c>(
    claims: &'c Map<String, Value>,
    member: &'static str,
) -> Result<Option<&'c Map<String, Value>>, Reason> {
    match claims.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(ill_typed(member, "an object", other)),
    }
}

fn text<'m>(
    members: &'m Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'m str>, Reason> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(other) => Err(ill_typed(name, "a string that is not empty", other)),
    }
}

fn ill_typed(member: &'static str, expected: &'static str, found: &Value) -> Reason {
    Reason::IllTyped {
        member: member.into(),
        expected,
        found: match found {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(text) if text.is_empty() => "an empty string",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
        .to_owned(),
    }
}

/// Claims about a user whose signature was verified with a key of their issuer, which is another
/// party than the server of the login. `Debug` shows the issuer alone.
///
/// The issuer states the claims. That they are about the user who logged in is the statement of the
/// server that named the source: nothing else connects them.
#[derive(Clone, PartialEq)]
pub struct SourcedClaims {
    iss: String,
    claims: Map<String, Value>,
}

impl SourcedClaims {
    /// The issuer of the claims, one of those that the application lists.
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// The claims that the server named for this source. Others in the JWT are left out, and a
    /// claim that the JWT lacks is absent.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

/// Checks the header and the claims of a JWT of a claims provider whose signature is valid.
///
/// Section 5.6.2 defines no type for it and requires neither `aud` nor times, so what is present
/// must be right, and a type that is registered for another kind of token is refused (RFC 8725
/// section 3.11).
pub(crate) fn validate_sourced_claims(
    configuration: &Configuration,
    names: &[String],
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<SourcedClaims, Reason> {
    token_type::of_no_other_kind(header)?;
    // Section 5.6.2: `iss` names the party whose keys verify the signature.
    let iss = required("iss", claims.iss())?;
    issuer::check_claim(configuration, claims, iss)?;
    if let Some(aud) = claims.aud() {
        audience::contains_client(aud, &configuration.client().client_id)?;
    }
    // RFC 7519 sections 4.1.4 to 4.1.6.
    let clock = Clock::new(configuration.policy(), now);
    if let Some(exp) = claims.exp() {
        clock.not_expired(exp)?;
    }
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    if let Some(iat) = claims.iat() {
        clock.happened("iat", iat)?;
    }
    let mut all = claims.to_owned_map();
    let named = names.iter().filter_map(|name| all.remove_entry(name));
    Ok(SourcedClaims {
        iss: iss.to_owned(),
        claims: named.collect(),
    })
}

impl fmt::Debug for UnverifiedAggregatedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedAggregatedClaims")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DistributedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DistributedClaims")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SourcedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourcedClaims")
            .field("iss", &self.iss)
            .finish_non_exhaustive()
    }
}
