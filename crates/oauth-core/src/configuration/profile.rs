//! A client under a security profile: what the profile sets, and what client and server must
//! provide.

use std::sync::Arc;

use jose::SignatureAlgorithm;

use super::{Configuration, Parts};
use crate::client_auth::ClientAuthentication;
use crate::error::{Error, printable};
use crate::metadata::{ServerMetadata, signed};
use crate::profile::{Party, Profile, ProfileViolation, Requirement};

impl Configuration {
    /// Returns the same client under a security profile; see [`Profile`]. Set its keys first: a
    /// missing key is an error here.
    ///
    /// The profile decides: `iss` in every response or an ID Token that signs the response;
    /// certificate-bound tokens if the client authenticates itself by certificate or the profile
    /// knows no other binding; and the algorithms that may sign tokens. From then on nothing that
    /// violates the profile is sent, even if this configuration is changed later.
    ///
    /// # Errors
    ///
    /// [`Error::Profile`] with what the client, its keys or the server lack.
    pub fn with_profile(&self, profile: Profile) -> Result<Self, Error> {
        let mut parts = (*self.0).clone();
        parts.parties.profile = Some(profile);
        parts.apply_profile();
        let configuration = Self(parts.into());
        configuration.check_profile()?;
        Ok(configuration)
    }

    /// The security profile that the client is under.
    pub fn profile(&self) -> Option<Profile> {
        self.0.parties.profile
    }

    /// Checks client and server against the profile. Each request asks for the URL of its endpoint
    /// and so passes through here, which also covers a configuration that was changed later.
    pub(crate) fn check_profile(&self) -> Result<(), Error> {
        let Some(profile) = self.profile() else {
            return Ok(());
        };
        self.policy().check_profile(profile)?;
        self.check_authentication(profile)?;
        self.check_sender_constraint(profile)?;
        self.check_algorithms(profile)?;
        self.check_server(profile)?;
        Ok(())
    }

    fn check_authentication(&self, profile: Profile) -> Result<(), ProfileViolation> {
        match self.authentication() {
            ClientAuthentication::PrivateKeyJwt(method) => {
                let server = self.server();
                self.check_key(
                    profile,
                    "client authentication",
                    method.algorithm(),
                    server
                        .token_endpoint_auth_signing_alg_values_supported
                        .as_deref(),
                )
            }
            ClientAuthentication::TlsClientAuth | ClientAuthentication::SelfSignedTlsClientAuth => {
                Ok(())
            }
            other => {
                let found = format!("authenticates itself by {}", printable(other.as_str()));
                let requirement = Requirement::ClientAuthentication;
                Err(profile.violated(requirement, Party::Client, found))
            }
        }
    }

    /// Requires a server that binds tokens to the client. With a DPoP key, an unbound token is
    /// refused when it arrives. A certificate-bound token looks like any other, so the server must
    /// advertise the binding.
    fn check_sender_constraint(&self, profile: Profile) -> Result<(), ProfileViolation> {
        let requirement = Requirement::SenderConstrainedTokens;
        let violated = |party, found| Err(profile.violated(requirement, party, found));
        let by_certificate = self.client().tls_client_certificate_bound_access_tokens;
        if let Some(key) = self.dpop_key() {
            if key.is_modified() {
                let found = "changes DPoP proofs before it signs them";
                return violated(Party::Client, found);
            }
            let server = self.server().dpop_signing_alg_values_supported.as_deref();
            self.check_key(profile, "DPoP", key.reference().algorithm, server)?;
            if profile != Profile::Fapi1Advanced {
                return Ok(());
            }
        }
        if by_certificate != Some(true) {
            let found = match profile {
                Profile::Fapi1Advanced => "asks for tokens that are not bound to its certificate",
                _ => "has neither a DPoP key nor tokens that are bound to its certificate",
            };
            return violated(Party::Client, found);
        }
        if self.server().tls_client_certificate_bound_access_tokens != Some(true) {
            let found = "does not list `tls_client_certificate_bound_access_tokens`";
            return violated(Party::Server, found);
        }
        Ok(())
    }

    /// Checks one of the client's own keys, and that the server accepts its algorithm.
    fn check_key(
        &self,
        profile: Profile,
        purpose: &str,
        algorithm: SignatureAlgorithm,
        advertised: Option<&[String]>,
    ) -> Result<(), ProfileViolation> {
        let requirement = Requirement::Algorithms;
        if !profile.permits(algorithm) {
            let permitted = profile.permitted();
            let found = format!("for {purpose} signs with {algorithm}, not with {permitted}");
            return Err(profile.violated(requirement, Party::Key, found));
        }
        if let Some(advertised) = advertised
            && !is_advertised(advertised, algorithm)
        {
            let found = format!("does not list {algorithm} for {purpose}");
            return Err(profile.violated(requirement, Party::Server, found));
        }
        Ok(())
    }

