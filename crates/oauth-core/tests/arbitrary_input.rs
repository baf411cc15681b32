//! Parsers read or refuse any document, token and response without a panic. The values that they
//! return have the properties that their types promise.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is a failed test"
)]

use std::time::Duration;

use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Response};
use jose::base64url;
use oauth_core::cache::{Cache, ExportedJwksCache};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    DiscoveryAlgorithm, DiscoveryEndpoint, Endpoint, ExpectedSubject, JsonOrJwt, JwksEndpoint,
    ProtectedResourceMetadataEndpoint, ResourceMetadataLocation, UserInfoEndpoint,
};
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::flow::VerifyIdToken;
use oauth_core::metadata::{ClientMetadata, ResourceIdentifier, Scope, ServerMetadata};
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use oauth_core::validate::{
    IdToken, IdTokenExpectations, NonceExpectation, PreviousIdToken, ResourceChallenge,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

const NOW: i64 = 1_700_000_000;

const RESOURCE: &str = "https://mcp.example/mcp";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_of_any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        let _ = ServerMetadata::from_json(&bytes);
        let _ = ClientMetadata::from_json(&bytes);
        let _ = ExportedJwksCache::from_json(&bytes);
    }

    #[test]
    fn key_sets_of_another_cache(version in 0..3, uat in any::<i64>(), now in any::<i64>(),
        keys in vec(object(&["kty", "crv", "x", "y", "n", "e", "kid", "use"]), 0..4)) {
        let jwks = serde_json::json!({ "keys": keys });
        let members = serde_json::json!({ "version": version, "jwks_uri": "u", "jwks": jwks, "uat": uat });
        let read = ExportedJwksCache::from_json(members.to_string().as_bytes());
        prop_assert_eq!(read.is_ok(), version == 1);
        if let Ok(exported) = read {
            let now = UnixTime::from_seconds(now);
            Cache::new().import_jwks(exported, now, Duration::MAX);
        }
    }

    #[test]
    fn documents_of_any_members(members in object(&["issuer", "client_id", "jwks_uri",
        "scopes_supported", "mtls_endpoint_aliases", "default_max_age", "jwks"])) {
        let json = Value::Object(members).to_string();
        if let Ok(server) = ServerMetadata::from_json(json.as_bytes()) {
            prop_assert!(!server.issuer.is_empty());
            // Writing a document and reading it again gives the same document.
            let written = Value::Object(server.to_json()).to_string();
            prop_assert_eq!(ServerMetadata::from_json(written.as_bytes()).unwrap(), server);
        }
        if let Ok(client) = ClientMetadata::from_json(json.as_bytes()) {
            let written = Value::Object(client.to_json()).to_string();
            prop_assert_eq!(ClientMetadata::from_json(written.as_bytes()).unwrap(), client);
        }
    }

    #[test]
    fn issuers_of_any_text(issuer in prop_oneof![any::<String>(), "https://[a-z/.%?#@:]{0,30}"]) {
        for algorithm in [DiscoveryAlgorithm::Oidc, DiscoveryAlgorithm::Oauth2] {
            if let Ok(discovery) = DiscoveryEndpoint::new(&issuer, algorithm, Policy::default()) {
                let url = discovery.request().unwrap().url;
                prop_assert_eq!(url.scheme(), "https");
                prop_assert!(url.path().contains("/.well-known/"));
                prop_assert_eq!(url.query(), None);
            }
        }
    }

    #[test]
    fn responses_of_any_bytes(status in 100_u16..600, body in vec(any::<u8>(), 0..200)) {
        let response = response(status, body);
        let now = UnixTime::from_seconds(NOW);
        let _ = discovery().response(now, &response);
        let _ = JwksEndpoint::new(configuration()).response(now, &response);
        let _ = user_info().response(now, &response);
    }

    #[test]
    fn responses_of_any_members(members in object(&["issuer", "keys", "sub", "address", "updated_at"])) {
        let response = response(200, Value::Object(members).to_string().into_bytes());
        let now = UnixTime::from_seconds(NOW);
        if let Ok(server) = discovery().response(now, &response) {
            prop_assert_eq!(server.issuer.trim_end_matches('/'), "https://op.example");
        }
        let _ = JwksEndpoint::new(configuration()).response(now, &response);
        if let Ok(JsonOrJwt::Json(user)) = user_info().response(now, &response) {
            prop_assert_eq!(user.sub(), "alice");
            let _ = (user.updated_at(), user.address().map(|address| address.country()));
        }
    }

    #[test]
    fn challenges_of_any_text(text in prop_oneof![
        "[ -~]{0,120}",
        "(Bearer|DPoP|Basic) ((resource_metadata|scope|error)=(\"[a-z:/. \\\\]{0,20}\"|[a-z]{1,5}),? ?){0,4}",
    ]) {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, text.parse().unwrap());
        if let Ok(challenge) = ResourceChallenge::of_response(&headers)
            && let Some(scope) = challenge.scope()
        {
            let again = Scope::parse(&scope.to_string());
            prop_assert_eq!(again.as_ref(), Some(scope));
        }
    }

    #[test]
    fn resource_metadata_of_any_members(mut members in object(&["resource",
        "authorization_servers", "scopes_supported", "dpop_bound_access_tokens_required"]),
        servers in vec("https?://[a-z]{1,5}(\\?x|#y|/z)?", 0..20)) {
        members.insert("resource".to_owned(), RESOURCE.into());
        members.insert("authorization_servers".to_owned(), servers.into());
        let policy = Policy::default();
        let resource = ResourceIdentifier::new(RESOURCE, &policy).unwrap();
        let location = ResourceMetadataLocation::WellKnown;
        let endpoint = ProtectedResourceMetadataEndpoint::new(resource, location, policy).unwrap();
        let body = Value::Object(members).to_string().into_bytes();
        let now = UnixTime::from_seconds(NOW);
        if let Ok(metadata) = endpoint.response(now, &response(200, body)) {
            let servers = metadata.authorization_servers.unwrap();
            prop_assert!((1..=16).contains(&servers.len()));
            for server in servers {
                prop_assert!(server.starts_with("https://") && !server.contains(['?', '#']));
            }
        }
    }

    #[test]
    fn tokens_of_any_text(token in prop_oneof![any::<String>(), "[A-Za-z0-9_.-]{0,80}"]) {
        prop_assert!(verify(token, login(), true).is_none());
    }

    #[test]
    fn claims_of_any_kind(claims in claims(), previous in claims(), refresh in any::<bool>()) {
        let expectations = if refresh {
            IdTokenExpectations::refresh(PreviousIdToken::from_claims(previous).ok())
        } else {
            login()
        };
        let header = base64url::encode(br#"{"alg":"RS256"}"#);
        let payload = base64url::encode(Value::Object(claims.clone()).to_string().as_bytes());
        let token = format!("{header}.{payload}.AAAA");
        // An unsigned token is never accepted. With the signature check switched off, it is
        // accepted only if all claims are right.
        prop_assert!(verify(token.clone(), expectations.clone(), true).is_none());
        if let Some(id_token) = verify(token, expectations, false) {
            prop_assert_eq!(id_token.iss(), "https://op.example");
            prop_assert!(!id_token.sub().is_empty());
            prop_assert!(id_token.aud().iter().any(|aud| aud == "app"));
            prop_assert!(id_token.exp().seconds() > NOW - 30);
            prop_assert!(id_token.iat().seconds() <= NOW + 30);
            prop_assert!(refresh || id_token.nonce() == Some("n-1"));
            prop_assert_eq!(id_token.claims(), &claims);
        }
    }
}

