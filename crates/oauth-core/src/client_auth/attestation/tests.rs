use jose::jws::ProtectedHeader;
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};

use super::*;
use crate::client_auth::ClientAuthentication;
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::endpoint::RefreshTokenRequest;
use crate::flow::Call;
use crate::metadata::{ClientMetadata, ServerMetadata};
use crate::operation::Event;
use crate::policy::Policy;
use crate::testing::script::{Script, form, signed};
use crate::testing::{self, NOW, decoded, sign_with};

const TYPE: &str = "oauth-client-attestation+jwt";

fn key() -> KeyReference {
    KeyReference::new("instance", SignatureAlgorithm::ES256)
}

fn claims() -> Value {
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": "x", "y": "y"});
    json!({"sub": "app", "exp": NOW + 60, "cnf": {"jwk": jwk}})
}

fn attestation(typ: &str, claims: &Value) -> String {
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ(typ);
    sign_with(&testing::SERVER_KEY, &header, claims)
}

fn script_at(server: ServerMetadata, claims: &Value) -> Script<Call<RefreshTokenRequest>> {
    let method = ClientAttestation::new(attestation(TYPE, claims), key()).unwrap();
    let method = ClientAuthentication::ClientAttestation(method);
    assert_eq!(method.as_str(), "attest_jwt_client_auth");
    let client = ClientMetadata::new("app");
    let configuration =
        Configuration::with_authentication(server, client, method, Policy::default()).unwrap();
    Script::new(Call::new(RefreshTokenRequest {
        configuration,
        refresh_token: Secret::from("r"),
        parameters: Parameters::new(),
    }))
}

#[test]
fn both_headers_are_sent_and_the_proof_is_signed_by_the_key() {
    let instance = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let mut script = script_at(testing::server(), &claims());
    let job = script.uses_key(Event::Begin);
    let sent = script.sends(signed(&instance, &job));
    let headers = sent.request.headers();
    for name in ["oauth-client-attestation", "oauth-client-attestation-pop"] {
        assert!(headers[name].is_sensitive());
        assert_eq!(headers.get_all(name).iter().count(), 1);
    }
    let found = headers["oauth-client-attestation"].to_str().unwrap();
    assert_eq!(decoded(found).1, claims());
    let proof = headers["oauth-client-attestation-pop"].to_str().unwrap();
    let (header, claims) = decoded(proof);
    assert_eq!(
        header,
        json!({"alg": "ES256", "typ": "oauth-client-attestation-pop+jwt"})
    );
    assert_eq!(
        claims,
        json!({
            "aud": "https://op.example",
            "jti": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            "iat": NOW,
        })
    );
    let unverified = Unverified::parse(proof).unwrap();
    let keys = testing::key_set(&[&instance]);
    let keys = jose::JwkSet::parse(keys.as_bytes()).unwrap();
    let public = keys.select(unverified.header()).unwrap().verifying_key();
    assert!(unverified.verify(public, SignatureAlgorithm::ES256).is_ok());
    let form = form(&sent);
    assert_eq!(form.first("client_id"), Some("app"));
    assert!(!form.contains("client_assertion"));
}

