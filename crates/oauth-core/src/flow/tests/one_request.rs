//! The operations that are one request, each as a script: what is sent, and how it ends.

use std::fmt::Debug;
use std::time::Duration;

use http::Method;
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::json;

use super::*;
use crate::client_auth::{ClientAuthentication, PrivateKeyJwt};
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::endpoint::{ClientInformation, DiscoveryAlgorithm};
use crate::error::{Error, KeyFault, NoAnswer, Unanswered};
use crate::key::KeyReference;
use crate::metadata::ClientMetadata;
use crate::names::{EndpointName, KeyName};
use crate::operation::{Event, Operation};
use crate::outbound::Outbound;
use crate::policy::Policy;
use crate::testing;
use crate::testing::script::{Script, form, received, signed};
use crate::testing::{NOW, SERVER_KEY, assert_finished, assert_unexpected};

/// A client that signs assertions with the key `client`.
fn configuration() -> Configuration {
    let key = KeyReference::new("client", SignatureAlgorithm::ES256);
    let method = PrivateKeyJwt::new(key).unwrap();
    let method = ClientAuthentication::PrivateKeyJwt(method);
    testing::setup().authentication(method).build()
}

fn registered() -> ClientInformation {
    let document = json!({
        "client_id": "app",
        "registration_access_token": "manage",
        "registration_client_uri": "https://op.example/register/app",
    });
    ClientInformation::from_json(document.to_string().as_bytes()).unwrap()
}

fn discovery() -> Discover {
    let issuer = "https://op.example";
    Call::new(DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, Policy::default()).unwrap())
}

fn registration() -> RegistrationEndpoint {
    RegistrationEndpoint::new(
        testing::server(),
        ClientMetadata::default(),
        Policy::default(),
    )
}

fn unanswered(endpoint: EndpointName) -> Event {
    Event::Unanswered(Unanswered {
        endpoint,
        reason: NoAnswer::TimedOut {
            deadline: Duration::from_secs(30),
        },
        source: None,
    })
}

/// The request of an operation that needs no key, after checking how it ends otherwise.
#[track_caller]
fn sends_alone<O: Operation<Output: Debug>>(
    make: impl Fn() -> O,
    endpoint: EndpointName,
) -> (Script<O>, Outbound) {
    assert_unexpected(Script::new(make()).step(Event::Elapsed), "Begin", "Elapsed");
    assert!(matches!(
        Script::new(make()).fails(Event::Aborted),
        Error::Aborted
    ));
    let asked = || {
        let mut script = Script::new(make());
        let outbound = script.sends(Event::Begin);
        assert_eq!(outbound.endpoint, endpoint);
        assert_eq!(outbound.deadline, Duration::from_secs(30));
        (script, outbound)
    };
    assert_fails_when_asked(
        &mut asked().0,
        endpoint,
        unanswered(endpoint),
        "OAUTH_TIMEOUT",
    );
    assert_fails_when_asked(&mut asked().0, endpoint, Event::Aborted, "OAUTH_ABORT");
    let down = received(503, "");
    let code = "OAUTH_RESPONSE_IS_NOT_CONFORM";
    assert_fails_when_asked(&mut asked().0, endpoint, down, code);
    let (mut script, _) = asked();
    let expected = "Received or Unanswered";
    assert_unexpected(script.step(Event::Elapsed), expected, "Elapsed");
    assert_finished(&mut script.operation);
    asked()
}

#[track_caller]
fn assert_fails_when_asked<O: Operation<Output: Debug>>(
    script: &mut Script<O>,
    endpoint: EndpointName,
    event: Event,
    code: &str,
) {
    assert_eq!(script.fails(event).code(), Some(code), "{endpoint}");
    assert_finished(&mut script.operation);
}

#[test]
fn discover() {
    let (mut script, outbound) = sends_alone(discovery, EndpointName::Discovery);
    assert_eq!(
        outbound.request.uri(),
        "https://op.example/.well-known/openid-configuration"
    );
    let metadata = script.done(received(200, json!({"issuer": "https://op.example"})));
    assert_eq!(metadata.issuer, "https://op.example");
    assert_finished(&mut script.operation);
}

#[test]
fn register_client() {
    let make = || Register::new(registration());
    let (mut script, outbound) = sends_alone(make, EndpointName::Registration);
    assert_eq!(outbound.request.method(), Method::POST);
    assert_eq!(outbound.request.uri(), "https://op.example/register");
    let information = script.done(received(201, json!({"client_id": "app-7"})));
    assert_eq!(information.metadata().client_id, "app-7");
    assert_finished(&mut script.operation);
}

