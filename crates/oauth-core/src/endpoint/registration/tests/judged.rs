//! The comparison uses the members that are sent, in any field, and the latest response.

use super::*;

const SIGNED: [&str; 4] = [
    "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
    "request_object_signing_alg",
    "backchannel_authentication_request_signing_alg",
];

fn with(changed: &Value) -> Value {
    let mut document = full();
    for (name, value) in changed.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn information(changed: &Value) -> ClientInformation {
    ClientInformation::from_json(with(changed).to_string().as_bytes()).unwrap()
}

/// Returns metadata whose members are all in `extra`.
fn in_extra(members: &Value) -> ClientMetadata {
    ClientMetadata {
        extra: members.as_object().unwrap().clone(),
        ..ClientMetadata::default()
    }
}

fn of_weakened<T>(result: Result<T, Error>) -> (Reason, ClientInformation) {
    let Err(Error::RegistrationUnusable(unusable)) = result else {
        panic!("accepted, or refused for another reason");
    };
    let reason = unusable.rejection().reason.clone();
    (reason, unusable.client_information().clone())
}

fn from(member: &'static str, asked: &str, found: Option<&str>) -> Reason {
    Reason::Weakened {
        member,
        asked: Some(asked.to_owned()),
        found: found.map(str::to_owned),
    }
}

/// The client would send its requests without authentication, although it has a key.
#[test]
fn a_client_that_asked_for_a_method_is_not_registered_without_one() {
    let none = json!({"token_endpoint_auth_method": "none"});
    let now = UnixTime::from_seconds(NOW);
    for asked in [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth",
        "another",
    ] {
        let asking = json!({"token_endpoint_auth_method": asked});
        let typed = ClientMetadata::unregistered_from_json(asking.to_string().as_bytes());
        let expected = from("token_endpoint_auth_method", asked, Some("none"));
        let created = response(201, with(&none).to_string());
        for metadata in [typed.unwrap(), in_extra(&asking)] {
            let answered = registration(metadata).response(now, &created);
            let (reason, kept) = of_weakened(answered);
            assert_eq!(reason, expected);
            assert_eq!(kept.metadata().client_secret, Some("s-1".into()));
        }
        // A later change to `none` is refused too.
        let before = information(&asking);
        let changed = response(200, with(&none).to_string());
        let metadata = ClientMetadata::default();
        let update = UpdateRegistrationRequest::new(before, metadata, Policy::default()).unwrap();
        assert_eq!(of_weakened(update.response(now, &changed)).0, expected);
    }
    // A client that requests `none`, or no method, gets it.
    let created = response(201, with(&none).to_string());
    for metadata in [ClientMetadata::default(), in_extra(&none)] {
        registration(metadata).response(now, &created).unwrap();
    }
    let before = information(&json!({"token_endpoint_auth_method": "private_key_jwt"}));
    let update =
        UpdateRegistrationRequest::new(before, in_extra(&none), Policy::default()).unwrap();
    let changed = response(200, with(&none).to_string());
    update.response(now, &changed).unwrap();
}

#[test]
fn what_is_asked_for_in_extra_is_asked_for() {
    let now = UnixTime::from_seconds(NOW);
    for member in SIGNED {
        let metadata = in_extra(&json!({ member: "ES256" }));
        let registration = registration(metadata.clone());
        assert_eq!(body(&registration.request().unwrap())[member], "ES256");
        let update =
            UpdateRegistrationRequest::new(registered(), metadata, Policy::default()).unwrap();
        for (changed, found) in [(json!({}), None), (json!({ member: "none" }), Some("none"))] {
            let expected = from(member, "ES256", found);
            let created = response(201, with(&changed).to_string());
            let answered = registration.response(now, &created);
            assert_eq!(of_weakened(answered).0, expected);
            let updated = response(200, with(&changed).to_string());
            assert_eq!(of_weakened(update.response(now, &updated)).0, expected);
        }
        let created = response(201, with(&json!({ member: "PS256" })).to_string());
        registration.response(now, &created).unwrap();
    }
    // `extra` is no way around the check of the request either.
    let unsecured = in_extra(&json!({"id_token_signed_response_alg": "none"}));
    let Err(Error::Misuse(misuse)) = registration(unsecured).request() else {
        panic!("asked for");
    };
    assert_eq!(
        misuse,
        Misuse::InvalidArgument {
            argument: "id_token_signed_response_alg",
            expected: "a signature algorithm",
            found: "none".to_owned(),
        }
    );
    let ill_typed = in_extra(&json!({"request_object_signing_alg": ["ES256"]}));
    let error = registration(ill_typed).request().unwrap_err();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::IllTyped {
            member: "request_object_signing_alg".into(),
            expected: "a string",
            found: "array".to_owned(),
        }
    );
}

