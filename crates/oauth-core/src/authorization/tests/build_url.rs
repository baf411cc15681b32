//! Requests that are signed, pushed or both, as scripts of events and actions.

mod unsupported;

use jose::SignatureAlgorithm;
use serde_json::{Value, json};

use super::*;
use crate::configuration::Configuration;
use crate::error::{KeyFault, MetadataError, Misuse, NoAnswer, Unanswered};
use crate::key::{KeyJob, KeyReference, KeyResult, ModifyAssertion};
use crate::metadata::ServerMetadata;
use crate::names::{EndpointName, KeyName};
use crate::testing::{assert_finished, assert_unexpected, decoded, done, sent};
use crate::wire::Parameters;

fn key() -> KeyReference {
    KeyReference {
        name: KeyName::new("k"),
        algorithm: SignatureAlgorithm::ES256,
        kid: Some("2024".to_owned()),
    }
}

fn signed() -> RequestObject {
    RequestObject::new(key()).unwrap()
}

fn configuration(change: impl FnOnce(&mut ServerMetadata)) -> Configuration {
    // The endpoint's own query does not belong to the request.
    let endpoint = Some("https://op.example/authorize?tenant=1".to_owned());
    let setup = testing::setup().server(|it| it.authorization_endpoint = endpoint);
    setup.server(change).build()
}

fn build(parameters: &str) -> BuildAuthorizationUrl {
    BuildAuthorizationUrl::new(configuration(|_| ()), Parameters::decode(parameters))
}

fn step(operation: &mut BuildAuthorizationUrl, event: Event) -> Result<Action<Url>, Error> {
    operation.step(&mut testing::env(NOW, 0, &Cache::default()), event)
}

/// Returns the input that the key is to sign.
#[track_caller]
fn job(result: Result<Action<Url>, Error>) -> Vec<u8> {
    match result {
        Ok(Action::UseKey(KeyJob::Sign { key, input, .. })) if key.as_str() == "k" => input,
        other => panic!("{other:?}"),
    }
}

fn signature() -> Event {
    Event::KeyUsed(KeyResult::Signature(vec![1; 64]))
}

fn misuse(result: Result<Action<Url>, Error>) -> Misuse {
    match result {
        Err(Error::Misuse(misuse)) => misuse,
        other => panic!("{other:?}"),
    }
}

/// Returns the header and claims of the request object for these parameters.
fn request_object_of(parameters: &str) -> (Value, Value) {
    let mut operation = build(parameters).request_object(signed());
    job(step(&mut operation, Event::Begin));
    let url = done(step(&mut operation, signature()));
    let request = url.query_pairs().find(|(name, _)| name == "request");
    decoded(&request.unwrap().1)
}

/// The content of a request object (RFC 9101 section 4) and its type (section 10.8).
#[test]
fn a_request_object_carries_every_parameter() {
    let mut operation = build("scope=openid&state=s&max_age=0&resource=https%3A%2F%2Fa.example")
        .request_object(signed());
    let input = job(step(&mut operation, Event::Begin));
    let url = done(step(&mut operation, signature()));
    let (expected, _) = url.as_str().rsplit_once('.').unwrap();
    assert_eq!(
        expected,
        format!(
            "https://op.example/authorize?tenant=1&client_id=app&response_type=code&scope=openid\
             &request={}",
            String::from_utf8(input).unwrap()
        )
    );
    let (header, claims) =
        request_object_of("scope=openid&state=s&max_age=0&resource=https%3A%2F%2Fa.example");
    assert_eq!(
        header,
        json!({"alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": "2024"})
    );
    assert_eq!(
        claims,
        json!({
            "iss": "app",
            "aud": "https://op.example",
            "jti": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            "iat": NOW,
            "nbf": NOW,
            "exp": NOW + 60,
            "client_id": "app",
            "response_type": "code",
            "scope": "openid",
            "state": "s",
            "max_age": 0,
            "resource": "https://a.example",
        })
    );
    assert_finished(&mut operation);
}