/// The token that permits the registration is bound to a key: one attempt more for a nonce.
#[test]
fn register_client_with_a_proof() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let reference = KeyReference::new("dpop", SignatureAlgorithm::ES256);
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    let endpoint = registration()
        .initial_access_token("permit")
        .dpop_key(dpop_key);
    let mut script = Script::new(Register::new(endpoint));
    let mut event = Event::Begin;
    for (elapsed, nonce) in [(0, None), (7, Some("n-1"))] {
        script.pass(Duration::from_secs(elapsed));
        let job = script.uses_key(event);
        let outbound = script.sends(signed(&key, &job));
        let headers = outbound.request.headers();
        assert_eq!(headers["authorization"], "DPoP permit");
        let (_, claims) = testing::decoded(headers["dpop"].to_str().unwrap());
        assert_eq!(claims["iat"], NOW + i64::try_from(elapsed).unwrap());
        assert_eq!(claims["htu"], "https://op.example/register");
        assert!(claims["ath"].is_string());
        assert_eq!(claims["nonce"].as_str(), nonce);
        let Event::Received(mut refused) = received(401, "") else {
            unreachable!("a response");
        };
        for (name, value) in [
            ("www-authenticate", "DPoP error=\"use_dpop_nonce\""),
            ("dpop-nonce", "n-1"),
        ] {
            let value = http::HeaderValue::from_static(value);
            refused.headers_mut().insert(name, value);
        }
        event = Event::Received(refused);
    }
    let information = script.done(received(201, json!({"client_id": "app-7"})));
    assert_eq!(information.metadata().client_id, "app-7");
}

#[test]
fn fetch_registration() {
    let make = || {
        let endpoint = FetchRegistrationRequest::new(registered(), Policy::default());
        FetchRegistration::new(endpoint.unwrap())
    };
    let (mut script, outbound) = sends_alone(make, EndpointName::ClientConfiguration);
    assert_eq!(outbound.request.method(), Method::GET);
    assert_eq!(outbound.request.uri(), "https://op.example/register/app");
    assert_eq!(outbound.request.headers()["authorization"], "Bearer manage");
    let information = script.done(received(200, json!({"client_id": "app"})));
    // What the answer leaves out stays as it was.
    assert_eq!(information, registered());
    assert_finished(&mut script.operation);
}

#[test]
fn update_registration() {
    let make = || {
        let metadata = ClientMetadata::new("app");
        let endpoint = UpdateRegistrationRequest::new(registered(), metadata, Policy::default());
        UpdateRegistration::new(endpoint.unwrap())
    };
    let (mut script, outbound) = sends_alone(make, EndpointName::ClientConfiguration);
    assert_eq!(outbound.request.method(), Method::PUT);
    assert_eq!(outbound.request.body(), r#"{"client_id":"app"}"#);
    let answer = json!({"client_id": "app", "client_name": "App"});
    let information = script.done(received(200, answer));
    assert_eq!(information.metadata().client_name.as_deref(), Some("App"));
    assert_finished(&mut script.operation);
}

#[test]
fn delete_registration() {
    let make = || {
        let endpoint = DeleteRegistrationRequest::new(registered(), Policy::default());
        DeleteRegistration::new(endpoint.unwrap())
    };
    let (mut script, outbound) = sends_alone(make, EndpointName::ClientConfiguration);
    assert_eq!(outbound.request.method(), Method::DELETE);
    script.done(received(204, ""));
    assert_finished(&mut script.operation);
}

/// The request of an operation whose client signs an assertion, after checking how it ends
/// otherwise.
#[track_caller]
fn sends_signed<O: Operation<Output: Debug>>(
    make: impl Fn() -> O,
    endpoint: EndpointName,
) -> (Script<O>, Outbound) {
    let mut script = Script::new(make());
    script.uses_key(Event::Begin);
    let fault = KeyFault {
        key: KeyName::new("client"),
        source: None,
    };
    let error = script.fails(Event::KeyUnavailable(fault));
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
    assert_finished(&mut script.operation);

    let mut script = Script::new(make());
    let job = script.uses_key(Event::Begin);
    assert_eq!(job.key().as_str(), "client");
    let outbound = script.sends(signed(&SERVER_KEY, &job));
    assert_eq!(outbound.endpoint, endpoint);
    assert!(form(&outbound).contains("client_assertion"));
    assert_fails_when_asked(&mut script, endpoint, unanswered(endpoint), "OAUTH_TIMEOUT");

    let mut script = Script::new(make());
    let job = script.uses_key(Event::Begin);
    let outbound = script.sends(signed(&SERVER_KEY, &job));
    (script, outbound)
}

#[test]
fn initiate_device_authorization() {
    let make = || {
        let endpoint = DeviceAuthorizationEndpoint::new(configuration()).scope("openid");
        InitiateDeviceAuthorization::new(endpoint)
    };
    let (mut script, outbound) = sends_signed(make, EndpointName::DeviceAuthorization);
    assert_eq!(form(&outbound).first("scope"), Some("openid"));
    let response = script.done(received(
        200,
        json!({
            "device_code": "dc",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://op.example/device",
            "expires_in": 1800,
        }),
    ));
    assert_eq!(response.user_code, "WDJB-MJHT");
    assert_eq!(response.received_at.seconds(), NOW);
    assert_finished(&mut script.operation);
}

#[test]
fn token_revocation() {
    let make = || TokenRevocation::new(RevocationEndpoint::new(configuration(), "at"));
    let (mut script, outbound) = sends_signed(make, EndpointName::Revocation);
    assert_eq!(form(&outbound).first("token"), Some("at"));
    script.done(received(200, ""));
    assert_finished(&mut script.operation);
}
