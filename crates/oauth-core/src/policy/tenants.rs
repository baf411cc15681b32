//! The tenants of Microsoft Entra ID whose users may log in.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Misuse, printable};

/// The identifier of a tenant of Entra ID: a UUID (RFC 9562 section 4) in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

impl TenantId {
    /// Reads a tenant identifier in its canonical form only: 36 characters, in lower case. Any
    /// other text could have another meaning in an issuer's URL.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_canonical = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => is_digit(byte),
            });
        is_canonical.then(|| Self(text.to_owned()))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The tenants whose users may log in through an endpoint of Entra ID that serves all tenants
/// (`common`, `organizations`). The signature of such an ID Token proves that Microsoft issued it;
/// it does not prove who runs the tenant.
#[derive(Clone)]
pub struct Tenants(Accepted);

#[derive(Clone)]
enum Accepted {
    Listed(BTreeSet<TenantId>),
    Checked(Arc<dyn Fn(&TenantId) -> bool + Send + Sync>),
    Any,
}

impl Tenants {
    /// Accepts the listed tenants, given as UUIDs.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a text that is not a UUID, and for an empty list.
    pub fn listed<T: AsRef<str>>(tenants: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let invalid = |expected, found: &str| Misuse::InvalidArgument {
            argument: "tenants",
            expected,
            found: printable(found),
        };
        let listed: Result<BTreeSet<TenantId>, Misuse> = tenants
            .into_iter()
            .map(|tenant| {
                let tenant = tenant.as_ref();
                TenantId::parse(&tenant.to_ascii_lowercase())
                    .ok_or_else(|| invalid("UUIDs of tenants", tenant))
            })
            .collect();
        let listed = listed?;
        if listed.is_empty() {
            return Err(invalid("at least one tenant", "none").into());
        }
        Ok(Self(Accepted::Listed(listed)))
    }

    /// Accepts the tenants for which `accept` returns true, for example those in a table of
    /// customers. `accept` is called within a step and must return at once.
    pub fn checked(accept: impl Fn(&TenantId) -> bool + Send + Sync + 'static) -> Self {
        Self(Accepted::Checked(Arc::new(accept)))
    }

    /// Accepts every tenant. Anyone can create a tenant at no cost and give its users any name and
    /// any e-mail address. Identify users by `tid` and `sub` (or `oid`), never by `email`,
    /// `preferred_username` or `upn`.
    pub const fn any() -> Self {
        Self(Accepted::Any)
    }

    pub(crate) fn accept(&self, tenant: &TenantId) -> bool {
        match &self.0 {
            Accepted::Listed(listed) => listed.contains(tenant),
            Accepted::Checked(accept) => accept(tenant),
            Accepted::Any => true,
        }
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Accepted::Listed(listed) => f.debug_tuple("Listed").field(listed).finish(),
            Accepted::Checked(_) => f.write_str("Checked"),
            Accepted::Any => f.write_str("Any"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

    #[test]
    fn a_tenant_is_a_uuid_and_nothing_that_looks_like_one() {
        assert_eq!(TenantId::parse(TENANT).unwrap().as_str(), TENANT);
        for text in [
            "",
            "common",
            "contoso.onmicrosoft.com",
            "undefined",
            "8EAEF023-2B34-4DA1-9BAA-8BC8C9D6A490",
            "{8eaef023-2b34-4da1-9baa-8bc8c9d6a490}",
            "8eaef0232b344da19baa8bc8c9d6a490",
            "8eaef023-2b34-4da1-9baa-8bc8c9d6a49",
            "8eaef023-2b34-4da1-9baa-8bc8c9d6a4900",
            "8eaef023-2b34-4da1-9baa-8bc8c9d6a49g",
            "8eaef02-32b34-4da1-9baa-8bc8c9d6a490",
            "8eaef023-2b34-4da1-9baa-8bc8c9d6/../",
            " 8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
            "8eaef023-2b34-4da1-9baa-8bc8c9d6a4é",
        ] {
            assert_eq!(TenantId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn tenants_are_listed_or_asked_about() {
        let tenant = TenantId::parse(TENANT).unwrap();
        let other = TenantId::parse("82229342-1101-4ab6-817b-70c0747630f3").unwrap();
        let listed = Tenants::listed([TENANT.to_uppercase()]).unwrap();
        assert!(listed.accept(&tenant) && !listed.accept(&other));
        let own = tenant.clone();
        let checked = Tenants::checked(move |asked| *asked == own);
        assert!(checked.accept(&tenant) && !checked.accept(&other));
        assert!(Tenants::any().accept(&other));
        assert_eq!(format!("{checked:?}"), "Checked");
    }

    #[test]
    fn a_list_without_tenants_is_refused() {
        for (tenants, expected, found) in [
            (&["common"][..], "UUIDs of tenants", "common"),
            (&[TENANT, "*"], "UUIDs of tenants", "*"),
            (&[], "at least one tenant", "none"),
        ] {
            let Err(Error::Misuse(misuse)) = Tenants::listed(tenants) else {
                panic!("accepted");
            };
            assert_eq!(
                misuse,
                Misuse::InvalidArgument {
                    argument: "tenants",
                    expected,
                    found: found.to_owned(),
                }
            );
        }
    }
}
