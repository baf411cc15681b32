//! Requests to a protected resource: one that may pass has a token and a proof that satisfy every
//! rule, and a proof is used once. The response to any other request shows none of its secrets.
//!
//! The first byte of the input chooses what the rest is: the headers of a request, the claims of an
//! access token, the claims of a DPoP proof, or an introspection response. The target signs claims,
//! so that the code after the signature check runs as well.

#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use jose::SignatureAlgorithm::ES256;
use jose::jws::{ProtectedHeader, SigningInput};
use jose::{HashAlgorithm, SigningKey, base64url};
use oauth_core::Error;
use oauth_core::cache::Cache;
use oauth_core::challenge::Challenge;
use oauth_core::client_auth::ClientAuthentication;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::IntrospectionEndpoint;
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::error::Reason;
use oauth_core::flow::TokenIntrospection;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::resource_server::{AuthorizeRequest, Authorized, ResourceRequest, ResourceServer};
use oauth_core::time::UnixTime;
use serde_json::{Value, json};

const NOW: i64 = 1_700_000_000;
const RESOURCE: &str = "https://api.example";

/// The clock tolerance, and the time after which a proof is too old.
const TOLERANCE: i64 = 30;
const PROOF_AGE: i64 = 60;

/// The key of the example in RFC 7515 appendix A.3: the key of the issuer and of the client.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key = SigningKey::from_jwk(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#,
    );
    key.expect("a key").with_kid("k1")
});

static KEY_SET: LazyLock<Bytes> = LazyLock::new(|| {
    let key = KEY.public_jwk().expect("a public key").to_json();
    json!({ "keys": [key] }).to_string().into()
});

static THUMBPRINT: LazyLock<String> =
    LazyLock::new(|| KEY.public_jwk().expect("a public key").thumbprint());

/// A token that is bound to the key.
static BOUND: LazyLock<String> = LazyLock::new(|| {
    let claims = json!({
        "iss": "https://op.example", "sub": "alice", "aud": RESOURCE, "client_id": "app",
        "exp": NOW + 300, "iat": NOW, "jti": "t-1", "cnf": { "jkt": *THUMBPRINT },
    });
    signed("at+jwt", claims.to_string().as_bytes())
});

static CONFIGURATION: LazyLock<Configuration> = LazyLock::new(|| {
    let client = ClientMetadata::new("app");
    let method = ClientAuthentication::None;
    Configuration::with_authentication(issuer(), client, method, Policy::default())
        .expect("a configuration")
});

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [kind, rest @ ..] = data else {
        return;
    };
    match kind % 4 {
        0 => headers(rest),
        1 => access_token(*kind, rest),
        2 => proof(rest),
        _ => introspection(rest),
    }
});

fn issuer() -> ServerMetadata {
    let mut server = ServerMetadata::new("https://op.example");
    server.jwks_uri = Some("https://op.example/jwks".to_owned());
    server.introspection_endpoint = Some("https://op.example/introspect".to_owned());
    server
}

fn server() -> Arc<ResourceServer> {
    let server = ResourceServer::new(RESOURCE, RESOURCE, Policy::default());
    let server = server.expect("an origin").with_issuer(issuer());
    Arc::new(server.expect("an issuer"))
}

fn signed(typ: &str, claims: &[u8]) -> String {
    let header = ProtectedHeader::new(ES256).kid("k1").typ(typ);
    let input = SigningInput::new(&header, claims);
    input.sign(&KEY).expect("a signature")
}

fn signed_proof(claims: &[u8]) -> String {
    let key = KEY.public_jwk().expect("a public key");
    let header = ProtectedHeader::new(ES256).typ("dpop+jwt").jwk(&key);
    SigningInput::new(&header, claims)
        .sign(&KEY)
        .expect("a signature")
}

/// Runs an operation that is answered with the key set, or with this body.
fn run<O: Operation>(mut operation: O, body: &[u8]) -> Result<O::Output, Error> {
    let cache = Cache::default();
    let mut env = Env {
        now: UnixTime::from_seconds(NOW),
        elapsed: Duration::ZERO,
        entropy: &Fixed,
        cache: &cache,
    };
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut env, event)? {
            Action::Send(outbound) => Event::Received(match outbound.endpoint {
                EndpointName::Jwks => Response::new(KEY_SET.clone()),
                _ => response(body),
            }),
            Action::Done(output) => return Ok(output),
            _ => panic!("another action"),
        };
    }
}

fn response(body: &[u8]) -> Response<Bytes> {
    let response = Response::builder().header("content-type", "application/json");
    let body = Bytes::copy_from_slice(body);
    response.body(body).expect("a response")
}

fn decide(server: &Arc<ResourceServer>, request: ResourceRequest) -> Result<Authorized, Error> {
    let scheme = request.scheme();
    let decision = run(AuthorizeRequest::new(Arc::clone(server), request), b"");
    if let Err(error) = &decision {
        let now = UnixTime::from_seconds(NOW);
        let answer = server.answer(scheme, &error.clone().into(), now);
        assert!(
            [400, 401, 503].contains(&answer.status().as_u16()),
            "{error:?}"
        );
        for value in answer.headers().get_all("www-authenticate") {
            let text = value.to_str().expect("visible characters");
            assert!(Challenge::parse(text).is_some(), "{text}");
            assert!(!text.contains("eyJ"), "{text}");
        }
        assert!(answer.body().is_empty());
    }
    decision
}

