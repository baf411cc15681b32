//! Opaque tokens, and the responses about them.

mod cached;
mod jwt;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use super::*;
use crate::error::{Misuse, TimestampRule};
use crate::metadata::ClientMetadata;
use crate::resource_server::{Introspection, MemoryReplayStore};
use crate::testing::script::form;

const ISSUER: &str = "https://op.example";

fn introspection_of(client: ClientMetadata) -> Introspection {
    let algorithms = Some(vec!["ES256".to_owned()]);
    let setup = testing::setup().client_metadata(client);
    let setup = setup.server(|it| it.introspection_signing_alg_values_supported = algorithms);
    Introspection::new(setup.build()).unwrap()
}

fn introspection() -> Introspection {
    introspection_of(ClientMetadata::new("api"))
}

/// A resource server that only introspects.
fn asking(introspection: Introspection) -> ResourceServer {
    let server = ResourceServer::new(RESOURCE, "https://api.example", Policy::default());
    server.unwrap().with_introspection(introspection)
}

/// The response about a good token.
fn active() -> Value {
    json!({
        "active": true,
        "iss": ISSUER,
        "aud": [RESOURCE, "other"],
        "sub": "alice",
        "client_id": "app",
        "scope": "read write",
        "token_type": "Bearer",
        "exp": NOW + 300,
        "iat": NOW,
    })
}

/// The authorization server: it answers, and counts the requests.
struct Asked {
    server: Arc<ResourceServer>,
    cache: Cache,
    body: RefCell<Value>,
    media_type: &'static str,
    requests: Cell<usize>,
    forms: RefCell<Vec<String>>,
}

impl Asked {
    fn new(server: ResourceServer, body: Value) -> Self {
        Self {
            server: Arc::new(server),
            cache: Cache::new(),
            body: RefCell::new(body),
            media_type: "application/json",
            requests: Cell::new(0),
            forms: RefCell::default(),
        }
    }

    fn decide(&self, request: ResourceRequest) -> Result<Authorized, Error> {
        self.decide_at(NOW, 0, request)
    }

    fn decide_at(
        &self,
        now: i64,
        elapsed: u64,
        request: ResourceRequest,
    ) -> Result<Authorized, Error> {
        let mut operation = AuthorizeRequest::new(Arc::clone(&self.server), request);
        let mut event = Event::Begin;
        loop {
            match operation.step(&mut env(now, elapsed, &self.cache), event)? {
                Action::Send(outbound) if outbound.request.uri().path() == "/introspect" => {
                    self.requests.set(self.requests.get().saturating_add(1));
                    self.forms.borrow_mut().push(form(&outbound).encode());
                    let body = self.body.borrow();
                    let body = body
                        .as_str()
                        .map_or_else(|| body.to_string(), str::to_owned);
                    let mut response = response(200, body);
                    let media_type = HeaderValue::from_static(self.media_type);
                    response.headers_mut().insert("content-type", media_type);
                    event = Event::Received(response);
                }
                Action::Send(_) => event = Event::Received(response(200, key_set(&[&SERVER_KEY]))),
                Action::Done(output) => return Ok(output),
                _ => panic!("another action"),
            }
        }
    }
}

fn answered(body: Value) -> Result<Authorized, Error> {
    Asked::new(asking(introspection()), body).decide(bearer("opaque"))
}

#[test]
fn an_active_token_passes() {
    let asked = Asked::new(asking(introspection()), active());
    let token = asked.decide(bearer("opaque")).unwrap().access_token;
    assert_eq!((token.iss(), token.sub()), (ISSUER, Some("alice")));
    assert_eq!(token.client_id(), Some("app"));
    assert_eq!(token.exp(), Some(UnixTime::from_seconds(NOW + 300)));
    assert_eq!(token.scope(), ["read", "write"]);
    assert!(token.require_scope(&["read", "admin"]).is_err());
    let sent = "token_type_hint=access_token&token=opaque&client_id=api";
    assert_eq!(*asked.forms.borrow(), [sent]);
    // By default each request asks.
    asked.decide(bearer("opaque")).unwrap();
    assert_eq!(asked.requests.get(), 2);
}

#[test]
fn optional_members_may_be_absent() {
    let body = json!({"active": true, "aud": RESOURCE, "sub": null, "exp": null});
    let token = answered(body).unwrap().access_token;
    assert_eq!(
        (token.iss(), token.sub(), token.exp()),
        (ISSUER, None, None)
    );
    assert_eq!((token.client_id(), token.jti()), (None, None));
    assert!(token.scope().is_empty() && token.authorization_details().is_empty());
}

