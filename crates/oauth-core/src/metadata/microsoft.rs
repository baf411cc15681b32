//! Issuers of Microsoft Entra ID and Azure AD B2C that differ from the URL under which their
//! metadata are published.
//!
//! | requested | published issuer |
//! |---|---|
//! | `https://login.microsoftonline.com/{common, organizations}/v2.0` | `https://login.microsoftonline.com/{tenantid}/v2.0`, a template |
//! | the same with the name of a tenant, or `consumers` | the same with the tenant's UUID |
//! | either without `/v2.0` | `https://sts.windows.net/…/` |
//! | `https://….b2clogin.com/…/{user flow}/v2.0` | `https://….b2clogin.com/{UUID}/v2.0/` |
//!
//! Each form is recognised by its exact host and its exact path, so that only Microsoft's own
//! servers can publish another issuer than theirs. The clouds of other nations are included.
//! External ID (`ciamlogin.com`) needs no rule: it also publishes its metadata under its issuer,
//! which is the URL to request. A B2C tenant under a custom domain is not recognised.

use url::{Host, Origin, Url};

use crate::policy::TenantId;

/// Whether a document requested under `asked` may publish this issuer although it differs.
pub(crate) fn may_publish(asked: &Url, issuer: &str) -> bool {
    entra_may_publish(asked, issuer).unwrap_or(false)
        || b2c_may_publish(asked, issuer).unwrap_or(false)
}

/// The issuer template of Entra ID that covers all tenants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IssuerTemplate<'a> {
    before: &'a str,
    after: &'a str,
}

impl<'a> IssuerTemplate<'a> {
    /// Reads the issuer as a template; `None` if it is the issuer of one tenant.
    pub(crate) fn of(issuer: &'a str) -> Option<Self> {
        let (before, template) = issuer.split_at_checked(issuer.find('{')?)?;
        Self::new(before, template.strip_prefix(TENANT)?)
    }

    /// The template that the issuer of one tenant is made from; `None` if it is not one of Entra
    /// ID.
    pub(crate) fn behind(issuer: &'a str) -> Option<Self> {
        let after = if issuer.ends_with(V2) { V2 } else { "/" };
        let rest = issuer.strip_suffix(after)?;
        let (before, tenant) = rest.split_at_checked(rest.rfind('/')?.checked_add(1)?)?;
        TenantId::parse(tenant)?;
        Self::new(before, after)
    }

    fn new(before: &'a str, after: &'a str) -> Option<Self> {
        let is_one = CLOUDS.iter().any(|cloud| {
            is_prefix(before, cloud.login) && after == V2
                || is_prefix(before, cloud.sts) && after == "/"
        });
        is_one.then_some(Self { before, after })
    }

    /// Whether this text is this template.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.between(text) == Some(TENANT)
    }

    /// The template itself, as it is published.
    pub(crate) fn text(&self) -> String {
        format!("{}{TENANT}{}", self.before, self.after)
    }

    /// The issuer of one tenant.
    pub(crate) fn issuer(&self, tenant: &TenantId) -> String {
        format!("{}{tenant}{}", self.before, self.after)
    }

    /// The tenant that this issuer belongs to.
    pub(crate) fn tenant(&self, issuer: &str) -> Option<TenantId> {
        TenantId::parse(self.between(issuer)?)
    }

    fn between<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(self.before)?.strip_suffix(self.after)
    }
}

/// Whether the text is `https://{host}/`.
fn is_prefix(text: &str, host: &str) -> bool {
    let rest = text.strip_prefix("https://");
    rest.and_then(|rest| rest.strip_suffix('/')) == Some(host)
}

fn entra_may_publish(asked: &Url, issuer: &str) -> Option<bool> {
    let host = host_of(asked)?;
    let cloud = CLOUDS.iter().find(|cloud| cloud.login == host)?;
    let path = asked.path().strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let (name, expected_host, after) = match path.split_once('/') {
        Some((name, "v2.0")) => (name, cloud.login, V2),
        Some(_) => return None,
        None => (path, cloud.sts, "/"),
    };
    let rest = issuer
        .strip_prefix("https://")?
        .strip_prefix(expected_host)?;
    let published = rest.strip_prefix('/')?.strip_suffix(after)?;
    Some(match name {
        "" => false,
        "common" | "organizations" => published == TENANT,
        name => match TenantId::parse(&name.to_ascii_lowercase()) {
            Some(tenant) => published == tenant.as_str(),
            // The name of a tenant; Microsoft alone knows its UUID.
            None => TenantId::parse(published).is_some(),
        },
    })
}

fn b2c_may_publish(asked: &Url, issuer: &str) -> Option<bool> {
    let host = host_of(asked)?;
    let tenant = host.strip_suffix(".b2clogin.com")?;
    if tenant.is_empty() || tenant.contains('.') {
        return None;
    }
    let rest = issuer.strip_prefix("https://")?.strip_prefix(host)?;
    let path = rest.strip_prefix('/')?.strip_suffix("/v2.0/")?;
    Some(match path.strip_prefix("tfp/") {
        None => TenantId::parse(path).is_some(),
        // The path contains the user flow, which must equal the one requested.
        Some(path) => {
            let (tenant, flow) = path.split_once('/')?;
            let mut asked = asked.path_segments()?;
            TenantId::parse(tenant).is_some()
                && asked.any(|segment| segment.eq_ignore_ascii_case(flow))
        }
    })
}

/// The host of an https URL on the usual port.
fn host_of(url: &Url) -> Option<&str> {
    match url.origin() {
        Origin::Tuple(scheme, Host::Domain(_), 443) if scheme == "https" => url.host_str(),
        _ => None,
    }
}

struct Cloud {
    /// The host where users log in.
    login: &'static str,
    /// The host in the issuer of version 1.0.
    sts: &'static str,
}

/// The public cloud, that of the US government, and that of China.
const CLOUDS: [Cloud; 3] = [
    Cloud {
        login: "login.microsoftonline.com",
        sts: "sts.windows.net",
    },
    Cloud {
        login: "login.microsoftonline.us",
        sts: "sts.windows.net",
    },
    Cloud {
        login: "login.partner.microsoftonline.cn",
        sts: "sts.chinacloudapi.cn",
    },
];

const TENANT: &str = "{tenantid}";
const V2: &str = "/v2.0";

#[cfg(test)]
mod tests;
