//! Responses that the application repairs before they are checked.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{Method, Response};
use jose::base64url;
use oauth_core::Error;
use oauth_core::endpoint::ProtectedResourceEndpoint;
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{FetchProtectedResource, TokenSet};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::EndpointName;
use oauth_core::policy::{Policy, RepairResponse};
use serde_json::Value;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{INVALID, assert_rejected, missing};
use crate::world::{CLIENT_ID, World};

#[test]
fn what_was_repaired_is_accepted() {
    let world = World::wrong(Misbehaviour::TokenTypeMissing);
    let token_type = |mut members: Value| {
        members["token_type"] = "Bearer".into();
        members
    };
    let repaired = log_in(&world, move |endpoint, response| match endpoint {
        EndpointName::Token => changed(response, token_type),
        _ => response,
    });
    assert_eq!(repaired.unwrap().id_token().unwrap().sub(), "alice");
    let untouched = log_in(&world, |_, response| response);
    let reason = missing("token_type");
    assert_rejected(untouched, INVALID, Artefact::TokenResponse, &reason);
}

#[test]
fn a_key_set_is_repaired_before_it_is_read() {
    let world = World::wrong(Misbehaviour::KeySetContentEncoding);
    let untouched = log_in(&world, |_, response| response);
    let reason = Reason::ContentEncoding {
        found: "gzip".to_owned(),
    };
    let code = "OAUTH_RESPONSE_IS_NOT_CONFORM";
    assert_rejected(untouched, code, Artefact::KeySet, &reason);
    // The failure is remembered for a second.
    world.pass(1);
    let repaired = log_in(&world, |_, mut response| {
        response.headers_mut().remove(CONTENT_ENCODING);
        response
    });
    assert_eq!(repaired.unwrap().id_token().unwrap().sub(), "alice");
}

#[test]
fn a_signature_is_still_verified() {
    let another_person = |mut members: Value| {
        let token = members["id_token"].as_str().unwrap();
        let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        let claims = base64url::decode(&parts[1]).unwrap();
        let claims = String::from_utf8(claims).unwrap();
        parts[1] = base64url::encode(claims.replace("alice", "mallory").as_bytes());
        members["id_token"] = parts.join(".").into();
        members
    };
    let forged = log_in(&World::new(), move |endpoint, response| match endpoint {
        EndpointName::Token => changed(response, another_person),
        _ => response,
    });
    let reason = Reason::Jose(jose::Error::Signature);
    assert_rejected(forged, INVALID, Artefact::IdToken, &reason);
}

#[test]
fn every_answer_but_that_of_a_protected_resource_passes_by() {
    let world = World::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let policy = repairing(move |endpoint, response| {
        log.lock().unwrap().push(endpoint);
        response
    });
    let configuration = world.configure(ClientMetadata::new(CLIENT_ID), policy);
    let tokens = world.log_in(&configuration).unwrap();
    let url = world.provider.url(Endpoint::Resource);
    let resource =
        ProtectedResourceEndpoint::new(configuration, &tokens, Method::GET, &url).unwrap();
    let response = world.run(FetchProtectedResource::new(resource)).unwrap();
    assert_eq!(response.status(), 200);
    let sent = world.sent.borrow();
    assert_eq!(sent.last(), Some(&EndpointName::ProtectedResource));
    assert_eq!(*seen.lock().unwrap(), sent[..sent.len() - 1]);
    assert_eq!(
        sent[..sent.len() - 1],
        [
            EndpointName::Discovery,
            EndpointName::Jwks,
            EndpointName::Token
        ]
    );
}

fn log_in(
    world: &World,
    repair: impl Fn(EndpointName, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
) -> Result<TokenSet, Error> {
    let client = ClientMetadata::new(CLIENT_ID);
    let configuration = world.configure(client, repairing(repair));
    world.log_in(&configuration)
}

fn repairing(
    repair: impl Fn(EndpointName, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
) -> Policy {
    let mut policy = Policy::default();
    policy.danger.repair_response = Some(RepairResponse::new(repair));
    policy
}

/// Returns the response with changed members.
fn changed(response: Response<Bytes>, change: impl Fn(Value) -> Value) -> Response<Bytes> {
    response.map(|body| {
        let members = serde_json::from_slice(&body).unwrap();
        change(members).to_string().into()
    })
}
