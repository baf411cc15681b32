use serde_json::json;

use super::*;

const ID: &str = "https://app.example/client.json";

fn document() -> Map<String, Value> {
    let document = json!({
        "client_id": ID,
        "client_name": "App",
        "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb", "com.example.app:/cb"],
        "token_endpoint_auth_method": "none",
    });
    document.as_object().unwrap().clone()
}

fn with(changes: &[(&str, Value)]) -> Vec<u8> {
    let mut document = document();
    for (name, value) in changes {
        document.insert((*name).to_owned(), value.clone());
    }
    Value::Object(document).to_string().into_bytes()
}

fn without(name: &str) -> Vec<u8> {
    let mut document = document();
    document.remove(name);
    Value::Object(document).to_string().into_bytes()
}

#[track_caller]
fn refused(id: &str, document: &[u8]) -> Reason {
    match ClientIdMetadataDocument::check(id, document) {
        Err(Error::Rejected(rejection)) => {
            assert_eq!(rejection.artefact, Artefact::ClientMetadata);
            rejection.reason.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_is_made_and_passes_the_checks_of_a_server() {
    let mut client = ClientMetadata::new(ID);
    client.redirect_uris = Some(vec!["https://app.example/cb".to_owned()]);
    client.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
    client.jwks_uri = Some("https://app.example/jwks".to_owned());
    let made = ClientIdMetadataDocument::new(&client).unwrap();
    assert_eq!(made.client_id(), ID);
    let response = made.response();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "max-age=3600");
    let read = ClientIdMetadataDocument::check(ID, response.body()).unwrap();
    assert_eq!(read.jwks_uri, client.jwks_uri);
    // The same checks are made when it is made.
    client.client_secret = Some("secret".into());
    let Err(Error::Rejected(rejection)) = ClientIdMetadataDocument::new(&client) else {
        panic!("a secret in a public document");
    };
    let member = "client_secret".into();
    assert_eq!(rejection.reason, Reason::Unexpected { member });
}

#[test]
fn the_identifier_is_the_url_of_the_document() {
    for (id, expected) in [
        ("my-app", "a URL in its normal form"),
        ("https://app.example", "a URL in its normal form"),
        ("https://App.example/c", "a URL in its normal form"),
        ("https://app.example:443/c", "a URL in its normal form"),
        ("https://app.example/a/../c", "a URL in its normal form"),
        ("https://app.example/a/%2e%2E/c", "a URL in its normal form"),
        ("https://app.example/./c", "a URL in its normal form"),
        ("http://app.example/c", "an https URL"),
        (
            "https://me@app.example/c",
            "a URL without user name and password",
        ),
        (
            "https://me:pw@app.example/c",
            "a URL without user name and password",
        ),
        ("https://app.example/c#f", "a URL without fragment"),
        ("https://app.example/", "a URL with a path"),
    ] {
        match refused(id, &with(&[("client_id", json!(id))])) {
            Reason::Url {
                member,
                expected: found,
                ..
            } => {
                assert_eq!((&*member, found), ("client_id", expected), "{id}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
    for id in ["https://app.example:8443/c", "https://app.example/c?v=1"] {
        assert!(ClientIdMetadataDocument::check(id, &with(&[("client_id", json!(id))])).is_ok());
    }
    for found in [json!("https://app.example/client.json?"), json!(1)] {
        let text = found.as_str().map(str::to_owned);
        assert_eq!(
            refused(ID, &with(&[("client_id", found)])),
            Reason::AttributeMismatch {
                member: "client_id",
                expected: Some(ID.to_owned()),
                found: text,
            }
        );
    }
}

#[test]
fn there_is_no_secret() {
    for name in ["client_secret", "client_secret_expires_at"] {
        let member = name.into();
        assert_eq!(
            refused(ID, &with(&[(name, json!("x"))])),
            Reason::Unexpected { member }
        );
    }
    let member = "token_endpoint_auth_method".into();
    assert_eq!(
        refused(ID, &without("token_endpoint_auth_method")),
        Reason::Missing { member }
    );
    for (name, value) in [
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("token_endpoint_auth_method", "client_secret_post"),
        ("token_endpoint_auth_method", "client_secret_jwt"),
        ("id_token_signed_response_alg", "HS256"),
        ("token_endpoint_auth_signing_alg", "HS512"),
        ("id_token_encrypted_response_alg", "dir"),
        ("userinfo_encrypted_response_alg", "A256KW"),
        ("userinfo_encrypted_response_alg", "A128GCMKW"),
        ("userinfo_encrypted_response_alg", "PBES2-HS256+A128KW"),
    ] {
        match refused(ID, &with(&[(name, json!(value))])) {
            Reason::IllTyped { member, found, .. } => {
                assert_eq!((&*member, found.as_str()), (name, value));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let public = with(&[
        ("id_token_signed_response_alg", json!("ES256")),
        ("id_token_encrypted_response_alg", json!("ECDH-ES+A128KW")),
    ]);
    assert!(ClientIdMetadataDocument::check(ID, &public).is_ok());
}

#[test]
fn keys_are_public_and_present_where_they_are_needed() {
    let public = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]});
    let private = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d"}]});
    let symmetric = json!({"keys": [{"kty": "oct", "k": "k"}]});
    let method = ("token_endpoint_auth_method", json!("private_key_jwt"));
    let uri = ("jwks_uri", json!("https://app.example/jwks"));
    let accepted = |changes: &[(&str, Value)]| {
        assert!(ClientIdMetadataDocument::check(ID, &with(changes)).is_ok());
    };
    accepted(&[method.clone(), ("jwks", public.clone())]);
    accepted(&[method.clone(), uri.clone()]);
    for (changes, expected) in [
        (vec![method.clone()], "jwks_uri"),
        (
            vec![(
                "token_endpoint_auth_method",
                json!("self_signed_tls_client_auth"),
            )],
            "jwks_uri",
        ),
        (
            vec![method.clone(), uri.clone(), ("jwks", public)],
            "jwks_uri",
        ),
        (
            vec![
                method.clone(),
                ("jwks_uri", json!("http://app.example/jwks")),
            ],
            "jwks_uri",
        ),
        (vec![method.clone(), ("jwks_uri", json!(1))], "jwks_uri"),
        (vec![("jwks", private)], "jwks"),
        (vec![("jwks", symmetric)], "jwks"),
        (vec![method.clone(), ("jwks", json!({"keys": []}))], "jwks"),
        (vec![method, ("jwks", json!("keys"))], "jwks"),
    ] {
        let member = match refused(ID, &with(&changes)) {
            Reason::Missing { member }
            | Reason::Unexpected { member }
            | Reason::IllTyped { member, .. }
            | Reason::Url { member, .. } => member,
            other => panic!("{other:?}"),
        };
        assert_eq!(member, expected, "{changes:?}");
    }
}

#[test]
fn redirect_uris_lead_to_the_client() {
    let member = || "redirect_uris".into();
    for uris in [json!([]), json!("https://app.example/cb")] {
        let missing = Reason::Missing { member: member() };
        assert_eq!(refused(ID, &with(&[("redirect_uris", uris)])), missing);
    }
    let missing = Reason::Missing { member: member() };
    assert_eq!(refused(ID, &without("redirect_uris")), missing);
    for uri in [
        "http://app.example/cb",
        "https://app.example/cb#f",
        "javascript:alert(1)",
        "data:text/html,x",
        "/cb",
    ] {
        match refused(
            ID,
            &with(&[("redirect_uris", json!(["https://app.example/cb", uri]))]),
        ) {
            Reason::Url { member, .. } => assert_eq!(member, "redirect_uris", "{uri}"),
            other => panic!("{other:?}"),
        }
    }
    let mut service = document();
    service.remove("redirect_uris");
    service.insert("grant_types".to_owned(), json!(["client_credentials"]));
    let service = Value::Object(service).to_string();
    assert!(ClientIdMetadataDocument::check(ID, service.as_bytes()).is_ok());
}

#[test]
fn a_document_is_strict_json_of_bounded_size() {
    let long = with(&[("client_name", json!("a".repeat(LARGEST)))]);
    match refused(ID, &long) {
        Reason::IllTyped { expected, .. } => assert_eq!(expected, "at most 5 KiB"),
        other => panic!("{other:?}"),
    }
    let twice = format!(r#"{{"client_id":"{ID}","client_id":"{ID}"}}"#);
    assert!(matches!(refused(ID, twice.as_bytes()), Reason::Json(_)));
}
