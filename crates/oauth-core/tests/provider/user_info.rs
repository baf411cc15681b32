//! UserInfo responses that are wrong or unusual.

use jose::SignatureAlgorithm;
use oauth_core::Error;
use oauth_core::authorization::ResponseType;
use oauth_core::endpoint::{ExpectedSubject, UserInfoEndpoint, UserInfoResponse};
use oauth_core::error::{Artefact, NoAnswer, Reason};
use oauth_core::flow::FetchUserInfo;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Misbehaviour};

use crate::claim_sources::is_of_a_source;
use crate::refusal::{
    CONFORM, INVALID, PARSE, assert_covered, assert_rejected, ill_typed, missing, status,
};
use crate::world::{CLIENT_ID, World};

const ACCEPTED: [Misbehaviour; 4] = [
    UserInfoEmailVerifiedAsString,
    UserInfoAggregatedClaims,
    UserInfoDistributedClaims,
    UserInfoSuccessWithChallenge,
];
const CHALLENGED: [Misbehaviour; 2] = [UserInfoUnauthorized, UserInfoForbidden];

fn refusals() -> Vec<(Misbehaviour, &'static str, Reason)> {
    vec![
        (
            UserInfoSubjectMismatch,
            "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
            Reason::AttributeMismatch {
                member: "sub",
                expected: Some("alice".to_owned()),
                found: Some("alice1".to_owned()),
            },
        ),
        (UserInfoSubjectMissing, INVALID, missing("sub")),
        (
            UserInfoSubjectEmpty,
            INVALID,
            ill_typed("sub", "a string that is not empty", "an empty string"),
        ),
        (
            UserInfoSubjectNotAString,
            INVALID,
            ill_typed("sub", "a string", "number"),
        ),
        (
            UserInfoDuplicateSubject,
            PARSE,
            Reason::Json(jose::json::Error::Duplicate {
                member: "sub".to_owned(),
            }),
        ),
        (
            UserInfoHtml,
            "OAUTH_RESPONSE_IS_NOT_JSON",
            Reason::MediaType {
                expected: "application/json",
                found: Some("text/html; charset=utf-8".to_owned()),
            },
        ),
        (UserInfoServerError, CONFORM, status(500, None)),
        (
            UserInfoRedirect,
            CONFORM,
            status(307, Some("/tenant/userinfo")),
        ),
        (
            UserInfoNotAnObject,
            INVALID,
            Reason::Json(jose::json::Error::NotAnObject { found: "array" }),
        ),
        (
            UserInfoContentEncoding,
            CONFORM,
            Reason::ContentEncoding {
                found: "gzip".to_owned(),
            },
        ),
    ]
}

#[test]
fn the_claims_are_those_of_the_user_who_logged_in() {
    let (world, result) = ask(None);
    let user = result.unwrap();
    assert_eq!(user.sub(), "alice");
    assert_eq!(world.served(Endpoint::UserInfo), 1);
}

/// The claims come from the UserInfo endpoint, or in the ID Token if there is no access token
/// (OpenID Connect Core section 5.4).
#[test]
fn the_scope_releases_claims() {
    for response_type in [ResponseType::Code, ResponseType::CodeIdToken] {
        let world = World::new();
        let configuration = world.configuration();
        let request = World::request(&configuration)
            .scope("openid profile email")
            .response_type(response_type);
        let (url, pending) = world.run(request.begin()).unwrap();
        let grant = pending.resume(&configuration, world.follow(&url)).unwrap();
        let tokens = world.run(grant).unwrap();
        let subject = tokens.id_token().unwrap();
        assert!(!subject.claims().contains_key("email"));
        let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
        let user = world.run(FetchUserInfo::new(endpoint)).unwrap();
        assert_eq!(user.name(), Some("Alice Adams"));
        assert_eq!(user.email(), Some("alice@example.com"));
    }
    let world = World::new();
    let configuration = world.configuration();
    let request = World::request(&configuration)
        .scope("openid profile email")
        .response_type(ResponseType::IdToken);
    let (url, pending) = world.run(request.begin()).unwrap();
    let callback = world.follow(&url);
    let login = pending.resume_implicit(&configuration, &callback).unwrap();
    let id_token = world.run(login).unwrap().into_id_token();
    assert_eq!(id_token.claims()["name"], "Alice Adams");
    assert_eq!(id_token.claims()["email"], "alice@example.com");
}

#[test]
fn a_wrong_response_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let (_, result) = ask(Some(misbehaviour));
        assert_rejected(result, code, Artefact::UserInfoResponse, &reason);
    }
}

/// The access token was replaced by another user's token (OpenID Connect Core section 5.3.4).
#[test]
fn another_persons_token_is_refused() {
    let world = World::new();
    let configuration = world.configuration();
    let log_in = |hint| {
        let request = World::request(&configuration).login_hint(hint);
        world.log_in_with(&configuration, request).unwrap()
    };
    let (alice, bob) = (log_in("alice"), log_in("bob"));
    let endpoint = UserInfoEndpoint::new(configuration.clone(), &bob, alice.id_token().unwrap());
    assert_rejected(
        world.run(FetchUserInfo::new(endpoint)),
        "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
        Artefact::UserInfoResponse,
        &Reason::AttributeMismatch {
            member: "sub",
            expected: Some("alice".to_owned()),
            found: Some("bob".to_owned()),
        },
    );
}

