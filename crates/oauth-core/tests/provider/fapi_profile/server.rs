//! Servers whose metadata does not meet a profile.

use jose::SignatureAlgorithm;
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::key::KeyReference;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::profile::{Party, Profile, Requirement};

use super::assert_violation;
use super::set_up::{ALL, by_key, changed, dpop_key};
use crate::world::CLIENT_ID;

/// A change of the server's metadata, the profiles that it violates, and the violation.
type Lack = (
    fn(&mut ServerMetadata),
    &'static [Profile],
    Requirement,
    &'static str,
);

#[test]
fn what_the_server_lacks_is_named() {
    use Profile::{Ciba, Fapi1Advanced, Fapi2MessageSigning, Fapi2SecurityProfile};
    let fapi_2 = &[Fapi2SecurityProfile, Fapi2MessageSigning][..];
    fn list(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(ToString::to_string).collect())
    }
    let lacks: [Lack; 9] = [
        (
            |server| server.pushed_authorization_request_endpoint = None,
            fapi_2,
            Requirement::PushedRequest,
            "has no `pushed_authorization_request_endpoint`",
        ),
        (
            |server| server.code_challenge_methods_supported = list(&["plain"]),
            fapi_2,
            Requirement::Pkce,
            "does not list S256 in `code_challenge_methods_supported`",
        ),
        (
            |server| server.authorization_response_iss_parameter_supported = Some(false),
            &[Fapi2SecurityProfile],
            Requirement::ResponseIssuer,
            "says that it sends none",
        ),
        (
            |server| server.response_modes_supported = list(&["query"]),
            &[Fapi2MessageSigning],
            Requirement::ProtectedResponse,
            "does not list jwt in `response_modes_supported`",
        ),
        (
            |server| server.backchannel_token_delivery_modes_supported = list(&["push"]),
            &[Ciba],
            Requirement::TokenDeliveryMode,
            "offers push alone",
        ),
        (
            |server| server.authorization_signing_alg_values_supported = list(&["RS256"]),
            &[Fapi2MessageSigning],
            Requirement::Algorithms,
            "lists none of PS256, ES256, Ed25519, EdDSA in \
             `authorization_signing_alg_values_supported`",
        ),
        (
            |server| server.request_object_signing_alg_values_supported = list(&["RS256", "none"]),
            &[Fapi2MessageSigning, Fapi1Advanced],
            Requirement::Algorithms,
            "lists none of PS256, ES256, Ed25519, EdDSA in \
             `request_object_signing_alg_values_supported`",
        ),
        (
            |server| server.id_token_signing_alg_values_supported = list(&["EdDSA", "RS256"]),
            &[Fapi1Advanced],
            Requirement::Algorithms,
            "lists none of PS256, ES256 in `id_token_signing_alg_values_supported`",
        ),
        (
            |server| {
                server.backchannel_authentication_request_signing_alg_values_supported =
                    list(&["RS256"]);
            },
            &[Ciba],
            Requirement::Algorithms,
            "lists none of PS256, ES256, Ed25519, EdDSA in \
             `backchannel_authentication_request_signing_alg_values_supported`",
        ),
    ];
    for (change, of, requirement, found) in lacks {
        for profile in ALL {
            // The message lists the algorithms of the profile.
            let found = match profile {
                Fapi1Advanced => found.replace("PS256, ES256, Ed25519, EdDSA", "PS256, ES256"),
                _ => found.to_owned(),
            };
            let put = changed(|server, _, _| change(server)).with_profile(profile);
            match of.contains(&profile) {
                true => assert_violation(put, requirement, Party::Server, &found),
                false => drop(put.unwrap()),
            }
        }
    }
    let mut server = by_key(SignatureAlgorithm::ES256, None).server().clone();
    server.token_endpoint_auth_signing_alg_values_supported = list(&["PS256", "EdDSA"]);
    for (algorithm, accepted) in [
        (SignatureAlgorithm::PS256, true),
        (SignatureAlgorithm::Ed25519, true),
        (SignatureAlgorithm::ES256, false),
    ] {
        let method = PrivateKeyJwt::new(KeyReference::new("client key", algorithm)).unwrap();
        let method = ClientAuthentication::PrivateKeyJwt(method);
        let client = ClientMetadata::new(CLIENT_ID);
        let put =
            Configuration::with_authentication(server.clone(), client, method, Policy::default());
        let put = put
            .unwrap()
            .with_dpop_key(dpop_key(SignatureAlgorithm::ES256));
        let put = put.with_profile(Fapi2SecurityProfile);
        match accepted {
            true => drop(put.unwrap()),
            false => {
                let found = "does not list ES256 for client authentication";
                assert_violation(put, Requirement::Algorithms, Party::Server, found);
            }
        }
    }
}