#[test]
fn what_is_json_by_nature_stays_so() {
    let (_, claims) = request_object_of(
        "resource=urn%3Aa&resource=urn%3Ab&resource=urn%3Ac&claims=%7B%22id_token%22%3Anull%7D\
         &authorization_details=%5B%7B%22type%22%3A%22x%22%7D%5D",
    );
    assert_eq!(claims["resource"], json!(["urn:a", "urn:b", "urn:c"]));
    assert_eq!(claims["claims"], json!({"id_token": null}));
    assert_eq!(claims["authorization_details"], json!([{"type": "x"}]));
}

#[test]
fn what_cannot_become_a_claim_is_refused() {
    let own = "without claims of the request object itself";
    let object = "claims as a JSON object";
    let array = "authorization_details as a JSON array";
    for (parameters, expected, found) in [
        ("iss=x", own, "iss"),
        ("sub=app", own, "sub"),
        ("aud=x", own, "aud"),
        ("exp=1", own, "exp"),
        ("nbf=1", own, "nbf"),
        ("iat=1", own, "iat"),
        ("jti=1", own, "jti"),
        ("request=e30.e30.e30", own, "request"),
        ("request_uri=urn%3Ax", own, "request_uri"),
        ("scope=a&scope=b", "each once in a request object", "scope"),
        ("max_age=-1", "max_age as a whole number of seconds", "-1"),
        ("max_age=1.5", "max_age as a whole number of seconds", "1.5"),
        ("claims=%5B%5D", object, "[]"),
        ("claims=%7B", object, "{"),
        (
            "claims=%7B%22a%22%3A1%2C%22a%22%3A2%7D",
            object,
            r#"{"a":1,"a":2}"#,
        ),
        ("authorization_details=%7B%7D", array, "{}"),
    ] {
        let mut operation = build(parameters).request_object(signed());
        assert_eq!(
            misuse(step(&mut operation, Event::Begin)),
            Misuse::InvalidArgument {
                argument: "parameters",
                expected,
                found: found.to_owned(),
            },
            "{parameters}"
        );
        assert_finished(&mut operation);
    }
}

#[test]
fn a_request_object_can_be_changed_and_needs_a_private_key() {
    let modify = ModifyAssertion::new(|header, claims| {
        header.remove("typ");
        claims.remove("nbf");
    });
    let mut operation = build("").request_object(signed().modify_assertion(modify));
    job(step(&mut operation, Event::Begin));
    let url = done(step(&mut operation, signature()));
    let request = url.query_pairs().find(|(name, _)| name == "request");
    let (header, claims) = decoded(&request.unwrap().1);
    assert_eq!(header, json!({"alg": "ES256", "kid": "2024"}));
    assert_eq!(claims.get("nbf"), None);

    let symmetric = KeyReference {
        algorithm: SignatureAlgorithm::HS256,
        ..key()
    };
    assert!(matches!(
        RequestObject::new(symmetric),
        Err(Error::Misuse(Misuse::InvalidArgument {
            argument: "key",
            ..
        }))
    ));
}

