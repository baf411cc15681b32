//! Callbacks of real providers.

use jose::jws::{ProtectedHeader, SigningInput};
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::authorization::{
    AuthorizationRequest, Callback, PendingLogin, ResponseMode, ResponseType,
};
use oauth_core::cache::Cache;
use oauth_core::error::{Artefact, Reason};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use serde_json::json as members;
use url::Url;

use crate::{case, configuration, env, json, laboratory, value};

const NOW: i64 = 1_700_000_000;
const REDIRECT_URI: &str = "https://client.example.test/cb";

/// Returns the text in quotes in the recorded callback.
fn recorded(case: &str) -> String {
    let case = value(case);
    let text = case["callback"].as_str().unwrap();
    let inner = text.split('"').nth(1).unwrap_or(text);
    inner.to_owned()
}

fn begin(request: AuthorizationRequest) -> (Url, PendingLogin) {
    let cache = Cache::default();
    match request.begin().step(&mut env(NOW, &cache), Event::Begin) {
        Ok(Action::Done(begun)) => begun,
        other => panic!("{other:?}"),
    }
}

/// LemonLDAP::NG sends `expires_in` with an ID Token and without an access token.
#[test]
fn expires_in_with_an_id_token_is_ignored() {
    let mut client = ClientMetadata::new("app");
    client.id_token_signed_response_alg = Some(SignatureAlgorithm::RS256.into());
    let document = case!("discovery-llng-2.16.1.json");
    let configuration = configuration(document, client, laboratory());
    let request = AuthorizationRequest::new(configuration.clone())
        .redirect_uri(REDIRECT_URI)
        .response_type(ResponseType::IdToken);
    let (url, pending) = begin(request);
    let nonce = url.query_pairs().find(|(name, _)| name == "nonce").unwrap();

    let key = SigningKey::generate(SignatureAlgorithm::RS256).unwrap();
    let claims = members!({
        "iss": "http://localhost:8088/", "sub": "dwho", "aud": "app",
        "iat": NOW, "exp": NOW + 3_600, "nonce": nonce.1,
    });
    let header = ProtectedHeader::new(SignatureAlgorithm::RS256);
    let id_token = SigningInput::new(&header, claims.to_string().as_bytes());
    let id_token = id_token.sign(&key).unwrap();

    let answer = |others: &str| {
        let callback = recorded(case!("llng-implicit-callback.json"))
            .replace("<jwt>", &id_token)
            .replacen("<removed>", pending.state(), 1);
        assert!(callback.contains("expires_in=3600"));
        Callback::from_url(&format!("{callback}{others}")).unwrap()
    };
    let cache = Cache::default();
    let mut env = env(NOW, &cache);
    let mut login = pending
        .clone()
        .resume_implicit(&configuration, answer(""))
        .unwrap();
    let Ok(Action::Send(outbound)) = login.step(&mut env, Event::Begin) else {
        panic!();
    };
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    let keys = members!({ "keys": [key.public_jwk().unwrap().to_json()] }).to_string();
    match login.step(&mut env, Event::Received(json(keys))) {
        Ok(Action::Done(response)) => {
            assert_eq!(response.id_token().sub(), "dwho");
            assert_eq!(response.session_state(), Some("<removed>"));
        }
        other => panic!("{other:?}"),
    }

    let mut login = pending
        .clone()
        .resume_implicit(&configuration, answer("&access_token=a"))
        .unwrap();
    let error = login.step(&mut env, Event::Begin).unwrap_err();
    let member = "access_token";
    let reason = &error.rejection().unwrap().reason;
    assert_eq!(*reason, Reason::ImplicitParameter { member });
}

/// Glewlwyd percent-encodes `iss` twice.
#[test]
fn an_iss_that_is_encoded_twice_needs_the_switch() {
    let mut lenient = laboratory();
    lenient.danger.accept_percent_encoded_iss = true;
    for (policy, is_accepted) in [(laboratory(), false), (lenient, true)] {
        let document = case!("discovery-glewlwyd-2.7.5.json");
        let configuration = configuration(document, ClientMetadata::new("app"), policy);
        let request = AuthorizationRequest::new(configuration.clone())
            .redirect_uri(REDIRECT_URI)
            .scope("profile")
            .response_mode(ResponseMode::FormPost);
        let (_, pending) = begin(request);
        let form = recorded(case!("glewlwyd-form-post-callback.json"));
        let form = form.replacen("<removed>", pending.state(), 1);
        let callback = Callback::from_form_post(&form);
        assert_eq!(callback.state(), Some(pending.state()));
        let mut login = pending.resume(&configuration, &callback).unwrap();
        let cache = Cache::default();
        match login.step(&mut env(NOW, &cache), Event::Begin) {
            Ok(Action::Send(outbound)) => {
                assert!(is_accepted);
                assert_eq!(outbound.endpoint, EndpointName::Token);
            }
            Err(error) => {
                assert!(!is_accepted, "{error}");
                let rejection = error.rejection().unwrap();
                assert_eq!(rejection.artefact, Artefact::AuthorizationResponse);
                assert_eq!(rejection.reason, Reason::PercentEncodedIssuer);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Ory Hydra reads `response_type` outside a request object, and refuses a request without it
/// before it reads the `state`. Such an error cannot be distinguished from a forged one. The
/// library repeats `response_type` and `scope` outside, so Hydra accepts its requests.
#[test]
fn an_error_without_the_state_stays_refused() {
    let document = case!("discovery-hydra-2.3.0.json");
    let configuration = configuration(document, ClientMetadata::new("app"), Policy::default());
    let request = AuthorizationRequest::new(configuration.clone()).redirect_uri(REDIRECT_URI);
    let (_, pending) = begin(request);
    let callback = recorded(case!("hydra-jar-callback.json"));
    assert!(callback.contains("error=unsupported_response_type"));
    let callback = Callback::from_url(&callback).unwrap();
    assert_eq!(callback.state(), Some(""));
    let mut login = pending.resume(&configuration, &callback).unwrap();
    let cache = Cache::default();
    let error = login.step(&mut env(NOW, &cache), Event::Begin).unwrap_err();
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::AuthorizationResponse);
    assert_eq!(
        rejection.reason,
        Reason::ParameterMismatch {
            parameter: "state",
            expected: None,
            found: None,
        }
    );
}
