//! Dynamic registration, and responses that are wrong or unusual.

use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    ClientInformation, DeleteRegistrationRequest, FetchRegistrationRequest, RegistrationEndpoint,
    UpdateRegistrationRequest,
};
use oauth_core::error::{Artefact, NoAnswer, Reason};
use oauth_core::flow::{DeleteRegistration, FetchRegistration, Register, UpdateRegistration};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{
    CONFORM, INVALID, PARSE, assert_covered, assert_rejected, ill_typed, missing, status,
};
use crate::world::{REDIRECT_URI, World};

const ACCEPTED: [Misbehaviour; 7] = [
    RegistrationOk,
    RegistrationIssuedAtAsString,
    RegistrationSecretExpiryMissing,
    RegistrationNullMembers,
    RegistrationIdTokenNone,
    RegistrationUserInfoNone,
    RegistrationMethodMissing,
];
const SURFACED: [Misbehaviour; 2] = [RegistrationInvalidMetadata, RegistrationUnauthorized];

fn refusals() -> Vec<(Misbehaviour, &'static str, Reason)> {
    let not_empty = "a string that is not empty";
    let not_created = |found, location: Option<&str>| Reason::Status {
        expected: 201,
        found,
        location: location.map(str::to_owned),
    };
    vec![
        (RegistrationClientIdMissing, INVALID, missing("client_id")),
        (
            RegistrationClientIdEmpty,
            INVALID,
            ill_typed("client_id", not_empty, "an empty string"),
        ),
        (
            RegistrationClientIdNotAString,
            INVALID,
            ill_typed("client_id", "a string", "number"),
        ),
        (
            RegistrationDuplicateClientId,
            PARSE,
            Reason::Json(jose::json::Error::Duplicate {
                member: "client_id".to_owned(),
            }),
        ),
        (
            RegistrationSecretEmpty,
            INVALID,
            ill_typed("client_secret", not_empty, "an empty string"),
        ),
        (
            RegistrationSecretExpiryNotANumber,
            INVALID,
            ill_typed(
                "client_secret_expires_at",
                "whole seconds since the epoch",
                "string",
            ),
        ),
        (RegistrationHtml, "OAUTH_RESPONSE_IS_NOT_JSON", html()),
        (RegistrationServerError, CONFORM, not_created(500, None)),
        (
            RegistrationRedirect,
            CONFORM,
            not_created(307, Some("/tenant/register")),
        ),
        (
            RegistrationNotAnObject,
            INVALID,
            Reason::Json(jose::json::Error::NotAnObject { found: "array" }),
        ),
        (
            RegistrationContentEncoding,
            CONFORM,
            Reason::ContentEncoding {
                found: "gzip".to_owned(),
            },
        ),
    ]
}

/// A client that has registered `none` can log in. Only an unsecured ID Token is refused.
#[test]
fn an_id_token_must_be_signed_for_every_registration() {
    let world = World::wrong(RegistrationIdTokenNone);
    let mut server = world.configuration().server().clone();
    let information = register(&world).unwrap();
    let client = information.metadata().clone();
    assert_eq!(client.id_token_signed_response_alg, Some("none".into()));
    // The algorithms are those that the server advertises, or RS256 if none of them is usable.
    let none = || "none".to_owned();
    for advertised in [
        Some(vec!["RS256".to_owned(), none()]),
        Some(vec![none()]),
        None,
    ] {
        server.id_token_signing_alg_values_supported = advertised;
        let it = Configuration::new(server.clone(), client.clone(), Policy::default()).unwrap();
        world.provider.behave();
        let tokens = world.log_in(&it).unwrap();
        assert_eq!(tokens.id_token().unwrap().sub(), "alice");
        for misbehaviour in [IdTokenAlgorithmNone, IdTokenAlgorithmNoneMixedCase] {
            world.provider.behave();
            world.provider.misbehave(misbehaviour);
            let error = world.log_in(&it).unwrap_err();
            assert_eq!(
                error.to_string(),
                "ID Token refused: the token is unsecured (`alg` is `none`); an ID Token must be \
                 signed for every registered algorithm, and no switch accepts it"
            );
            let reason = Reason::Jose(jose::Error::Unsecured);
            assert_rejected::<()>(Err(error), INVALID, Artefact::IdToken, &reason);
        }
        world.provider.behave();
        world.provider.misbehave(IdTokenAlternateAlgorithm);
        let reason = Reason::Algorithm {
            expected: vec!["RS256".to_owned()],
            found: "ES256".to_owned(),
        };
        assert_rejected(world.log_in(&it), INVALID, Artefact::IdToken, &reason);
    }
}

