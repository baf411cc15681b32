//! The parameters that the URL for the browser repeats outside of the request object (OpenID
//! Connect Core 1.0 section 6.1, RFC 9101 section 5).

use jose::SignatureAlgorithm;
use serde_json::{Value, json};

use super::encrypted::{keys, object, pair, registered, server_key, sign_and_encrypt};
use super::*;
use crate::error::MetadataError;
use crate::key::{KeyReference, KeyResult, ModifyAssertion};
use crate::names::KeyName;
use crate::testing::script::Script;
use crate::testing::{decoded, done};
use crate::wire::Parameters;

fn reference() -> KeyReference {
    KeyReference {
        name: KeyName::new("k"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    }
}

fn signed() -> RequestObject {
    RequestObject::new(reference()).unwrap()
}

/// Returns the parameters of the URL without the request object, and the claims of the request
/// object.
fn outside_and_inside(
    parameters: &str,
    request_object: RequestObject,
) -> (Vec<(String, String)>, Value) {
    let mut operation =
        BuildAuthorizationUrl::new(testing::configuration(), Parameters::decode(parameters))
            .request_object(request_object);
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    operation.step(&mut env, Event::Begin).unwrap();
    let signature = Event::KeyUsed(KeyResult::Signature(vec![1; 64]));
    let url = done(operation.step(&mut env, signature));
    let mut outside: Vec<_> = url.query_pairs().into_owned().collect();
    let (name, request) = outside.pop().unwrap();
    assert_eq!(name, "request");
    (outside, decoded(&request).1)
}

fn pairs<const COUNT: usize>(pairs: [(&str, &str); COUNT]) -> Vec<(String, String)> {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[test]
fn response_type_and_scope_are_repeated_as_they_are_inside() {
    let request = "response_type=code+id_token&scope=openid+email&state=s&nonce=n&redirect_uri=r";
    let (outside, inside) = outside_and_inside(request, signed());
    assert_eq!(
        outside,
        pairs([
            ("client_id", "app"),
            ("response_type", "code id_token"),
            ("scope", "openid email"),
        ])
    );
    assert_eq!(inside["response_type"], "code id_token");
    assert_eq!(inside["scope"], "openid email");
}

/// Only OpenID Connect requires a visible scope.
#[test]
fn a_scope_without_openid_is_not_repeated() {
    let code = pairs([("client_id", "app"), ("response_type", "code")]);
    for request in ["scope=read", "scope=openid2+xopenid", "scope=", "state=s"] {
        let (outside, inside) = outside_and_inside(request, signed());
        assert_eq!(outside, code, "{request}");
        assert_eq!(inside["response_type"], "code");
    }
}

/// RFC 9101 section 5 permits to omit the repetition.
#[test]
fn the_repetition_can_be_left_out() {
    let request = "scope=openid&state=s";
    let (outside, inside) = outside_and_inside(request, signed().without_repetition());
    assert_eq!(outside, pairs([("client_id", "app")]));
    assert_eq!(inside["response_type"], "code");
    assert_eq!(inside["scope"], "openid");
}

/// The repeated values follow a change to the claims: a server refuses values that differ.
#[test]
fn what_a_change_leaves_inside_is_what_stands_outside() {
    let modify = ModifyAssertion::new(|_, claims| {
        claims.insert("response_type".to_owned(), json!("code token"));
        claims.insert("scope".to_owned(), json!("openid phone"));
        claims.insert("client_id".to_owned(), json!("app"));
    });
    let (outside, inside) = outside_and_inside("scope=openid", signed().modify_assertion(modify));
    assert_eq!(
        outside,
        pairs([
            ("client_id", "app"),
            ("response_type", "code token"),
            ("scope", "openid phone"),
        ])
    );
    assert_eq!(inside["scope"], "openid phone");

    let modify = ModifyAssertion::new(|_, claims| {
        claims.remove("response_type");
        claims.insert("scope".to_owned(), json!(["openid"]));
    });
    let (outside, _) = outside_and_inside("scope=openid", signed().modify_assertion(modify));
    assert_eq!(outside, pairs([("client_id", "app")]));
}

/// Encrypted content must not appear in the URL. Of the scope, OpenID Connect Core 1.0 section 6.1
/// requires `openid` alone.
#[test]
fn an_encrypted_request_object_leaves_only_openid_outside() {
    let key = server_key("e1");
    let configuration = pair(registered("ECDH-ES", Some("A256GCM"))).unwrap();
    let url_of = |request_object| {
        let parameters = Parameters::decode("scope=openid+payment%3A7&state=s");
        let build = BuildAuthorizationUrl::new(configuration.clone(), parameters);
        let mut script = Script::new(build.request_object(request_object));
        script.sends(Event::Begin);
        let answer = sign_and_encrypt(&mut script, keys(&[&key]));
        let url = script.done(answer);
        let mut outside: Vec<_> = url.query_pairs().into_owned().collect();
        assert_eq!(outside.pop().unwrap().0, "request");
        outside
    };
    assert_eq!(
        url_of(object()),
        pairs([
            ("client_id", "app"),
            ("response_type", "code"),
            ("scope", "openid"),
        ])
    );
    assert_eq!(
        url_of(object().without_repetition()),
        pairs([("client_id", "app")])
    );
}

/// Two values of one parameter are ambiguous: the server may use either.
#[test]
fn the_endpoints_own_query_contradicts_no_repetition() {
    let endpoint = Some("https://op.example/authorize?scope=all".to_owned());
    let setup = testing::setup().server(|it| it.authorization_endpoint = endpoint);
    let parameters = Parameters::decode("scope=openid");
    let mut operation =
        BuildAuthorizationUrl::new(setup.build(), parameters).request_object(signed());
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    operation.step(&mut env, Event::Begin).unwrap();
    let signature = Event::KeyUsed(KeyResult::Signature(vec![1; 64]));
    let Err(Error::Metadata(error)) = operation.step(&mut env, signature) else {
        panic!("accepted");
    };
    assert_eq!(
        error,
        MetadataError::Invalid {
            member: "authorization_endpoint",
            expected: "a URL whose query holds no parameter of the request",
            found: "scope".to_owned(),
        }
    );
}

/// The content of a reference is unknown, so the caller supplies the parameters (OpenID Connect
/// Core 1.0 section 6.2).
#[test]
fn a_callers_request_uri_keeps_the_given_parameters() {
    let request_uri = "request_uri=https%3A%2F%2Fapp.example%2Frequest.jwt";
    let configuration = testing::configuration();
    let url_of = |parameters: &str| {
        let url = build_authorization_url(&configuration, Parameters::decode(parameters)).unwrap();
        url.query().unwrap().to_owned()
    };
    assert_eq!(
        url_of(&format!(
            "response_type=id_token&scope=openid&{request_uri}"
        )),
        format!("response_type=id_token&scope=openid&{request_uri}&client_id=app")
    );
    assert_eq!(url_of(request_uri), format!("{request_uri}&client_id=app"));
}
