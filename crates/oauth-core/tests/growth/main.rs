//! Every step takes at most linear time in the input of a peer. For each parser and validator,
//! eight times the input takes about eight times as long.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is a failed test, and time is what is measured"
)]

mod documents;
mod found;
mod signed;
mod stored;

use std::fs;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Response, header};
use jose::base64url;
use oauth_core::authorization::Callback;
use oauth_core::cache::{Cache, ExportedJwksCache};
use oauth_core::challenge::Challenge;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    BackchannelAuthenticationEndpoint, ClientCredentialsTokenRequest, DeviceAuthorizationEndpoint,
    DiscoveryAlgorithm, DiscoveryEndpoint, Endpoint, ExpectedSubject, Hint, IntrospectionEndpoint,
    JwksEndpoint, PushedAuthorizationRequest, RegistrationEndpoint, UserInfoEndpoint,
};
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::flow::{Call, VerifyIdToken};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use oauth_core::validate::{IdTokenExpectations, NonceExpectation, PreviousIdToken};
use oauth_core::wire::Parameters;
use serde_json::{Value, json};

use self::documents::{documents, repeated};

const NOW: i64 = 1_700_000_000;

/// The length of the short input, in bytes. The long input has eight times this length.
const SHORT: usize = 2 * 1024;

/// Asserts that a long input takes at most three times as long as eight short ones, in one of three
/// attempts. 20 milliseconds are added, because the system counts time in steps of some
/// milliseconds.
#[track_caller]
fn assert_linear(what: &str, input: impl Fn(usize) -> String, read: impl Fn(&str)) {
    let (short, long) = (input(SHORT), input(8 * SHORT));
    let time = |input: &str, times| {
        let begun = processor_time();
        (0..times).for_each(|_| read(input));
        processor_time() - begun
    };
    let measured = (0..3).map(|_| (time(&short, 8), time(&long, 1)));
    let is_linear = |(short, long)| long < short * 3 + Duration::from_millis(20);
    assert!(
        measured.clone().any(is_linear),
        "{what}: for eight short inputs and a long one {:?}",
        measured.collect::<Vec<_>>()
    );
}

/// Returns the processor time of this thread if the system reports it. It does not include other
/// programs.
fn processor_time() -> Duration {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let running = statistics
        .split(' ')
        .next()
        .and_then(|text| text.parse().ok());
    match running {
        Some(nanoseconds) => Duration::from_nanos(nanoseconds),
        None => BEGUN.get_or_init(Instant::now).elapsed(),
    }
}

fn configuration() -> Configuration {
    let mut server = ServerMetadata::new("https://op.example");
    let endpoint = |path: &str| Some(format!("https://op.example/{path}"));
    server.jwks_uri = endpoint("jwks");
    server.token_endpoint = endpoint("token");
    server.userinfo_endpoint = endpoint("userinfo");
    server.introspection_endpoint = endpoint("introspection");
    server.registration_endpoint = endpoint("registration");
    server.device_authorization_endpoint = endpoint("device");
    server.pushed_authorization_request_endpoint = endpoint("par");
    server.backchannel_authentication_endpoint = endpoint("ciba");
    let mut client = ClientMetadata::new("app");
    client.client_secret = Some("a-very-long-secret-0123456789abcdef".into());
    Configuration::new(server, client, Policy::default()).unwrap()
}

