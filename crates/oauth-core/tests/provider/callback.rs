//! Each wrong callback is refused for its reason, before a request is sent.

use std::time::Duration;

use oauth_core::Error;
use oauth_core::authorization::{Callback, ResponseMode, ResponseType};
use oauth_core::error::{Artefact, Reason};
use oauth_core::names::EndpointName;
use test_provider::Misbehaviour::*;
use test_provider::{ClientRegistration, Misbehaviour, Provider};
use url::Url;

use crate::refusal::{INVALID, assert_rejected, duplicate, missing};
use crate::world::{CLIENT_ID, ISSUER, World};

/// Returns the error of a login at a provider that is wrong in one way.
fn refused(misbehaviour: Misbehaviour) -> Error {
    let world = World::wrong(misbehaviour);
    let error = world
        .log_in(&world.configuration())
        .expect_err("the callback was accepted");
    // The client has sent no request since discovery, so the code is not redeemed.
    assert_eq!(*world.sent.borrow(), [EndpointName::Discovery]);
    error
}

#[test]
fn a_wrong_callback_is_refused_for_its_reason() {
    let mismatch =
        |parameter, expected: Option<&str>, found: Option<&str>| Reason::ParameterMismatch {
            parameter,
            expected: expected.map(str::to_owned),
            found: found.map(str::to_owned),
        };
    let state_mismatch = || mismatch("state", None, None);
    let stray = |member| Reason::ImplicitParameter { member };
    let mode = |found| Reason::ResponseMode {
        expected: "query",
        found,
    };
    let unsupported = "OAUTH_UNSUPPORTED_OPERATION";
    let changed_issuer = format!("{ISSUER}1");
    let cases = [
        (CallbackStateMismatch, INVALID, state_mismatch()),
        (CallbackStateMissing, INVALID, missing("state")),
        (CallbackStateEmpty, INVALID, state_mismatch()),
        (CallbackDuplicateState, INVALID, duplicate("state")),
        (
            CallbackIssuerMismatch,
            INVALID,
            mismatch("iss", Some(ISSUER), Some(&changed_issuer)),
        ),
        (CallbackIssuerMissing, INVALID, missing("iss")),
        (CallbackDuplicateIssuer, INVALID, duplicate("iss")),
        (CallbackErrorStateMismatch, INVALID, state_mismatch()),
        (CallbackCodeMissing, INVALID, missing("code")),
        (CallbackCodeEmpty, INVALID, missing("code")),
        (CallbackDuplicateCode, INVALID, duplicate("code")),
        (CallbackStrayAccessToken, unsupported, stray("access_token")),
        (CallbackStrayIdToken, unsupported, stray("id_token")),
        (CallbackStrayTokenType, unsupported, stray("token_type")),
        (CallbackStrayExpiresIn, unsupported, stray("expires_in")),
        (CallbackResponse, INVALID, mode("jwt")),
        (CallbackInFragment, INVALID, mode("fragment")),
    ];
    for (misbehaviour, code, reason) in cases {
        let error: Result<(), _> = Err(refused(misbehaviour));
        assert_rejected(error, code, Artefact::AuthorizationResponse, &reason);
    }
}

#[test]
fn the_servers_refusal_is_surfaced() {
    for (misbehaviour, code) in [
        (CallbackAccessDenied, "access_denied"),
        (CallbackErrorWithCode, "server_error"),
    ] {
        let error = refused(misbehaviour);
        assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
        let Error::AuthorizationResponse(answered) = error else {
            panic!("{error}");
        };
        assert_eq!(answered.error, code);
    }
}

/// RFC 9700 section 4.5: an attacker puts the code of another login into the callback.
#[test]
fn a_code_of_another_login_buys_nothing() {
    let world = World::new();
    let configuration = world.configuration();
    let (_, of_the_attacker) = world.visit(World::request(&configuration).login_hint("bob"));
    let (pending, callback) = world.visit(World::request(&configuration));
    let code_of = |callback: &str| {
        let query = Url::parse(callback).unwrap();
        let code = query.query_pairs().find(|(name, _)| name == "code");
        code.unwrap().1.into_owned()
    };
    let injected = callback.replace(&code_of(&callback), &code_of(&of_the_attacker));
    assert_ne!(injected, callback);
    let callback = Callback::from_url(&injected).unwrap();
    let grant = pending.resume(&configuration, &callback).unwrap();
    let Err(Error::ResponseBody(refused)) = world.run(grant) else {
        panic!("accepted");
    };
    assert_eq!(refused.error, "invalid_grant");
    let why = refused.error_description.as_deref();
    assert_eq!(why, Some("code_verifier does not fit the code_challenge"));
}

/// With `prompt=none`, an interactive provider returns an error, here by `form_post`.
#[test]
fn a_login_that_needs_a_person_is_refused_by_form_post() {
    let provider = Provider::new(ISSUER).interactive();
    let world = World::with_provider(provider, ClientRegistration::public(CLIENT_ID));
    let configuration = world.configuration();
    for response_type in [
        ResponseType::Code,
        ResponseType::CodeIdToken,
        ResponseType::IdToken,
    ] {
        let request = World::request(&configuration)
            .response_type(response_type)
            .response_mode(ResponseMode::FormPost)
            .max_age(Duration::from_secs(0))
            .prompt("none");
        let (url, pending) = world.run(request.begin()).unwrap();
        let callback = world.follow(&url);
        let error = match response_type {
            ResponseType::IdToken => {
                let login = pending.resume_implicit(&configuration, &callback).unwrap();
                world.run(login).unwrap_err()
            }
            _ => {
                let grant = pending.resume(&configuration, &callback).unwrap();
                world.run(grant).unwrap_err()
            }
        };
        let Error::AuthorizationResponse(answered) = error else {
            panic!("{error}");
        };
        assert_eq!(answered.error, "login_required");
    }
    assert_eq!(*world.sent.borrow(), [EndpointName::Discovery]);
}

#[test]
fn an_unknown_parameter_is_ignored() {
    let world = World::wrong(CallbackUnknownParameter);
    assert!(world.log_in(&world.configuration()).is_ok());
}
