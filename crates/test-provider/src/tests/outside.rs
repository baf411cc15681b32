//! The parameters outside a request object, and those sent with a `request_uri`.

use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::json;

use super::requests::{assert_refused, authorized};
use super::*;

/// Returns the response to a request object for a code and `scope`, with these parameters outside.
fn answer(
    change: fn(ClientRegistration) -> ClientRegistration,
    scope: &str,
    outside: &[(&str, &str)],
) -> Response<Bytes> {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let provider = Provider::new(ISSUER);
    provider.register(change(registration().key(&key)));
    let mut claims = json!({
        "iss": CLIENT_ID, "aud": ISSUER, "exp": NOW + 60, "nbf": NOW, "iat": NOW, "jti": "1",
    });
    for (name, value) in authorization_parameters() {
        claims[name] = json!(value);
    }
    claims["max_age"] = json!(600);
    claims["scope"] = json!(scope);
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ("oauth-authz-req+jwt");
    let request = SigningInput::new(&header, claims.to_string().as_bytes());
    let request = request.sign(&key).unwrap();
    let mut pairs = vec![("client_id", CLIENT_ID), ("request", &*request)];
    pairs.extend(outside);
    authorized(&provider, &pairs, NOW)
}

#[track_caller]
fn assert_granted(response: &Response<Bytes>) {
    assert!(parameter(&callback(response), "code").is_some());
}

/// OpenID Connect Core section 6.1 requires them.
#[test]
fn response_type_and_scope_accompany_a_request_object() {
    let code = ("response_type", "code");
    let ask = |scope: &str, outside: &[(&str, &str)]| answer(|client| client, scope, outside);
    assert_granted(&ask("openid email", &[code, ("scope", "openid email")]));
    assert_granted(&ask("openid email", &[code, ("scope", "openid")]));
    assert_granted(&ask("email", &[code]));
    let no_type = "response_type is missing outside of the request object";
    let no_scope = "a scope with openid is missing outside of the request object";
    let differs = "a parameter outside differs from the one in the request object";
    for (scope, outside, why) in [
        ("openid", &[][..], no_type),
        ("openid", &[("scope", "openid")], no_type),
        ("email", &[], no_type),
        ("openid", &[code], no_scope),
        ("openid", &[code, ("scope", "email")], no_scope),
        ("openid email", &[code, ("scope", "openid phone")], differs),
        (
            "openid",
            &[("response_type", "id_token"), ("scope", "openid")],
            differs,
        ),
        (
            "openid",
            &[code, ("scope", "openid"), ("state", "another")],
            differs,
        ),
    ] {
        assert_refused(&ask(scope, outside), why);
    }
}

/// RFC 9101 section 5 requires only `client_id` outside the request object.
#[test]
fn a_client_can_be_held_to_the_request_object_alone() {
    let ask = |outside: &[(&str, &str)]| {
        answer(ClientRegistration::request_object_alone, "openid", outside)
    };
    assert_granted(&ask(&[]));
    for outside in [("response_type", "code"), ("scope", "openid"), ("x", "")] {
        assert_refused(
            &ask(&[outside]),
            "a parameter is outside of the request object",
        );
    }
}

/// RFC 9126 section 4 shows the request: `client_id` and `request_uri`.
#[test]
fn a_reference_comes_with_nothing_but_whose_it_is() {
    for outside in [
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", ""),
        ("request", "e30.e30.e30"),
    ] {
        let provider = provider();
        let parameters = authorization_parameters();
        let pairs: Vec<_> = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let pushed = json(&post(&provider, Endpoint::PushedAuthorization, &pairs, NOW));
        let reference = [
            ("client_id", CLIENT_ID),
            ("request_uri", pushed["request_uri"].as_str().unwrap()),
        ];
        let pairs: Vec<_> = reference.into_iter().chain([outside]).collect();
        assert_refused(
            &authorized(&provider, &pairs, NOW),
            "a parameter is outside of the request_uri",
        );
        // The refusal has not used up the `request_uri`.
        assert_granted(&authorized(&provider, &reference, NOW));
    }
}
