use super::{Party, ProfileViolation, Requirement};

impl ProfileViolation {
    /// What to do about the violation: the setting that satisfies the requirement, or what the
    /// server must support. `Error::Profile` ends with this text.
    pub const fn remedy(&self) -> &'static str {
        match self.party {
            Party::Server => of_server(self.requirement),
            Party::Client | Party::Key | Party::Request => of_client(self.requirement),
        }
    }
}

const fn of_server(requirement: Requirement) -> &'static str {
    match requirement {
        Requirement::Algorithms => {
            "the server must list an algorithm that the profile permits and the client uses"
        }
        Requirement::SenderConstrainedTokens => {
            "the server must bind tokens to certificates (RFC 8705); outside of FAPI 1.0, \
             `dpop_key` binds them without a certificate"
        }
        Requirement::PushedRequest => {
            "the server must accept pushed authorization requests (RFC 9126)"
        }
        Requirement::Pkce => "the server must support the method S256 (RFC 7636)",
        Requirement::ResponseIssuer => "the server must send `iss` in its responses (RFC 9207)",
        Requirement::ProtectedResponse => {
            "the server must support the response mode jwt (JARM); \
             `Profile::Fapi2SecurityProfile` does not need it"
        }
        Requirement::TokenDeliveryMode => "the server must support the delivery mode poll or ping",
        _ => "the server must support it",
    }
}

const fn of_client(requirement: Requirement) -> &'static str {
    match requirement {
        Requirement::NoDanger => {
            "remove the switch under `danger`, or give the expected value instead of \
             `DangerUnchecked`"
        }
        Requirement::Tls => "remove `danger_allow_insecure_requests`",
        Requirement::ClientAuthentication => {
            "set `private_key`, or a client certificate and `token_endpoint_auth_method`"
        }
        Requirement::AssertionAudience => "`modify_assertion` must leave `aud` as it is",
        Requirement::SenderConstrainedTokens => {
            "set `dpop_key` (not in FAPI 1.0) or a client certificate, and leave the DPoP proofs and \
             `tls_client_certificate_bound_access_tokens` as the library sets them"
        }
        Requirement::Algorithms => {
            "use a key and register algorithms that the profile permits: PS256, ES256 or (not in \
             FAPI 1.0) EdDSA"
        }
        Requirement::ResponseType => "leave `response_type` at its default, a code",
        Requirement::ProtectedResponse => {
            "leave `response_mode` at its default, which the profile decides, or set it to jwt"
        }
        Requirement::ResponseIssuer => "leave `require_authorization_response_iss` set",
        Requirement::PushedRequest => {
            "`BuildAuthorizationUrl::pushed` pushes the request and builds the URL"
        }
        Requirement::ReferenceOnly => {
            "`BuildAuthorizationUrl` pushes or signs the request and builds the URL"
        }
        Requirement::Pkce => {
            "let `authorization_request` make the code verifier, or send its S256 challenge and \
             give the verifier to the grant"
        }
        Requirement::SessionBinding => {
            "let `authorization_request` make `state` and `nonce`, or send them"
        }
        Requirement::RedirectUri => "set `redirect_uri` to an https URL",
        Requirement::SignedRequest => {
            "set `request_object_key`, or sign with `BuildAuthorizationUrl::request_object`; the \
             library must make the request object, and `modify_assertion` must keep its parameters"
        }
        Requirement::RequestLifetime => {
            "`modify_assertion` must leave `aud`, `nbf` and `exp` as they are"
        }
        Requirement::AuthorizationContext => {
            "set the `binding_message` of the request, or its `authorization_details`"
        }
        Requirement::TokenDeliveryMode => "use the delivery mode poll or ping",
        Requirement::Grant => {
            "use another grant, or a client without this profile for this request"
        }
    }
}