#[track_caller]
fn misuse(error: Error) -> (&'static str, &'static str) {
    match error {
        Error::Misuse(Misuse::InvalidArgument {
            argument, expected, ..
        }) => (argument, expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attestation_that_a_server_refuses_is_not_sent() {
    for (name, value, expected) in [
        ("sub", json!("another"), "one for this client"),
        ("exp", json!(NOW), "one that has not expired"),
    ] {
        let mut claims = claims();
        claims[name] = value;
        let error = script_at(testing::server(), &claims).fails(Event::Begin);
        assert_eq!(misuse(error), ("attestation", expected));
    }
}

/// A response with this error and this challenge.
fn refusal(error: &str, challenges: &[&str]) -> Event {
    let mut response = testing::response(400, json!({ "error": error }).to_string());
    for challenge in challenges {
        let challenge = HeaderValue::from_str(challenge).unwrap();
        let name = "oauth-client-attestation-challenge";
        response.headers_mut().append(name, challenge);
    }
    Event::Received(response)
}

/// The challenge in the proof of a request.
fn challenge_in(outbound: &crate::outbound::Outbound) -> Option<String> {
    let proof = &outbound.request.headers()["oauth-client-attestation-pop"];
    let (_, claims) = decoded(proof.to_str().unwrap());
    Some(claims.get("challenge")?.as_str()?.to_owned())
}

#[test]
fn a_challenge_is_answered_once_and_kept_for_later() {
    let instance = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let mut script = script_at(testing::server(), &claims());
    let job = script.uses_key(Event::Begin);
    let first = script.sends(signed(&instance, &job));
    assert_eq!(challenge_in(&first), None);
    let job = script.uses_key(refusal(DEMAND, &["c-1"]));
    let second = script.sends(signed(&instance, &job));
    assert_eq!(challenge_in(&second).as_deref(), Some("c-1"));
    // The second demand is the end, and its challenge is kept for the next request.
    let Error::ResponseBody(error) = script.fails(refusal(DEMAND, &["c-2"])) else {
        panic!("another error");
    };
    assert_eq!(error.error, DEMAND);
    let later = script_at(testing::server(), &claims());
    script.operation = later.operation;
    let job = script.uses_key(Event::Begin);
    let outbound = script.sends(signed(&instance, &job));
    assert_eq!(challenge_in(&outbound).as_deref(), Some("c-2"));
    // Another server supplies its own.
    let mut server = testing::server();
    server.issuer = "https://other.example".to_owned();
    script.operation = script_at(server, &claims()).operation;
    let job = script.uses_key(Event::Begin);
    let outbound = script.sends(signed(&instance, &job));
    assert_eq!(challenge_in(&outbound), None);
}

#[test]
fn a_challenge_comes_with_any_response() {
    let instance = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let mut script = script_at(testing::server(), &claims());
    let job = script.uses_key(Event::Begin);
    script.sends(signed(&instance, &job));
    let Error::ResponseBody(error) = script.fails(refusal("invalid_grant", &["c-1"])) else {
        panic!("another error");
    };
    assert_eq!(error.error, "invalid_grant");
    script.operation = script_at(testing::server(), &claims()).operation;
    let job = script.uses_key(Event::Begin);
    let outbound = script.sends(signed(&instance, &job));
    assert_eq!(challenge_in(&outbound).as_deref(), Some("c-1"));
    // The challenge that was sent is no other one.
    assert!(matches!(
        script.fails(refusal(DEMAND, &["c-1"])),
        Error::ResponseBody(_)
    ));
}

#[test]
fn a_demand_without_a_challenge_is_a_refusal() {
    let instance = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    for challenges in [&[][..], &["c-1", "c-2"], &["a b"], &[""]] {
        let mut script = script_at(testing::server(), &claims());
        let job = script.uses_key(Event::Begin);
        script.sends(signed(&instance, &job));
        let error = script.fails(refusal(DEMAND, challenges));
        assert!(matches!(error, Error::ResponseBody(_)), "{challenges:?}");
    }
    // A server that fails demands nothing.
    let mut script = script_at(testing::server(), &claims());
    let job = script.uses_key(Event::Begin);
    script.sends(signed(&instance, &job));
    let Event::Received(mut response) = refusal(DEMAND, &["c-1"]) else {
        panic!("no response");
    };
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    script.fails(Event::Received(response));
    // A client without an attestation answers no challenge.
    let configuration = testing::configuration();
    let refresh_token = Secret::from("r");
    let mut script = Script::new(Call::new(RefreshTokenRequest {
        configuration,
        refresh_token,
        parameters: Parameters::new(),
    }));
    script.sends(Event::Begin);
    script.fails(refusal(DEMAND, &["c-1"]));
}

/// A server may ask for both, one after the other.
#[test]
fn a_challenge_and_a_nonce_are_answered_once_each() {
    let instance = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let reference = KeyReference::new("dpop", SignatureAlgorithm::ES256);
    let dpop = DPoPKey::new(reference, &instance.public_jwk().unwrap()).unwrap();
    let method = ClientAttestation::new(attestation(TYPE, &claims()), key()).unwrap();
    let method = ClientAuthentication::ClientAttestation(method);
    let client = ClientMetadata::new("app");
    let configuration =
        Configuration::with_authentication(testing::server(), client, method, Policy::default());
    let mut script = Script::new(Call::new(RefreshTokenRequest {
        configuration: configuration.unwrap().with_dpop_key(dpop),
        refresh_token: Secret::from("r"),
        parameters: Parameters::new(),
    }));
    let mut send = |event| {
        let job = script.uses_key(event);
        let job = script.uses_key(signed(&instance, &job));
        let outbound = script.sends(signed(&instance, &job));
        let proof = &outbound.request.headers()["dpop"];
        let (_, claims) = decoded(proof.to_str().unwrap());
        let nonce = claims.get("nonce").and_then(Value::as_str);
        (challenge_in(&outbound), nonce.map(str::to_owned))
    };
    let with_nonce = |event: Event, nonce: &'static str| match event {
        Event::Received(mut response) => {
            let nonce = HeaderValue::from_static(nonce);
            response.headers_mut().insert("dpop-nonce", nonce);
            Event::Received(response)
        }
        other => other,
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(send(Event::Begin), (None, None));
    // The challenge in the demand for a nonce is used as well.
    let demand = with_nonce(refusal("use_dpop_nonce", &["c-1"]), "n-1");
    assert_eq!(send(demand), (text("c-1"), text("n-1")));
    assert_eq!(send(refusal(DEMAND, &["c-2"])), (text("c-2"), text("n-1")));
    let demand = with_nonce(refusal("use_dpop_nonce", &["c-3"]), "n-2");
    script.fails(demand);
}

const DEMAND: &str = "use_attestation_challenge";

#[test]
fn what_is_no_attestation_is_refused() {
    let expected = "a JWT of the type oauth-client-attestation+jwt with sub, exp and cnf.jwk";
    let refused = |attestation: String| {
        let error = ClientAttestation::new(attestation, key()).unwrap_err();
        assert_eq!(misuse(error), ("attestation", expected));
    };
    refused("attestation".to_owned());
    for typ in ["JWT", "oauth-client-attestation-pop+jwt"] {
        refused(attestation(typ, &claims()));
    }
    for name in ["sub", "exp", "cnf"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        refused(attestation(TYPE, &claims));
    }
    for secret in ["d", "k", "priv"] {
        let mut claims = claims();
        claims["cnf"]["jwk"][secret] = json!("x");
        refused(attestation(TYPE, &claims));
    }
    let symmetric = KeyReference::new("instance", SignatureAlgorithm::HS256);
    let error = ClientAttestation::new(attestation(TYPE, &claims()), symmetric).unwrap_err();
    assert_eq!(misuse(error).0, "key");
}
