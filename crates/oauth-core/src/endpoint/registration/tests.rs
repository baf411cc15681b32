mod answers;
mod judged;
mod management;

use serde_json::{Value, json};

use super::{
    ClientInformation, DeleteRegistrationRequest, FetchRegistrationRequest, RegistrationEndpoint,
    UpdateRegistrationRequest,
};
use crate::configuration::Configuration;
use crate::endpoint::Endpoint;
use crate::error::{Artefact, Error, MetadataError, Misuse, Reason};
use crate::metadata::ClientMetadata;
use crate::policy::Policy;
use crate::testing::{NOW, response, server};
use crate::time::UnixTime;
use crate::wire::{Draft, DraftBody};

#[test]
fn a_registration_sends_the_metadata_without_identifier_and_secret() {
    let mut client = wanted();
    client.client_id = "mine".to_owned();
    client.client_secret = Some("hush".into());
    let draft = registration(client).request().unwrap();
    assert_eq!(draft.method, "POST");
    assert_eq!(draft.url.as_str(), "https://op.example/register");
    assert_eq!(draft.headers["content-type"], "application/json");
    assert_eq!(draft.headers["accept"], "application/json");
    assert!(!draft.headers.contains_key("authorization"));
    assert_eq!(
        body(&draft),
        json!({
            "redirect_uris": ["https://app.example/cb"],
            "token_endpoint_auth_method": "client_secret_basic",
        })
    );
}

#[test]
fn the_initial_access_token_goes_into_a_header_and_nowhere_else() {
    let registration = registration(wanted()).initial_access_token("iat-1");
    let draft = registration.request().unwrap();
    assert_eq!(draft.headers["authorization"], "Bearer iat-1");
    assert!(draft.headers["authorization"].is_sensitive());
    assert!(!format!("{registration:?}{draft:?}").contains("iat-1"));
    let unsendable = registration.initial_access_token("a\r\nb").request();
    assert!(matches!(
        unsendable,
        Err(Error::Misuse(Misuse::InvalidArgument {
            argument: "initial_access_token",
            ..
        }))
    ));
}

