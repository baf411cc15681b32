mod access_token;
mod answer;
mod introspection;
mod issuers;
mod journey;
mod proof;
mod request;
mod settings;
mod stores;
mod target;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Uri};
use jose::SignatureAlgorithm::ES256;
use jose::jws::ProtectedHeader;
use jose::{HashAlgorithm, SigningKey, base64url};
use serde_json::{Value, json};

use crate::cache::Cache;
use crate::error::{Artefact, Error, Reason};
use crate::operation::{Action, Event, Operation};
use crate::policy::Policy;
use crate::resource_server::{AuthorizeRequest, Authorized, ResourceRequest, ResourceServer};
use crate::testing::{self, NOW, SERVER_KEY, env, key_set, response, sign_with};
use crate::time::UnixTime;

const RESOURCE: &str = "https://api.example/";

/// The key that the tests' tokens are bound to.
static CLIENT_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(ES256).unwrap());

fn server() -> ResourceServer {
    ResourceServer::new(RESOURCE, "https://api.example", Policy::default())
        .unwrap()
        .with_issuer(testing::server())
        .unwrap()
}

/// The claims of a good access token.
fn good() -> Value {
    json!({
        "iss": "https://op.example",
        "sub": "alice",
        "aud": RESOURCE,
        "client_id": "app",
        "exp": NOW + 300,
        "iat": NOW,
        "jti": "t-1",
        "scope": "read write",
    })
}

fn thumbprint() -> String {
    CLIENT_KEY.public_jwk().unwrap().thumbprint()
}

/// The claims of a good access token that is bound to [`CLIENT_KEY`].
fn bound() -> Value {
    with(&good(), &[("cnf", json!({ "jkt": thumbprint() }))])
}

/// The claims with these changes; a claim that is null is left out.
fn with(claims: &Value, changes: &[(&str, Value)]) -> Value {
    let mut claims = claims.clone();
    for (claim, value) in changes {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(*claim)),
            value => claims[claim] = value.clone(),
        }
    }
    claims
}

fn typed(typ: Option<&str>, claims: &Value) -> String {
    let header = ProtectedHeader::new(ES256).kid("k1");
    let header = match typ {
        Some(typ) => header.typ(typ),
        None => header,
    };
    sign_with(&SERVER_KEY, &header, claims)
}

fn access_token(claims: &Value) -> String {
    typed(Some("at+jwt"), claims)
}

fn hash(text: &[u8]) -> String {
    base64url::encode(&HashAlgorithm::Sha256.digest(text))
}

/// The claims of a good proof for `GET /items?page=2` with this access token.
fn proof_claims(access_token: &str) -> Value {
    json!({
        "jti": "p-1",
        "htm": "GET",
        "htu": "https://api.example/items",
        "iat": NOW,
        "ath": hash(access_token.as_bytes()),
    })
}

fn proof_header() -> ProtectedHeader {
    ProtectedHeader::new(ES256)
        .typ("dpop+jwt")
        .jwk(&CLIENT_KEY.public_jwk().unwrap())
}

fn proof(claims: &Value) -> String {
    sign_with(&CLIENT_KEY, &proof_header(), claims)
}

/// `GET /items?page=2` with these `Authorization` and `DPoP` headers.
fn request(authorization: &[&str], proofs: &[&str]) -> ResourceRequest {
    let mut headers = HeaderMap::new();
    for (name, values) in [("authorization", authorization), ("dpop", proofs)] {
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
    }
    let uri = Uri::from_static("/items?page=2");
    ResourceRequest::new(&Method::GET, &uri, &headers)
}

fn bearer(token: &str) -> ResourceRequest {
    request(&[&format!("Bearer {token}")], &[])
}

fn dpop(token: &str, proof: &str) -> ResourceRequest {
    request(&[&format!("DPoP {token}")], &[proof])
}

fn decide(server: &ResourceServer, request: ResourceRequest) -> Result<Authorized, Error> {
    decide_at(NOW, server, request)
}

fn decide_at(
    now: i64,
    server: &ResourceServer,
    request: ResourceRequest,
) -> Result<Authorized, Error> {
    let cache = Cache::new();
    let mut operation = AuthorizeRequest::new(Arc::new(server.clone()), request);
    let mut event = Event::Begin;
    loop {
        match operation.step(&mut env(now, 0, &cache), event)? {
            Action::Send(_) => event = Event::Received(response(200, key_set(&[&SERVER_KEY]))),
            Action::Done(output) => return Ok(output),
            _ => panic!("another action"),
        }
    }
}

/// A request that must be refused: its name, the decision, and the artefact and reason.
type Row = (&'static str, Result<Authorized, Error>, Artefact, Reason);

/// Asserts that every row is refused for its reason, and shows all rows that are not.
#[track_caller]
fn assert_refused(rows: Vec<Row>) {
    let wrong: Vec<_> = rows
        .into_iter()
        .filter_map(|(name, decision, artefact, reason)| match decision {
            Err(Error::Rejected(it)) if it.artefact == artefact && it.reason == reason => None,
            other => Some(format!("{name}: {other:?}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn missing(member: &'static str) -> Reason {
    Reason::Missing {
        member: member.into(),
    }
}

fn ill_typed(member: &'static str, expected: &'static str, found: &str) -> Reason {
    Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    }
}

fn mismatch(claim: &'static str, values: Option<(&str, &str)>) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: values.map(|(expected, _)| expected.to_owned()),
        found: values.map(|(_, found)| found.to_owned()),
    }
}

fn timestamp(claim: &'static str, found: i64, rule: crate::error::TimestampRule) -> Reason {
    Reason::Timestamp {
        claim,
        found,
        rule,
        now: NOW,
        tolerance: Duration::from_secs(30),
    }
}
