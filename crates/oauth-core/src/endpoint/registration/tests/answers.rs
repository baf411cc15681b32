//! Responses to a registration, compared with the request.

use jose::SignatureAlgorithm;

use super::*;
use crate::metadata::RegisteredAlgorithm;

const HYDRA: &str =
    include_str!("../../../../tests/cases/providers/hydra-registration-answer.json");
const CANAILLE: &str =
    include_str!("../../../../tests/cases/providers/canaille-registration-answer.json");
const GLEWLWYD: &str =
    include_str!("../../../../tests/cases/providers/glewlwyd-registration-answer.json");
const LLNG: &str = include_str!("../../../../tests/cases/providers/llng-registration-answer.json");

/// Returns the result for a client that requested this, with a real server's response.
fn answered(asked: ClientMetadata, answer: &str) -> Result<ClientInformation, Error> {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
    let response = response(status, answer["body"].to_string());
    registration(asked).response(UnixTime::from_seconds(NOW), &response)
}

fn asking(method: Option<&str>) -> ClientMetadata {
    ClientMetadata {
        token_endpoint_auth_method: method.map(str::to_owned),
        ..ClientMetadata::default()
    }
}

/// Returns the method of a client that requested `asked` and received this response.
fn method(asked: Option<&str>, answer: &Value) -> Result<String, Error> {
    let response = response(201, answer.to_string());
    let information =
        registration(asking(asked)).response(UnixTime::from_seconds(NOW), &response)?;
    let metadata = information.metadata();
    Ok(metadata.token_endpoint_auth_method.clone().unwrap())
}

#[test]
fn the_answers_of_real_servers_are_read() {
    for (answer, client_id, issued_at) in [
        (HYDRA, "7161b6c6-5d61-4f02-b6f9-5308f262c4dc", None),
        (
            CANAILLE,
            "91665e58-811d-4cf0-8c93-58eb440fbba5",
            Some(1_795_886_743),
        ),
        (GLEWLWYD, "5cr5ch0b8wqn2iz7", Some(1_795_885_723)),
        // The time is a string in this response.
        (LLNG, "DLFOv7NkgkEUKqGQuKnyZODT3MeVRg", Some(1_795_886_768)),
    ] {
        let information = answered(asking(None), answer).unwrap();
        let metadata = information.metadata();
        assert_eq!(metadata.client_id, client_id);
        assert!(metadata.client_secret.is_some());
        let method = metadata.token_endpoint_auth_method.as_deref();
        assert_eq!(method, Some("client_secret_basic"), "{client_id}");
        let found = information.client_id_issued_at();
        assert_eq!(found.map(UnixTime::seconds), issued_at);
        assert_eq!(information.client_secret_expires_at(), None);
        let stored = Value::Object(information.to_json()).to_string();
        let restored = ClientInformation::from_json(stored.as_bytes()).unwrap();
        assert_eq!(restored, information);
        let (client, policy) = (metadata.clone(), Policy::default());
        let configuration = Configuration::of_registered(server(), client, None, policy).unwrap();
        let method = configuration.authentication().as_str();
        assert_eq!(method, "client_secret_basic");
    }
    let llng = answered(asking(None), LLNG).unwrap();
    assert_eq!(llng.metadata().logo_uri, None);
    assert_eq!(llng.metadata().extra["client_id_expires_at"], 0);
    let hydra = answered(asking(None), HYDRA).unwrap();
    let userinfo = hydra.metadata().userinfo_signed_response_alg.as_ref();
    assert_eq!(userinfo.map(ToString::to_string).as_deref(), Some("none"));
    assert_eq!(hydra.metadata().contacts, None);
    let canaille = answered(asking(None), CANAILLE).unwrap();
    let contacts = canaille.metadata().contacts.as_deref();
    assert_eq!(contacts, Some(&["a@example.test".to_owned()][..]));
}

/// A server that omits the method has registered the requested one, or the default of RFC 7591
/// section 2.
#[test]
fn a_missing_method_is_the_one_asked_for() {
    let with_secret = json!({"client_id": "c-1", "client_secret": "s-1"});
    let without = json!({"client_id": "c-1"});
    let null = json!({
        "client_id": "c-1",
        "client_secret": "s-1",
        "token_endpoint_auth_method": null,
    });
    for asked in [
        "none",
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth",
        "another",
    ] {
        for answer in [&with_secret, &without, &null] {
            assert_eq!(method(Some(asked), answer).unwrap(), asked);
        }
    }
    assert_eq!(method(None, &with_secret).unwrap(), "client_secret_basic");
    assert_eq!(method(None, &null).unwrap(), "client_secret_basic");
    assert_eq!(method(None, &without).unwrap(), "none");
}

