//! Encrypted request objects: which key of the server is chosen, and when the key set is fetched.

use std::time::Duration;

use jose::jwe::{Accepted, ContentEncryption, DecryptionKey, Encrypted, KeyManagement};
use jose::{KeyFamily, SignatureAlgorithm};
use serde_json::json;

use super::*;
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::endpoint::{BackchannelAuthenticationEndpoint, Hint, PushedAuthorizationRequest};
use crate::error::{Artefact, KeyFault, MetadataError, Misuse, NoAnswer, Reason};
use crate::flow::Call;
use crate::key::{KeyJob, KeyReference, KeyResult};
use crate::metadata::ClientMetadata;
use crate::names::{EndpointName, KeyName};
use crate::testing::script::{Script, form, received, signed, unanswered};
use crate::testing::{SERVER_KEY, assert_finished, assert_unexpected, decoded};
use crate::wire::Parameters;

pub(super) fn registered(alg: &str, enc: Option<&str>) -> ClientMetadata {
    let mut client = ClientMetadata::new("app");
    client.request_object_encryption_alg = Some(alg.to_owned());
    client.request_object_encryption_enc = enc.map(str::to_owned);
    client
}

pub(super) fn pair(client: ClientMetadata) -> Result<Configuration, Error> {
    testing::setup().client_metadata(client).result()
}

fn configuration() -> Configuration {
    pair(registered("ECDH-ES", Some("A256GCM"))).unwrap()
}

fn reference(name: &str) -> KeyReference {
    KeyReference {
        name: KeyName::new(name),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    }
}

pub(super) fn object() -> RequestObject {
    RequestObject::new(reference("client")).unwrap()
}

fn build(configuration: Configuration) -> BuildAuthorizationUrl {
    let parameters = Parameters::decode("scope=openid&state=s");
    BuildAuthorizationUrl::new(configuration, parameters).request_object(object())
}

pub(super) fn server_key(kid: &str) -> DecryptionKey {
    DecryptionKey::generate(KeyFamily::P256)
        .unwrap()
        .with_kid(kid)
}

/// A key set with these encryption keys and one key that verifies signatures.
pub(super) fn keys(decryption: &[&DecryptionKey]) -> Event {
    let mut keys = vec![SERVER_KEY.public_jwk().unwrap().to_json()];
    for key in decryption {
        let mut key = key.public_jwk().unwrap().to_json();
        key.insert("use".to_owned(), json!("enc"));
        keys.push(key);
    }
    received(200, json!({ "keys": keys }))
}

/// Answers both uses of a key, and returns the event of the second.
pub(super) fn sign_and_encrypt(script: &mut Script<BuildAuthorizationUrl>, event: Event) -> Event {
    let job = script.uses_key(event);
    assert_eq!(job.key().as_str(), "client");
    let job = script.uses_key(signed(&SERVER_KEY, &job));
    encrypted(&job)
}

fn encrypted(job: &KeyJob) -> Event {
    let KeyJob::Encrypt { key, encryption } = job else {
        panic!("not an encryption: {job:?}");
    };
    assert_eq!(key.as_str(), "the server's encryption key");
    assert!(!format!("{job:?}").contains("eyJ"));
    Event::KeyUsed(KeyResult::Encryption(encryption.perform().unwrap()))
}

/// Returns the header and claims of the signed request object inside this JWE.
fn open(request: &str, key: &DecryptionKey) -> (serde_json::Value, serde_json::Value) {
    let accepted = Accepted {
        alg: &[KeyManagement::EcdhEs],
        enc: &[ContentEncryption::A256GCM],
    };
    let token = Encrypted::parse(request, accepted).unwrap();
    assert_eq!(token.header().cty(), Some("JWT"));
    assert_eq!(token.header().kid(), key.kid());
    decoded(&String::from_utf8(token.decrypt(key).unwrap()).unwrap())
}

fn request_of(url: &Url) -> String {
    let names: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["client_id", "response_type", "scope", "request"]);
    let request = url.query_pairs().find(|(name, _)| name == "request");
    request.unwrap().1.into_owned()
}

#[track_caller]
fn rejected(error: &Error) -> &Reason {
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::KeySet);
    assert_eq!(error.code(), Some("OAUTH_KEY_SELECTION_FAILED"));
    &rejection.reason
}

#[test]
fn a_request_object_is_signed_and_then_encrypted() {
    let key = server_key("e1");
    let mut script = Script::new(build(configuration()));
    let outbound = script.sends(Event::Begin);
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    assert!(outbound.flight.is_some());
    let answer = sign_and_encrypt(&mut script, keys(&[&key]));
    let url = script.done(answer);
    let (header, claims) = open(&request_of(&url), &key);
    assert_eq!(
        header,
        json!({"alg": "ES256", "typ": "oauth-authz-req+jwt"})
    );
    assert_eq!(claims["scope"], "openid");
    assert_eq!(claims["aud"], "https://op.example");
    assert_finished(&mut script.operation);

    // The key set is cached from now on.
    script.operation = build(configuration());
    let answer = sign_and_encrypt(&mut script, Event::Begin);
    open(&request_of(&script.done(answer)), &key);
}

