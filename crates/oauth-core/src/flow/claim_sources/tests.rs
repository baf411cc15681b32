use jose::jws::ProtectedHeader;
use serde_json::{Map, Value, json};

use super::*;
use crate::metadata::ServerMetadata;
use crate::names::EndpointName;
use crate::outbound::ResponseBody;
use crate::testing::script::{Script, received};
use crate::testing::{self, NOW, SERVER_KEY, key_set, sign, sign_with};
use crate::validate::UnverifiedClaimSource;

const PROVIDER: &str = "https://claims.example";

fn provider() -> ClaimsProvider {
    let mut server = ServerMetadata::new(PROVIDER);
    server.jwks_uri = Some("https://claims.example/jwks".to_owned());
    let configuration =
        Configuration::new(server, ClientMetadata::new("app"), Policy::default()).unwrap();
    ClaimsProvider::new(configuration, [SignatureAlgorithm::ES256]).unwrap()
}

fn claims() -> Value {
    json!({"iss": PROVIDER, "address": {"country": "NL"}, "sub": "someone", "email": "x@y.example"})
}

fn changed(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// The claims of a user whose `address` and `phone_number` come from this source.
fn referring_to(source: &Value) -> Map<String, Value> {
    let claims = json!({
        "sub": "alice",
        "_claim_names": {"address": "one", "phone_number": "one"},
        "_claim_sources": {"one": source},
    });
    claims.as_object().unwrap().clone()
}

fn only(source: &Value) -> UnverifiedClaimSource {
    let mut sources = UnverifiedClaimSource::all(&referring_to(source)).unwrap();
    assert_eq!(sources.len(), 1);
    sources.remove(0)
}

fn aggregated(jwt: &str) -> Script<VerifyAggregatedClaims> {
    let UnverifiedClaimSource::Aggregated(source) = only(&json!({"JWT": jwt})) else {
        panic!("not aggregated");
    };
    assert_eq!(source.names(), ["address", "phone_number"]);
    Script::new(VerifyAggregatedClaims::new(&source, &[provider()]))
}

fn distributed(source: &Value, policy: Policy) -> Script<FetchDistributedClaims> {
    let UnverifiedClaimSource::Distributed(source) = only(source) else {
        panic!("not distributed");
    };
    Script::new(FetchDistributedClaims::new(source, &[provider()], policy))
}

fn keys() -> Event {
    received(200, key_set(&[&SERVER_KEY]))
}

#[track_caller]
fn reason(artefact: Artefact, error: Error) -> Reason {
    match error {
        Error::Rejected(rejection) => {
            assert_eq!(rejection.artefact, artefact);
            rejection.reason.clone()
        }
        other => panic!("{other:?}"),
    }
}

/// The reason why a JWT is refused before a key is fetched.
#[track_caller]
fn refused_unfetched(jwt: &str) -> Reason {
    reason(Artefact::SourcedClaims, aggregated(jwt).fails(Event::Begin))
}

/// The reason why a JWT is refused after its key was fetched.
#[track_caller]
fn refused(jwt: &str) -> Reason {
    let mut script = aggregated(jwt);
    let sent = script.sends(Event::Begin);
    assert_eq!(sent.request.uri(), "https://claims.example/jwks");
    reason(Artefact::SourcedClaims, script.fails(keys()))
}

#[test]
fn aggregated_claims_of_a_listed_provider_are_verified() {
    let mut script = aggregated(&sign(&claims()));
    script.sends(Event::Begin);
    let verified = script.done(keys());
    assert_eq!(verified.iss(), PROVIDER);
    // The server named `address` and `phone_number` for this source, and nothing else.
    let expected = json!({"address": {"country": "NL"}});
    assert_eq!(Value::Object(verified.claims().clone()), expected);
    testing::assert_finished(&mut script.operation);
    // What may be present is right.
    for (name, value) in [
        ("aud", json!(["other", "app"])),
        ("exp", json!(NOW + 60)),
        ("nbf", json!(NOW)),
        ("iat", json!(NOW)),
    ] {
        let mut script = aggregated(&sign(&changed(name, value)));
        script.sends(Event::Begin);
        script.done(keys());
    }
}

#[test]
fn a_provider_that_is_not_listed_is_refused_before_a_request() {
    let found = |found: &str| Reason::ClaimMismatch {
        claim: "iss",
        expected: None,
        found: Some(found.to_owned()),
    };
    for iss in ["https://claims.example/", "https://op.example", ""] {
        assert_eq!(
            refused_unfetched(&sign(&changed("iss", json!(iss)))),
            found(iss)
        );
    }
    let missing = Reason::Missing {
        member: "iss".into(),
    };
    assert_eq!(refused_unfetched(&sign(&changed("iss", json!(1)))), missing);
    assert_eq!(refused_unfetched(&sign(&json!({"address": {}}))), missing);
}

#[test]
fn a_signature_is_required() {
    let unsigned = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2NsYWltcy5leGFtcGxlIn0.";
    assert!(matches!(refused_unfetched(unsigned), Reason::Jose(_)));
    let stranger = jose::SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let forged = sign_with(&stranger.with_kid("k1"), &header, &claims());
    assert_eq!(refused(&forged), Reason::Jose(jose::Error::Signature));
    let other = jose::SigningKey::generate(SignatureAlgorithm::ES384).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES384).kid("k1");
    assert_eq!(
        refused_unfetched(&sign_with(&other, &header, &claims())),
        Reason::Algorithm {
            expected: vec!["ES256".to_owned()],
            found: "ES384".to_owned(),
        }
    );
}

