//! Reading, changing and deleting a registration (RFC 7592).

use super::*;

#[test]
fn management_shows_the_registration_access_token() {
    let draft = FetchRegistrationRequest::new(registered(), Policy::default())
        .unwrap()
        .request()
        .unwrap();
    assert_eq!(draft.method, "GET");
    assert_eq!(draft.url.as_str(), "https://op.example/register/c-1");
    assert_eq!(draft.headers["authorization"], "Bearer rat-1");

    let mut metadata = wanted();
    metadata.client_id = "another".to_owned();
    let set = ["client_id_issued_at", "registration_access_token"];
    for member in set {
        metadata.extra.insert(member.to_owned(), json!("x"));
    }
    let draft = UpdateRegistrationRequest::new(registered(), metadata, Policy::default())
        .unwrap()
        .request()
        .unwrap();
    assert_eq!(draft.method, "PUT");
    assert_eq!(draft.headers["authorization"], "Bearer rat-1");
    assert_eq!(
        body(&draft),
        json!({
            "client_id": "c-1",
            "redirect_uris": ["https://app.example/cb"],
            "token_endpoint_auth_method": "client_secret_basic",
        })
    );
    assert!(!format!("{draft:?}").contains("s-1"));

    let deletion = DeleteRegistrationRequest::new(registered(), Policy::default()).unwrap();
    let draft = deletion.request().unwrap();
    assert_eq!(draft.method, "DELETE");
    assert_eq!(draft.headers["authorization"], "Bearer rat-1");
    let now = UnixTime::from_seconds(NOW);
    deletion.response(now, &response(204, "")).unwrap();
    let error = deletion.response(now, &response(200, "{}")).unwrap_err();
    assert_eq!(rejection(error), status(204, 200));
}

#[test]
fn management_needs_url_and_token() {
    for (member, argument) in [
        ("registration_client_uri", "registration_client_uri"),
        ("registration_access_token", "registration_access_token"),
    ] {
        let mut document = full();
        document[member] = Value::Null;
        let information = read(201, &document).unwrap();
        let result = FetchRegistrationRequest::new(information, Policy::default());
        assert!(matches!(
            result,
            Err(Error::Misuse(Misuse::MissingArgument { argument: found, .. })) if found == argument
        ));
    }
    let mut document = full();
    document["registration_client_uri"] = json!("http://op.example/register/c-1");
    let information = read(201, &document).unwrap();
    let error = FetchRegistrationRequest::new(information, Policy::default()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
}

#[test]
fn a_registration_stays_that_of_the_same_client() {
    let reading = FetchRegistrationRequest::new(registered(), Policy::default()).unwrap();
    let read = |document: Value| {
        let response = response(200, document.to_string());
        reading.response(UnixTime::from_seconds(NOW), &response)
    };
    let same = read(json!({"client_id": "c-1"})).unwrap();
    assert_eq!(same.registration_access_token(), Some(&"rat-1".into()));
    assert_eq!(same.metadata().client_secret, Some("s-1".into()));
    assert!(same.registration_client_uri().is_some());
    let rotated = json!({"client_id": "c-1", "registration_access_token": "rat-2"});
    let rotated = read(rotated).unwrap();
    assert_eq!(rotated.registration_access_token(), Some(&"rat-2".into()));
    assert_eq!(
        rotated.client_secret_expires_at(),
        same.client_secret_expires_at()
    );
    let rotated =
        json!({"client_id": "c-1", "client_secret": "s-2", "client_secret_expires_at": 0});
    let rotated = read(rotated).unwrap();
    assert_eq!(rotated.metadata().client_secret, Some("s-2".into()));
    assert_eq!(rotated.client_secret_expires_at(), None);

    let error = read(json!({"client_id": "c-2"})).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
    assert_eq!(
        rejection(error),
        Reason::AttributeMismatch {
            member: "client_id",
            expected: Some("c-1".to_owned()),
            found: Some("c-2".to_owned()),
        }
    );
    let created = response(201, full().to_string());
    let error = reading.response(UnixTime::from_seconds(NOW), &created);
    assert_eq!(rejection(error.unwrap_err()), status(200, 201));
}
