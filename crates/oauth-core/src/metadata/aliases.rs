use std::borrow::Cow;

use jose::json;
use serde_json::Value;

use crate::documents::{Member, document, ill_typed};
use crate::error::Reason;
use crate::names::EndpointName;

document! {
    /// The endpoints for clients that use mutual TLS (RFC 8705 section 5). An endpoint that is
    /// absent here is used under its usual URL.
    MtlsEndpointAliases {
        /// URL of the token endpoint.
        token_endpoint: String,
        /// URL of the UserInfo endpoint.
        userinfo_endpoint: String,
        /// URL of the revocation endpoint.
        revocation_endpoint: String,
        /// URL of the introspection endpoint.
        introspection_endpoint: String,
        /// URL of the pushed authorization request endpoint.
        pushed_authorization_request_endpoint: String,
        /// URL of the device authorization endpoint.
        device_authorization_endpoint: String,
        /// URL of the backchannel authentication endpoint.
        backchannel_authentication_endpoint: String,
    }
}

impl MtlsEndpointAliases {
    /// Returns the alias of an endpoint and the name of its member. Discovery, the key set and
    /// registration have no alias.
    pub(crate) fn endpoint(&self, endpoint: EndpointName) -> Option<(&'static str, &str)> {
        let (member, url) = match endpoint {
            EndpointName::Discovery
            | EndpointName::WebFinger
            | EndpointName::DistributedClaims
            | EndpointName::Jwks
            | EndpointName::Registration
            | EndpointName::ClientConfiguration
            | EndpointName::ProtectedResourceMetadata
            | EndpointName::ProtectedResource => return None,
            EndpointName::Token => ("mtls_endpoint_aliases.token_endpoint", &self.token_endpoint),
            EndpointName::UserInfo => (
                "mtls_endpoint_aliases.userinfo_endpoint",
                &self.userinfo_endpoint,
            ),
            EndpointName::PushedAuthorization => (
                "mtls_endpoint_aliases.pushed_authorization_request_endpoint",
                &self.pushed_authorization_request_endpoint,
            ),
            EndpointName::DeviceAuthorization => (
                "mtls_endpoint_aliases.device_authorization_endpoint",
                &self.device_authorization_endpoint,
            ),
            EndpointName::BackchannelAuthentication => (
                "mtls_endpoint_aliases.backchannel_authentication_endpoint",
                &self.backchannel_authentication_endpoint,
            ),
            EndpointName::Introspection => (
                "mtls_endpoint_aliases.introspection_endpoint",
                &self.introspection_endpoint,
            ),
            EndpointName::Revocation => (
                "mtls_endpoint_aliases.revocation_endpoint",
                &self.revocation_endpoint,
            ),
        };
        Some((member, url.as_deref()?))
    }
}

impl Member for MtlsEndpointAliases {
    fn read(name: &str, value: &json::Value<'_>) -> Result<Self, Reason> {
        let object = value
            .as_object()
            .ok_or_else(|| ill_typed(name, "an object", value))?;
        Self::read(object).map_err(|reason| match reason {
            Reason::IllTyped {
                member,
                expected,
                found,
            } => Reason::IllTyped {
                member: Cow::Owned(format!("{name}.{member}")),
                expected,
                found,
            },
            reason => reason,
        })
    }

    fn write(&self) -> Value {
        Value::Object(self.to_json())
    }
}