    /// Checks the registered algorithms, or, where none is registered, those that the server
    /// offers.
    fn check_algorithms(&self, profile: Profile) -> Result<(), ProfileViolation> {
        let (client, server) = (self.client(), self.server());
        let requirement = Requirement::Algorithms;
        for (member, registered) in [
            (
                "id_token_signed_response_alg",
                &client.id_token_signed_response_alg,
            ),
            (
                "userinfo_signed_response_alg",
                &client.userinfo_signed_response_alg,
            ),
            (
                "authorization_signed_response_alg",
                &client.authorization_signed_response_alg,
            ),
            (
                "introspection_signed_response_alg",
                &client.introspection_signed_response_alg,
            ),
            (
                "token_endpoint_auth_signing_alg",
                &client.token_endpoint_auth_signing_alg,
            ),
        ] {
            // `none` means that there is no JWT, or is ignored where a JWT is required.
            let Some(registered) = signed(registered.as_ref()) else {
                continue;
            };
            if !named(profile, registered.as_str()) {
                let registered = printable(registered.as_str());
                let found = format!("has registered {registered} as {member}");
                return Err(profile.violated(requirement, Party::Client, found));
            }
        }
        let signs_responses = profile == Profile::Fapi2MessageSigning;
        let signs_requests = profile == Profile::Fapi2MessageSigning;
        for (applies, member, advertised) in [
            (
                signed(client.id_token_signed_response_alg.as_ref()).is_none(),
                "id_token_signing_alg_values_supported",
                &server.id_token_signing_alg_values_supported,
            ),
            (
                signs_responses && client.authorization_signed_response_alg.is_none(),
                "authorization_signing_alg_values_supported",
                &server.authorization_signing_alg_values_supported,
            ),
            (
                signs_requests || profile == Profile::Fapi1Advanced,
                "request_object_signing_alg_values_supported",
                &server.request_object_signing_alg_values_supported,
            ),
            (
                profile == Profile::Ciba,
                "backchannel_authentication_request_signing_alg_values_supported",
                &server.backchannel_authentication_request_signing_alg_values_supported,
            ),
        ] {
            if let Some(advertised) = advertised.as_deref().filter(|_| applies)
                && !advertised.iter().any(|name| named(profile, name))
            {
                let permitted = profile.permitted();
                let found = format!("lists none of {permitted} in `{member}`");
                return Err(profile.violated(requirement, Party::Server, found));
            }
        }
        Ok(())
    }

    fn check_server(&self, profile: Profile) -> Result<(), ProfileViolation> {
        let server = self.server();
        let lacks =
            |requirement, found: &str| Err(profile.violated(requirement, Party::Server, found));
        if profile.pushes() && server.authorization_endpoint.is_some() {
            if server.pushed_authorization_request_endpoint.is_none() {
                let found = "has no `pushed_authorization_request_endpoint`";
                return lacks(Requirement::PushedRequest, found);
            }
            if is_without(&server.code_challenge_methods_supported, "S256") {
                let found = "does not list S256 in `code_challenge_methods_supported`";
                return lacks(Requirement::Pkce, found);
            }
        }
        match profile {
            // A signed response always contains the claim `iss` (JARM section 2.1).
            Profile::Fapi2SecurityProfile
                if server.authorization_response_iss_parameter_supported == Some(false) =>
            {
                let found = "says that it sends none";
                lacks(Requirement::ResponseIssuer, found)
            }
            Profile::Fapi2MessageSigning if is_without(&server.response_modes_supported, "jwt") => {
                let found = "does not list jwt in `response_modes_supported`";
                lacks(Requirement::ProtectedResponse, found)
            }
            Profile::Ciba if lists_push_alone(server) => {
                lacks(Requirement::TokenDeliveryMode, "offers push alone")
            }
            _ => Ok(()),
        }
    }

    /// Refuses an operation that the client's profile does not cover.
    pub(crate) fn require(
        &self,
        requirement: Requirement,
        party: Party,
        violation: impl FnOnce(Profile) -> Option<&'static str>,
    ) -> Result<(), Error> {
        let Some(profile) = self.profile() else {
            return Ok(());
        };
        match violation(profile) {
            Some(found) => Err(profile.violated(requirement, party, found).into()),
            None => Ok(()),
        }
    }
}

impl Parts {
    /// Applies the settings that the profile decides.
    pub(super) fn apply_profile(&mut self) {
        let Some(profile) = self.parties.profile else {
            return;
        };
        match profile {
            Profile::Fapi2SecurityProfile | Profile::Fapi2MessageSigning => {
                self.parties.policy.require_authorization_response_iss();
            }
            Profile::Fapi1Advanced => {
                self.parties
                    .policy
                    .enable_detached_signature_response_checks();
            }
            Profile::Ciba => {}
        }
        let by_certificate = self.authentication.is_mutual_tls() && self.dpop_key.is_none();
        let client = &mut self.parties.client;
        if client.tls_client_certificate_bound_access_tokens.is_none()
            && (by_certificate || profile == Profile::Fapi1Advanced)
        {
            Arc::make_mut(client).tls_client_certificate_bound_access_tokens = Some(true);
        }
    }
}

/// Whether the profile permits the algorithm of this name.
fn named(profile: Profile, name: &str) -> bool {
    let algorithm = name.parse::<SignatureAlgorithm>();
    algorithm.is_ok_and(|algorithm| profile.permits(algorithm))
}

/// Whether a server's list contains this algorithm, under either of its names (RFC 9864).
fn is_advertised(advertised: &[String], algorithm: SignatureAlgorithm) -> bool {
    let mut named = advertised
        .iter()
        .filter_map(|name| name.parse::<SignatureAlgorithm>().ok());
    named.any(|named| {
        named == algorithm
            || named.key_family() == algorithm.key_family()
                && matches!(
                    named,
                    SignatureAlgorithm::EdDSA | SignatureAlgorithm::Ed25519
                )
    })
}

/// Whether there is a list that does not contain this value.
fn is_without(list: &Option<Vec<String>>, value: &str) -> bool {
    let list = list.as_deref();
    list.is_some_and(|list| !list.iter().any(|listed| listed == value))
}

fn lists_push_alone(server: &ServerMetadata) -> bool {
    let modes = server.backchannel_token_delivery_modes_supported.as_deref();
    modes.is_some_and(|modes| !modes.iter().any(|mode| mode == "poll" || mode == "ping"))
}