#[test]
fn each_member_is_checked() {
    let of = |member: &str, value: Value| answered(with(&active(), &[(member, value)]));
    let at = Artefact::AccessToken;
    let expired = timestamp("exp", NOW - 30, TimestampRule::Expired);
    let details = "an array of objects with a type";
    assert_refused(vec![
        (
            "inactive",
            answered(json!({"active": false})),
            at,
            mismatch("active", Some(("true", "false"))),
        ),
        (
            "inactive, with members",
            of("active", json!(false)),
            at,
            mismatch("active", Some(("true", "false"))),
        ),
        (
            "another issuer",
            of("iss", json!("https://other.example")),
            at,
            mismatch("iss", Some((ISSUER, "https://other.example"))),
        ),
        ("no audience", of("aud", Value::Null), at, missing("aud")),
        (
            "an empty audience",
            of("aud", json!([])),
            at,
            missing("aud"),
        ),
        (
            "another audience",
            of("aud", json!("https://api.example")),
            at,
            mismatch("aud", Some((RESOURCE, "https://api.example"))),
        ),
        ("expired", of("exp", json!(NOW - 30)), at, expired),
        (
            "not valid yet",
            of("nbf", json!(NOW + 31)),
            at,
            timestamp("nbf", NOW + 31, TimestampRule::NotYetValid),
        ),
        (
            "issued in the future",
            of("iat", json!(NOW + 31)),
            at,
            timestamp("iat", NOW + 31, TimestampRule::InTheFuture),
        ),
        (
            "a refresh token",
            of("token_type", json!("refresh_token")),
            at,
            Reason::UnsupportedTokenType {
                expected: "Bearer or DPoP",
                found: "refresh_token".to_owned(),
            },
        ),
        (
            "bound, and not said to which key",
            of("token_type", json!("DPoP")),
            at,
            missing("cnf.jkt"),
        ),
        (
            "bound in an unknown way",
            of("cnf", json!({"kid": "k"})),
            at,
            missing("cnf.jkt"),
        ),
        (
            "bound to no text",
            of("cnf", json!({"jkt": 7})),
            at,
            ill_typed("cnf.jkt", "a string", "number"),
        ),
        (
            "a client without a name",
            of("client_id", json!("")),
            at,
            ill_typed("client_id", "a string that is not empty", "an empty string"),
        ),
        (
            "a login in the future",
            of("auth_time", json!(NOW + 31)),
            at,
            timestamp("auth_time", NOW + 31, TimestampRule::InTheFuture),
        ),
        (
            "an ill-typed class",
            of("acr", json!(["mfa"])),
            Artefact::IntrospectionResponse,
            ill_typed("acr", "a string", "array"),
        ),
        (
            "details without a type",
            of("authorization_details", json!([{"actions": []}])),
            at,
            ill_typed("authorization_details", details, "array"),
        ),
        (
            "an ill-typed response",
            of("active", json!("true")),
            Artefact::IntrospectionResponse,
            ill_typed("active", "a boolean", "string"),
        ),
        (
            "a null binding",
            Asked::new(asking(introspection()), {
                let mut body = active();
                body["cnf"] = Value::Null;
                body
            })
            .decide(bearer("opaque")),
            Artefact::IntrospectionResponse,
            ill_typed("cnf", "an object", "null"),
        ),
    ]);
}

#[test]
fn a_missing_audience_is_accepted_by_choice_and_another_one_never() {
    let server = || asking(introspection().danger_accept_missing_audience());
    let without = with(&active(), &[("aud", Value::Null)]);
    Asked::new(server(), without)
        .decide(bearer("opaque"))
        .unwrap();
    let other = with(&active(), &[("aud", json!("other"))]);
    assert_refused(vec![(
        "another audience",
        Asked::new(server(), other).decide(bearer("opaque")),
        Artefact::AccessToken,
        mismatch("aud", Some((RESOURCE, "other"))),
    )]);
}

#[test]
fn a_signed_response_is_for_this_client_alone() {
    let of = |aud: &str, typ: &str| {
        let mut client = ClientMetadata::new("api");
        client.introspection_signed_response_alg = Some("ES256".into());
        let claims = json!({
            "iss": ISSUER,
            "aud": aud,
            "iat": NOW,
            "token_introspection": active(),
        });
        let jwt = json!(typed(Some(typ), &claims));
        let mut asked = Asked::new(asking(introspection_of(client)), jwt);
        asked.media_type = "application/token-introspection+jwt";
        asked.decide(bearer("opaque"))
    };
    let typ = "token-introspection+jwt";
    assert_eq!(of("api", typ).unwrap().access_token.sub(), Some("alice"));
    let at = Artefact::IntrospectionResponse;
    assert_refused(vec![
        (
            "for another client",
            of("other", typ),
            at,
            mismatch("aud", Some(("api", "other"))),
        ),
        (
            "another kind of JWT",
            of("api", "at+jwt"),
            at,
            Reason::TokenType {
                expected: typ,
                found: "at+jwt".to_owned(),
            },
        ),
    ]);
}

#[test]
fn the_server_is_at_fault_where_its_response_is_wrong() {
    let server = asking(introspection());
    for (body, status) in [(json!({"active": false}), 401), (json!({}), 503)] {
        let refused = answered(body).unwrap_err();
        let answer = server.answer(None, &refused.into(), UnixTime::from_seconds(NOW));
        assert_eq!(answer.status(), status);
    }
}

#[test]
fn settings_are_checked() {
    let setup = testing::setup().server(|it| it.introspection_endpoint = None);
    assert!(matches!(
        Introspection::new(setup.build()),
        Err(Error::Metadata(_))
    ));
    for (seconds, entries) in [(0, 1), (3601, 1), (60, 0)] {
        assert!(matches!(
            introspection().with_cache(Duration::from_secs(seconds), entries),
            Err(Error::Misuse(Misuse::InvalidArgument { .. }))
        ));
    }
    let full = Arc::new(MemoryReplayStore::new(0));
    let body = with(&active(), &[("cnf", json!({"jkt": thumbprint()}))]);
    let server = asking(introspection()).with_replay_store(full);
    assert_refused(vec![(
        "a full store",
        Asked::new(server, body).decide(dpop("opaque", &proof(&proof_claims("opaque")))),
        Artefact::DPoPProof,
        Reason::ReplayStoreFull,
    )]);
}
