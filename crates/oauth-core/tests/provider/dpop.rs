//! DPoP at a provider that verifies every proof and binds every token.

use std::time::Duration;

use http::Method;
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::{
    AccessToken, ExpectedSubject, ProtectedResourceEndpoint, TokenType, UserInfoEndpoint,
};
use oauth_core::error::{Artefact, Misuse, Reason};
use oauth_core::flow::{FetchProtectedResource, FetchUserInfo, RefreshTokenGrant, TokenSet};
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::policy::{ClockSkew, Policy};
use test_provider::{DPoPBehaviour, Endpoint};

use crate::world::{CLIENT_ID, World};

/// Generates a key, gives it to the driver, and returns its public part for the core.
fn key(world: &mut World, name: &str, algorithm: SignatureAlgorithm) -> DPoPKey {
    let key = SigningKey::generate(algorithm).unwrap();
    let reference = KeyReference {
        name: KeyName::new(name),
        algorithm,
        kid: None,
    };
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    world.add_key(name, key);
    dpop_key
}

fn world() -> (World, Configuration) {
    let mut world = World::new();
    let key = key(&mut world, "dpop", SignatureAlgorithm::ES256);
    let configuration = world.configuration().with_dpop_key(key);
    (world, configuration)
}

fn resource(
    world: &World,
    configuration: &Configuration,
    token: impl Into<AccessToken>,
) -> Result<http::Response<()>, Error> {
    let url = world.provider.url(Endpoint::Resource) + "?page=2";
    let resource = ProtectedResourceEndpoint::new(configuration.clone(), token, Method::PUT, &url)?;
    world.run(FetchProtectedResource::new(resource))
}

/// Logs in, fetches UserInfo and a resource, refreshes, and fetches the resource again.
fn whole_session(world: &World, configuration: &Configuration) -> Result<TokenSet, Error> {
    let tokens = world.log_in(configuration)?;
    let subject = ExpectedSubject::from(tokens.id_token().unwrap());
    let user_info = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
    let user = world.run(FetchUserInfo::new(user_info))?;
    assert_eq!(user.sub(), "alice");
    assert_eq!(resource(world, configuration, &tokens)?.status(), 200);
    let refresh_token = tokens.refresh_token().unwrap().clone();
    let refresh = RefreshTokenGrant::new(configuration.clone(), refresh_token)
        .previous(tokens.id_token().unwrap());
    let tokens = world.run(refresh)?;
    assert_eq!(resource(world, configuration, &tokens)?.status(), 200);
    Ok(tokens)
}

fn sent(world: &World, endpoint: EndpointName) -> usize {
    let sent = world.sent.borrow();
    sent.iter().filter(|sent| **sent == endpoint).count()
}

#[test]
fn a_whole_session_with_every_algorithm() {
    for algorithm in [
        SignatureAlgorithm::ES256,
        SignatureAlgorithm::ES384,
        SignatureAlgorithm::ES512,
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::EdDSA,
        SignatureAlgorithm::RS256,
        SignatureAlgorithm::PS512,
    ] {
        // ring alone does not support P-521 and cannot generate RSA keys.
        if let Err(jose::Error::UnsupportedAlgorithm { .. }) = SigningKey::generate(algorithm) {
            continue;
        }
        let mut world = World::new();
        let key = key(&mut world, "dpop", algorithm);
        let thumbprint = key.thumbprint().to_owned();
        let configuration = world.configuration().with_dpop_key(key);
        let tokens = whole_session(&world, &configuration).unwrap();
        assert_eq!(tokens.token_type(), TokenType::DPoP);
        assert_eq!(tokens.dpop_thumbprint(), Some(thumbprint.as_str()));
        assert_eq!(sent(&world, EndpointName::Token), 2);
        assert_eq!(sent(&world, EndpointName::ProtectedResource), 2);
        assert_eq!(world.keys_used.get(), 5);
    }
}

#[test]
fn a_nonce_is_asked_for_once_by_each_server() {
    let (world, configuration) = world();
    world.provider.treat_dpop(DPoPBehaviour::NonceRequired);
    whole_session(&world, &configuration).unwrap();
    // The first request to the authorization server and the first one to its resources are repeated
    // with a nonce.
    assert_eq!(sent(&world, EndpointName::Token), 3);
    assert_eq!(sent(&world, EndpointName::UserInfo), 2);
    assert_eq!(sent(&world, EndpointName::ProtectedResource), 2);
}

