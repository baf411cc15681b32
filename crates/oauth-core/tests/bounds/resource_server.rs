//! The bounds of the decision about a request to a protected resource.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Uri};
use jose::SignatureAlgorithm::ES256;
use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use oauth_core::resource_server::{AuthorizeRequest, ResourceRequest, ResourceServer};
use proptest::prelude::*;

use crate::drive::{Bounds, answers, assert_within, at_most, drive};
use crate::session::Session;
use crate::world::ISSUER;
use crate::{after_a_login_of, world};

const AUTHORIZE_REQUEST: Bounds = at_most(1, 0);

/// Returns a session whose keys are old, and the decision about a request with a token whose key is
/// not among them.
fn with_an_unknown_key() -> (Session, impl Operation) {
    let session = after_a_login_of(world());
    let (_, configuration, _) = &session;
    let header = ProtectedHeader::new(ES256).kid("unknown").typ("at+jwt");
    let claims = serde_json::json!({ "iss": ISSUER }).to_string();
    let key = SigningKey::generate(ES256).unwrap();
    let token = SigningInput::new(&header, claims.as_bytes()).sign(&key);
    let mut headers = HeaderMap::new();
    let authorization = format!("Bearer {}", token.unwrap());
    headers.insert(
        "authorization",
        HeaderValue::try_from(authorization).unwrap(),
    );
    let origin = "https://api.example";
    let server = ResourceServer::new(origin, origin, Policy::default()).unwrap();
    let server = server.with_issuer(configuration.server().clone()).unwrap();
    let request = ResourceRequest::new(&Method::GET, &Uri::from_static("/"), &headers);
    let decision = AuthorizeRequest::new(Arc::new(server), request);
    (session, decision)
}

#[test]
fn the_worst_case() {
    let ((world, ..), decision) = with_an_unknown_key();
    assert_eq!(drive(&world, decision, &[]), AUTHORIZE_REQUEST);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn authorize_request(answers in answers()) {
        let ((world, ..), decision) = with_an_unknown_key();
        assert_within(drive(&world, decision, &answers), AUTHORIZE_REQUEST);
    }
}
