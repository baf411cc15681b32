//! Requests that are signed or pushed, and responses in every mode, both valid and wrong.

use std::time::Duration;

use jose::{KeySelectionError, SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::authorization::{
    AuthorizationDetail, AuthorizationRequest, Callback, PendingLogin, ResponseMode, ResponseType,
};
use oauth_core::configuration::Configuration;
use oauth_core::error::{Artefact, Reason, TimestampRule};
use oauth_core::flow::TokenSet;
use oauth_core::key::KeyReference;
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::request_object::RequestObject;
use serde_json::json;
use test_provider::Misbehaviour::*;
use test_provider::{ClientRegistration, Endpoint, Misbehaviour};

use crate::refusal::{
    COMPARISON, INVALID, TIMESTAMP, assert_rejected, claim_mismatch, ill_typed, missing,
};
use crate::world::{CLIENT_ID, ISSUER, START, World};

/// Returns a client that signs request objects, and the settings for them.
fn signing(change: fn(ClientRegistration) -> ClientRegistration) -> (World, RequestObject) {
    let algorithm = SignatureAlgorithm::ES256;
    let key = SigningKey::generate(algorithm).unwrap();
    let keys = json!({ "keys": [key.public_jwk().unwrap().to_json()] });
    let client = ClientRegistration::public(CLIENT_ID).keys(keys.to_string());
    let mut world = World::with_client(change(client));
    world.add_key("request key", key);
    let reference = KeyReference {
        name: KeyName::new("request key"),
        algorithm,
        kid: None,
    };
    (world, RequestObject::new(reference).unwrap())
}

fn begin(world: &World, request: AuthorizationRequest) -> (PendingLogin, Callback) {
    let (url, pending) = world.run(request.begin()).unwrap();
    (pending, world.follow(&url))
}

pub(crate) fn log_in(
    world: &World,
    configuration: &Configuration,
    request: AuthorizationRequest,
) -> Result<TokenSet, Error> {
    let (pending, callback) = begin(world, request);
    assert_eq!(callback.state(), Some(pending.state()));
    world.run(pending.resume(configuration, &callback)?)
}

#[test]
fn a_request_is_pushed_signed_or_both() {
    let (world, request_object) = signing(|client| client);
    let configuration = world.configuration();
    let request = || {
        World::request(&configuration)
            .max_age(Duration::from_secs(600))
            .resource("https://a.example")
            .resource("https://b.example")
    };
    for (request, pushed) in [
        (request().pushed(), 1),
        (request().request_object(request_object.clone()), 1),
        (request().request_object(request_object.clone()).pushed(), 2),
    ] {
        let tokens = log_in(&world, &configuration, request).unwrap();
        assert_eq!(tokens.id_token().unwrap().sub(), "alice");
        assert_eq!(world.served(Endpoint::PushedAuthorization), pushed);
    }
    assert_eq!(world.keys_used.get(), 2);
}

#[test]
fn a_server_that_takes_nothing_else_is_satisfied() {
    let (world, request_object) = signing(|client| {
        client
            .require_signed_request_object()
            .require_pushed_authorization_requests()
    });
    let configuration = world.configuration();
    let request = World::request(&configuration)
        .request_object(request_object)
        .pushed();
    assert!(log_in(&world, &configuration, request).is_ok());
    // The server refuses a request that is not signed.
    let request = World::request(&configuration).pushed();
    let error = world.run(request.begin()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    assert!(
        error.to_string().contains("invalid_request_object"),
        "{error}"
    );
}

/// `authorization_details` of RFC 9396, sections 5 and 7.
#[test]
fn authorization_details_are_granted_or_refused() {
    let world = World::new();
    let configuration = world.configuration();
    let request = |kind| {
        World::request(&configuration)
            .authorization_details([AuthorizationDetail::new(kind).actions(["read"])])
    };
    let tokens = log_in(&world, &configuration, request("payment")).unwrap();
    assert_eq!(
        tokens.extra()["authorization_details"],
        json!([{"type": "payment", "actions": ["read"]}])
    );
    let error = log_in(&world, &configuration, request("unknown")).unwrap_err();
    let Error::AuthorizationResponse(answered) = error else {
        panic!("{error}");
    };
    assert_eq!(answered.error, "invalid_authorization_details");
}

#[test]
fn a_wrong_answer_to_a_pushed_request_is_refused_for_its_reason() {
    let uri = |found| ill_typed("request_uri", "a non-empty string", found);
    let expiry = ill_typed("expires_in", "a whole number of seconds from 0", "-1");
    let duplicate = Reason::Json(jose::json::Error::Duplicate {
        member: "request_uri".to_owned(),
    });
    for (misbehaviour, code, reason) in [
        (PushedRequestUriMissing, INVALID, missing("request_uri")),
        (PushedRequestUriEmpty, INVALID, uri("an empty string")),
        (PushedRequestUriNotAString, INVALID, uri("number")),
        (PushedDuplicateRequestUri, "OAUTH_PARSE_ERROR", duplicate),
        (PushedExpiresInMissing, INVALID, missing("expires_in")),
        (PushedExpiresInNegative, INVALID, expiry),
    ] {
        let world = World::wrong(misbehaviour);
        let configuration = world.configuration();
        let result = world.run(World::request(&configuration).pushed().begin());
        assert_rejected(result, code, Artefact::PushedAuthorizationResponse, &reason);
    }
    for misbehaviour in [PushedExpiresInAsString, PushedOk] {
        let world = World::wrong(misbehaviour);
        let configuration = world.configuration();
        let request = World::request(&configuration).pushed();
        assert!(log_in(&world, &configuration, request).is_ok());
    }
}

#[test]
fn an_answer_comes_back_in_every_mode() {
    use ResponseMode::*;
    for (response_type, modes) in [
        (
            ResponseType::Code,
            &[
                Query,
                Fragment,
                FormPost,
                Jwt,
                QueryJwt,
                FragmentJwt,
                FormPostJwt,
            ][..],
        ),
        (ResponseType::CodeIdToken, &[Fragment, FormPost]),
    ] {
        for mode in modes {
            let world = World::new();
            let configuration = world.configuration();
            let request = World::request(&configuration)
                .response_type(response_type)
                .response_mode(*mode);
            let tokens = log_in(&world, &configuration, request).unwrap();
            assert_eq!(tokens.id_token().unwrap().sub(), "alice");
            // The same key set verifies the response, the ID Token and the tokens.
            assert_eq!(world.served(Endpoint::KeySet), 1, "{mode:?}");
        }
    }
    for mode in [None, Some(FormPost)] {
        let world = World::new();
        let configuration = world.configuration();
        let mut request = World::request(&configuration).response_type(ResponseType::IdToken);
        if let Some(mode) = mode {
            request = request.response_mode(mode);
        }
        let (pending, callback) = begin(&world, request);
        let login = pending.resume_implicit(&configuration, &callback).unwrap();
        assert_eq!(world.run(login).unwrap().id_token().sub(), "alice");
        assert_eq!(world.served(Endpoint::Token), 0);
    }
}

/// Returns the error of a login at a provider that is wrong in one way, and asserts that the code
/// is not redeemed.
fn refused(
    misbehaviour: Misbehaviour,
    ask: impl Fn(AuthorizationRequest) -> AuthorizationRequest,
) -> Error {
    let world = World::wrong(misbehaviour);
    let mut policy = oauth_core::policy::Policy::default();
    policy.enable_detached_signature_response_checks();
    let configuration = world.configuration().with_policy(policy);
    let (url, pending) = world
        .run(ask(World::request(&configuration)).begin())
        .unwrap();
    let callback = world.follow(&url);
    let error = world
        .run(pending.resume(&configuration, &callback).unwrap())
        .expect_err("accepted");
    let sent = world.sent.borrow();
    assert!(
        !sent.contains(&EndpointName::Token),
        "{misbehaviour:?} cost the code"
    );
    error
}

/// The checks of JARM section 2.4.
#[test]
fn a_wrong_packed_response_is_refused_for_its_reason() {
    let changed_issuer = format!("{ISSUER}1");
    let expired = Reason::Timestamp {
        claim: "exp",
        found: START - 360,
        rule: TimestampRule::Expired,
        now: START,
        tolerance: Duration::from_secs(30),
    };
    let mode = Reason::ResponseMode {
        expected: "jwt",
        found: "query",
    };
    let state_mismatch = Reason::ParameterMismatch {
        parameter: "state",
        expected: None,
        found: None,
    };
    for (misbehaviour, code, reason) in [
        (PackedIssuerMissing, INVALID, missing("iss")),
        (
            PackedIssuerMismatch,
            COMPARISON,
            claim_mismatch("iss", Some(ISSUER), Some(&changed_issuer)),
        ),
        (PackedAudienceMissing, INVALID, missing("aud")),
        (
            PackedAudienceMismatch,
            COMPARISON,
            claim_mismatch("aud", Some(CLIENT_ID), Some("a-stranger")),
        ),
        (PackedExpiryMissing, INVALID, missing("exp")),
        (PackedExpired, TIMESTAMP, expired),
        (
            PackedSignatureBroken,
            INVALID,
            Reason::Jose(jose::Error::Signature),
        ),
        (
            PackedAlgorithmNone,
            INVALID,
            Reason::Jose(jose::Error::Unsecured),
        ),
        (CallbackUnpacked, INVALID, mode),
        (CallbackStateMismatch, INVALID, state_mismatch),
        (CallbackStateMissing, INVALID, missing("state")),
    ] {
        let error = refused(misbehaviour, |it| it.response_mode(ResponseMode::Jwt));
        let result: Result<(), _> = Err(error);
        assert_rejected(result, code, Artefact::AuthorizationResponse, &reason);
    }
    let error = refused(PackedDuplicateState, |it| {
        it.response_mode(ResponseMode::Jwt)
    });
    assert!(
        matches!(
            &error.rejection().unwrap().reason,
            Reason::Jose(jose::Error::Json {
                reason: jose::json::Error::Duplicate { member },
                ..
            }) if member == "state"
        ),
        "{error}"
    );
}

/// The checks of OpenID Connect Core 1.0 section 3.3.2.11 and FAPI 1.0 Part 2 section 5.2.3.1.
/// `id_token/occasions.rs` tests all other faults of such an ID Token.
#[test]
fn a_wrong_id_token_with_a_code_is_refused_for_its_reason() {
    for (mode, name) in [
        (ResponseMode::Fragment, "fragment"),
        (ResponseMode::FormPost, "form_post"),
    ] {
        let refused = |misbehaviour| {
            refused(misbehaviour, |it| {
                it.response_type(ResponseType::CodeIdToken)
                    .response_mode(mode)
            })
        };
        for (misbehaviour, code, reason) in [
            (IdTokenCodeHashMissing, INVALID, missing("c_hash")),
            (
                IdTokenCodeHashMismatch,
                COMPARISON,
                claim_mismatch("c_hash", None, None),
            ),
            (IdTokenStateHashMissing, INVALID, missing("s_hash")),
            (
                IdTokenStateHashMismatch,
                COMPARISON,
                claim_mismatch("s_hash", None, None),
            ),
        ] {
            let result: Result<(), _> = Err(refused(misbehaviour));
            assert_rejected(result, code, Artefact::IdToken, &reason);
        }
        assert!(matches!(
            &refused(IdTokenKidUnknown).rejection().unwrap().reason,
            Reason::KeySelection(KeySelectionError::None { .. })
        ));
        let reason = Reason::ResponseMode {
            expected: name,
            found: "query",
        };
        let result: Result<(), _> = Err(refused(CallbackInQuery));
        assert_rejected(result, INVALID, Artefact::AuthorizationResponse, &reason);
    }
}

#[test]
fn an_id_token_without_s_hash_is_enough_outside_of_fapi() {
    let world = World::wrong(IdTokenStateHashMissing);
    let configuration = world.configuration();
    let request = World::request(&configuration).response_type(ResponseType::CodeIdToken);
    assert!(log_in(&world, &configuration, request).is_ok());
}

#[test]
fn both_id_tokens_must_be_about_the_same_person() {
    let world = World::wrong(IdTokenSubjectSwapped);
    let configuration = world.configuration();
    let request = World::request(&configuration).response_type(ResponseType::CodeIdToken);
    let result = log_in(&world, &configuration, request);
    let reason = claim_mismatch("sub", Some("alice1"), Some("alice"));
    assert_rejected(result, COMPARISON, Artefact::IdToken, &reason);
}

#[test]
fn an_error_comes_back_packed_and_in_the_fragment() {
    for ask in [
        (|it| it.response_mode(ResponseMode::Jwt))
            as fn(AuthorizationRequest) -> AuthorizationRequest,
        |it| it.response_type(ResponseType::CodeIdToken),
        |it| it.response_mode(ResponseMode::FormPost),
    ] {
        let error = refused(CallbackAccessDenied, ask);
        assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
    }
}
