use std::time::Duration;

use jose::SignatureAlgorithm;
use serde_json::json;

use super::ClientMetadata;
use crate::error::Reason;
use crate::secret::Secret;

#[test]
fn a_client_is_read_and_written_back_with_everything_it_had() {
    let document = json!({
        "client_id": "app",
        "client_secret": "hunter2",
        "default_max_age": 300,
        "require_auth_time": true,
        "jwks": {"keys": []},
        "client_name#ja": "アプリ",
    });
    let client = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap();
    assert_eq!(client.client_secret, Some(Secret::from("hunter2")));
    assert_eq!(client.default_max_age, Some(300));
    assert_eq!(client.default_max_age(), Some(Duration::from_secs(300)));
    assert_eq!(client.extra.len(), 1);
    assert_eq!(serde_json::Value::Object(client.to_json()), document);
    assert!(!format!("{client:?}").contains("hunter2"));
}

#[test]
fn an_ill_typed_member_is_named() {
    for (member, value, expected) in [
        ("client_id", json!(7), "a string"),
        ("client_id", json!(""), "a string that is not empty"),
        ("client_secret", json!(["x"]), "a string"),
        (
            "default_max_age",
            json!(-1),
            "a whole number that is not negative",
        ),
        (
            "default_max_age",
            json!("60"),
            "a whole number that is not negative",
        ),
        ("require_auth_time", json!("true"), "a boolean"),
        ("jwks", json!([]), "an object"),
    ] {
        let mut document = json!({"client_id": "app"});
        document[member] = value;
        let error = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
        assert!(
            matches!(
                &error.rejection().unwrap().reason,
                Reason::IllTyped { member: m, expected: e, .. } if m == member && *e == expected
            ),
            "{error}"
        );
    }
}

/// The names in IANA's registry of client metadata, and those of JARM and CIBA, which the registry
/// lacks; each with a value of the right type.
fn registered_by_iana() -> serde_json::Value {
    let mut document = json!({
        "client_id": "app",
        "jwks": {"keys": []},
        "vp_formats_supported": {"dc+sd-jwt": {}},
        "default_max_age": 1,
    });
    for (value, members) in [
        (json!("a"), TEXTS),
        (json!(true), BOOLEANS),
        (json!(["a", "b"]), LISTS),
        (json!("ES256"), ALGORITHMS),
    ] {
        for member in members {
            document[member] = value.clone();
        }
    }
    document
}

const TEXTS: &[&str] = &[
    "application_type",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "backchannel_client_notification_endpoint",
    "backchannel_logout_uri",
    "backchannel_token_delivery_mode",
    "client_name",
    "client_secret",
    "client_uri",
    "description",
    "frontchannel_logout_uri",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "information_uri",
    "initiate_login_uri",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "jwks_uri",
    "logo_uri",
    "nfv_token_encrypted_response_alg",
    "nfv_token_encrypted_response_enc",
    "organization_name",
    "organization_uri",
    "policy_uri",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "scope",
    "sector_identifier_uri",
    "signed_jwks_uri",
    "software_id",
    "software_statement",
    "software_version",
    "subject_type",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_email",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_uri",
    "tls_client_auth_subject_dn",
    "token_endpoint_auth_method",
    "tos_uri",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
];

const BOOLEANS: &[&str] = &[
    "backchannel_logout_session_required",
    "backchannel_user_code_parameter",
    "dpop_bound_access_tokens",
    "frontchannel_logout_session_required",
    "require_auth_time",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "tls_client_certificate_bound_access_tokens",
    "use_mtls_endpoint_aliases",
];

const LISTS: &[&str] = &[
    "authorization_details_types",
    "claims_redirect_uris",
    "client_registration_types",
    "contacts",
    "default_acr_values",
    "encrypted_response_enc_values_supported",
    "grant_types",
    "keywords",
    "post_logout_redirect_uris",
    "redirect_uris",
    "request_uris",
    "response_types",
];

