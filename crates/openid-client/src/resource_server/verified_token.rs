//! The access token of a request that may pass.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use oauth_core::resource_server::{AuthorizationScheme, Authorized, Refusal, ValidatedAccessToken};
use serde_json::{Map, Value};

use super::{Refused, ResourceServer};

/// The validated access token of a request. It dereferences to [`ValidatedAccessToken`], which has
/// its claims. What the token permits is still to be checked, for example by
/// [`require_scope`](Self::require_scope).
#[derive(Clone)]
pub struct VerifiedToken(Arc<Inner>);

struct Inner {
    server: ResourceServer,
    scheme: Option<AuthorizationScheme>,
    authorized: Authorized,
}

impl VerifiedToken {
    pub(super) fn new(
        server: ResourceServer,
        scheme: Option<AuthorizationScheme>,
        authorized: Authorized,
    ) -> Self {
        Self(Arc::new(Inner {
            server,
            scheme,
            authorized,
        }))
    }

    /// Whether this resource server, or a clone, has verified the token.
    #[cfg(feature = "tower")]
    pub(super) fn is_verified_by(&self, server: &ResourceServer) -> bool {
        Arc::ptr_eq(&self.0.server.0, &server.0)
    }

    /// The nonce that the response must carry in `DPoP-Nonce`, because the one in the proof becomes
    /// too old (RFC 9449 section 8.2). `ResourceServer::layer` adds it.
    pub fn dpop_nonce(&self) -> Option<&str> {
        self.0.authorized.dpop_nonce.as_deref()
    }

    /// Adds the [`dpop_nonce`](Self::dpop_nonce), if there is one, to the headers of the response.
    pub fn add_dpop_nonce(&self, headers: &mut HeaderMap) {
        const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
        // A nonce of this library is a valid value.
        if let Some(Ok(nonce)) = self.dpop_nonce().map(HeaderValue::from_str) {
            headers.insert(DPOP_NONCE, nonce);
        }
    }

    /// Requires every one of these scope values.
    ///
    /// # Errors
    ///
    /// [`Refused`] with status 403, `insufficient_scope` and all of `scope`, if the token lacks one
    /// (RFC 6750 section 3.1).
    pub fn require_scope(&self, scope: &[&str]) -> Result<(), Refused> {
        self.checked(self.deref().require_scope(scope))
    }

    /// Requires an authorization detail of this type that `permits` accepts (RFC 9396 section 9).
    ///
    /// # Errors
    ///
    /// [`Refused`] with status 403 and `insufficient_scope` if the token has none.
    pub fn require_authorization_detail(
        &self,
        detail_type: &str,
        permits: impl Fn(&Map<String, Value>) -> bool,
    ) -> Result<(), Refused> {
        let token = self.deref();
        self.checked(token.require_authorization_detail(detail_type, permits))
    }

    /// Requires one of these authentication context classes, unless the list is empty, and a login
    /// at most `max_age` ago, if it is present, in whole seconds (RFC 9470 section 3).
    ///
    /// # Errors
    ///
    /// [`Refused`] with status 401 and `insufficient_user_authentication` if `acr` or `auth_time`
    /// does not suffice or is absent.
    pub fn require_authentication(
        &self,
        acr_values: &[&str],
        max_age: Option<Duration>,
    ) -> Result<(), Refused> {
        let now = self.0.server.now();
        self.checked(
            self.deref()
                .require_authentication(acr_values, max_age, now),
        )
    }

    fn checked(&self, result: Result<(), Refusal>) -> Result<(), Refused> {
        result.map_err(|refusal| self.0.server.refuse(self.0.scheme, refusal, None))
    }
}

impl Deref for VerifiedToken {
    type Target = ValidatedAccessToken;

    fn deref(&self) -> &ValidatedAccessToken {
        &self.0.authorized.access_token
    }
}

impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}
