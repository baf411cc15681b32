use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::*;
use crate::challenge::Challenge;
use crate::error::{NoAnswer, Unanswered};
use crate::names::EndpointName;
use crate::policy::ClockSkew;
use crate::resource_server::{AuthorizationScheme, DPoPNonces, MemoryReplayStore, Refusal};
use crate::secret::Secret;
use crate::time::UnixTime;

fn answer(
    server: &ResourceServer,
    scheme: Option<AuthorizationScheme>,
    refusal: impl Into<Refusal>,
) -> Response<Bytes> {
    let response = server.answer(scheme, &refusal.into(), UnixTime::from_seconds(NOW));
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.body().is_empty());
    response
}

/// The schemes of the challenges, each with its error.
fn errors(response: &Response<Bytes>) -> Vec<(String, Option<String>)> {
    let challenges = Challenge::of_response(response.headers()).into_iter();
    challenges
        .map(|it| (it.scheme.clone(), it.error().map(str::to_owned)))
        .collect()
}

fn expected(dpop: Option<&str>, bearer: Option<&str>) -> Vec<(String, Option<String>)> {
    let of = |scheme: &str, error: Option<&str>| (scheme.to_owned(), error.map(str::to_owned));
    vec![of("dpop", dpop), of("bearer", bearer)]
}

#[test]
fn each_refusal_has_its_status_and_error() {
    let server = server();
    let token = access_token(&bound());
    let unbound = access_token(&good());
    let expired = access_token(&with(&good(), &[("exp", json!(NOW - 31))]));
    let value = format!("Bearer {unbound}");
    let full = server.clone().with_replay_store(MemoryReplayStore::new(0));
    let proof = proof(&proof_claims(&token));
    for (server, request, status, errors_found) in [
        (&server, request(&[], &[]), 401, expected(None, None)),
        (
            &server,
            request(&["Basic YTpi"], &[]),
            401,
            expected(None, None),
        ),
        (
            &server,
            request(&[&value, &value], &[]),
            400,
            expected(None, Some("invalid_request")),
        ),
        (
            &server,
            bearer(&expired),
            401,
            expected(None, Some("invalid_token")),
        ),
        (
            &server,
            bearer(&token),
            401,
            expected(None, Some("invalid_token")),
        ),
        (
            &server,
            dpop(&unbound, &proof),
            401,
            expected(Some("invalid_token"), None),
        ),
        (
            &server,
            dpop(&token, "x"),
            401,
            expected(Some("invalid_dpop_proof"), None),
        ),
        (&full, dpop(&token, &proof), 503, vec![]),
    ] {
        let scheme = request.scheme();
        let error = decide(server, request).unwrap_err();
        let shown = error.to_string();
        let response = answer(server, scheme, error);
        assert_eq!(response.status(), status, "{shown}");
        assert_eq!(errors(&response), errors_found, "{shown}");
        assert!(!response.headers().contains_key("dpop-nonce"));
    }
}

#[test]
fn keys_that_cannot_be_fetched_are_the_fault_of_no_client() {
    let unanswered = Unanswered {
        endpoint: EndpointName::Jwks,
        reason: NoAnswer::TimedOut {
            deadline: Duration::from_secs(30),
        },
        source: None,
    };
    let response = answer(
        &server(),
        Some(AuthorizationScheme::Bearer),
        Error::from(unanswered),
    );
    assert_eq!(response.status(), 503);
    assert_eq!(errors(&response), []);
}

#[test]
fn the_next_request_for_keys_has_a_time() {
    let mut other = testing::server();
    other.issuer = "https://other.example".to_owned();
    other.jwks_uri = Some("https://other.example/jwks".to_owned());
    let server = Arc::new(server().with_issuer(other).unwrap());
    let cache = Cache::new();
    let seconds = Duration::from_secs;
    assert_eq!(server.retry_after(&cache, seconds(0)), None);
    let fail = |iss: &str, at| {
        let claims = with(&good(), &[("iss", json!(iss))]);
        let request = bearer(&access_token(&claims));
        let mut operation = AuthorizeRequest::new(Arc::clone(&server), request);
        let action = operation.step(&mut env(NOW, at, &cache), Event::Begin);
        assert!(matches!(action, Ok(Action::Send(_))), "{action:?}");
        let refused = Event::Received(testing::response(500, ""));
        operation
            .step(&mut env(NOW, at, &cache), refused)
            .unwrap_err();
    };
    fail("https://op.example", 0);
    fail("https://op.example", 1);
    fail("https://other.example", 1);
    // The longer one of two seconds and one.
    assert_eq!(server.retry_after(&cache, seconds(1)), Some(seconds(2)));
    assert_eq!(server.retry_after(&cache, seconds(2)), Some(seconds(1)));
    assert_eq!(server.retry_after(&cache, seconds(3)), None);
}

#[test]
fn a_missing_nonce_is_supplied() {
    let nonces = DPoPNonces::new(&[Secret::new(vec![7; 32])], Duration::from_secs(60)).unwrap();
    let nonce = nonces.current(UnixTime::from_seconds(NOW)).unwrap();
    let server = server().with_nonces(nonces).require_dpop();
    let token = access_token(&bound());
    let error = decide(&server, dpop(&token, &proof(&proof_claims(&token)))).unwrap_err();
    let response = answer(&server, Some(AuthorizationScheme::DPoP), error);
    assert_eq!(response.status(), 401);
    let only = vec![("dpop".to_owned(), Some("use_dpop_nonce".to_owned()))];
    assert_eq!(errors(&response), only);
    assert_eq!(response.headers()["dpop-nonce"], nonce);
    let claims = with(&proof_claims(&token), &[("nonce", json!(nonce))]);
    decide(&server, dpop(&token, &proof(&claims))).unwrap();
}