#[test]
fn nonces_that_are_good_once_are_replaced_by_every_response() {
    let (world, configuration) = world();
    world.provider.treat_dpop(DPoPBehaviour::NonceOnce);
    let tokens = world.log_in(&configuration).unwrap();
    assert_eq!(sent(&world, EndpointName::Token), 2);
    for _ in 0..3 {
        resource(&world, &configuration, &tokens).unwrap();
    }
    assert_eq!(sent(&world, EndpointName::ProtectedResource), 4);
}

#[test]
fn a_server_that_is_never_content_is_asked_twice() {
    for (behaviour, requests) in [
        (DPoPBehaviour::NonceNeverRight, 2),
        (DPoPBehaviour::NonceWithheld, 1),
    ] {
        let (world, configuration) = world();
        let tokens = world.log_in(&configuration).unwrap();
        world.provider.treat_dpop(behaviour);
        world.sent.borrow_mut().clear();

        let error = resource(&world, &configuration, &tokens).unwrap_err();
        let Error::WwwAuthenticateChallenge(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.challenges[0].error(), Some("use_dpop_nonce"));
        assert_eq!(sent(&world, EndpointName::ProtectedResource), requests);

        let error = world.log_in(&configuration).unwrap_err();
        let Error::ResponseBody(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.error, "use_dpop_nonce");
        assert_eq!(sent(&world, EndpointName::Token), requests);
    }
}

#[test]
fn a_bearer_token_for_dpop_is_refused_unless_the_policy_takes_it() {
    let (world, configuration) = world();
    world.provider.treat_dpop(DPoPBehaviour::BearerIssued);
    let error = world.log_in(&configuration).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::TokenResponse);
    assert_eq!(
        rejection.reason,
        Reason::UnsupportedTokenType {
            expected: "DPoP",
            found: "Bearer".to_owned()
        }
    );

    let mut policy = Policy::default();
    policy.danger.accept_bearer_for_dpop = true;
    let configuration = configuration.with_policy(policy);
    // The provider refuses a Bearer token that is sent with the scheme DPoP.
    let tokens = whole_session(&world, &configuration).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.dpop_thumbprint(), None);
}

#[test]
fn a_bound_token_is_refused_by_a_client_that_asked_for_none() {
    let world = World::new();
    world.provider.treat_dpop(DPoPBehaviour::BoundWithoutProof);
    let error = world.log_in(&world.configuration()).unwrap_err();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::UnsupportedTokenType {
            expected: "Bearer",
            found: "DPoP".to_owned()
        }
    );
}

#[test]
fn a_stolen_bound_token_opens_nothing() {
    let (mut world, configuration) = world();
    let tokens = world.log_in(&configuration).unwrap();
    let thief = key(&mut world, "thief", SignatureAlgorithm::ES256);
    let thief = configuration.with_dpop_key(thief);
    let refused = |configuration: &Configuration, token: AccessToken| match resource(
        &world,
        configuration,
        token,
    ) {
        Err(Error::WwwAuthenticateChallenge(error)) => {
            let challenge = error.challenges[0].clone();
            let description = challenge.error_description().unwrap().to_owned();
            (challenge.scheme.clone(), description)
        }
        other => panic!("{other:?}"),
    };
    let stolen = || tokens.access_token().clone();
    assert_eq!(
        refused(&thief, AccessToken::bearer(stolen())),
        (
            "bearer".to_owned(),
            "the scheme is not the token's".to_owned()
        )
    );
    assert_eq!(
        refused(&thief, stolen().into()),
        (
            "dpop".to_owned(),
            "the token is bound to another key".to_owned()
        )
    );
    // A client that knows to which key the token is bound sends no request.
    world.sent.borrow_mut().clear();
    let error = resource(&world, &thief, &tokens).unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::AnotherDPoPKey { .. })),
        "{error}"
    );
    assert!(world.sent.borrow().is_empty());
}

#[test]
fn the_clock_of_a_proof_is_skewed() {
    let (world, configuration) = world();
    world.provider_ahead.set(7_200);
    let error = world.log_in(&configuration).unwrap_err();
    let Error::ResponseBody(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.error, "invalid_dpop_proof");
    assert_eq!(error.error_description.as_deref(), Some("iat is not now"));

    let mut policy = Policy::default();
    policy
        .set_clock_skew(ClockSkew::Behind(Duration::from_secs(7_200)))
        .unwrap();
    let key = configuration.dpop_key().unwrap().clone();
    let configuration = world.configure(ClientMetadata::new(CLIENT_ID), policy);
    whole_session(&world, &configuration.with_dpop_key(key)).unwrap();
}
