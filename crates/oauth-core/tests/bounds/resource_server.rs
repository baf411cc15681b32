//! The bounds of the decision about a request to a protected resource.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Uri};
use jose::SignatureAlgorithm::ES256;
use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use oauth_core::resource_server::{
    AuthorizeRequest, Introspection, ResourceRequest, ResourceServer,
};
use proptest::prelude::*;

use crate::drive::{Bounds, answers, assert_within, at_most, drive, worst};
use crate::session::Session;
use crate::world::ISSUER;
use crate::{after_a_login_of, world};

const AUTHORIZE_REQUEST: Bounds = at_most(2, 0);
const AUTHORIZE_OPAQUE: Bounds = at_most(3, 1);

/// Returns a session whose keys are old, and the decision about a request with a token whose key is
/// not among them.
fn with_an_unknown_key() -> (Session, impl Operation) {
    let session = after_a_login_of(world());
    let (_, configuration, _) = &session;
    let header = ProtectedHeader::new(ES256).kid("unknown").typ("at+jwt");
    let claims = serde_json::json!({ "iss": ISSUER }).to_string();
    let key = SigningKey::generate(ES256).unwrap();
    let token = SigningInput::new(&header, claims.as_bytes()).sign(&key);
    let server = api().with_issuer(configuration.server().clone()).unwrap();
    let decision = AuthorizeRequest::new(Arc::new(server), bearer(&token.unwrap()));
    (session, decision)
}

/// Returns a session whose keys are old, and the decision about a request with an opaque token.
fn with_an_opaque_token() -> (Session, impl Operation) {
    let session = after_a_login_of(world());
    let (_, configuration, tokens) = &session;
    let introspection = Introspection::new(configuration.clone()).unwrap();
    let server = api().with_introspection(introspection.danger_accept_missing_audience());
    let token = tokens.access_token().expose();
    let decision = AuthorizeRequest::new(Arc::new(server), bearer(token));
    (session, decision)
}

fn api() -> ResourceServer {
    let origin = "https://api.example";
    ResourceServer::new(origin, origin, Policy::default()).unwrap()
}

fn bearer(token: &str) -> ResourceRequest {
    let mut headers = HeaderMap::new();
    let authorization = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    headers.insert("authorization", authorization);
    ResourceRequest::new(&Method::GET, &Uri::from_static("/"), &headers)
}

#[test]
fn the_worst_case() {
    let ((world, ..), decision) = with_an_unknown_key();
    assert_eq!(worst(&world, decision, &[]), AUTHORIZE_REQUEST);
    let ((world, ..), decision) = with_an_opaque_token();
    assert_eq!(worst(&world, decision, &[]), AUTHORIZE_OPAQUE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn authorize_request(answers in answers()) {
        let ((world, ..), decision) = with_an_unknown_key();
        assert_within(drive(&world, decision, &answers), AUTHORIZE_REQUEST);
    }

    #[test]
    fn authorize_opaque(answers in answers()) {
        let ((world, ..), decision) = with_an_opaque_token();
        assert_within(drive(&world, decision, &answers), AUTHORIZE_OPAQUE);
    }
}
