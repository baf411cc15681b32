//! A provider with many tenants, such as Microsoft Entra ID.

use super::Provider;

impl Provider {
    /// Makes this a provider with many tenants, such as Microsoft Entra ID, whose users belong to
    /// this tenant. The metadata contains the issuer with `{tenantid}` in place of `common`, for
    /// example in `https://login.microsoftonline.com/common/v2.0`. Tokens contain the tenant there,
    /// and in `tid`.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Returns the issuer in the metadata document.
    pub(super) fn published_issuer(&self) -> String {
        match self.tenant {
            Some(_) => self.issuer.replace("/common/", "/{tenantid}/"),
            None => self.issuer.clone(),
        }
    }

    /// Returns the issuer in tokens.
    pub(super) fn token_issuer(&self) -> String {
        match &self.tenant {
            Some(tenant) => self.issuer.replace("/common/", &format!("/{tenant}/")),
            None => self.issuer.clone(),
        }
    }
}
