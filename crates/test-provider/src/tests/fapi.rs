//! The requirements of the FAPI profiles for clients.

use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::{Value, json};

use super::requests::{assert_refused, authorized};
use super::*;
use crate::{ClientAuthentication, PeerCertificate};

const CERTIFICATE: &[u8] = b"the certificate";

/// Returns a provider with a client that authenticates with a certificate.
fn provider_for(key: &SigningKey) -> Provider {
    let method = ClientAuthentication::TlsClientAuth(CERTIFICATE.to_vec());
    with(ClientRegistration::new(CLIENT_ID, method).key(key))
}

fn with(client: ClientRegistration) -> Provider {
    let provider = Provider::new(ISSUER);
    provider.register(client.redirect_uri(REDIRECT_URI).fapi());
    provider
}

fn key(algorithm: SignatureAlgorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

/// Posts a form with the client's certificate and an optional proof.
fn post_to(
    provider: &Provider,
    path: &str,
    pairs: &[(&str, &str)],
    proof: Option<&str>,
) -> Response<Bytes> {
    let mut request = Request::post(format!("{ISSUER}/mtls{path}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(PeerCertificate(CERTIFICATE.to_vec()));
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let body = Bytes::from(form(pairs));
    provider.handle(&request.body(body).unwrap(), NOW)
}

#[track_caller]
fn assert_error(response: &Response<Bytes>, code: &str, why: &str) {
    let document = json(response);
    assert_eq!(document["error_description"], why);
    assert_eq!(document["error"], code);
}

fn push(provider: &Provider, without: &str) -> Response<Bytes> {
    let parameters = authorization_parameters();
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .filter(|(name, _)| !without.split(' ').any(|it| it == *name))
        .collect();
    post_to(provider, "/par", &pairs, None)
}

fn code_of(provider: &Provider) -> String {
    let request_uri = text(&json(&push(provider, "")), "request_uri");
    let pairs = [("client_id", CLIENT_ID), ("request_uri", &request_uri)];
    parameter(&callback(&authorized(provider, &pairs, NOW)), "code").unwrap()
}

fn redeem_with(provider: &Provider, proof: Option<&str>) -> Response<Bytes> {
    let code = code_of(provider);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    post_to(provider, "/token", &pairs, proof)
}

#[test]
fn a_verifier_is_good_once() {
    let provider = provider_for(&key(SignatureAlgorithm::ES256));
    assert_eq!(redeem_with(&provider, None).status(), 200);
    assert_error(
        &redeem_with(&provider, None),
        "invalid_grant",
        "the code_verifier was used before",
    );
}

#[test]
fn a_request_is_pushed_or_in_a_request_object_and_has_a_challenge() {
    let provider = provider_for(&key(SignatureAlgorithm::ES256));
    assert_refused(
        &authorize(&provider, &authorization_parameters(), NOW),
        "FAPI requires a request object or a pushed request",
    );
    assert_error(
        &push(&provider, "code_challenge code_challenge_method"),
        "invalid_request",
        "FAPI requires a code_challenge",
    );
    assert_error(
        &push(&provider, "code_challenge_method"),
        "invalid_request",
        "code_challenge_method must be S256",
    );
}

#[test]
fn a_secret_is_no_authentication() {
    for method in [
        ClientAuthentication::None,
        ClientAuthentication::ClientSecretBasic("s".repeat(32)),
        ClientAuthentication::ClientSecretPost("s".repeat(32)),
        ClientAuthentication::ClientSecretJwt("s".repeat(32)),
    ] {
        let provider = with(ClientRegistration::new(CLIENT_ID, method));
        assert_error(
            &push(&provider, ""),
            "invalid_client",
            "FAPI permits private_key_jwt and certificates alone",
        );
    }
}

#[test]
fn request_objects_are_signed_with_strong_algorithms() {
    for (algorithm, is_permitted) in [
        (SignatureAlgorithm::PS256, true),
        (SignatureAlgorithm::ES256, true),
        (SignatureAlgorithm::Ed25519, true),
        (SignatureAlgorithm::RS256, false),
        (SignatureAlgorithm::ES384, false),
    ] {
        let key = key(algorithm);
        let provider = provider_for(&key);
        let mut claims = json!({
            "iss": CLIENT_ID, "aud": ISSUER, "exp": NOW + 60, "nbf": NOW, "iat": NOW, "jti": "1",
        });
        for (name, value) in authorization_parameters() {
            claims[name] = json!(value);
        }
        claims["max_age"] = json!(600);
        let header = ProtectedHeader::new(algorithm).typ("oauth-authz-req+jwt");
        let input = SigningInput::new(&header, claims.to_string().as_bytes());
        let request = input.sign(&key).unwrap();
        let pairs = [("client_id", CLIENT_ID), ("request", &request)];
        let response = post_to(&provider, "/par", &pairs, None);
        match is_permitted {
            true => assert_eq!(response.status(), 201, "{algorithm}"),
            false => assert_error(
                &response,
                "invalid_request_object",
                "FAPI permits PS256, ES256 and EdDSA alone",
            ),
        }
    }
}

/// RSA keys need 2,048 bits and keys on elliptic curves 256. These have fewer: 1,024 and 224.
#[test]
fn keys_are_long_enough() {
    let (modulus, coordinate) = ("sw".repeat(86), "A".repeat(38));
    for short in [
        json!({"kty": "RSA", "e": "AQAB", "n": modulus}),
        json!({"kty": "EC", "crv": "P-224", "x": coordinate, "y": coordinate}),
    ] {
        assert_too_short(&json!({"keys": [short]}));
    }
}

fn assert_too_short(short: &Value) {
    let method = ClientAuthentication::PrivateKeyJwt(short.to_string());
    let provider = with(ClientRegistration::new(CLIENT_ID, method));
    let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let pairs = [
        ("client_id", CLIENT_ID),
        ("client_assertion_type", assertion_type),
        ("client_assertion", "e30.e30.e30"),
    ];
    let response = post_to(&provider, "/par", &pairs, None);
    assert_error(&response, "invalid_client", "a key is too short");
}

#[test]
fn assertions_and_proofs_are_signed_with_strong_algorithms() {
    let weak = key(SignatureAlgorithm::ES384);
    let method = ClientAuthentication::private_key_jwt(&weak);
    let provider = with(ClientRegistration::new(CLIENT_ID, method));
    let claims = json!({
        "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ISSUER, "jti": "1", "iat": NOW, "exp": NOW + 60,
    });
    let header = ProtectedHeader::new(SignatureAlgorithm::ES384);
    let input = SigningInput::new(&header, claims.to_string().as_bytes());
    let assertion = input.sign(&weak).unwrap();
    let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let pairs = [
        ("client_id", CLIENT_ID),
        ("client_assertion_type", assertion_type),
        ("client_assertion", &assertion),
    ];
    assert_error(
        &post_to(&provider, "/par", &pairs, None),
        "invalid_client",
        "FAPI permits PS256, ES256 and EdDSA alone",
    );

    let provider = provider_for(&key(SignatureAlgorithm::ES256));
    let proof = |key: &SigningKey, algorithm, jti: &str| {
        let header = ProtectedHeader::new(algorithm).typ("dpop+jwt");
        let header = header.jwk(&key.public_jwk().unwrap());
        let url = format!("{ISSUER}/mtls/token");
        let claims = json!({"jti": jti, "htm": "POST", "htu": url, "iat": NOW});
        let input = SigningInput::new(&header, claims.to_string().as_bytes());
        input.sign(key).unwrap()
    };
    assert_error(
        &redeem_with(
            &provider,
            Some(&proof(&weak, SignatureAlgorithm::ES384, "1")),
        ),
        "invalid_dpop_proof",
        "FAPI permits PS256, ES256 and EdDSA alone",
    );
    let strong = key(SignatureAlgorithm::ES256);
    let proof = proof(&strong, SignatureAlgorithm::ES256, "2");
    assert_eq!(redeem_with(&provider, Some(&proof)).status(), 200);
}

/// `private_key_jwt` alone does not bind a token.
#[test]
fn a_token_that_is_bound_to_nothing_is_not_issued() {
    let key = key(SignatureAlgorithm::ES256);
    let method = ClientAuthentication::private_key_jwt(&key);
    let provider = with(ClientRegistration::new(CLIENT_ID, method));
    let claims = json!({
        "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ISSUER, "jti": "1", "iat": NOW, "exp": NOW + 60,
    });
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
    let input = SigningInput::new(&header, claims.to_string().as_bytes());
    let assertion = input.sign(&key).unwrap();
    let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", assertion_type),
        ("client_assertion", &assertion),
    ];
    assert_error(
        &post(&provider, Endpoint::Token, &pairs, NOW),
        "invalid_request",
        "FAPI requires a token bound to a key or a certificate",
    );
}

#[test]
fn a_backchannel_request_is_signed() {
    let provider = provider_for(&key(SignatureAlgorithm::ES256));
    let pairs = [
        ("client_id", CLIENT_ID),
        ("scope", "openid"),
        ("login_hint", "bob"),
    ];
    assert_error(
        &post_to(&provider, "/backchannel-authentication", &pairs, None),
        "invalid_request",
        "FAPI requires a signed request",
    );
}