#[test]
fn what_the_server_answers_decides_but_sends_no_secret_that_was_not_to_be_sent() {
    let answer = |method: &str| {
        json!({
            "client_id": "c-1",
            "client_secret": "s-1",
            "token_endpoint_auth_method": method,
        })
    };
    for (asked, found) in [
        (None, "client_secret_post"),
        (Some("client_secret_basic"), "client_secret_post"),
        (Some("client_secret_post"), "client_secret_jwt"),
        (Some("none"), "client_secret_jwt"),
    ] {
        assert_eq!(method(asked, &answer(found)).unwrap(), found, "{asked:?}");
    }
    for asked in [
        "none",
        "client_secret_jwt",
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth",
    ] {
        for found in ["client_secret_basic", "client_secret_post"] {
            let error = method(Some(asked), &answer(found)).unwrap_err();
            assert_eq!(
                weakened(&error),
                Reason::Weakened {
                    member: "token_endpoint_auth_method",
                    asked: Some(asked.to_owned()),
                    found: Some(found.to_owned()),
                }
            );
        }
    }
}

#[test]
fn a_signature_that_was_asked_for_is_not_given_up() {
    let es256 = || Some(SignatureAlgorithm::ES256.into());
    type Member = fn(&mut ClientMetadata) -> &mut Option<RegisteredAlgorithm>;
    let ask: [(&'static str, Member); 4] = [
        ("userinfo_signed_response_alg", |client| {
            &mut client.userinfo_signed_response_alg
        }),
        ("request_object_signing_alg", |client| {
            &mut client.request_object_signing_alg
        }),
        ("introspection_signed_response_alg", |client| {
            &mut client.introspection_signed_response_alg
        }),
        ("backchannel_authentication_request_signing_alg", |client| {
            &mut client.backchannel_authentication_request_signing_alg
        }),
    ];
    for (member, of) in ask {
        let mut asked = wanted();
        *of(&mut asked) = es256();
        let judged = |value: Option<Value>| {
            let mut answer = full();
            if let Some(value) = value {
                answer[member] = value;
            }
            let response = response(201, answer.to_string());
            registration(asked.clone()).response(UnixTime::from_seconds(NOW), &response)
        };
        for (value, found) in [
            (Some(json!("none")), Some("none")),
            (Some(Value::Null), None),
            (None, None),
        ] {
            let error = judged(value).unwrap_err();
            assert_eq!(
                weakened(&error),
                Reason::Weakened {
                    member,
                    asked: Some("ES256".to_owned()),
                    found: found.map(str::to_owned),
                }
            );
            let shown = error.to_string();
            assert!(shown.contains(member) && shown.contains("ES256"), "{shown}");
        }
        // Another signature algorithm is a signature too.
        for algorithm in ["ES256", "RS256"] {
            judged(Some(json!(algorithm))).unwrap();
        }
    }
}

#[test]
fn none_is_a_registration_of_no_use_where_a_signature_is_all_there_is() {
    for (member, refused) in [
        ("userinfo_signed_response_alg", false),
        ("request_object_signing_alg", false),
        ("id_token_signed_response_alg", false),
        ("authorization_signed_response_alg", true),
        ("introspection_signed_response_alg", true),
        ("backchannel_authentication_request_signing_alg", true),
        ("token_endpoint_auth_signing_alg", true),
    ] {
        let mut answer = full();
        answer[member] = json!("none");
        match read(201, &answer) {
            Ok(_) => assert!(!refused, "{member}"),
            Err(error) => {
                assert!(refused, "{member}");
                assert_eq!(
                    weakened(&error),
                    Reason::Weakened {
                        member,
                        asked: None,
                        found: Some("none".to_owned()),
                    }
                );
            }
        }
    }
}

#[test]
fn what_no_client_could_use_is_not_asked_for() {
    let now = UnixTime::from_seconds(NOW);
    for member in [
        "id_token_signed_response_alg",
        "authorization_signed_response_alg",
        "introspection_signed_response_alg",
        "backchannel_authentication_request_signing_alg",
        "token_endpoint_auth_signing_alg",
    ] {
        let asked = json!({member: "none"}).to_string();
        let asked = ClientMetadata::unregistered_from_json(asked.as_bytes()).unwrap();
        let update =
            UpdateRegistrationRequest::new(registered(), asked.clone(), Policy::default()).unwrap();
        for request in [registration(asked).request(), update.request()] {
            let Err(Error::Misuse(misuse)) = request else {
                panic!("{member} was asked for");
            };
            assert_eq!(
                misuse,
                Misuse::InvalidArgument {
                    argument: member,
                    expected: "a signature algorithm",
                    found: "none".to_owned(),
                }
            );
        }
    }
    // If a server sends it nevertheless, the error contains the registration.
    let update = UpdateRegistrationRequest::new(registered(), wanted(), Policy::default()).unwrap();
    let answer = json!({"client_id": "c-1", "introspection_signed_response_alg": "none"});
    let answer = response(200, answer.to_string());
    let Err(Error::RegistrationUnusable(unusable)) = update.response(now, &answer) else {
        panic!();
    };
    let kept = unusable.client_information();
    assert_eq!(kept.metadata().client_secret, Some("s-1".into()));
    assert_eq!(kept.registration_access_token(), Some(&"rat-1".into()));
}

#[test]
fn an_update_leaves_the_method_as_it_was() {
    let now = UnixTime::from_seconds(NOW);
    let method = |asked: Option<&str>, found: Option<&str>| {
        let mut before = full();
        before["token_endpoint_auth_method"] = json!("private_key_jwt");
        let before = ClientInformation::from_json(before.to_string().as_bytes()).unwrap();
        let reading = FetchRegistrationRequest::new(before.clone(), Policy::default()).unwrap();
        let update =
            UpdateRegistrationRequest::new(before, asking(asked), Policy::default()).unwrap();
        let answer = json!({"client_id": "c-1", "token_endpoint_auth_method": found});
        let answer = response(200, answer.to_string());
        let read = reading.response(now, &answer);
        match found {
            None => {
                let read = read.unwrap().metadata().token_endpoint_auth_method.clone();
                assert_eq!(read.as_deref(), Some("private_key_jwt"));
            }
            Some(_) => drop(weakened(&read.unwrap_err())),
        }
        let updated = update.response(now, &answer)?;
        Ok(updated.metadata().token_endpoint_auth_method.clone())
    };
    let is = |result: Result<Option<String>, Error>| result.unwrap().unwrap();
    assert_eq!(is(method(None, None)), "private_key_jwt");
    assert_eq!(is(method(Some("none"), None)), "none");
    let post = Some("client_secret_post");
    assert_eq!(is(method(post, None)), "client_secret_post");
    assert_eq!(
        is(method(post, Some("client_secret_basic"))),
        "client_secret_basic"
    );
    assert_eq!(
        weakened(&method(None, post).unwrap_err()),
        Reason::Weakened {
            member: "token_endpoint_auth_method",
            asked: Some("private_key_jwt".to_owned()),
            found: post.map(str::to_owned),
        }
    );
}

#[test]
fn a_secret_is_sent_in_an_update_only_where_the_caller_sets_one() {
    let mut metadata = wanted();
    let sent = |metadata: &ClientMetadata| {
        let update =
            UpdateRegistrationRequest::new(registered(), metadata.clone(), Policy::default());
        body(&update.unwrap().request().unwrap())
    };
    assert_eq!(sent(&metadata).get("client_secret"), None);
    metadata.client_secret = Some("s-1".into());
    assert_eq!(sent(&metadata)["client_secret"], "s-1");
}

/// A server without this endpoint or method (RFC 7592 section 2).
#[test]
fn the_status_is_named() {
    let now = UnixTime::from_seconds(NOW);
    let reading = FetchRegistrationRequest::new(registered(), Policy::default()).unwrap();
    let update = UpdateRegistrationRequest::new(registered(), wanted(), Policy::default()).unwrap();
    let deletion = DeleteRegistrationRequest::new(registered(), Policy::default()).unwrap();
    for found in [404, 405, 501] {
        for text in ["", "<html>Not here</html>", r#"{"message":"no"}"#] {
            let response = response(found, text);
            for (expected, error) in [
                (201, registration(wanted()).response(now, &response).err()),
                (200, reading.response(now, &response).err()),
                (200, update.response(now, &response).err()),
                (204, deletion.response(now, &response).err()),
            ] {
                let error = error.unwrap();
                assert!(error.to_string().contains(&found.to_string()), "{error}");
                assert_eq!(rejection(error), status(expected, found));
            }
        }
        let response = response(found, r#"{"error":"unsupported"}"#);
        let error = registration(wanted()).response(now, &response).unwrap_err();
        assert!(error.to_string().contains(&found.to_string()), "{error}");
    }
}

/// Returns the reason, and checks that the error keeps the credentials and shows none of them.
fn weakened(error: &Error) -> Reason {
    let Error::RegistrationUnusable(unusable) = error else {
        panic!("{error}");
    };
    assert_eq!(error.code(), Some("OAUTH_REGISTRATION_WEAKENED"));
    assert_eq!(error.rejection(), Some(unusable.rejection()));
    let kept = unusable.client_information();
    assert_eq!(kept.metadata().client_secret, Some("s-1".into()));
    assert!(!format!("{error} {error:?}").contains("s-1"));
    let rejection = unusable.rejection();
    assert_eq!(rejection.artefact, Artefact::RegistrationResponse);
    rejection.reason.clone()
}
