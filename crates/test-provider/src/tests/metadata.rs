//! The metadata that a client may register.

use serde_json::json;

use super::registration::register;
use super::*;

#[track_caller]
fn assert_refused(document: &Value, code: &str, why: &str) {
    let response = register(&Provider::new(ISSUER), None, document);
    assert_eq!(response.status(), 400, "{document}");
    assert_eq!(json(&response)["error"], code, "{document}");
    assert_eq!(json(&response)["error_description"], why, "{document}");
}

#[test]
fn what_fits_together_is_registered() {
    let key = jose::SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let key = Value::Object(key.public_jwk().unwrap().to_json());
    for document in [
        json!({
            "redirect_uris": ["https://app.example.com/cb"],
            "response_types": ["code id_token", "id_token"],
            "grant_types": ["authorization_code", "implicit", "refresh_token"],
            "jwks": {"keys": [key]},
            "contacts": ["admin@example.com"],
            "default_max_age": 600,
            "subject_type": "public",
            "application_type": "web",
            "id_token_encrypted_response_alg": "ECDH-ES",
            "id_token_encrypted_response_enc": "A256GCM",
            "userinfo_signed_response_alg": "none",
            "request_uris": ["https://app.example.com/request#hash"],
            "initiate_login_uri": "https://app.example.com/login",
        }),
        json!({"application_type": "native", "redirect_uris": ["http://127.0.0.1/cb", "app:/cb"]}),
    ] {
        let response = register(&Provider::new(ISSUER), None, &document);
        assert_eq!(response.status(), 201, "{:?}", response.body());
    }
}

#[test]
fn redirect_uris_that_lead_astray_are_refused() {
    let not_absolute = "a redirect URI is not an absolute URL";
    let in_browser = "a web client with tokens in the browser needs https, and not localhost";
    let implicit = |uri: &str| {
        json!({
            "redirect_uris": [uri],
            "response_types": ["id_token"],
            "grant_types": ["implicit"],
        })
    };
    for (document, why) in [
        (json!({"redirect_uris": ["/cb"]}), not_absolute),
        (json!({"redirect_uris": [""]}), not_absolute),
        (
            json!({"redirect_uris": ["https://app.example.com/cb#here"]}),
            "a redirect URI has a fragment",
        ),
        (implicit("http://app.example.com/cb"), in_browser),
        (implicit("https://localhost/cb"), in_browser),
        (
            json!({"redirect_uris": ["http://app.example.com/cb"], "application_type": "native"}),
            "http is for native clients on their own machine",
        ),
    ] {
        assert_refused(&document, "invalid_redirect_uri", why);
    }
}

#[test]
fn metadata_that_contradict_each_other_are_refused() {
    let key = jose::SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let key = Value::Object(key.public_jwk().unwrap().to_json());
    let mut named = key.clone();
    named["kid"] = json!("1");
    let mut private = key.clone();
    private["d"] = json!("AA");
    let implicit = "a response type needs the grant type implicit";
    let url = "a member is not an absolute URL";
    let strings = "a member is not a list of strings";
    for (document, why) in [
        (json!({"response_types": ["id_token"]}), implicit),
        (
            json!({"response_types": ["code id_token"], "grant_types": ["authorization_code"]}),
            implicit,
        ),
        (
            json!({"response_types": ["code"], "grant_types": ["refresh_token"]}),
            "a response type needs the grant type authorization_code",
        ),
        (json!({"response_types": "code"}), strings),
        (json!({"grant_types": [1]}), strings),
        (json!({"contacts": "admin@example.com"}), strings),
        (json!({"default_acr_values": [1]}), strings),
        (json!({"logo_uri": "logo.png"}), url),
        (json!({"client_uri": 1}), url),
        (json!({"jwks_uri": ""}), url),
        (
            json!({"request_uris": ["/request"]}),
            "a member is not a list of absolute URLs",
        ),
        (
            json!({"userinfo_signed_response_alg": "RS1"}),
            "a signing algorithm is unknown",
        ),
        (
            json!({"token_endpoint_auth_signing_alg": 256}),
            "a signing algorithm is unknown",
        ),
        (
            json!({"request_object_encryption_enc": "A256GCM"}),
            "an encryption has enc without alg",
        ),
        (
            json!({"id_token_encrypted_response_enc": "A256GCM"}),
            "an encryption has enc without alg",
        ),
        (
            json!({"default_max_age": "600"}),
            "default_max_age is no number of seconds",
        ),
        (
            json!({"default_max_age": -1}),
            "default_max_age is no number of seconds",
        ),
        (
            json!({"require_auth_time": "true"}),
            "a member is not a boolean",
        ),
        (
            json!({"subject_type": "pairwise"}),
            "subject_type is not supported",
        ),
        (
            json!({"application_type": "desktop"}),
            "application_type is unknown",
        ),
        (
            json!({"initiate_login_uri": "http://app.example.com/login"}),
            "initiate_login_uri is not an https URL",
        ),
        (
            json!({"jwks": {"keys": []}, "jwks_uri": "https://app.example.com/jwks"}),
            "there are both jwks and jwks_uri",
        ),
        (json!({"jwks": {}}), "jwks is no JWK Set"),
        (
            json!({"jwks": {"keys": [private]}}),
            "jwks has a private or symmetric key",
        ),
        (
            json!({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}),
            "jwks has a private or symmetric key",
        ),
        (
            json!({"jwks": {"keys": [named, named]}}),
            "two keys of jwks have the same kid",
        ),
        (
            json!({"jwks": {"keys": [{"kty": "RSA", "e": "AQAB", "n": "sw".repeat(86)}]}}),
            "a key is too short",
        ),
        (
            json!({"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "A".repeat(43)}]}}),
            "jwks has a value that is not a key",
        ),
    ] {
        assert_refused(&document, "invalid_client_metadata", why);
    }
}