#[test]
fn a_response_beyond_the_cap_is_refused() {
    let Err(Error::Unanswered(unanswered)) = ask(Some(UserInfoTooLarge)).1 else {
        panic!();
    };
    assert_eq!(unanswered.endpoint, EndpointName::UserInfo);
    let cap = 1024 * 1024;
    assert_eq!(unanswered.reason, NoAnswer::BodyTooLarge { cap });
}

#[test]
fn a_challenge_is_surfaced() {
    for (misbehaviour, status, error_code) in [
        (UserInfoUnauthorized, 401, "invalid_token"),
        (UserInfoForbidden, 403, "insufficient_scope"),
    ] {
        let error = ask(Some(misbehaviour)).1.unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
        let Error::WwwAuthenticateChallenge(challenged) = error else {
            panic!("{error}");
        };
        assert_eq!(challenged.status, status);
        assert!(challenged.to_string().contains(error_code));
    }
}

#[test]
fn an_unregistered_jwt_is_refused() {
    assert_rejected(
        ask(Some(UserInfoJwt)).1,
        INVALID,
        Artefact::UserInfoResponse,
        &Reason::Algorithm {
            expected: vec![],
            found: "RS256".to_owned(),
        },
    );
}

#[test]
fn a_registered_jwt_is_verified_and_anything_else_is_refused() {
    for algorithm in [
        SignatureAlgorithm::RS256,
        SignatureAlgorithm::ES256,
        SignatureAlgorithm::HS256,
    ] {
        let secret = "a secret of at least 32 characters, for HS256";
        let authentication = ClientAuthentication::ClientSecretPost(secret.to_owned());
        let registration = ClientRegistration::new(CLIENT_ID, authentication);
        let world = World::with_client(registration.userinfo_signed_response_alg(algorithm));
        let mut client = ClientMetadata::new(CLIENT_ID);
        client.client_secret = Some(secret.into());
        client.userinfo_signed_response_alg = Some(algorithm.into());
        let configuration = world.configure(client, Policy::default());
        let tokens = world.log_in(&configuration).unwrap();
        let ask = || {
            let subject = ExpectedSubject::from(tokens.id_token().unwrap());
            let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
            world.run(FetchUserInfo::new(endpoint))
        };
        assert_eq!(ask().unwrap().sub(), "alice");

        world.provider.misbehave(UserInfoSubjectMismatch);
        let mismatch = Reason::AttributeMismatch {
            member: "sub",
            expected: Some("alice".to_owned()),
            found: Some("alice1".to_owned()),
        };
        assert_rejected(
            ask(),
            "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
            Artefact::UserInfoResponse,
            &mismatch,
        );

        let plain = ClientRegistration::public(CLIENT_ID);
        world.provider.behave();
        world.provider.register(plain);
        assert_rejected(
            ask(),
            "OAUTH_JWT_USERINFO_EXPECTED",
            Artefact::UserInfoResponse,
            &Reason::NotSigned {
                expected: algorithm.to_string(),
            },
        );
    }
}

#[test]
fn an_unusual_response_is_accepted_and_nothing_else_is_fetched() {
    for misbehaviour in ACCEPTED {
        let (world, result) = ask(Some(misbehaviour));
        assert_eq!(result.unwrap().sub(), "alice", "{misbehaviour:?}");
        assert_eq!(world.sent.borrow().last(), Some(&EndpointName::UserInfo));
        assert_eq!(world.served(Endpoint::UserInfo), 1);
    }
    let user = ask(Some(UserInfoEmailVerifiedAsString)).1.unwrap();
    assert!(user.claims()["email_verified"].is_string());
    assert_eq!(user.email_verified(), Some(true));
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals();
    let refused = refused.iter().map(|(misbehaviour, ..)| *misbehaviour);
    let tested = refused
        .chain(ACCEPTED)
        .chain(CHALLENGED)
        .chain([UserInfoTooLarge, UserInfoJwt])
        // Tested in `repeated_claims.rs`.
        .chain([UserInfoClaimsTwice])
        // Tested in `token_types.rs`.
        .chain([
            UserInfoTypeMissing,
            UserInfoTypeMediaType,
            UserInfoTypeOwn,
            UserInfoTypeAccessToken,
        ]);
    assert_covered(tested, |misbehaviour| {
        misbehaviour.endpoint() == Endpoint::UserInfo && !is_of_a_source(misbehaviour)
    });
}

/// Logs in and fetches UserInfo.
fn ask(misbehaviour: Option<Misbehaviour>) -> (World, Result<UserInfoResponse, Error>) {
    let world = World::new();
    let configuration = world.configuration();
    let request = World::request(&configuration).scope("openid email");
    let tokens = world.log_in_with(&configuration, request).unwrap();
    if let Some(misbehaviour) = misbehaviour {
        world.provider.misbehave(misbehaviour);
    }
    let subject = ExpectedSubject::from(tokens.id_token().unwrap());
    let endpoint = UserInfoEndpoint::new(configuration, tokens.access_token().clone(), subject);
    let result = world.run(FetchUserInfo::new(endpoint));
    (world, result)
}
