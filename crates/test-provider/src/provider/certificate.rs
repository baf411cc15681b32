//! Client certificates (RFC 8705). The endpoints under `/mtls` and resources ask for them.

use jose::{HashAlgorithm, base64url};
use serde_json::{Value, json};

use super::{Call, Endpoint};
use crate::client::{ClientAuthentication, ClientRegistration, PeerCertificate};

/// The start of the paths of the aliases.
pub(super) const PREFIX: &str = "/mtls";

impl Call<'_> {
    /// Returns the client's certificate, if the endpoint asks for one.
    pub(super) fn certificate(&self) -> Option<&Vec<u8>> {
        let path = self.request.uri().path();
        let path = path.strip_prefix(self.provider.path.as_str())?;
        if !path.starts_with(PREFIX) && path != Endpoint::Resource.path() {
            return None;
        }
        let PeerCertificate(der) = self.request.extensions().get()?;
        Some(der)
    }
}

/// Returns the aliases for the metadata (RFC 8705 section 5).
pub(super) fn aliases(call: &Call<'_>) -> Value {
    let issuer = call.issuer().trim_end_matches('/');
    let url = |endpoint: Endpoint| format!("{issuer}{PREFIX}{}", endpoint.path());
    json!({
        "token_endpoint": url(Endpoint::Token),
        "userinfo_endpoint": url(Endpoint::UserInfo),
        "introspection_endpoint": url(Endpoint::Introspection),
        "revocation_endpoint": url(Endpoint::Revocation),
        "pushed_authorization_request_endpoint": url(Endpoint::PushedAuthorization),
        "device_authorization_endpoint": url(Endpoint::DeviceAuthorization),
        "backchannel_authentication_endpoint": url(Endpoint::BackchannelAuthentication),
    })
}

/// Returns the certificate thumbprint for the tokens of a client that authenticates with a
/// certificate (RFC 8705 section 3).
pub(super) fn binding(call: &Call<'_>, client: &ClientRegistration) -> Option<String> {
    match client.authentication {
        ClientAuthentication::TlsClientAuth(_)
        | ClientAuthentication::SelfSignedTlsClientAuth(_) => thumbprint(call),
        _ => None,
    }
}

/// Returns `x5t#S256` of the client's certificate (RFC 8705 section 3.1).
pub(super) fn thumbprint(call: &Call<'_>) -> Option<String> {
    let der = call.certificate()?;
    Some(base64url::encode(&HashAlgorithm::Sha256.digest(der)))
}