/// An update begins with the registered metadata.
#[test]
fn none_that_is_registered_is_left_out_of_an_update() {
    let members = [
        "id_token_signed_response_alg",
        "authorization_signed_response_alg",
        "introspection_signed_response_alg",
        "backchannel_authentication_request_signing_alg",
        "token_endpoint_auth_signing_alg",
        "userinfo_signed_response_alg",
        "request_object_signing_alg",
    ];
    for member in members {
        let before = information(&json!({ member: "none", "client_name": "before" }));
        let mut metadata = before.metadata().clone();
        metadata.client_name = Some("after".to_owned());
        let update = UpdateRegistrationRequest::new(before, metadata.clone(), Policy::default());
        let sent = body(&update.unwrap().request().unwrap());
        assert_eq!(sent["client_name"], "after");
        assert_eq!(sent.get(member), None, "{member}");
    }
    // The method, and values that were not registered, stay in the update.
    let before = information(&json!({"token_endpoint_auth_method": "none"}));
    let metadata = before.metadata().clone();
    let update = UpdateRegistrationRequest::new(before, metadata, Policy::default()).unwrap();
    let sent = body(&update.request().unwrap());
    assert_eq!(sent["token_endpoint_auth_method"], "none");
    let metadata = in_extra(&json!({"userinfo_signed_response_alg": "none"}));
    let update = UpdateRegistrationRequest::new(registered(), metadata, Policy::default()).unwrap();
    let sent = body(&update.request().unwrap());
    assert_eq!(sent["userinfo_signed_response_alg"], "none");
}

#[test]
fn a_read_that_says_less_than_before_is_told_of() {
    let now = UnixTime::from_seconds(NOW);
    let read = |before: &Value, answer: &Value| {
        let reading =
            FetchRegistrationRequest::new(information(before), Policy::default()).unwrap();
        let answer = response(200, with(answer).to_string());
        reading.response(now, &answer)
    };
    for member in SIGNED {
        let before = json!({ member: "ES256" });
        for (answer, found) in [
            (json!({ member: "none" }), Some("none")),
            (json!({ member: null }), None),
            (json!({}), None),
        ] {
            let answer = read(&before, &answer);
            let (reason, kept) = of_weakened(answer);
            assert_eq!(reason, from(member, "ES256", found));
            // A client that accepts the new values reads the registration again with them.
            let again = FetchRegistrationRequest::new(kept, Policy::default()).unwrap();
            let answer = response(200, full().to_string());
            again.response(now, &answer).unwrap();
        }
        read(&before, &json!({ member: "RS256" })).unwrap();
        read(&json!({}), &json!({ member: "RS256" })).unwrap();
    }
    let method = |method: &str| json!({ "token_endpoint_auth_method": method });
    for found in ["none", "client_secret_basic", "client_secret_post"] {
        let answer = read(&method("private_key_jwt"), &method(found));
        let member = "token_endpoint_auth_method";
        let expected = from(member, "private_key_jwt", Some(found));
        assert_eq!(of_weakened(answer).0, expected);
    }
    // A method that no document names stays absent.
    let unnamed = read(&json!({}), &json!({})).unwrap();
    assert_eq!(unnamed.metadata().token_endpoint_auth_method, None);
}