#[test]
fn the_parameters_of_challenges() {
    let metadata = "https://api.example/.well-known/oauth-protected-resource";
    let server = server()
        .with_algorithms(&[ES256, jose::SignatureAlgorithm::PS256])
        .unwrap()
        .with_resource_metadata(metadata)
        .unwrap();
    let refusal = Refusal::InsufficientScope {
        scope: vec!["read".to_owned(), "a\"\r\nb".to_owned()],
    };
    let response = answer(&server, Some(AuthorizationScheme::Bearer), refusal);
    assert_eq!(response.status(), 403);
    let challenges = Challenge::of_response(response.headers());
    let [dpop, bearer] = challenges.as_slice() else {
        panic!("{challenges:?}");
    };
    assert_eq!((dpop.error(), dpop.algs()), (None, Some("ES256 PS256")));
    assert_eq!(dpop.resource_metadata(), Some(metadata));
    assert_eq!(bearer.error(), Some("insufficient_scope"));
    assert!(bearer.error_description().is_some());
    assert_eq!(bearer.scope(), Some("read ab"));
    assert_eq!(bearer.resource_metadata(), Some(metadata));
}

#[test]
fn a_token_grants_its_scope_and_no_more() {
    let token = decide(&server(), bearer(&access_token(&good()))).unwrap();
    let token = token.access_token;
    for granted in [&[][..], &["read"], &["write", "read"]] {
        token.require_scope(granted).unwrap();
    }
    for missing in [&["rea"][..], &["read", "admin"], &["read write"], &[""]] {
        match token.require_scope(missing) {
            Err(Refusal::InsufficientScope { scope }) => assert_eq!(scope, missing),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_token_grants_its_authorization_details_and_no_more() {
    let details = json!([{"type": "payment", "limit": 10}, {"type": "account"}]);
    let claims = with(&good(), &[("authorization_details", details)]);
    let token = decide(&server(), bearer(&access_token(&claims))).unwrap();
    let token = token.access_token;
    assert_eq!(token.authorization_details().len(), 2);
    let require = |detail_type, limit: u64| {
        token.require_authorization_detail(detail_type, |it| {
            it.get("limit").and_then(Value::as_u64) >= Some(limit)
        })
    };
    require("payment", 10).unwrap();
    for (detail_type, limit) in [("payment", 11), ("account", 10), ("other", 0)] {
        let refusal = require(detail_type, limit).unwrap_err();
        let response = answer(&server(), Some(AuthorizationScheme::Bearer), refusal);
        assert_eq!(response.status(), 403);
        assert_eq!(
            errors(&response),
            expected(None, Some("insufficient_scope"))
        );
        let challenges = Challenge::of_response(response.headers());
        assert!(challenges.iter().all(|it| it.scope().is_none()));
    }
}

#[test]
fn a_login_suffices_by_its_class_and_its_age() {
    let claims = with(
        &good(),
        &[("acr", json!("mfa")), ("auth_time", json!(NOW - 60))],
    );
    let token = decide(&server(), bearer(&access_token(&claims))).unwrap();
    let bare = decide(&server(), bearer(&access_token(&good()))).unwrap();
    // The clock of this machine is an hour ahead.
    let mut policy = Policy::default();
    let skew = ClockSkew::Ahead(Duration::from_secs(3600));
    policy.set_clock_skew(skew).unwrap();
    let skewed = ResourceServer::new(RESOURCE, "https://api.example", policy)
        .and_then(|server| server.with_issuer(testing::server()))
        .unwrap();
    let hour_ago = |claim: &'static str| (claim, json!(NOW - 3660));
    let claims = with(&claims, &[hour_ago("iat"), hour_ago("auth_time")]);
    let skewed = decide(&skewed, bearer(&access_token(&claims))).unwrap();
    let now = UnixTime::from_seconds(NOW);
    for (token, acr_values, max_age, suffices) in [
        (&token, &[][..], None, true),
        (&token, &["phr", "mfa"], Some(60), true),
        (&token, &["phr"], None, false),
        (&token, &[], Some(59), false),
        (&bare, &[], None, true),
        (&bare, &["mfa"], None, false),
        (&bare, &[], Some(60), false),
        (&skewed, &[], Some(60), true),
        (&skewed, &[], Some(59), false),
    ] {
        let age = max_age.map(Duration::from_secs);
        let result = token
            .access_token
            .require_authentication(acr_values, age, now);
        let Err(refusal) = result else {
            assert!(suffices, "{acr_values:?} {max_age:?}");
            continue;
        };
        assert!(!suffices, "{acr_values:?} {max_age:?}");
        let response = answer(&server(), Some(AuthorizationScheme::Bearer), refusal);
        assert_eq!(response.status(), 401);
        let challenges = Challenge::of_response(response.headers());
        let bearer = challenges.last().unwrap();
        assert_eq!(bearer.error(), Some("insufficient_user_authentication"));
        let seconds = max_age.map(|seconds| seconds.to_string());
        assert_eq!(bearer.parameter("max_age"), seconds.as_deref());
        let classes = Some(acr_values.join(" ")).filter(|classes| !classes.is_empty());
        assert_eq!(bearer.parameter("acr_values"), classes.as_deref());
    }
}
