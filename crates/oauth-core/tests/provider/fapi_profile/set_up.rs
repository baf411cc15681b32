//! The requirements for a client, its keys and a server, which are checked before a request is
//! sent.

use std::sync::Arc;

use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::client_auth::{ClientAuthentication, ClientSecret, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::key::{KeyReference, ModifyAssertion};
use oauth_core::metadata::{ClientMetadata, RegisteredAlgorithm, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use oauth_core::profile::{Party, Profile, Requirement};
use test_provider::Endpoint;

use super::assert_violation;
use crate::fapi::{Bank, Bound};
use crate::world::CLIENT_ID;

pub(super) const ALL: [Profile; 4] = [
    Profile::Fapi2SecurityProfile,
    Profile::Fapi2MessageSigning,
    Profile::Fapi1Advanced,
    Profile::Ciba,
];

fn by_certificate(server: ServerMetadata, client: ClientMetadata, policy: Policy) -> Configuration {
    let method = ClientAuthentication::TlsClientAuth;
    Configuration::with_authentication(server, client, method, policy).unwrap()
}

/// Returns the configuration of the bank's client after changes of its metadata, the server's
/// metadata or the policy.
pub(super) fn changed(
    change: impl FnOnce(&mut ServerMetadata, &mut ClientMetadata, &mut Policy),
) -> Configuration {
    let bank = Bank::new(Bound::Certificate);
    let (mut server, mut policy) = (bank.configuration.server().clone(), Policy::default());
    let mut client = ClientMetadata::new(CLIENT_ID);
    change(&mut server, &mut client, &mut policy);
    by_certificate(server, client, policy)
}

#[test]
fn what_a_profile_decides_is_set() {
    for profile in ALL {
        let configuration = changed(|_, _, _| {}).with_profile(profile).unwrap();
        assert_eq!(configuration.profile(), Some(profile));
        let (policy, client) = (configuration.policy(), configuration.client());
        let of_fapi_2 = matches!(
            profile,
            Profile::Fapi2SecurityProfile | Profile::Fapi2MessageSigning
        );
        assert_eq!(policy.requires_authorization_response_iss(), of_fapi_2);
        let of_fapi_1 = profile == Profile::Fapi1Advanced;
        assert_eq!(policy.detached_signature_response_checks(), of_fapi_1);
        assert_eq!(
            client.tls_client_certificate_bound_access_tokens,
            Some(true)
        );
        // The requirements stay in force with another policy or another registration.
        let another = configuration.with_policy(Policy::default());
        let policy = another.policy();
        assert_eq!(policy.requires_authorization_response_iss(), of_fapi_2);
        assert_eq!(policy.detached_signature_response_checks(), of_fapi_1);
        let another = another.with_client(ClientMetadata::new(CLIENT_ID)).unwrap();
        assert_eq!(another.profile(), Some(profile));
        another.endpoint(EndpointName::Token).unwrap();
    }
    assert_eq!(changed(|_, _, _| {}).profile(), None);
}

#[test]
fn no_check_may_be_switched_off() {
    let found = "has a check switched off under `danger`";
    let switches: [fn(&mut Policy); 4] = [
        |policy| policy.danger.skip_iat_check = true,
        |policy| policy.danger.accept_bearer_for_dpop = true,
        |policy| policy.danger.skip_id_token_signature_check = true,
        |policy| policy.danger.accept_stray_parameters = true,
    ];
    for profile in ALL {
        for switch in switches {
            let configuration = changed(|_, _, policy| switch(policy));
            let (requirement, party) = (Requirement::NoDanger, Party::Client);
            let put = configuration.with_profile(profile);
            assert_violation(put, requirement, party, found);
            // A switch that is set later is refused as well.
            let mut policy = Policy::default();
            switch(&mut policy);
            let later = changed(|_, _, _| {}).with_profile(profile).unwrap();
            let later = later.with_policy(policy).endpoint(EndpointName::Token);
            assert_violation(later, requirement, party, found);
        }
        let plain = changed(|_, _, policy| {
            policy.danger_allow_insecure_requests();
        });
        let found = "may send requests over plain http";
        let put = plain.with_profile(profile);
        assert_violation(put, Requirement::Tls, Party::Client, found);
    }
}

#[test]
fn each_violation_says_what_to_do() {
    let message =
        |result: Result<Configuration, oauth_core::Error>| result.unwrap_err().to_string();
    let profile = Profile::Fapi2SecurityProfile;
    let switched = changed(|_, _, policy| policy.danger.skip_iat_check = true);
    assert_eq!(
        message(switched.with_profile(profile)),
        "FAPI 2.0 Security Profile requires that no check is switched off (FAPI 2.0 Security Profile \
         section 6.6): the client has a check switched off under `danger`; remove the switch under \
         `danger`, or give the expected value instead of `DangerUnchecked`"
    );
    let unbound = changed(|_, client, _| {
        client.tls_client_certificate_bound_access_tokens = Some(false);
    });
    let text = message(unbound.with_profile(profile));
    assert!(
        text.contains("; set `dpop_key` (not in FAPI 1.0) or"),
        "{text}"
    );
    let unpushed = changed(|server, _, _| server.pushed_authorization_request_endpoint = None);
    let text = message(unpushed.with_profile(profile));
    let end = "; the server must accept pushed authorization requests (RFC 9126)";
    assert!(text.ends_with(end), "{text}");
    let other = by_key(SignatureAlgorithm::RS256, None).with_profile(profile);
    let text = message(other);
    let end = "; use a key and register algorithms that the profile permits: PS256, ES256 or (not in \
               FAPI 1.0) EdDSA";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn a_secret_is_no_authentication() {
    let server = changed(|_, _, _| {}).server().clone();
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.client_secret = Some("a-secret-of-at-least-32-characters".into());
    client.tls_client_certificate_bound_access_tokens = Some(true);
    let secret = ClientAuthentication::ClientSecretPost(ClientSecret::Registered);
    let jwt = oauth_core::client_auth::ClientSecretJwt::new(ClientSecret::Registered);
    for (method, name) in [
        (secret, "client_secret_post"),
        (
            ClientAuthentication::ClientSecretJwt(jwt),
            "client_secret_jwt",
        ),
        (ClientAuthentication::None, "none"),
        (ClientAuthentication::Custom(Arc::new(Own)), "own"),
    ] {
        let (server, client) = (server.clone(), client.clone());
        let configuration =
            Configuration::with_authentication(server, client, method, Policy::default()).unwrap();
        for profile in ALL {
            let found = format!("authenticates itself by {name}");
            let requirement = Requirement::ClientAuthentication;
            let put = configuration.with_profile(profile);
            assert_violation(put, requirement, Party::Client, &found);
        }
    }
}

struct Own;

impl oauth_core::client_auth::CustomAuthentication for Own {
    fn name(&self) -> &str {
        "own"
    }

    fn credentials(
        &self,
        _: &oauth_core::client_auth::UnauthenticatedRequest<'_>,
    ) -> Result<oauth_core::client_auth::Credentials, Box<dyn std::error::Error + Send + Sync>>
    {
        Ok(oauth_core::client_auth::Credentials::new())
    }
}

/// Returns a client with `private_key_jwt` and a key of this algorithm, and optionally a DPoP key.
pub(super) fn by_key(
    algorithm: SignatureAlgorithm,
    dpop: Option<SignatureAlgorithm>,
) -> Configuration {
    let bank = Bank::new(Bound::Certificate);
    let method = PrivateKeyJwt::new(KeyReference::new("client key", algorithm)).unwrap();
    let configuration = Configuration::with_authentication(
        bank.configuration.server().clone(),
        ClientMetadata::new(CLIENT_ID),
        ClientAuthentication::PrivateKeyJwt(method),
        Policy::default(),
    );
    match dpop {
        None => configuration.unwrap(),
        Some(algorithm) => configuration.unwrap().with_dpop_key(dpop_key(algorithm)),
    }
}

pub(super) fn dpop_key(algorithm: SignatureAlgorithm) -> DPoPKey {
    let key = SigningKey::generate(algorithm).unwrap();
    let reference = KeyReference::new("dpop key", algorithm);
    DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap()
}

#[test]
fn tokens_are_bound_to_something() {
    let requirement = Requirement::SenderConstrainedTokens;
    let neither = "has neither a DPoP key nor tokens that are bound to its certificate";
    let not_bound = "asks for tokens that are not bound to its certificate";
    for profile in ALL {
        let of_fapi_1 = profile == Profile::Fapi1Advanced;
        let put = changed(|_, client, _| {
            client.tls_client_certificate_bound_access_tokens = Some(false);
        });
        let found = if of_fapi_1 { not_bound } else { neither };
        let put = put.with_profile(profile);
        assert_violation(put, requirement, Party::Client, found);
        let unbound = by_key(SignatureAlgorithm::ES256, None).with_profile(profile);
        match of_fapi_1 {
            false => assert_violation(unbound, requirement, Party::Client, neither),
            // The profile permits only certificates.
            true => assert!(unbound.unwrap().has_client_certificate()),
        }
        let by_dpop = by_key(SignatureAlgorithm::ES256, Some(SignatureAlgorithm::ES256));
        let by_dpop = by_dpop.with_profile(profile).unwrap();
        assert_eq!(by_dpop.has_client_certificate(), of_fapi_1);
        let silent = changed(|server, _, _| {
            server.tls_client_certificate_bound_access_tokens = None;
        });
        let found = "does not list `tls_client_certificate_bound_access_tokens`";
        let put = silent.with_profile(profile);
        assert_violation(put, requirement, Party::Server, found);
    }
    let modified = dpop_key(SignatureAlgorithm::ES256);
    let modified = modified.modify_assertion(ModifyAssertion::new(|_, _| {}));
    let configuration = by_key(SignatureAlgorithm::ES256, None).with_dpop_key(modified);
    let put = configuration.with_profile(Profile::Fapi2SecurityProfile);
    let found = "changes DPoP proofs before it signs them";
    assert_violation(put, requirement, Party::Client, found);
}

#[test]
fn each_key_has_an_algorithm_of_the_profile() {
    use SignatureAlgorithm::{ES256, ES384, Ed25519, EdDSA, PS256, PS384, RS256};
    for profile in ALL {
        for algorithm in [PS256, ES256, Ed25519, EdDSA, RS256, PS384, ES384] {
            let of_edwards = matches!(algorithm, Ed25519 | EdDSA);
            let permitted = matches!(algorithm, PS256 | ES256)
                || of_edwards && profile != Profile::Fapi1Advanced;
            let own = by_key(algorithm, Some(ES256)).with_profile(profile);
            let list = match profile {
                Profile::Fapi1Advanced => "PS256, ES256",
                _ => "PS256, ES256, Ed25519, EdDSA",
            };
            let (requirement, party) = (Requirement::Algorithms, Party::Key);
            match permitted {
                true => drop(own.unwrap()),
                false => {
                    let found = format!(
                        "for client authentication signs with {algorithm}, not with {list}"
                    );
                    assert_violation(own, requirement, party, &found);
                }
            }
            // Generating an RSA key takes long.
            if matches!(algorithm, ES384 | Ed25519) {
                let proof = by_key(ES256, Some(algorithm)).with_profile(profile);
                match permitted {
                    true => drop(proof.unwrap()),
                    false => {
                        let found = format!("for DPoP signs with {algorithm}, not with {list}");
                        assert_violation(proof, requirement, party, &found);
                    }
                }
            }
        }
    }
}

type Member = fn(&mut ClientMetadata) -> &mut Option<RegisteredAlgorithm>;

#[test]
fn registered_algorithms_are_those_of_the_profile() {
    let members: [(&str, Member); 4] = [
        ("id_token_signed_response_alg", |it| {
            &mut it.id_token_signed_response_alg
        }),
        ("userinfo_signed_response_alg", |it| {
            &mut it.userinfo_signed_response_alg
        }),
        ("authorization_signed_response_alg", |it| {
            &mut it.authorization_signed_response_alg
        }),
        ("introspection_signed_response_alg", |it| {
            &mut it.introspection_signed_response_alg
        }),
    ];
    for profile in ALL {
        for (name, member) in members {
            for (algorithm, accepted) in [("PS256", true), ("RS256", false), ("ES512", false)] {
                let put = changed(|_, client, _| *member(client) = Some(algorithm.into()));
                let put = put.with_profile(profile);
                if accepted {
                    put.unwrap();
                    continue;
                }
                let found = format!("has registered {algorithm} as {name}");
                assert_violation(put, Requirement::Algorithms, Party::Client, &found);
            }
        }
    }
}

/// Nothing is registered, so the algorithms of the profile apply instead of the RS256 of OpenID
/// Connect.
#[test]
fn the_profile_takes_the_place_of_a_default() {
    let mut bank = Bank::new(Bound::Certificate);
    let mut server = bank.configuration.server().clone();
    server.id_token_signing_alg_values_supported = None;
    server.authorization_signing_alg_values_supported = None;
    let configuration = by_certificate(server, ClientMetadata::new(CLIENT_ID), Policy::default());
    bank.configuration = configuration
        .with_profile(Profile::Fapi2MessageSigning)
        .unwrap();
    let tokens = bank.succeeds(bank.signed());
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(bank.world.served(Endpoint::Token), 1);
}
