//! Methods that the application implements: what they see, what they may add, and how they fail.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderName, HeaderValue};

use super::*;
use crate::dpop::DPoPKey;
use crate::endpoint::{
    BackchannelAuthenticationEndpoint, DeviceAuthorizationEndpoint, Endpoint, Hint,
    IntrospectionEndpoint, PushedAuthorizationRequest, RevocationEndpoint,
};
use crate::outbound::Outbound;

/// An attestation in a header and a parameter, numbered.
#[derive(Default)]
struct Attestation {
    made: AtomicUsize,
    seen: Mutex<Vec<String>>,
    secret: &'static str,
}

impl CustomAuthentication for Attestation {
    fn name(&self) -> &'static str {
        "attest_jwt_client_auth"
    }

    fn credentials(
        &self,
        request: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn std::error::Error + Send + Sync>> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let mut byte = [0];
        request.entropy().fill(&mut byte)?;
        let seen = format!(
            "{} {} {} {} {}",
            request.url(),
            request.form().ok_or("no form")?.encode(),
            request.client().client_id,
            request.now(),
            byte[0],
        );
        self.seen.lock().unwrap().push(seen);
        Ok(Credentials::new()
            .header(
                HeaderName::from_static("oauth-client-attestation"),
                HeaderValue::try_from(format!("{}{number}", self.secret))?,
            )
            .parameter("client_id", "app")
            .parameter("made", number.to_string()))
    }
}

fn begin(method: Arc<dyn CustomAuthentication>) -> Result<Outbound, Error> {
    let cache = Cache::default();
    let mut call = call(ClientAuthentication::Custom(method));
    match call.step(&mut testing::env(NOW, 0, &cache), Event::Begin)? {
        Action::Send(outbound) => Ok(*outbound),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_method_sees_the_request_and_adds_to_it() {
    let method = Arc::new(Attestation {
        secret: "hunter",
        ..Attestation::default()
    });
    let outbound = begin(method.clone()).unwrap();
    let header = &outbound.request.headers()["oauth-client-attestation"];
    assert_eq!(header, "hunter0");
    assert!(header.is_sensitive());
    assert!(!format!("{outbound:?}").contains("hunter"));
    assert_eq!(
        outbound.request.body(),
        "grant_type=refresh_token&refresh_token=r&client_id=app&made=0"
    );
    let seen = method.seen.lock().unwrap().clone();
    assert_eq!(
        seen,
        [format!(
            "https://op.example/token grant_type=refresh_token&refresh_token=r app {NOW} 7"
        )]
    );
    let authentication = ClientAuthentication::Custom(method);
    assert_eq!(authentication.as_str(), "attest_jwt_client_auth");
    assert_eq!(
        format!("{authentication:?}"),
        "Custom(CustomAuthentication(\"attest_jwt_client_auth\"))"
    );
}

/// The server requires a DPoP nonce: the repeated request has new credentials.
#[test]
fn each_attempt_has_new_credentials() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let reference = KeyReference {
        name: KeyName::new("dpop"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    };
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    let method = Arc::new(Attestation::default());
    let setup = testing::setup().authentication(ClientAuthentication::Custom(method.clone()));
    let configuration = setup.build();
    let mut call = Call::new(RefreshTokenRequest {
        configuration: configuration.with_dpop_key(dpop_key),
        refresh_token: Secret::from("r"),
        parameters: Parameters::new(),
    });
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let mut event = Event::Begin;
    for number in ["0", "1"] {
        let Ok(Action::UseKey(job)) = call.step(&mut env, event) else {
            panic!("no proof");
        };
        let KeyJob::Sign {
            algorithm, input, ..
        } = job
        else {
            panic!("not a signature");
        };
        let signature = key.sign(algorithm, &input).unwrap();
        let action = call.step(&mut env, Event::KeyUsed(KeyResult::Signature(signature)));
        let outbound = testing::sent(action);
        let header = &outbound.request.headers()["oauth-client-attestation"];
        assert_eq!(header, number);
        let mut refused = testing::response(400, r#"{"error":"use_dpop_nonce"}"#);
        let nonce = HeaderValue::from_static("nonce-1");
        refused.headers_mut().insert("dpop-nonce", nonce);
        event = Event::Received(refused);
    }
    assert_eq!(method.made.load(Ordering::Relaxed), 2);
}

/// A method that returns this result.
struct Fixed(Result<Credentials, &'static str>);

impl CustomAuthentication for Fixed {
    fn name(&self) -> &'static str {
        "fixed"
    }

    fn credentials(
        &self,
        _request: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.clone()?)
    }
}

#[test]
fn a_method_replaces_nothing() {
    let value = || HeaderValue::from_static("x");
    let header = |name| Credentials::new().header(HeaderName::from_static(name), value());
    let parameter = |name: &str| Credentials::new().parameter(name, "x");
    let headers = "headers that nothing else sets";
    let parameters = "parameters that nothing else sets";
    for (credentials, expected, found) in [
        (header("accept"), headers, "accept"),
        (header("content-type"), headers, "content-type"),
        (header("content-length"), headers, "content-length"),
        (header("transfer-encoding"), headers, "transfer-encoding"),
        (header("connection"), headers, "connection"),
        (header("host"), headers, "host"),
        (header("dpop"), headers, "dpop"),
        (parameter("grant_type"), parameters, "grant_type"),
        (parameter("refresh_token"), parameters, "refresh_token"),
        (parameter("a").parameter("a", "y"), parameters, "a"),
    ] {
        let Err(Error::Misuse(misuse)) = begin(Arc::new(Fixed(Ok(credentials)))) else {
            panic!("{found} accepted");
        };
        let found = found.to_owned();
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "authentication",
                expected,
                found,
            }
        );
    }
    // A parameter that is present with the same value may be repeated.
    let same = Credentials::new().parameter("grant_type", "refresh_token");
    let outbound = begin(Arc::new(Fixed(Ok(same)))).unwrap();
    assert_eq!(
        outbound.request.body(),
        "grant_type=refresh_token&refresh_token=r"
    );
}