#[test]
fn a_server_without_the_endpoint_is_not_asked() {
    let mut server = server();
    let member = "registration_endpoint";
    for (url, expected) in [
        (None, MetadataError::Missing { member }),
        (
            Some("http://op.example/register"),
            MetadataError::NotHttps {
                member,
                found: "http://op.example".to_owned(),
            },
        ),
    ] {
        server.registration_endpoint = url.map(str::to_owned);
        let registration = RegistrationEndpoint::new(server.clone(), wanted(), Policy::default());
        let Err(Error::Metadata(error)) = registration.request() else {
            panic!("{url:?}");
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn what_the_server_has_registered_is_read_and_stored() {
    let information = read(201, &full()).unwrap();
    let metadata = information.metadata();
    assert_eq!(metadata.client_id, "c-1");
    assert_eq!(metadata.client_secret, Some("s-1".into()));
    assert_eq!(metadata.extra["x_more"], 1);
    assert!(!metadata.extra.contains_key("registration_access_token"));
    let at = UnixTime::from_seconds;
    assert_eq!(information.client_id_issued_at(), Some(at(NOW)));
    assert_eq!(information.client_secret_expires_at(), Some(at(NOW + 60)));
    assert_eq!(
        information.registration_client_uri(),
        Some("https://op.example/register/c-1")
    );
    let debug = format!("{information:?}");
    assert!(!debug.contains("rat-1") && !debug.contains("s-1"));

    // The server omitted the method, so the requested one applies.
    let mut stored = full();
    stored["token_endpoint_auth_method"] = json!("client_secret_basic");
    assert_eq!(Value::Object(information.to_json()), stored);
    let stored = Value::Object(information.to_json()).to_string();
    let restored = ClientInformation::from_json(stored.as_bytes()).unwrap();
    assert_eq!(restored, information);
}

/// Servers choose the form of that URL (RFC 7592 appendix B); it may contain a key.
#[test]
fn the_query_of_the_management_url_is_not_shown() {
    let mut document = full();
    document["registration_client_uri"] = json!("https://op.example/register?key=hush");
    let information = read(201, &document).unwrap();
    let (policy, again) = (Policy::default, || information.clone());
    let reading = FetchRegistrationRequest::new(again(), policy()).unwrap();
    let update = UpdateRegistrationRequest::new(again(), wanted(), policy()).unwrap();
    let shown = format!("{reading:?}");
    for shown in [shown, format!("{update:?} {information:?}")] {
        assert!(shown.contains("https://op.example/register"), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
    }
}

#[test]
fn what_real_servers_send_is_accepted() {
    let accepted = [
        (200, full(), Some(NOW)),
        (201, json!({"client_id": "c-1"}), None),
        (201, json!({"client_id": "c-1", "client_secret": "s"}), None),
        (
            201,
            json!({"client_id": "c-1", "client_id_issued_at": NOW.to_string()}),
            Some(NOW),
        ),
        (
            201,
            json!({
                "client_id": "c-1",
                "client_secret": null,
                "client_secret_expires_at": null,
                "client_id_issued_at": null,
                "registration_access_token": null,
                "registration_client_uri": null,
                "jwks_uri": null,
            }),
            None,
        ),
        (
            201,
            json!({"client_id": "c-1", "client_secret": "s", "client_secret_expires_at": 0}),
            None,
        ),
    ];
    for (status, document, issued_at) in accepted {
        let information = read(status, &document).unwrap();
        assert_eq!(information.metadata().client_id, "c-1");
        let found = information.client_id_issued_at();
        assert_eq!(found.map(UnixTime::seconds), issued_at, "{document}");
        if status == 201 {
            assert_eq!(information.client_secret_expires_at(), None, "{document}");
        }
    }
}

#[test]
fn a_response_that_registers_nothing_is_refused() {
    let seconds = "whole seconds since the epoch";
    let not_empty = "a string that is not empty";
    let ill_typed = |member: &'static str, expected, found: &str| Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    };
    for (changed, reason) in [
        (
            json!({"client_id": null}),
            Reason::Missing {
                member: "client_id".into(),
            },
        ),
        (
            json!({"client_id": ""}),
            ill_typed("client_id", not_empty, "an empty string"),
        ),
        (
            json!({"client_id": 7}),
            ill_typed("client_id", "a string", "number"),
        ),
        (
            json!({"client_secret": ""}),
            ill_typed("client_secret", not_empty, "an empty string"),
        ),
        (
            json!({"client_secret": 7}),
            ill_typed("client_secret", "a string", "number"),
        ),
        (
            json!({"registration_access_token": ""}),
            ill_typed("registration_access_token", not_empty, "an empty string"),
        ),
        (
            json!({"registration_client_uri": []}),
            ill_typed("registration_client_uri", "a string", "array"),
        ),
        (
            json!({"client_secret_expires_at": -1}),
            ill_typed("client_secret_expires_at", seconds, "number"),
        ),
        (
            json!({"client_secret_expires_at": "soon"}),
            ill_typed("client_secret_expires_at", seconds, "string"),
        ),
        (
            json!({"client_id_issued_at": u64::MAX}),
            ill_typed("client_id_issued_at", seconds, "number"),
        ),
        (
            json!({"redirect_uris": "https://app.example/cb"}),
            ill_typed("redirect_uris", "an array of strings", "string"),
        ),
    ] {
        let mut document = full();
        for (name, value) in changed.as_object().unwrap() {
            document[name] = value.clone();
        }
        let error = read(201, &document).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
        assert_eq!(rejection(error), reason, "{changed}");
    }
    let error = read(202, &full()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
    assert_eq!(rejection(error), status(201, 202));
}

#[test]
fn the_servers_refusal_is_surfaced() {
    let error = read(400, &json!({"error": "invalid_redirect_uri"})).unwrap_err();
    let Error::ResponseBody(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.error, "invalid_redirect_uri");
}

fn wanted() -> ClientMetadata {
    ClientMetadata {
        redirect_uris: Some(vec!["https://app.example/cb".to_owned()]),
        token_endpoint_auth_method: Some("client_secret_basic".to_owned()),
        ..ClientMetadata::default()
    }
}

fn full() -> Value {
    json!({
        "client_id": "c-1",
        "client_id_issued_at": NOW,
        "client_secret": "s-1",
        "client_secret_expires_at": NOW + 60,
        "registration_access_token": "rat-1",
        "registration_client_uri": "https://op.example/register/c-1",
        "redirect_uris": ["https://app.example/cb"],
        "x_more": 1,
    })
}

fn registered() -> ClientInformation {
    read(201, &full()).unwrap()
}

fn registration(client: ClientMetadata) -> RegistrationEndpoint {
    RegistrationEndpoint::new(server(), client, Policy::default())
}

fn read(status: u16, document: &Value) -> Result<ClientInformation, Error> {
    let response = response(status, document.to_string());
    registration(wanted()).response(UnixTime::from_seconds(NOW), &response)
}

fn body(draft: &Draft) -> Value {
    match &draft.body {
        DraftBody::Bytes(bytes) => serde_json::from_slice(bytes).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn status(expected: u16, found: u16) -> Reason {
    Reason::Status {
        expected,
        found,
        location: None,
    }
}

fn rejection(error: Error) -> Reason {
    match error {
        Error::Rejected(rejection) => {
            assert_eq!(rejection.artefact, Artefact::RegistrationResponse);
            rejection.reason.clone()
        }
        error => panic!("{error}"),
    }
}