/// The key set is not fetched for a request that cannot be pushed.
#[test]
fn only_a_pushed_request_needs_the_endpoint_for_it() {
    let setup = testing::setup().client_metadata(configuration().client().clone());
    let setup = setup.server(|it| it.pushed_authorization_request_endpoint = None);
    let configuration = setup.build();
    let outbound = Script::new(build(configuration.clone())).sends(Event::Begin);
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    let error = Script::new(build(configuration).pushed()).fails(Event::Begin);
    let member = "pushed_authorization_request_endpoint";
    let missing = MetadataError::Missing { member };
    assert!(matches!(error, Error::Metadata(found) if found == missing));
}

#[test]
fn the_content_is_encrypted_as_registered_or_by_default() {
    for (enc, expected) in [(None, "A128CBC-HS256"), (Some("A192GCM"), "A192GCM")] {
        let key = server_key("e1");
        let configuration = pair(registered("ECDH-ES+A256KW", enc)).unwrap();
        let mut script = Script::new(build(configuration));
        script.sends(Event::Begin);
        let answer = sign_and_encrypt(&mut script, keys(&[&key]));
        let request = request_of(&script.done(answer));
        let header = jose::base64url::decode(request.split('.').next().unwrap()).unwrap();
        let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], "ECDH-ES+A256KW");
        assert_eq!(header["enc"], expected);
    }
}

#[test]
fn keys_are_fetched_again_when_the_right_one_is_missing_but_not_all_the_time() {
    let key = server_key("e1");
    let mut script = Script::new(build(configuration()));
    script.sends(Event::Begin);
    let none = Reason::KeySelection(jose::KeySelectionError::NoneToEncrypt {
        alg: KeyManagement::EcdhEs,
    });
    let error = script.fails(keys(&[]));
    assert_eq!(rejected(&error), &none);
    assert_finished(&mut script.operation);

    // The set is fresh, but it is fetched once more to look for the key.
    script.operation = build(configuration());
    script.sends(Event::Begin);
    assert_eq!(rejected(&script.fails(keys(&[]))), &none);
    script.pass(Duration::from_secs(59));
    script.operation = build(configuration());
    assert_eq!(rejected(&script.fails(Event::Begin)), &none);

    script.pass(Duration::from_secs(1));
    script.operation = build(configuration());
    script.sends(Event::Begin);
    let answer = sign_and_encrypt(&mut script, keys(&[&key]));
    script.done(answer);
}

#[test]
fn of_several_keys_it_is_the_first() {
    let (first, second) = (server_key("e1"), server_key("e2"));
    let mut script = Script::new(build(configuration()));
    script.sends(Event::Begin);
    let answer = sign_and_encrypt(&mut script, keys(&[&first, &second]));
    open(&request_of(&script.done(answer)), &first);
}

#[test]
fn old_keys_are_used_when_no_new_ones_come() {
    let key = server_key("e1");
    let mut script = Script::new(build(configuration()));
    script.sends(Event::Begin);
    let answer = sign_and_encrypt(&mut script, keys(&[&key]));
    script.done(answer);

    script.pass(Duration::from_secs(300));
    script.operation = build(configuration());
    script.sends(Event::Begin);
    let answer = sign_and_encrypt(&mut script, unanswered(NoAnswer::Interrupted));
    open(&request_of(&script.done(answer)), &key);

    let mut script = Script::new(build(configuration()));
    script.sends(Event::Begin);
    let error = script.fails(unanswered(NoAnswer::Interrupted));
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_INTERRUPTED"));
}

