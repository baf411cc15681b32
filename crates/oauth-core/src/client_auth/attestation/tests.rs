use jose::jws::ProtectedHeader;
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::json;

use super::*;
use crate::client_auth::ClientAuthentication;
use crate::configuration::Configuration;
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
    let mut server = testing::server();
    let endpoint = json!("https://op.example/challenge");
    server
        .extra
        .insert("challenge_endpoint".to_owned(), endpoint);
    match script_at(server, &claims()).fails(Event::Begin) {
        Error::Unsupported(Unsupported::Feature { feature }) => {
            assert_eq!(feature, "client attestations without a challenge");
        }
        other => panic!("{other:?}"),
    }
}

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
