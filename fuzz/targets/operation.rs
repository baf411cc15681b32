//! Operations and a hostile server, which answers with any events in any order.
//!
//! No step panics, an operation ends within its bound, and after its end every step returns an
//! error.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jose::jwe::{
    ContentEncryption, DecryptionKey, EncryptionKey, KeyAnswer, KeyManagement, ProtectedHeader,
};
use jose::{KeyFamily, SignatureAlgorithm};
use oauth_core::Error;
use oauth_core::authorization::{AuthorizationCodeGrantChecks, Callback, ExpectedState};
use oauth_core::cache::Cache;
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    DiscoveryAlgorithm, DiscoveryEndpoint, ExpectedSubject, UserInfoEndpoint,
};
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::error::{KeyFault, Misuse, NoAnswer, Unanswered};
use oauth_core::flow::{
    AuthorizationCodeGrant, BuildAuthorizationUrl, Discover, FetchUserInfo, RefreshTokenGrant,
};
use oauth_core::key::{DecryptionKeyReference, DecryptionKeys, KeyJob, KeyReference, KeyResult};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use oauth_core::secret::Secret;
use oauth_core::time::UnixTime;
use oauth_core::wire::Parameters;

/// The maximum number of steps of these operations. Each request has at most one retry, and each
/// attempt uses one or two keys.
const BOUND: usize = 16;

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [operation, authentication, events @ ..] = data else {
        return;
    };
    let configuration = configuration(*authentication);
    match operation % 6 {
        0 => {
            let policy = Policy::default();
            let discovery =
                DiscoveryEndpoint::new("https://op.example", DiscoveryAlgorithm::default(), policy);
            drive(Discover::new(discovery.expect("an issuer")), events);
        }
        1 => {
            let callback = Callback::from_query("code=c&state=s&iss=https%3A%2F%2Fop.example");
            let checks = AuthorizationCodeGrantChecks {
                expected_state: ExpectedState::Equals(Secret::from("s")),
                expected_nonce: Some(Secret::from("n")),
                ..Default::default()
            };
            drive(
                AuthorizationCodeGrant::new(
                    &configuration,
                    &callback,
                    "https://app.example/cb",
                    checks,
                ),
                events,
            );
        }
        2 => drive(RefreshTokenGrant::new(configuration, "r"), events),
        3 => {
            let subject = ExpectedSubject::Equals("alice".to_owned());
            drive(
                FetchUserInfo::new(UserInfoEndpoint::new(
                    configuration,
                    Secret::from("a"),
                    subject,
                )),
                events,
            );
        }
        pushed => {
            let parameters = Parameters::decode("scope=openid&state=s&nonce=n");
            let request_object = RequestObject::new(reference()).expect("a key");
            let build = BuildAuthorizationUrl::new(configuration, parameters);
            let build = build.request_object(request_object);
            drive(if pushed == 4 { build } else { build.pushed() }, events);
        }
    }
});

/// The first bit chooses client authentication, the second one encryption.
fn configuration(bits: u8) -> Configuration {
    let mut server = ServerMetadata::new("https://op.example");
    server.token_endpoint = Some("https://op.example/token".to_owned());
    server.userinfo_endpoint = Some("https://op.example/userinfo".to_owned());
    server.jwks_uri = Some("https://op.example/jwks".to_owned());
    server.authorization_endpoint = Some("https://op.example/authorize".to_owned());
    server.pushed_authorization_request_endpoint = Some("https://op.example/par".to_owned());
    server.request_parameter_supported = Some(true);
    let mut client = ClientMetadata::new("app");
    let encrypts = bits & 2 == 2;
    if encrypts {
        client.request_object_encryption_alg = Some("ECDH-ES".to_owned());
    }
    let authentication = match bits % 2 {
        0 => ClientAuthentication::None,
        _ => ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(reference()).expect("a key")),
    };
    let configuration =
        Configuration::with_authentication(server, client, authentication, Policy::default())
            .expect("a configuration");
    if !encrypts {
        return configuration;
    }
    let algorithms = DecryptionKeyReference::algorithms_of(KeyFamily::P256);
    let key = DecryptionKeyReference::new(KeyName::new("d"), KeyFamily::P256, algorithms);
    let keys = DecryptionKeys::new(vec![key.expect("a key")]).expect("a list of keys");
    configuration.with_decryption_keys(keys)
}