/// A pushed request that is repeated with a DPoP nonce is signed and encrypted again, with the same
/// key.
#[test]
fn a_second_attempt_is_encrypted_again() {
    let key = server_key("e1");
    let dpop_key = DPoPKey::new(reference("dpop"), &SERVER_KEY.public_jwk().unwrap()).unwrap();
    let operation = build(configuration().with_dpop_key(dpop_key)).pushed();
    let mut script = Script::new(operation);
    script.entropy = Box::leak(Box::new(Counting(AtomicU8::new(1))));
    assert_eq!(script.sends(Event::Begin).endpoint, EndpointName::Jwks);
    let mut event = keys(&[&key]);
    let mut identifiers = Vec::new();
    for _ in 0..2 {
        let answer = sign_and_encrypt(&mut script, event);
        let job = script.uses_key(answer);
        assert_eq!(job.key().as_str(), "dpop");
        let outbound = script.sends(signed(&SERVER_KEY, &job));
        assert_eq!(outbound.endpoint, EndpointName::PushedAuthorization);
        let form = form(&outbound);
        let names: Vec<_> = form.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["request", "client_id"]);
        let (_, claims) = open(form.first("request").unwrap(), &key);
        identifiers.push(claims["jti"].clone());
        let Event::Received(mut refused) = received(400, r#"{"error":"use_dpop_nonce"}"#) else {
            unreachable!("a response");
        };
        let nonce = http::HeaderValue::from_static("n-1");
        refused.headers_mut().insert("dpop-nonce", nonce);
        event = Event::Received(refused);
    }
    assert_ne!(identifiers[0], identifiers[1]);
    let error = script.fails(event);
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[test]
fn what_cannot_be_used_is_found_when_the_client_is_set_up() {
    let alg = "RSA-OAEP-256, ECDH-ES or another algorithm with a public key";
    let invalid = |argument, expected, found: &str| Misuse::InvalidArgument {
        argument,
        expected,
        found: found.to_owned(),
    };
    let mut without_alg = ClientMetadata::new("app");
    without_alg.request_object_encryption_enc = Some("A256GCM".to_owned());
    for (client, misuse) in [
        (
            registered("RSA1_5", None),
            invalid("request_object_encryption_alg", alg, "RSA1_5"),
        ),
        (
            registered("dir", None),
            invalid("request_object_encryption_alg", alg, "dir"),
        ),
        (
            registered("A256KW", None),
            invalid("request_object_encryption_alg", alg, "A256KW"),
        ),
        (
            registered("ECDH-ES", Some("A512GCM")),
            invalid(
                "request_object_encryption_enc",
                "a content encryption algorithm",
                "A512GCM",
            ),
        ),
        (
            without_alg,
            Misuse::MissingArgument {
                argument: "request_object_encryption_alg",
                purpose: "request_object_encryption_enc",
            },
        ),
    ] {
        let Err(Error::Misuse(found)) = pair(client) else {
            panic!("accepted");
        };
        assert_eq!(found, misuse);
    }
}

/// A request that requires encryption is refused, not sent in plain form, if no key was chosen.
#[test]
fn a_call_that_bypasses_the_choice_of_a_key_is_refused() {
    let mut script = Script::new(Call::new(PushedAuthorizationRequest {
        configuration: configuration(),
        parameters: Parameters::new(),
        request_object: Some(object()),
    }));
    let Error::Misuse(misuse) = script.fails(Event::Begin) else {
        panic!("another error");
    };
    assert_eq!(
        misuse,
        Misuse::MissingArgument {
            argument: "recipient",
            purpose: "an encrypted request object, which BuildAuthorizationUrl makes",
        }
    );
}

/// CIBA Core 1.0 section 7.1.1 defines signed requests only.
#[test]
fn a_backchannel_request_is_not_encrypted() {
    let hint = Hint::LoginHint("alice".to_owned());
    let mut request = BackchannelAuthenticationEndpoint::new(configuration(), hint);
    request.request_object = Some(object());
    let mut script = Script::new(Call::new(request));
    let job = script.uses_key(Event::Begin);
    let outbound = script.sends(signed(&SERVER_KEY, &job));
    let request = form(&outbound).first("request").unwrap().to_owned();
    assert_eq!(request.split('.').count(), 3);
}

#[test]
fn each_state_refuses_events_that_do_not_belong_there() {
    let key = server_key("e1");
    let fetching = || {
        let mut script = Script::new(build(configuration()));
        script.sends(Event::Begin);
        script
    };
    let encrypting = || {
        let mut script = fetching();
        let job = script.uses_key(keys(&[&key]));
        script.uses_key(signed(&SERVER_KEY, &job));
        script
    };
    let mut script = fetching();
    let result = script.step(Event::Elapsed);
    assert_unexpected(result, "Received or Unanswered", "Elapsed");
    assert_finished(&mut script.operation);
    assert!(matches!(fetching().fails(Event::Aborted), Error::Aborted));

    let mut script = encrypting();
    let another = Event::KeyUsed(KeyResult::Signature(vec![1; 64]));
    let (expected, found) = ("KeyUsed with an encryption", "KeyUsed with a signature");
    assert_unexpected(script.step(another), expected, found);
    assert_finished(&mut script.operation);
    let mut script = encrypting();
    let result = script.step(Event::Elapsed);
    assert_unexpected(result, "KeyUsed or KeyUnavailable", "Elapsed");
    let fault = KeyFault {
        key: KeyName::new("the server's encryption key"),
        source: None,
    };
    let error = encrypting().fails(Event::KeyUnavailable(fault));
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
}