/// The pushed request (RFC 9126 section 2.1) and the URL for the browser (section 4).
#[test]
fn a_pushed_request_leaves_a_reference_to_the_browser() {
    let mut operation = build("scope=openid&resource=urn%3Aa&resource=urn%3Ab").pushed();
    let outbound = sent(step(&mut operation, Event::Begin));
    assert_eq!(outbound.endpoint, EndpointName::PushedAuthorization);
    assert_eq!(
        std::str::from_utf8(outbound.request.body()).unwrap(),
        "scope=openid&resource=urn%3Aa&resource=urn%3Ab&response_type=code&client_id=app"
    );
    let response = testing::response(201, r#"{"request_uri":"urn:x:1","expires_in":60}"#);
    let url = done(step(&mut operation, Event::Received(response)));
    assert_eq!(
        url.as_str(),
        "https://op.example/authorize?tenant=1&client_id=app&request_uri=urn%3Ax%3A1"
    );
    assert_finished(&mut operation);
}

/// The content of a pushed request is invisible in the URL, and the URL must not contradict it.
#[test]
fn the_endpoints_own_query_changes_no_pushed_request() {
    for name in ["request", "request_uri", "response_mode", "redirect_uri"] {
        let configuration = configuration(|it| {
            it.authorization_endpoint = Some(format!("https://op.example/authorize?{name}=x"));
        });
        let parameters = Parameters::decode("scope=openid&redirect_uri=https%3A%2F%2Fa.example");
        let mut operation = BuildAuthorizationUrl::new(configuration, parameters).pushed();
        sent(step(&mut operation, Event::Begin));
        let response = testing::response(201, r#"{"request_uri":"urn:x:1","expires_in":60}"#);
        let Err(Error::Metadata(error)) = step(&mut operation, Event::Received(response)) else {
            panic!("{name}");
        };
        assert_eq!(
            error,
            MetadataError::Invalid {
                member: "authorization_endpoint",
                expected: "a URL whose query holds no parameter of the request",
                found: name.to_owned(),
            }
        );
    }
}

/// RFC 9126 section 3 defines pushed request objects.
#[test]
fn a_request_object_can_be_pushed() {
    // Whether the server takes request objects through the browser has no effect here.
    let configuration = configuration(|it| it.request_parameter_supported = Some(false));
    let parameters = Parameters::decode("scope=openid&state=s");
    let mut operation = BuildAuthorizationUrl::new(configuration, parameters)
        .request_object(signed())
        .pushed();
    let input = job(step(&mut operation, Event::Begin));
    let outbound = sent(step(&mut operation, signature()));
    let form = Parameters::decode(std::str::from_utf8(outbound.request.body()).unwrap());
    let names: Vec<_> = form.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["request", "client_id"]);
    let request = form.first("request").unwrap();
    assert_eq!(request.rsplit_once('.').unwrap().0.as_bytes(), input);
    let response = testing::response(201, r#"{"request_uri":"urn:x","expires_in":60}"#);
    let url = done(step(&mut operation, Event::Received(response)));
    assert!(
        url.as_str()
            .ends_with("?tenant=1&client_id=app&request_uri=urn%3Ax")
    );
}

#[test]
fn what_a_server_requires_is_not_forgotten() {
    let needs_pushed = Misuse::MissingArgument {
        argument: "pushed",
        purpose: "a server that requires pushed authorization requests",
    };
    let needs_signed = Misuse::MissingArgument {
        argument: "request_object",
        purpose: "a server that requires signed request objects",
    };
    let pushing = |server: &mut ServerMetadata| {
        server.require_pushed_authorization_requests = Some(true);
    };
    let signing = |server: &mut ServerMetadata| {
        server.require_signed_request_object = Some(true);
    };
    let build = |configuration: &Configuration, parameters: &str| {
        BuildAuthorizationUrl::new(configuration.clone(), Parameters::decode(parameters))
    };

    let configured = configuration(pushing);
    for mut operation in [
        build(&configured, ""),
        build(&configured, "").request_object(signed()),
        build(&configured, "request=e30.e30.e30"),
    ] {
        assert_eq!(misuse(step(&mut operation, Event::Begin)), needs_pushed);
    }
    sent(step(&mut build(&configured, "").pushed(), Event::Begin));
    done(step(
        &mut build(&configured, "request_uri=urn%3Ax"),
        Event::Begin,
    ));

    let configured = configuration(signing);
    for mut operation in [build(&configured, ""), build(&configured, "").pushed()] {
        assert_eq!(misuse(step(&mut operation, Event::Begin)), needs_signed);
    }
    for mut operation in [
        build(&configured, "").request_object(signed()),
        build(&configured, "").request_object(signed()).pushed(),
    ] {
        job(step(&mut operation, Event::Begin));
    }
    // The content of a reference that the caller supplies cannot be checked.
    for parameters in ["request=e30.e30.e30", "request_uri=urn%3Ax"] {
        done(step(&mut build(&configured, parameters), Event::Begin));
    }
    let plain = build_authorization_url(&configured, Parameters::new());
    assert!(matches!(plain, Err(Error::Misuse(misuse)) if misuse == needs_signed));
    let plain = build_authorization_url(&configuration(pushing), Parameters::new());
    assert!(matches!(plain, Err(Error::Misuse(misuse)) if misuse == needs_pushed));
}

#[test]
fn a_server_without_the_endpoint_is_named_before_anything_is_sent() {
    let configuration = configuration(|it| it.pushed_authorization_request_endpoint = None);
    let mut operation = BuildAuthorizationUrl::new(configuration, Parameters::new()).pushed();
    let error = step(&mut operation, Event::Begin).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_MISSING_SERVER_METADATA"));
    assert!(
        error
            .to_string()
            .contains("pushed_authorization_request_endpoint")
    );
}

#[test]
fn each_state_refuses_events_that_do_not_belong_there() {
    let unavailable = || KeyFault {
        key: KeyName::new("k"),
        source: None,
    };
    let mut operation = build("").pushed();
    assert_unexpected(step(&mut operation, Event::Elapsed), "Begin", "Elapsed");
    let mut operation = build("").request_object(signed());
    job(step(&mut operation, Event::Begin));
    let event = Event::Received(testing::response(201, "{}"));
    assert_unexpected(
        step(&mut operation, event),
        "KeyUsed or KeyUnavailable",
        "Received",
    );
    assert_finished(&mut operation);

    let mut operation = build("").request_object(signed());
    job(step(&mut operation, Event::Begin));
    let error = step(&mut operation, Event::KeyUnavailable(unavailable())).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
    assert_finished(&mut operation);

    let mut operation = build("").pushed();
    sent(step(&mut operation, Event::Begin));
    let unanswered = Unanswered {
        endpoint: EndpointName::PushedAuthorization,
        reason: NoAnswer::Interrupted,
        source: None,
    };
    let error = step(&mut operation, Event::Unanswered(unanswered)).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
    assert_finished(&mut operation);

    for mut operation in [build("").pushed(), build("").request_object(signed())] {
        step(&mut operation, Event::Begin).unwrap();
        let error = step(&mut operation, Event::Aborted).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_ABORT"));
        assert_finished(&mut operation);
    }
}

#[test]
fn a_login_can_be_signed_and_pushed() {
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let request = AuthorizationRequest::new(configuration(|_| ()))
        .redirect_uri("https://app.example/cb")
        .resource("https://a.example")
        .claims(serde_json::Map::from_iter([(
            "userinfo".to_owned(),
            json!({"email": null}),
        )]))
        .authorization_details([AuthorizationDetail::new("payment")
            .actions(["read"])
            .locations(["https://a.example"])
            .identifier("7")])
        .request_object(signed())
        .pushed();
    let mut begin = request.begin();
    let Ok(Action::UseKey(job)) = begin.step(&mut env, Event::Begin) else {
        panic!();
    };
    assert_eq!(job.key().as_str(), "k");
    let outbound = sent(begin.step(&mut env, signature()));
    let form = Parameters::decode(std::str::from_utf8(outbound.request.body()).unwrap());
    let (_, claims) = decoded(form.first("request").unwrap());
    assert_eq!(claims["claims"], json!({"userinfo": {"email": null}}));
    assert_eq!(claims["resource"], "https://a.example");
    assert_eq!(
        claims["authorization_details"],
        json!([{
            "type": "payment",
            "actions": ["read"],
            "locations": ["https://a.example"],
            "identifier": "7",
        }])
    );
    let response = testing::response(201, r#"{"request_uri":"urn:x","expires_in":60}"#);
    let (url, pending) = done(begin.step(&mut env, Event::Received(response)));
    assert!(!url.as_str().contains("state"));
    assert_eq!(claims["state"], pending.state());
    assert_finished(&mut begin);
}