#[test]
fn a_method_that_fails_ends_the_call_with_its_own_error() {
    let error = begin(Arc::new(Fixed(Err("the attestation is missing")))).unwrap_err();
    assert_eq!(
        error.code(),
        Some("OAUTH_CLIENT_AUTHENTICATION_UNAVAILABLE")
    );
    assert_eq!(error.to_string(), "client authentication by `fixed` failed");
    let Error::Authentication(fault) = error else {
        panic!("{error}");
    };
    assert_eq!(fault.source.to_string(), "the attestation is missing");
}

/// Every endpoint that requires client authentication calls the method.
#[test]
fn other_endpoints_ask_too() {
    let method = Arc::new(Attestation::default());
    let setup = testing::setup().authentication(ClientAuthentication::Custom(method.clone()));
    let configuration = || setup.clone().build();
    assert_asks(PushedAuthorizationRequest {
        configuration: configuration(),
        parameters: Parameters::new(),
        request_object: None,
    });
    assert_asks(DeviceAuthorizationEndpoint::new(configuration()));
    let hint = Hint::LoginHint("alice".to_owned());
    assert_asks(BackchannelAuthenticationEndpoint::new(
        configuration(),
        hint,
    ));
    assert_asks(IntrospectionEndpoint::new(configuration(), "t"));
    assert_asks(RevocationEndpoint::new(configuration(), "t"));
    let seen = method.seen.lock().unwrap().clone();
    let urls: Vec<_> = seen.iter().filter_map(|it| it.split(' ').next()).collect();
    let paths = ["par", "device", "bc", "introspect", "revoke"];
    assert_eq!(urls, paths.map(|path| format!("https://op.example/{path}")));
}

#[track_caller]
fn assert_asks(endpoint: impl Endpoint) {
    let cache = Cache::default();
    let action = Call::new(endpoint).step(&mut testing::env(NOW, 0, &cache), Event::Begin);
    let Ok(Action::Send(outbound)) = action else {
        panic!("nothing is sent");
    };
    let headers = outbound.request.headers();
    assert!(headers.contains_key("oauth-client-attestation"));
}

/// A method that records the `Debug` output of a request.
#[derive(Default)]
struct Shown(Mutex<String>);

impl CustomAuthentication for Shown {
    fn name(&self) -> &'static str {
        "shown"
    }

    fn credentials(
        &self,
        request: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn std::error::Error + Send + Sync>> {
        *self.0.lock().unwrap() = format!("{request:?}");
        Ok(Credentials::new())
    }
}

#[test]
fn a_request_shows_nothing_that_may_be_secret() {
    let method = Arc::new(Shown::default());
    let endpoint = Some("https://op.example/revoke?key=secret".to_owned());
    let setup = testing::setup().authentication(ClientAuthentication::Custom(method.clone()));
    let setup = setup.server(|it| it.revocation_endpoint = endpoint);
    let mut call = Call::new(RevocationEndpoint::new(setup.build(), "secret"));
    let cache = Cache::default();
    testing::sent(call.step(&mut testing::env(NOW, 0, &cache), Event::Begin));
    assert_eq!(
        *method.0.lock().unwrap(),
        "UnauthenticatedRequest { url: \"https://op.example/revoke\", \
         form: Some(Parameters[\"token\"]), .. }"
    );
}