/// Asserts linear time for the responses of an endpoint, and for refusals, whose errors contain
/// their cause.
fn responses_are_read_in_linear_time<E: Endpoint>(
    endpoint: impl Fn() -> E,
    members: &[&'static str],
) {
    let successes = members.iter().map(|member| (200, *member));
    for (status, member) in successes.chain([(400, "error_description")]) {
        // The same reader reads all responses. Only those of the token endpoint are tested with
        // every document.
        let shapes = documents(member).into_iter().enumerate();
        for (_, (name, document)) in
            shapes.filter(|(shape, _)| E::NAME == EndpointName::Token || shape % 5 == 0)
        {
            let what = format!("{} {status}, {name}", E::NAME);
            assert_linear(&what, document, |body| {
                let response = Response::builder().status(status);
                let response = response.body(Bytes::copy_from_slice(body.as_bytes()));
                answer(endpoint(), response.unwrap());
            });
        }
    }
}

fn answer<E: Endpoint>(endpoint: E, response: Response<Bytes>) {
    let cache = Cache::new();
    let mut call = Call::new(endpoint);
    let sent = call.step(&mut env(&cache), Event::Begin).unwrap();
    assert!(matches!(sent, Action::Send(_)));
    let answered = call.step(&mut env(&cache), Event::Received(response));
    if let Err(error) = answered {
        assert!(error.to_string().len() < 8 * 1024);
    }
}

#[test]
fn responses() {
    let of = configuration;
    responses_are_read_in_linear_time(
        || {
            let policy = Policy::default();
            DiscoveryEndpoint::new("https://op.example", DiscoveryAlgorithm::Oidc, policy).unwrap()
        },
        &["scopes_supported", "vendor"],
    );
    responses_are_read_in_linear_time(|| JwksEndpoint::new(of()), &["keys"]);
    responses_are_read_in_linear_time(
        || ClientCredentialsTokenRequest {
            configuration: of(),
            parameters: Parameters::new(),
        },
        &["access_token"],
    );
    responses_are_read_in_linear_time(
        || UserInfoEndpoint::new(of(), "at-1", ExpectedSubject::Equals("alice".to_owned())),
        &["sub"],
    );
    responses_are_read_in_linear_time(|| IntrospectionEndpoint::new(of(), "at-1"), &["aud"]);
    responses_are_read_in_linear_time(|| DeviceAuthorizationEndpoint::new(of()), &["user_code"]);
    responses_are_read_in_linear_time(
        || BackchannelAuthenticationEndpoint::new(of(), Hint::LoginHint("alice".to_owned())),
        &["auth_req_id"],
    );
    responses_are_read_in_linear_time(
        || PushedAuthorizationRequest {
            configuration: of(),
            parameters: Parameters::from([("response_type", "code")]),
            request_object: None,
        },
        &["request_uri"],
    );
    responses_are_read_in_linear_time(
        || {
            let client = ClientMetadata::new("");
            RegistrationEndpoint::new(of().server().clone(), client, Policy::default())
        },
        &["redirect_uris"],
    );
}

#[test]
fn stored_documents() {
    for (name, document) in documents("jwks") {
        assert_linear(&name, document, |text| {
            let _ = ExportedJwksCache::from_json(text.as_bytes());
            let _ = ServerMetadata::from_json(text.as_bytes());
            let _ = ClientMetadata::from_json(text.as_bytes());
        });
    }
}

#[test]
fn challenges() {
    for part in [
        "Bearer ",
        "Bearer, ",
        "Bearer realm=\"a\", ",
        "a=\"",
        "\"\\",
        "a=b,",
        "a=b ",
        ",",
        "=",
        "DPoP algs=\"ES256\" ",
        "Basic YWJj== ",
    ] {
        let header = |length| repeated(part, length);
        assert_linear(&format!("challenges of {part:?}"), header, |value| {
            let _ = Challenge::parse(value);
        });
        assert_linear(&format!("responses with {part:?}"), header, |value| {
            let response = Response::builder()
                .status(401)
                .header(header::WWW_AUTHENTICATE, value);
            let subject = ExpectedSubject::Equals("alice".to_owned());
            let endpoint = UserInfoEndpoint::new(configuration(), "at-1", subject);
            answer(endpoint, response.body(Bytes::new()).unwrap());
        });
    }
}

#[test]
fn callbacks() {
    for part in [
        "a=b&", "&", "=", "%41", "%", "+", "state=s&", "code=", "#", "?",
    ] {
        let what = format!("callbacks of {part:?}");
        let query = |length| format!("?{}", repeated(part, length));
        assert_linear(&what, query, |query| {
            let _ = Callback::from_url(&format!("https://app.example/cb{query}"));
            let _ = Callback::from_query(query);
            let _ = Callback::from_form_post(query);
        });
    }
}

#[test]
fn tokens() {
    let token = |claims: &Value| {
        let header = base64url::encode(br#"{"alg":"RS256"}"#);
        let payload = base64url::encode(claims.to_string().as_bytes());
        format!("{header}.{payload}.AAAA")
    };
    // Lists have a limit of 1024 elements.
    let audiences = |length: usize| -> Vec<String> {
        let numbers = 0..length / 16;
        let names = numbers.map(|number| format!("api-number-{number:05}"));
        names.skip(1).chain(["app".to_owned()]).collect()
    };
    let claims = |length| {
        json!({
            "iss": "https://op.example", "sub": "alice", "aud": audiences(length), "azp": "app",
            "exp": NOW + 60, "iat": NOW, "nonce": "n-1",
        })
    };
    assert_linear(
        "the audiences of a login",
        |length| token(&claims(length)),
        |token| assert!(verify(token, login())),
    );
    // After a refresh, every audience of the login is searched. The order is reversed, so that each
    // search takes long.
    assert_linear(
        "the audiences of a refresh",
        |length| {
            let mut refreshed = claims(length);
            refreshed["aud"].as_array_mut().unwrap().reverse();
            token(&refreshed)
        },
        |token| {
            let payload = base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
            let mut claims: Value = serde_json::from_slice(&payload).unwrap();
            claims["aud"].as_array_mut().unwrap().reverse();
            let previous = PreviousIdToken::from_claims(claims.as_object().unwrap().clone());
            let previous = previous.unwrap();
            let expectations = IdTokenExpectations::refresh(Some(previous));
            assert!(verify(token, expectations));
        },
    );
    for part in [".", "a", "A.A.", "eyJ", "="] {
        let what = format!("tokens of {part:?}");
        assert_linear(
            &what,
            |length| repeated(part, length),
            |token| {
                verify(token, login());
            },
        );
    }
    for (name, document) in documents("aud") {
        let input = |length| {
            let header = base64url::encode(br#"{"alg":"RS256"}"#);
            let payload = base64url::encode(document(length).as_bytes());
            format!("{header}.{payload}.AAAA")
        };
        assert_linear(&format!("claims: {name}"), input, |token| {
            verify(token, login());
        });
    }
    for (name, document) in documents("crit") {
        let input = |length| {
            let header = base64url::encode(document(length).as_bytes());
            format!("{header}.e30.AAAA")
        };
        assert_linear(&format!("headers: {name}"), input, |token| {
            verify(token, login());
        });
    }
}

fn login() -> IdTokenExpectations {
    IdTokenExpectations::login(NonceExpectation::Equals("n-1".into()), None)
}

/// Checks the claims of a token without its signature, and returns whether it is accepted.
fn verify(token: &str, expectations: IdTokenExpectations) -> bool {
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    let configuration = configuration().with_policy(policy);
    let cache = Cache::new();
    let mut operation = VerifyIdToken::new(configuration, token, expectations);
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut env(&cache), event) {
            Ok(Action::Send(_)) => {
                let keys = Bytes::from_static(br#"{"keys":[]}"#);
                Event::Received(Response::new(keys))
            }
            Ok(Action::Done(_)) => return true,
            Err(_) => return false,
            Ok(action) => panic!("{action:?}"),
        };
    }
}

fn env(cache: &Cache) -> Env<'_> {
    Env {
        now: UnixTime::from_seconds(NOW),
        elapsed: Duration::ZERO,
        entropy: &NoEntropy,
        cache,
    }
}

struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), EntropyFault> {
        Err(EntropyFault)
    }
}
