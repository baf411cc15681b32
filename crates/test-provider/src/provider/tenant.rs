//! A provider that speaks for many tenants, as Microsoft Entra ID does.

use super::Provider;

impl Provider {
    /// Speaks for every tenant, as Microsoft Entra ID does, and lets people of this one log in. The issuer, such as
    /// `https://login.microsoftonline.com/common/v2.0`, is published with `{tenantid}` for `common`; tokens name the tenant
    /// there, and in `tid`.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// The issuer as the metadata document has it.
    pub(super) fn published_issuer(&self) -> String {
        match self.tenant {
            Some(_) => self.issuer.replace("/common/", "/{tenantid}/"),
            None => self.issuer.clone(),
        }
    }

    /// The issuer as tokens have it.
    pub(super) fn token_issuer(&self) -> String {
        match &self.tenant {
            Some(tenant) => self.issuer.replace("/common/", &format!("/{tenant}/")),
            None => self.issuer.clone(),
        }
    }
}