fn reference() -> KeyReference {
    KeyReference {
        name: KeyName::new("k"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    }
}

fn drive<O: Operation>(mut operation: O, events: &[u8]) {
    let cache = Cache::default();
    let mut env = Env {
        now: UnixTime::from_seconds(1_700_000_000),
        elapsed: Duration::ZERO,
        entropy: &Fixed,
        cache: &cache,
    };
    let mut steps = 0;
    let mut next = Some(Event::Begin);
    let mut chunks = events.split(|byte| *byte == 0xff);
    while let Some(event) = next.take() {
        steps += 1;
        assert!(steps <= BOUND, "an operation without end");
        let asked = match operation.step(&mut env, event) {
            Ok(Action::Done(_)) | Err(_) => break,
            Ok(Action::Send(outbound)) => Asked::Endpoint(outbound.endpoint),
            Ok(Action::UseKey(job)) => Asked::Key(job),
            Ok(Action::Wait(_)) => Asked::Nothing,
        };
        next = Some(answer(chunks.next().unwrap_or_default(), &asked));
    }
    for event in [Event::Begin, Event::Elapsed, answer(&[4], &Asked::Nothing)] {
        assert!(matches!(
            operation.step(&mut env, event),
            Err(Error::Misuse(Misuse::Finished))
        ));
    }
}

/// What the last action asks for.
enum Asked {
    Endpoint(EndpointName),
    Key(KeyJob),
    Nothing,
}

/// Makes an event from bytes. The first byte chooses the kind, the second the status, the third the
/// headers. The rest is the body, or a part of a body that is otherwise valid.
fn answer(chunk: &[u8], asked: &Asked) -> Event {
    let endpoint = match asked {
        Asked::Endpoint(endpoint) => *endpoint,
        _ => EndpointName::Token,
    };
    let (kind, status, headers, rest) = match chunk {
        [kind, status, headers, rest @ ..] => (*kind, *status, *headers, rest),
        _ => (chunk.len().try_into().unwrap_or(0), 0, 0, chunk),
    };
    match kind % 16 {
        0 => Event::Unanswered(Unanswered {
            endpoint,
            reason: match status % 4 {
                0 => NoAnswer::ClosedUnanswered,
                1 => NoAnswer::StillUnderWay {
                    deadline: Duration::from_secs(30),
                },
                _ => NoAnswer::TimedOut {
                    deadline: Duration::from_secs(30),
                },
            },
            source: None,
        }),
        1 if status % 2 == 1 => Event::Landed,
        1 => Event::Elapsed,
        2 => Event::Aborted,
        3 => Event::KeyUnavailable(KeyFault {
            key: KeyName::new("k"),
            source: None,
        }),
        4 => Event::KeyUsed(KeyResult::Signature(vec![status; 64])),
        5 => Event::KeyUsed(KeyResult::Encryption(String::from_utf8_lossy(rest).into())),
        6 => Event::KeyUsed(KeyResult::Decryption(match status % 3 {
            0 => KeyAnswer::Rejected,
            1 => KeyAnswer::ContentKey(rest.to_vec().into()),
            _ => KeyAnswer::SharedSecret(rest.to_vec().into()),
        })),
        7 => Event::KeyUsed(performed(asked)),
        8..=11 => Event::Received(response(status, headers, rest)),
        kind => {
            let good = match endpoint {
                EndpointName::Jwks => KEY_SET,
                EndpointName::UserInfo => r#"{"sub":"alice","":""#,
                EndpointName::PushedAuthorization => {
                    r#"{"request_uri":"urn:ietf:params:oauth:request_uri:1","expires_in":60,"":""#
                }
                _ => r#"{"access_token":"a","token_type":"bearer","id_token":""#,
            };
            let encrypted = (kind == 15).then(|| encrypted(rest));
            let rest = encrypted.as_deref().unwrap_or(rest);
            let status = if endpoint == EndpointName::PushedAuthorization {
                1
            } else {
                0
            };
            Event::Received(response(
                status,
                headers,
                &[good.as_bytes(), rest, br#""}"#].concat(),
            ))
        }
    }
}

/// The key of the example in RFC 7515 appendix A.3, with which the client decrypts.
static KEY: LazyLock<DecryptionKey> = LazyLock::new(|| {
    let key = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    DecryptionKey::from_jwk(key).expect("a key")
});

/// The beginning of a key set with the public half of that key.
const KEY_SET: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","use":"enc","kid":"e","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}],"":""#;

/// What a driver answers that performs the job. Its signature is not valid.
fn performed(asked: &Asked) -> KeyResult {
    match asked {
        Asked::Key(KeyJob::Encrypt { encryption, .. }) => {
            KeyResult::Encryption(encryption.perform().expect("an encryption"))
        }
        Asked::Key(KeyJob::Decrypt { operation, .. }) => {
            KeyResult::Decryption(KEY.perform(operation).unwrap_or(KeyAnswer::Rejected))
        }
        _ => KeyResult::Signature(vec![7; 64]),
    }
}

/// A JWE with this plaintext, encrypted to the client.
fn encrypted(plaintext: &[u8]) -> Vec<u8> {
    let header = ProtectedHeader::new(KeyManagement::EcdhEs, ContentEncryption::A128GCM);
    let key = EncryptionKey::from_jwk(&KEY.public_jwk().expect("a public key"));
    jose::jwe::encrypt(&header.cty("JWT"), &key.expect("a key"), plaintext)
        .expect("an encryption")
        .into_bytes()
}

fn response(status: u8, headers: u8, body: &[u8]) -> Response<Bytes> {
    let status = [200, 201, 204, 302, 400, 401, 404, 500, 503][usize::from(status) % 9];
    let header = [
        ("content-type", "application/json"),
        ("content-type", "application/jwt"),
        ("content-type", "text/html"),
        ("content-encoding", "gzip"),
        ("www-authenticate", "DPoP error=\"use_dpop_nonce\""),
        ("dpop-nonce", "n1"),
        ("location", "https://elsewhere.example/?code=c"),
        ("retry-after", "99999999999"),
    ];
    let mut response = Response::builder().status(status);
    for (bit, (name, value)) in header.iter().enumerate() {
        if headers >> bit & 1 == 1 {
            response = response.header(*name, *value);
        }
    }
    response
        .body(Bytes::copy_from_slice(body))
        .expect("a response")
}