/// The strategy for claims produces tokens that are accepted. Otherwise the assertions about them
/// would test nothing.
#[test]
fn the_inputs_contain_acceptable_claims() {
    let claims = serde_json::json!({
        "iss": "https://op.example", "sub": "alice", "aud": "app",
        "exp": NOW, "iat": NOW, "nonce": "n-1",
    });
    let header = base64url::encode(br#"{"alg":"RS256"}"#);
    let payload = base64url::encode(claims.to_string().as_bytes());
    let token = format!("{header}.{payload}.AAAA");
    assert!(verify(token, login(), false).is_some());
}

/// Generates any JSON value.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((".{0,6}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Generates an object with some of these members. Its values are often those that other members
/// require.
fn object(names: &'static [&'static str]) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof![
        4 => proptest::sample::select(names).prop_map(str::to_owned),
        1 => ".{0,6}",
    ];
    let value = prop_oneof![
        Just(Value::from("https://op.example")),
        Just(Value::from("alice")),
        value(),
    ];
    vec((name, value), 0..8).prop_map(|members| members.into_iter().collect())
}

/// Generates the claims of a valid token, some of them replaced.
fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let likely =
        |values: Vec<Value>| prop_oneof![6 => proptest::sample::select(values), 1 => value()];
    let time = || {
        let near = (-40_i64..40).prop_map(|offset| Value::from(NOW + offset));
        prop_oneof![6 => near, 1 => value()]
    };
    let required = (
        likely(vec!["https://op.example".into()]),
        likely(vec!["alice".into(), "".into()]),
        likely(vec![
            "app".into(),
            vec!["app"].into(),
            vec!["app", "api"].into(),
        ]),
        time(),
        time(),
    );
    let optional = (
        proptest::option::of(likely(vec!["n-1".into()])),
        proptest::option::weighted(0.3, likely(vec!["app".into(), "api".into()])),
        proptest::option::weighted(0.3, time()),
        proptest::option::weighted(0.3, time()),
    );
    (required, optional).prop_map(
        |((iss, sub, aud, exp, iat), (nonce, azp, nbf, auth_time))| {
            let required = [
                ("iss", iss),
                ("sub", sub),
                ("aud", aud),
                ("exp", exp),
                ("iat", iat),
            ];
            let optional = [
                ("nonce", nonce),
                ("azp", azp),
                ("nbf", nbf),
                ("auth_time", auth_time),
            ];
            let optional = optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            let members = required.into_iter().chain(optional);
            members
                .map(|(name, value)| (name.to_owned(), value))
                .collect()
        },
    )
}