#[test]
fn a_client_that_registered_itself_logs_in_changes_and_leaves() {
    let world = World::new();
    let server = world.configuration().server().clone();
    let information = register(&world).unwrap();
    let client = information.metadata().clone();
    assert!(client.client_secret.is_some());
    let configuration = Configuration::new(server, client, Policy::default()).unwrap();
    world.log_in(&configuration).unwrap();

    let mut wanted = wanted();
    wanted.token_endpoint_auth_method = Some("client_secret_post".to_owned());
    let endpoint = UpdateRegistrationRequest::new(information, wanted, Policy::default()).unwrap();
    let changed = world.run(UpdateRegistration::new(endpoint)).unwrap();
    let client = changed.metadata();
    assert_eq!(
        client.token_endpoint_auth_method.as_deref(),
        Some("client_secret_post")
    );
    let server = configuration.server().clone();
    let posting = Configuration::new(server, client.clone(), Policy::default()).unwrap();
    world.log_in(&posting).unwrap();
    // The provider uses the new registration.
    let refused = world.log_in(&configuration).unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));

    assert_eq!(read(&world, &changed).unwrap(), changed);
    let endpoint = DeleteRegistrationRequest::new(changed.clone(), Policy::default()).unwrap();
    world.run(DeleteRegistration::new(endpoint)).unwrap();
    let gone = read(&world, &changed).unwrap_err();
    assert_eq!(gone.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

#[test]
fn a_wrong_response_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let result = register(&World::wrong(misbehaviour));
        assert_rejected(result, code, Artefact::RegistrationResponse, &reason);
    }
}

#[test]
fn a_response_beyond_the_cap_is_refused() {
    let Err(Error::Unanswered(unanswered)) = register(&World::wrong(RegistrationTooLarge)) else {
        panic!();
    };
    assert_eq!(unanswered.endpoint, EndpointName::Registration);
    let cap = 1024 * 1024;
    assert_eq!(unanswered.reason, NoAnswer::BodyTooLarge { cap });
}

#[test]
fn what_the_server_says_is_surfaced() {
    let error = register(&World::wrong(RegistrationInvalidMetadata)).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    assert!(error.to_string().contains("invalid_client_metadata"));
    let error = register(&World::wrong(RegistrationUnauthorized)).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    assert!(error.to_string().contains("invalid_token"));
}

#[test]
fn an_unusual_response_is_accepted() {
    for misbehaviour in ACCEPTED {
        let information = register(&World::wrong(misbehaviour)).unwrap();
        assert!(information.client_id_issued_at().is_some());
        assert_eq!(information.client_secret_expires_at(), None);
        assert_eq!(information.metadata().jwks_uri, None);
        let method = information.metadata().token_endpoint_auth_method.as_deref();
        assert_eq!(method, Some("client_secret_basic"));
    }
}

#[test]
fn another_clients_registration_is_refused() {
    let world = World::new();
    let information = register(&world).unwrap();
    world
        .provider
        .misbehave(ClientConfigurationClientIdMismatch);
    let mismatch = Reason::AttributeMismatch {
        member: "client_id",
        expected: Some(information.metadata().client_id.clone()),
        found: Some("another".to_owned()),
    };
    assert_rejected(
        read(&world, &information),
        "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
        Artefact::RegistrationResponse,
        &mismatch,
    );
}