const ALGORITHMS: &[&str] = &[
    "authorization_signed_response_alg",
    "backchannel_authentication_request_signing_alg",
    "id_token_signed_response_alg",
    "introspection_signed_response_alg",
    "nfv_token_signed_response_alg",
    "request_object_signing_alg",
    "token_endpoint_auth_signing_alg",
    "userinfo_signed_response_alg",
];

#[test]
fn every_registered_name_has_a_member() {
    let document = registered_by_iana();
    let client = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap();
    assert_eq!(client.extra, serde_json::Map::new());
    assert_eq!(serde_json::Value::Object(client.to_json()), document);
    let shown = format!("{client:?}");
    for name in document.as_object().unwrap().keys() {
        assert!(shown.contains(name), "{name}");
    }
}

#[test]
fn null_is_absent() {
    let mut document = registered_by_iana();
    for (name, value) in document.as_object_mut().unwrap() {
        if name != "client_id" {
            *value = serde_json::Value::Null;
        }
    }
    let client = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap();
    assert_eq!(client, ClientMetadata::new("app"));
}

/// A server may use algorithms that this library does not know; its response is still read.
#[test]
fn an_algorithm_of_another_name_is_read() {
    for name in ALGORITHMS {
        for algorithm in ["ES256K", "none", "None", ""] {
            let document = json!({"client_id": "app", *name: algorithm});
            let client = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap();
            assert_eq!(serde_json::Value::Object(client.to_json()), document);
        }
    }
}

/// An ill-typed e-mail address of the operator does not cost the registration.
#[test]
fn a_member_that_nothing_depends_on_may_have_another_type() {
    let document = json!({"client_id": "app", "contacts": "a@example.test", "description": {}});
    let client = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap();
    assert_eq!((&client.contacts, &client.description), (&None, &None));
    assert_eq!(client.extra["contacts"], "a@example.test");
    assert_eq!(serde_json::Value::Object(client.to_json()), document);
}

#[test]
fn a_client_that_is_yet_to_be_registered_has_no_identifier() {
    let read = |document: serde_json::Value| {
        ClientMetadata::unregistered_from_json(document.to_string().as_bytes())
    };
    let expected = ClientMetadata::builder().client_name("App").build();
    assert_eq!(read(json!({"client_name": "App"})).unwrap(), expected);
    let null = read(json!({"client_name": "App", "client_id": null}));
    assert_eq!(null.unwrap(), expected);
    let named = read(json!({"client_id": "app"})).unwrap();
    assert_eq!(named, ClientMetadata::new("app"));
    for (document, member) in [
        (json!({"client_id": 7}), "client_id"),
        (json!({"redirect_uris": "x"}), "redirect_uris"),
    ] {
        let error = read(document).unwrap_err();
        assert!(matches!(
            &error.rejection().unwrap().reason,
            Reason::IllTyped { member: found, .. } if found == member
        ));
    }
    // Outside of registration, `client_id` identifies the client and is required.
    let error = ClientMetadata::from_json(br#"{"client_name": "App"}"#).unwrap_err();
    let missing = Reason::Missing {
        member: "client_id".into(),
    };
    assert_eq!(error.rejection().unwrap().reason, missing);
}

#[test]
fn a_builder_takes_values_as_people_write_them() {
    let client = ClientMetadata::builder()
        .redirect_uris(["https://app.example/cb"])
        .contacts(vec!["a@example.test".to_owned()])
        .client_secret("hunter2")
        .default_max_age(300)
        .backchannel_logout_session_required(true)
        .request_object_signing_alg(SignatureAlgorithm::PS256)
        .jwks(serde_json::Map::new())
        .member("client_name#fr", "Appli")
        .build();
    assert_eq!(
        serde_json::Value::Object(client.to_json()),
        json!({
            "client_id": "",
            "redirect_uris": ["https://app.example/cb"],
            "contacts": ["a@example.test"],
            "client_secret": "hunter2",
            "default_max_age": 300,
            "backchannel_logout_session_required": true,
            "request_object_signing_alg": "PS256",
            "jwks": {},
            "client_name#fr": "Appli",
        })
    );
}
