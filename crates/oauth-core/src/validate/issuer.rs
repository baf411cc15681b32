//! The issuer of tokens and responses (OpenID Connect Core 1.0 section 3.1.3.7, step 2), and, for a
//! server that serves many tenants, whether the tenant is accepted.

use jose::Jwk;
use jose::jwt::Claims;

use super::claim::{required, text};
use crate::configuration::Configuration;
use crate::error::{Reason, printable};
use crate::metadata::IssuerTemplate;
use crate::policy::TenantId;

/// Checks `iss` of an ID Token. If the server's issuer covers all tenants, `tid` names the tenant.
pub(crate) fn check_login_issuer<'c>(
    configuration: &Configuration,
    claims: &'c Claims<'_>,
) -> Result<&'c str, Reason> {
    let iss = required("iss", claims.iss())?;
    // Beyond step 2, which knows one issuer: the tenant is named twice, and both must agree.
    if template(configuration).is_some() {
        required("tid", text(claims, "tid")?)?;
    }
    check_claim(configuration, claims, iss)?;
    Ok(iss)
}

/// Checks `iss` of any other JWT, in which `tid` may be absent (RFC 8725 section 3.8).
pub(crate) fn check_claim(
    configuration: &Configuration,
    claims: &Claims<'_>,
    iss: &str,
) -> Result<(), Reason> {
    let tenant = match template(configuration) {
        Some(_) => tenant_of(claims)?,
        None => None,
    };
    check(configuration, iss, tenant)
}

/// Checks `iss` of an introspected token, which the response names without a `tid`.
pub(crate) fn check_introspected(configuration: &Configuration, iss: &str) -> Result<(), Reason> {
    check(configuration, iss, None)
}

fn check(configuration: &Configuration, iss: &str, tenant: Option<TenantId>) -> Result<(), Reason> {
    compare(configuration, iss, tenant).map_err(|fault| match fault {
        Fault::Another { expected } => Reason::ClaimMismatch {
            claim: "iss",
            expected: Some(expected),
            found: Some(printable(iss)),
        },
        Fault::Tenant(tenant) => refused(&tenant),
    })
}

/// Checks `iss` of an authorization response (RFC 9207 section 2.4).
pub(crate) fn check_parameter(configuration: &Configuration, iss: &str) -> Result<(), Reason> {
    compare(configuration, iss, None).map_err(|fault| match fault {
        Fault::Another { expected } => Reason::ParameterMismatch {
            parameter: "iss",
            expected: Some(printable(&expected)),
            found: Some(printable(iss)),
        },
        Fault::Tenant(tenant) => refused(&tenant),
    })
}

/// Compares the issuer that a key is restricted to, as Entra ID marks the keys of its consumer
/// accounts, with the issuer (RFC 8725 section 3.8: the key must belong to the issuer) of the token
/// that the key has verified. Otherwise an attacker with the key of one service could sign for all
/// tenants, the client's own included. At other servers the mark has no meaning.
pub(crate) fn check_key(
    configuration: &Configuration,
    key: &Jwk,
    claims: &Claims<'_>,
) -> Result<(), Reason> {
    let published = &configuration.server().issuer;
    let of_one_tenant = || IssuerTemplate::behind(published);
    let Some(template) = template(configuration).or_else(of_one_tenant) else {
        return Ok(());
    };
    let Some(issuer) = key.extra_member("issuer") else {
        return Ok(());
    };
    let iss = required("iss", claims.iss())?;
    let is_for_it = issuer.as_str().is_some_and(|issuer| {
        issuer == iss || (template.is(issuer) && template.tenant(iss).is_some())
    });
    if is_for_it {
        return Ok(());
    }
    Err(Reason::ClaimMismatch {
        claim: "iss",
        expected: Some(printable(&issuer.to_string())),
        found: Some(printable(iss)),
    })
}

/// The reason why an issuer is refused.
enum Fault {
    Another { expected: String },
    Tenant(TenantId),
}

fn compare(
    configuration: &Configuration,
    iss: &str,
    tenant: Option<TenantId>,
) -> Result<(), Fault> {
    let published = &configuration.server().issuer;
    let Some(template) = template(configuration) else {
        return match iss == published {
            true => Ok(()),
            false => Err(Fault::Another {
                expected: published.clone(),
            }),
        };
    };
    let expected = match &tenant {
        Some(tenant) => template.issuer(tenant),
        None => published.clone(),
    };
    let named = template.tenant(iss);
    let named = named.filter(|named| tenant.is_none_or(|tenant| tenant == *named));
    let named = named.ok_or(Fault::Another { expected })?;
    // Beyond step 2: the template proves that Microsoft issued the token, not which tenants this
    // application serves. A policy without tenants accepts none.
    match configuration.policy().tenants() {
        Some(tenants) if tenants.accept(&named) => Ok(()),
        _ => Err(Fault::Tenant(named)),
    }
}

fn template(configuration: &Configuration) -> Option<IssuerTemplate<'_>> {
    IssuerTemplate::of(&configuration.server().issuer)
}

fn tenant_of(claims: &Claims<'_>) -> Result<Option<TenantId>, Reason> {
    let Some(tid) = text(claims, "tid")? else {
        return Ok(None);
    };
    match TenantId::parse(tid) {
        Some(tenant) => Ok(Some(tenant)),
        None => Err(Reason::IllTyped {
            member: "tid".into(),
            expected: "a UUID in lower case",
            found: printable(tid),
        }),
    }
}

fn refused(tenant: &TenantId) -> Reason {
    Reason::TenantRefused {
        tenant: tenant.to_string(),
    }
}