#[test]
fn what_the_jwt_says_about_itself_is_right() {
    let code = |claim: &str, value: Value| {
        let reason = refused(&sign(&changed(claim, value)));
        match reason {
            Reason::ClaimMismatch { claim, .. } | Reason::Timestamp { claim, .. } => claim,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code("aud", json!("another")), "aud");
    assert_eq!(code("exp", json!(NOW - 60)), "exp");
    assert_eq!(code("nbf", json!(NOW + 60)), "nbf");
    assert_eq!(code("iat", json!(NOW + 60)), "iat");
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256)
        .kid("k1")
        .typ("at+jwt");
    assert_eq!(
        refused(&sign_with(&SERVER_KEY, &header, &claims())),
        Reason::TokenType {
            expected: "JWT",
            found: "at+jwt".to_owned(),
        }
    );
}

#[test]
fn distributed_claims_are_fetched_with_their_own_token() {
    let source = json!({"endpoint": "https://claims.example/claims?u=1", "access_token": "at-7"});
    let mut script = distributed(&source, Policy::default());
    let sent = script.sends(Event::Begin);
    assert_eq!(sent.endpoint, EndpointName::DistributedClaims);
    assert_eq!(sent.request.uri(), "https://claims.example/claims?u=1");
    assert_eq!(sent.request.method(), "GET");
    assert_eq!(sent.request.headers()["authorization"], "Bearer at-7");
    assert_eq!(sent.request.headers()["accept"], "application/jwt");
    assert_eq!(sent.response, ResponseBody::Buffered { cap: 65_536 });
    assert!(!sent.client_certificate);
    let keys_request = script.sends(answer("application/jwt", &sign(&claims())));
    assert_eq!(keys_request.request.uri(), "https://claims.example/jwks");
    assert!(!keys_request.request.headers().contains_key("authorization"));
    let verified = script.done(keys());
    assert_eq!(verified.claims()["address"], json!({"country": "NL"}));
    // Without a token, none is sent.
    let source = json!({"endpoint": "https://claims.example/claims"});
    let sent = distributed(&source, Policy::default()).sends(Event::Begin);
    assert!(!sent.request.headers().contains_key("authorization"));
}

fn answer(media_type: &'static str, body: &str) -> Event {
    let mut response = testing::response(200, body);
    let media_type = http::HeaderValue::from_static(media_type);
    response.headers_mut().insert("content-type", media_type);
    Event::Received(response)
}

