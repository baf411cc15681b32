//! The stored form of the tokens for a protected resource.

use std::fmt;

use oauth_core::error::Misuse;
use oauth_core::metadata::{ResourceIdentifier, Scope};
use oauth_core::source::StoredTokenSet;
use serde::{Deserialize, Serialize};

use super::access::granted;
use super::{ResourceAccess, ResourceClient};
use crate::error::Error;

/// The tokens of a [`ResourceAccess`] in a form to store, with the resource that they are for. It
/// contains secrets; `Debug` does not show them.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredResourceAccess {
    version: u8,
    resource: String,
    scope: String,
    /// Absent if it is not known, and in forms of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    granted: Option<String>,
    tokens: StoredTokenSet,
}

impl StoredResourceAccess {
    pub(super) fn new(
        resource: &ResourceIdentifier,
        requested: &Scope,
        granted: Option<&Scope>,
        tokens: StoredTokenSet,
    ) -> Self {
        Self {
            version: VERSION,
            resource: resource.as_str().to_owned(),
            scope: requested.to_string(),
            granted: granted.map(Scope::to_string),
            tokens,
        }
    }

    /// The identifier of the resource that the tokens are for.
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

impl ResourceClient {
    /// Continues a stored login for the resource.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherResource`] for tokens of another resource;
    /// [`Misuse::AnotherConfiguration`] for those of another issuer or client;
    /// [`Misuse::InvalidArgument`] for a form that another version of this library stored.
    pub fn restore(&self, stored: StoredResourceAccess) -> Result<ResourceAccess, Error> {
        let policy = self.client.configuration().policy();
        let resource = ResourceIdentifier::new(&stored.resource, policy)?;
        if resource != self.resource {
            return Err(oauth_core::Error::from(Misuse::AnotherResource {
                resource: stored.resource.escape_debug().to_string(),
                found: self.resource.as_str().to_owned(),
            })
            .into());
        }
        let scope = Scope::parse(&stored.scope).filter(|_| stored.version == VERSION);
        let scope = scope.ok_or_else(|| {
            oauth_core::Error::from(Misuse::InvalidArgument {
                argument: "stored",
                expected: "what this version of the library stored",
                found: format!("version {}", stored.version),
            })
        })?;
        let tokens = stored.tokens.restore(self.client.configuration())?;
        let before = stored.granted.as_deref().and_then(Scope::parse);
        let granted = granted(&tokens, before.as_ref());
        ResourceAccess::continued(self.clone(), tokens, scope, granted)
    }
}

impl fmt::Debug for StoredResourceAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredResourceAccess")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// The version of the stored form.
const VERSION: u8 = 1;