fn configuration() -> Configuration {
    let mut server = ServerMetadata::new("https://op.example");
    server.jwks_uri = Some("https://op.example/jwks".to_owned());
    server.userinfo_endpoint = Some("https://op.example/userinfo".to_owned());
    Configuration::new(server, ClientMetadata::new("app"), Policy::default()).unwrap()
}

fn discovery() -> DiscoveryEndpoint {
    let issuer = "https://op.example";
    DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, Policy::default()).unwrap()
}

fn user_info() -> UserInfoEndpoint {
    let subject = ExpectedSubject::Equals("alice".to_owned());
    UserInfoEndpoint::new(configuration(), "at-1", subject)
}

fn login() -> IdTokenExpectations {
    IdTokenExpectations::login(NonceExpectation::Equals("n-1".into()), None)
}

fn response(status: u16, body: Vec<u8>) -> Response<Bytes> {
    let response = Response::builder().status(status);
    response.body(Bytes::from(body)).unwrap()
}

/// Verifies an ID Token of a server that publishes no keys.
fn verify(token: String, expectations: IdTokenExpectations, signature: bool) -> Option<IdToken> {
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = !signature;
    let configuration = configuration().with_policy(policy);
    let cache = Cache::new();
    let mut env = Env {
        now: UnixTime::from_seconds(NOW),
        elapsed: Duration::ZERO,
        entropy: &NoEntropy,
        cache: &cache,
    };
    let mut operation = VerifyIdToken::new(configuration, token, expectations);
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut env, event).ok()? {
            Action::Send(_) => Event::Received(response(200, br#"{"keys":[]}"#.to_vec())),
            Action::Done(id_token) => return Some(id_token),
            action => panic!("{action:?}"),
        };
    }
}

struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), EntropyFault> {
        Err(EntropyFault)
    }
}
