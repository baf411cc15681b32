//! Client credentials, token exchange, introspection and revocation.

use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    IntrospectionEndpoint, IntrospectionResponse, RevocationEndpoint, TokenType,
};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{
    ClientCredentialsGrant, GenericGrant, TokenIntrospection, TokenRevocation, TokenSet,
};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use oauth_core::secret::Secret;
use test_provider::Misbehaviour::*;
use test_provider::{
    ClientAuthentication as Registered, ClientRegistration, Endpoint, Misbehaviour,
};

use crate::refusal::{
    CONFORM, INVALID, assert_covered, assert_rejected, claim_mismatch, ill_typed, missing, status,
};
use crate::world::{CLIENT_ID, ISSUER, World};

const SECRET: &str = "hunter2hunter2";

/// Returns a confidential client, with signed or plain introspection responses.
pub(crate) fn service(signed: bool) -> (World, Configuration) {
    let method = Registered::ClientSecretBasic(SECRET.to_owned());
    let mut registration = ClientRegistration::new(CLIENT_ID, method);
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.client_secret = Some(Secret::from(SECRET));
    client.token_endpoint_auth_method = Some("client_secret_basic".to_owned());
    if signed {
        registration = registration.signed_introspection_responses();
        client.introspection_signed_response_alg = Some("RS256".into());
    }
    let world = World::with_client(registration);
    let configuration = world.configure(client, Policy::default());
    (world, configuration)
}

pub(crate) fn tokens(world: &World, configuration: &Configuration) -> TokenSet {
    let grant = ClientCredentialsGrant::new(configuration.clone()).scope("read write");
    world.run(grant).unwrap()
}

pub(crate) fn introspect(
    world: &World,
    configuration: &Configuration,
    token: &Secret,
) -> Result<IntrospectionResponse, Error> {
    let question = IntrospectionEndpoint::new(configuration.clone(), token.clone());
    world.run(TokenIntrospection::new(question))
}

#[test]
fn a_client_gets_tokens_for_itself() {
    let (world, configuration) = service(false);
    let tokens = tokens(&world, &configuration);
    assert_eq!(tokens.scope(), Some("read write"));
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert!(tokens.id_token().is_none());
    assert_eq!(world.served(Endpoint::Token), 1);
    assert_eq!(world.served(Endpoint::KeySet), 0);

    let world = World::new();
    let grant = ClientCredentialsGrant::new(world.configuration());
    let Err(Error::ResponseBody(error)) = world.run(grant) else {
        panic!();
    };
    assert_eq!(error.error, "unauthorized_client");
}

#[test]
fn a_token_is_exchanged_for_another_or_for_something_else() {
    let (world, configuration) = service(false);
    let subject = tokens(&world, &configuration);
    let access_token = "urn:ietf:params:oauth:token-type:access_token";
    let exchange = || {
        let subject = subject.access_token().expose().as_str();
        GenericGrant::token_exchange(configuration.clone(), subject, access_token)
    };
    let narrower = world.run(exchange().scope("read")).unwrap();
    assert_eq!(narrower.token_type(), TokenType::Bearer);
    assert_eq!(narrower.issued_token_type(), Some(access_token));
    assert_eq!(narrower.scope(), Some("read"));
    assert_ne!(narrower.access_token(), subject.access_token());

    let saml = "urn:ietf:params:oauth:token-type:saml2";
    let other = world
        .run(exchange().parameter("requested_token_type", saml))
        .unwrap();
    assert_eq!(other.token_type(), TokenType::NotApplicable);
    assert_eq!(other.issued_token_type(), Some(saml));

    let Err(Error::ResponseBody(error)) = world.run(exchange().scope("admin")) else {
        panic!();
    };
    assert_eq!(error.error, "invalid_scope");
}

#[test]
fn a_token_is_introspected_until_it_is_revoked() {
    for signed in [false, true] {
        let (world, configuration) = service(signed);
        let tokens = tokens(&world, &configuration);
        let token = tokens.access_token();
        let response = introspect(&world, &configuration, token).unwrap();
        assert!(response.active());
        assert_eq!(response.client_id(), Some(CLIENT_ID));
        assert_eq!(response.scope(), Some("read write"));
        assert_eq!(response.iss(), Some(ISSUER));
        assert_eq!(world.served(Endpoint::KeySet), usize::from(signed));

        let revocation = RevocationEndpoint::new(configuration.clone(), token.clone());
        world.run(TokenRevocation::new(revocation.clone())).unwrap();
        let response = introspect(&world, &configuration, token).unwrap();
        assert!(!response.active());
        assert_eq!(response.scope(), None);
        // Revoking a revoked token succeeds.
        world.run(TokenRevocation::new(revocation)).unwrap();
    }
}