fn request(headers: &[(&'static str, &[u8])], uri: &str) -> Option<ResourceRequest> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).ok()?;
        map.append(HeaderName::from_static(name), value);
    }
    let uri: Uri = uri.parse().ok()?;
    Some(ResourceRequest::new(&Method::GET, &uri, &map))
}

/// Lines: the target of the request, `Authorization`, and `DPoP`. The key has signed none of them.
fn headers(lines: &[u8]) {
    let mut lines = lines.split(|byte| *byte == b'\n');
    let uri = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let names = ["authorization", "dpop", "authorization", "dpop"];
    let headers: Vec<_> = names.into_iter().zip(lines).collect();
    if let Some(request) = request(&headers, &uri) {
        assert!(decide(&server(), request).is_err());
    }
}

fn access_token(kind: u8, claims: &[u8]) {
    let typ = ["at+jwt", "application/at+jwt", "JWT", "logout+jwt"][usize::from(kind / 4 % 4)];
    let authorization = format!("Bearer {}", signed(typ, claims));
    let request = request(&[("authorization", authorization.as_bytes())], "/");
    let Ok(authorized) = decide(&server(), request.expect("a request")) else {
        return;
    };
    assert!(typ.ends_with("at+jwt"));
    let claims: Value = serde_json::from_slice(claims).expect("JSON");
    assert_eq!(claims["iss"], "https://op.example");
    assert!(contains(&claims["aud"], RESOURCE), "for another resource");
    assert!(claims["exp"].as_f64().expect("a time") > as_float(NOW - TOLERANCE));
    assert!(claims["iat"].as_f64().expect("a time") < as_float(NOW + TOLERANCE + 1));
    for claim in ["sub", "client_id", "jti"] {
        assert!(claims[claim].as_str().is_some_and(|text| !text.is_empty()));
    }
    // A bound token needs its proof.
    assert!(claims.get("cnf").is_none());
    assert!(authorized.access_token.binding().jkt.is_none());
}

fn contains(audience: &Value, expected: &str) -> bool {
    match audience {
        Value::Array(all) => all.iter().any(|audience| audience == expected),
        audience => audience == expected,
    }
}

#[expect(clippy::cast_precision_loss, reason = "the time is small")]
const fn as_float(seconds: i64) -> f64 {
    seconds as f64
}

/// `ATH` in the claims stands for the hash of the token, which differs each time.
fn proof(claims: &[u8]) {
    let hash = base64url::encode(&HashAlgorithm::Sha256.digest(BOUND.as_bytes()));
    let claims = String::from_utf8_lossy(claims).replace("ATH", &hash);
    let claims = claims.as_bytes();
    let proof = signed_proof(claims);
    let authorization = format!("DPoP {}", *BOUND);
    let headers: [(_, &[u8]); 2] = [
        ("authorization", authorization.as_bytes()),
        ("dpop", proof.as_bytes()),
    ];
    let request = request(&headers, "/items?page=2").expect("a request");
    let server = server();
    let Ok(authorized) = decide(&server, request.clone()) else {
        return;
    };
    let claims: Value = serde_json::from_slice(claims).expect("JSON");
    assert_eq!(claims["htm"], "GET");
    let htu = claims["htu"].as_str().expect("a URL");
    let htu = url::Url::parse(htu).expect("a URL");
    assert_eq!(htu.origin().ascii_serialization(), RESOURCE);
    let path = htu.path().replace("%69", "i").replace("%74", "t");
    assert!(path == "/items" || path.contains('%'), "{path}");
    let iat = claims["iat"].as_f64().expect("a time");
    let (oldest, newest) = (NOW - PROOF_AGE - TOLERANCE, NOW + TOLERANCE);
    assert!(
        iat > as_float(oldest - 1) && iat < as_float(newest + 1),
        "{iat}"
    );
    assert_eq!(claims["ath"], hash);
    assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
    assert_eq!(
        authorized.access_token.binding().jkt.as_ref(),
        Some(&*THUMBPRINT)
    );
    let Err(Error::Rejected(again)) = decide(&server, request) else {
        panic!("a proof that is used twice");
    };
    assert_eq!(again.reason, Reason::Replayed { claim: "jti" });
}

/// A response that says a token is active is JSON that says so.
fn introspection(body: &[u8]) {
    let endpoint = IntrospectionEndpoint::new(CONFIGURATION.clone(), "token");
    if let Ok(token) = run(TokenIntrospection::new(endpoint), body) {
        let said: Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!(said["active"], token.active());
        for (member, found) in [
            ("scope", token.scope()),
            ("client_id", token.client_id()),
            ("sub", token.sub()),
            ("iss", token.iss()),
            ("jti", token.jti()),
        ] {
            if let Some(found) = found {
                assert_eq!(said[member], found);
            }
        }
        for audience in token.aud() {
            assert!(contains(&said["aud"], audience));
        }
    }
}