#[test]
fn nothing_is_sent_to_an_endpoint_that_is_not_https() {
    let mut policy = Policy::default();
    policy.danger_allow_insecure_requests();
    for endpoint in [
        "http://claims.example/claims",
        "https://me:pw@claims.example/claims",
        "ftp://claims.example/claims",
        "/claims",
        "https://claims.example/a b",
    ] {
        let source = json!({"endpoint": endpoint, "access_token": "at-7"});
        let error = distributed(&source, policy.clone()).fails(Event::Begin);
        match reason(Artefact::ClaimSources, error) {
            Reason::Url { member, .. } => assert_eq!(member, "endpoint"),
            other => panic!("{other:?}"),
        }
    }
    let source = json!({"endpoint": "https://claims.example/", "access_token": "a\r\nb"});
    let error = distributed(&source, policy).fails(Event::Begin);
    match reason(Artefact::ClaimSources, error) {
        Reason::IllTyped { member, .. } => assert_eq!(member, "access_token"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_response_is_a_jwt_with_status_200() {
    let refused = |event| {
        let source = json!({"endpoint": "https://claims.example/claims", "access_token": "at-7"});
        let mut script = distributed(&source, Policy::default());
        script.sends(Event::Begin);
        let error = script.fails(event);
        assert!(!format!("{error:?} {error}").contains("at-7"));
        error
    };
    for (media_type, body) in [
        ("application/json", r#"{"address":{"country":"NL"}}"#),
        ("text/html; charset=utf-8", "<!doctype html>"),
    ] {
        let error = refused(answer(media_type, body));
        assert_eq!(error.code(), Some("OAUTH_JWT_CLAIMS_EXPECTED"));
        assert_eq!(
            error.to_string(),
            format!(
                "claims of another party refused: expected a body of type application/jwt, found \
                 {media_type}"
            )
        );
        let expected = Reason::MediaType {
            expected: "application/jwt",
            found: Some(media_type.to_owned()),
        };
        assert_eq!(reason(Artefact::SourcedClaims, error), expected);
    }
    let mut redirect = testing::response(307, "");
    let location = http::HeaderValue::from_static("https://elsewhere.example/");
    redirect.headers_mut().insert("location", location);
    assert!(matches!(
        reason(Artefact::SourcedClaims, refused(Event::Received(redirect))),
        Reason::Status { found: 307, .. }
    ));
    let stranger = answer(
        "application/jwt",
        &sign(&changed("iss", json!("https://x.example"))),
    );
    assert!(matches!(
        reason(Artefact::SourcedClaims, refused(stranger)),
        Reason::ClaimMismatch { claim: "iss", .. }
    ));
}

#[test]
fn sources_are_read_strictly() {
    let all = |claims: Value| UnverifiedClaimSource::all(claims.as_object().unwrap());
    for none in [
        json!({}),
        json!({"_claim_names": {}}),
        json!({"_claim_names": null, "_claim_sources": {"one": {}}}),
        json!({"_claim_names": {}, "_claim_sources": {"one": 1}}),
    ] {
        assert!(all(none).unwrap().is_empty());
    }
    let names = json!({"address": "one"});
    let with = |source: Value| json!({"_claim_names": names, "_claim_sources": {"one": source}});
    for (claims, expected) in [
        (json!({"_claim_names": []}), "_claim_names"),
        (json!({"_claim_names": {"address": 1}}), "_claim_names"),
        (json!({"_claim_names": names}), "_claim_sources"),
        (
            json!({"_claim_names": names, "_claim_sources": []}),
            "_claim_sources",
        ),
        (
            json!({"_claim_names": names, "_claim_sources": {"two": {}}}),
            "_claim_sources",
        ),
        (with(json!("e30.e30.e30")), "_claim_sources"),
        (with(json!({})), "JWT"),
        (with(json!({"JWT": 1})), "JWT"),
        (with(json!({"JWT": ""})), "JWT"),
        (with(json!({"endpoint": {}})), "endpoint"),
        (
            with(json!({"JWT": "a.b.c", "endpoint": "https://a.example"})),
            "endpoint",
        ),
        (
            with(json!({"endpoint": "https://a.example", "access_token": 1})),
            "access_token",
        ),
    ] {
        let found = match reason(Artefact::ClaimSources, all(claims.clone()).unwrap_err()) {
            Reason::IllTyped { member, .. }
            | Reason::Missing { member }
            | Reason::Unexpected { member } => member,
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{claims}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let jwt = only(&json!({"JWT": "a.secret.c"}));
    let token = only(&json!({"endpoint": "https://a.example/secret", "access_token": "secret"}));
    for source in [jwt, token] {
        let shown = format!("{source:?}");
        assert!(
            shown.contains("address") && !shown.contains("secret"),
            "{shown}"
        );
    }
}

#[test]
fn a_provider_has_algorithms_with_public_keys() {
    for algorithms in [
        &[][..],
        &[SignatureAlgorithm::ES256, SignatureAlgorithm::HS256],
    ] {
        let configuration = testing::configuration();
        match ClaimsProvider::new(configuration, algorithms.iter().copied()) {
            Err(Error::Misuse(Misuse::InvalidArgument { argument, .. })) => {
                assert_eq!(argument, "algorithms");
            }
            other => panic!("{other:?}"),
        }
    }
}