#[test]
fn a_wrong_secret_asks_and_revokes_nothing() {
    let (world, configuration) = service(false);
    let tokens = tokens(&world, &configuration);
    let mut client = configuration.client().clone();
    client.client_secret = Some(Secret::from("hunter3hunter3"));
    let wrong = world.configure(client, Policy::default());
    let error = introspect(&world, &wrong, tokens.access_token()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    let revocation = RevocationEndpoint::new(wrong, tokens.access_token().clone());
    let error = world.run(TokenRevocation::new(revocation)).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    let response = introspect(&world, &configuration, tokens.access_token()).unwrap();
    assert!(response.active());
}

/// Returns the wrong introspection responses: whether they are signed, and the reason for which
/// they are refused.
fn refusals() -> Vec<(bool, Misbehaviour, &'static str, Reason)> {
    let comparison = "OAUTH_JWT_CLAIM_COMPARISON_FAILED";
    let boolean = ill_typed("active", "a boolean", "string");
    vec![
        (
            false,
            IntrospectionActiveMissing,
            INVALID,
            missing("active"),
        ),
        (true, IntrospectionActiveMissing, INVALID, missing("active")),
        (
            false,
            IntrospectionActiveNotABoolean,
            INVALID,
            boolean.clone(),
        ),
        (true, IntrospectionActiveNotABoolean, INVALID, boolean),
        (
            true,
            IntrospectionUnsigned,
            "OAUTH_JWT_INTROSPECTION_EXPECTED",
            Reason::NotSigned {
                expected: "RS256".to_owned(),
            },
        ),
        (
            true,
            IntrospectionTypeOfIdToken,
            INVALID,
            Reason::TokenType {
                expected: "token-introspection+jwt",
                found: "JWT".to_owned(),
            },
        ),
        (
            true,
            IntrospectionTypeMissing,
            INVALID,
            Reason::TokenType {
                expected: "token-introspection+jwt",
                found: "nothing".to_owned(),
            },
        ),
        (
            true,
            IntrospectionIssuerMismatch,
            comparison,
            claim_mismatch("iss", Some(ISSUER), Some("https://id.example.com/tenant1")),
        ),
        (
            true,
            IntrospectionAudienceMismatch,
            comparison,
            claim_mismatch("aud", Some(CLIENT_ID), Some("a-stranger")),
        ),
        (true, IntrospectionIssuedAtMissing, INVALID, missing("iat")),
        (
            true,
            IntrospectionClaimMissing,
            INVALID,
            missing("token_introspection"),
        ),
        (
            true,
            IntrospectionSignatureBroken,
            INVALID,
            Reason::Jose(jose::Error::Signature),
        ),
        (false, IntrospectionServerError, CONFORM, status(500, None)),
    ]
}

#[test]
fn a_wrong_answer_is_refused_for_its_reason() {
    for (signed, misbehaviour, code, reason) in refusals() {
        let (world, configuration) = service(signed);
        let tokens = tokens(&world, &configuration);
        world.provider.misbehave(misbehaviour);
        let result = introspect(&world, &configuration, tokens.access_token());
        assert_rejected(result, code, Artefact::IntrospectionResponse, &reason);
        assert_eq!(world.served(Endpoint::Introspection), 1);
    }
}

#[test]
fn a_revocation_that_fails_says_so() {
    let revoke = |misbehaviour| {
        let (world, configuration) = service(false);
        world.provider.misbehave(misbehaviour);
        world.run(TokenRevocation::new(RevocationEndpoint::new(
            configuration,
            "token",
        )))
    };
    let Err(Error::ResponseBody(error)) = revoke(RevocationUnsupportedTokenType) else {
        panic!();
    };
    assert_eq!(error.error, "unsupported_token_type");
    assert_rejected(
        revoke(RevocationServerError),
        CONFORM,
        Artefact::RevocationResponse,
        &status(500, None),
    );
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals();
    let tested = refused
        .iter()
        .map(|(_, misbehaviour, ..)| *misbehaviour)
        .chain([RevocationUnsupportedTokenType, RevocationServerError])
        // Tested in `repeated_claims.rs`.
        .chain([IntrospectionClaimsTwice, IntrospectionDuplicateIssuer])
        // Tested in `token_types.rs`.
        .chain([IntrospectionTypeMediaType]);
    assert_covered(tested, |misbehaviour| {
        matches!(
            misbehaviour.endpoint(),
            Endpoint::Introspection | Endpoint::Revocation
        )
    });
}