#[test]
fn a_wrong_answer_to_a_question_about_a_registration_is_refused() {
    for (misbehaviour, code, reason) in [
        (
            ClientConfigurationHtml,
            "OAUTH_RESPONSE_IS_NOT_JSON",
            html(),
        ),
        (ClientConfigurationServerError, CONFORM, status(500, None)),
        (
            ClientConfigurationRedirect,
            CONFORM,
            status(307, Some("/tenant/client")),
        ),
    ] {
        let world = World::new();
        let information = register(&world).unwrap();
        world.provider.misbehave(misbehaviour);
        let result = read(&world, &information);
        assert_rejected(result, code, Artefact::RegistrationResponse, &reason);
    }
}

#[test]
fn the_way_to_a_registration_changes_or_stays() {
    let world = World::new();
    let information = register(&world).unwrap();
    world.provider.misbehave(ClientConfigurationTokenRotated);
    let rotated = read(&world, &information).unwrap();
    assert_ne!(
        rotated.registration_access_token(),
        information.registration_access_token()
    );
    let Err(Error::WwwAuthenticateChallenge(refusal)) = read(&world, &information) else {
        panic!("the old token was taken");
    };
    assert_eq!(refusal.status, 401);
    assert_eq!(refusal.challenges[0].error(), Some("invalid_token"));

    world.provider.behave();
    world.provider.misbehave(ClientConfigurationTokenMissing);
    assert_eq!(read(&world, &rotated).unwrap(), rotated);
}

#[test]
fn a_secret_that_an_update_replaces_is_taken() {
    let world = World::new();
    let information = register(&world).unwrap();
    world.provider.misbehave(ClientConfigurationSecretRotated);
    let endpoint = UpdateRegistrationRequest::new(information.clone(), wanted(), Policy::default());
    let updated = world
        .run(UpdateRegistration::new(endpoint.unwrap()))
        .unwrap();
    let secret = |information: &ClientInformation| information.metadata().client_secret.clone();
    assert!(secret(&updated).is_some());
    assert_ne!(secret(&updated), secret(&information));
    let server = world.configuration().server().clone();
    let client = updated.metadata().clone();
    let configuration = Configuration::new(server, client, Policy::default()).unwrap();
    world.log_in(&configuration).unwrap();
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals();
    let refused = refused.iter().map(|(misbehaviour, ..)| *misbehaviour);
    let tested = refused.chain(ACCEPTED).chain(SURFACED).chain([
        RegistrationTooLarge,
        ClientConfigurationClientIdMismatch,
        ClientConfigurationHtml,
        ClientConfigurationServerError,
        ClientConfigurationRedirect,
        ClientConfigurationTokenRotated,
        ClientConfigurationTokenMissing,
        ClientConfigurationSecretRotated,
    ]);
    assert_covered(tested, |misbehaviour| {
        matches!(
            misbehaviour.endpoint(),
            Endpoint::Registration | Endpoint::ClientConfiguration
        )
    });
}

fn wanted() -> ClientMetadata {
    let mut client = ClientMetadata::default();
    client.redirect_uris = Some(vec![REDIRECT_URI.to_owned()]);
    client
}

fn register(world: &World) -> Result<ClientInformation, Error> {
    let server = world.configuration().server().clone();
    let endpoint = RegistrationEndpoint::new(server, wanted(), Policy::default());
    world.run(Register::new(endpoint))
}

fn read(world: &World, information: &ClientInformation) -> Result<ClientInformation, Error> {
    let endpoint = FetchRegistrationRequest::new(information.clone(), Policy::default())?;
    world.run(FetchRegistration::new(endpoint))
}

fn html() -> Reason {
    Reason::MediaType {
        expected: "application/json",
        found: Some("text/html; charset=utf-8".to_owned()),
    }
}
