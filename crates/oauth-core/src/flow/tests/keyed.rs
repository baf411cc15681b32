//! Encrypted tokens.

use std::fmt::Debug;
use std::sync::LazyLock;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use jose::KeyFamily;
use jose::jwe::{
    ContentEncryption, DecryptionKey, EncryptionKey, KeyAnswer, KeyManagement, ProtectedHeader,
    encrypt,
};
use serde_json::json;

use crate::configuration::Configuration;
use crate::endpoint::{ExpectedSubject, UserInfoEndpoint};
use crate::error::{Artefact, Error, KeyFault, Misuse, Reason};
use crate::flow::{FetchUserInfo, VerifyIdToken};
use crate::key::{DecryptionKeyReference, DecryptionKeys, KeyJob, KeyResult};
use crate::metadata::ClientMetadata;
use crate::names::{EndpointName, KeyName};
use crate::operation::{Event, Operation};
use crate::policy::Policy;
use crate::testing;
use crate::testing::script::{Script, received};
use crate::testing::{SERVER_KEY, assert_finished, assert_unexpected, claims, key_set, sign};
use crate::validate::{IdTokenExpectations, NonceExpectation};

const SECRET: [u8; 32] = [7; 32];
const ALG: KeyManagement = KeyManagement::A256GCMKW;
const ENC: ContentEncryption = ContentEncryption::A256GCM;

static KEY: LazyLock<DecryptionKey> = LazyLock::new(|| DecryptionKey::symmetric(&SECRET).unwrap());

fn reference(name: &str) -> DecryptionKeyReference {
    DecryptionKeyReference::new(KeyName::new(name), KeyFamily::Symmetric, vec![ALG]).unwrap()
}

fn header() -> ProtectedHeader {
    ProtectedHeader::new(ALG, ENC)
}

fn sealed(header: &ProtectedHeader, plaintext: &str) -> String {
    let key = EncryptionKey::symmetric(&SECRET).unwrap();
    encrypt(header, &key, plaintext.as_bytes()).unwrap()
}

fn configured(client: ClientMetadata, keys: Vec<DecryptionKeyReference>) -> Configuration {
    let configuration = testing::setup().client_metadata(client).build();
    configuration.with_decryption_keys(DecryptionKeys::new(keys).unwrap())
}

fn registered() -> ClientMetadata {
    let mut client = ClientMetadata::new("app");
    client.id_token_encrypted_response_alg = Some(ALG.to_string());
    client.id_token_encrypted_response_enc = Some(ENC.to_string());
    client
}

fn verification(configuration: Configuration, token: &str) -> Script<VerifyIdToken> {
    let expectations = IdTokenExpectations::login(NonceExpectation::Equals("n-1".into()), None);
    Script::new(VerifyIdToken::new(configuration, token, expectations))
}

fn script(token: &str) -> Script<VerifyIdToken> {
    verification(configured(registered(), vec![reference("k")]), token)
}

fn decrypted(key: &DecryptionKey, job: &KeyJob) -> Event {
    let KeyJob::Decrypt { operation, .. } = job else {
        panic!("{job:?}");
    };
    Event::KeyUsed(KeyResult::Decryption(key.perform(operation).unwrap()))
}

fn keys() -> Event {
    received(200, key_set(&[&SERVER_KEY]))
}

#[track_caller]
fn assert_rejected<O: Operation<Output: Debug>>(
    script: &mut Script<O>,
    error: Error,
    code: &str,
    reason: &Reason,
) {
    assert_eq!(error.code(), Some(code), "{error}");
    assert_eq!(&error.rejection().unwrap().reason, reason);
    assert_finished(&mut script.operation);
}

const FAILED: &str = "OAUTH_DECRYPTION_FAILED";

#[test]
fn an_encrypted_id_token_is_decrypted_and_then_verified() {
    for header in [header(), header().cty("JWT")] {
        let jws = sign(&claims());
        let mut script = script(&sealed(&header, &jws));
        let job = script.uses_key(Event::Begin);
        assert_eq!(job.key().as_str(), "k");
        assert!(!format!("{job:?}").contains("encrypted_key"));
        let outbound = script.sends(decrypted(&KEY, &job));
        assert_eq!(outbound.endpoint, EndpointName::Jwks);
        let id_token = script.done(keys());
        assert_eq!(id_token.sub(), "alice");
        // What goes into `id_token_hint` is what was inside.
        assert_eq!(id_token.jwt().expose(), &jws);
        assert_finished(&mut script.operation);
    }
}

#[test]
fn decryption_does_not_stand_in_for_a_signature() {
    let stranger = jose::SigningKey::generate(jose::SignatureAlgorithm::ES256).unwrap();
    let header = jose::jws::ProtectedHeader::new(jose::SignatureAlgorithm::ES256).kid("k1");
    let forged = testing::sign_with(&stranger, &header, &claims());
    let mut script = script(&sealed(&self::header(), &forged));
    let job = script.uses_key(Event::Begin);
    script.sends(decrypted(&KEY, &job));
    let error = script.fails(keys());
    let reason = Reason::Jose(jose::Error::Signature);
    assert_rejected(&mut script, error, "OAUTH_INVALID_RESPONSE", &reason);
}

#[test]
fn what_is_inside_must_be_a_signed_token() {
    let segments = |found| Reason::Jose(jose::Malformed::Segments { expected: 3, found }.into());
    for (inside, reason) in [
        (claims().to_string(), segments(2)),
        (sealed(&header(), &sign(&claims())), segments(5)),
        (String::new(), segments(1)),
    ] {
        let mut script = script(&sealed(&header(), &inside));
        let job = script.uses_key(Event::Begin);
        let error = script.fails(decrypted(&KEY, &job));
        assert_rejected(&mut script, error, "OAUTH_INVALID_RESPONSE", &reason);
    }
}

#[test]
fn every_failed_decryption_is_the_same() {
    let token = sealed(&header(), &sign(&claims()));
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let other = if parts[3].starts_with('A') { "B" } else { "A" };
    parts[3].replace_range(..1, other);
    let changed = parts.join(".");
    let content_key = |bytes: Vec<u8>| KeyAnswer::ContentKey(bytes.into());
    for (token, answer) in [
        (&token, Some(KeyAnswer::Rejected)),
        (&token, Some(content_key(vec![1; 32]))),
        (&token, Some(content_key(vec![1; 31]))),
        (&token, Some(KeyAnswer::SharedSecret(vec![0; 32].into()))),
        (&changed, None),
    ] {
        let mut script = script(token);
        let job = script.uses_key(Event::Begin);
        let answer = match answer {
            Some(answer) => Event::KeyUsed(KeyResult::Decryption(answer)),
            None => decrypted(&KEY, &job),
        };
        let error = script.fails(answer);
        let reason = Reason::Decryption(jose::Error::Decryption);
        assert_rejected(&mut script, error, FAILED, &reason);
    }
}

#[test]
fn what_was_not_registered_is_refused_before_any_key_is_used() {
    let other = ProtectedHeader::new(ALG, ContentEncryption::A128GCM);
    let not_accepted = |member, found: &str| {
        Reason::Decryption(jose::Error::EncryptionNotAccepted {
            member,
            found: found.to_owned(),
        })
    };
    let jws = sign(&claims());
    let mut script = script(&sealed(&other, &jws));
    let error = script.fails(Event::Begin);
    let reason = not_accepted("enc", "A128GCM");
    assert_rejected(&mut script, error, FAILED, &reason);

    let mut client = registered();
    client.id_token_encrypted_response_alg = Some("RSA-OAEP-256".to_owned());
    let configuration = configured(client, vec![reference("k")]);
    let mut script = verification(configuration, &sealed(&header(), &jws));
    let error = script.fails(Event::Begin);
    let reason = not_accepted("alg", "A256GCMKW");
    assert_rejected(&mut script, error, FAILED, &reason);

    let keys = DecryptionKeys::new(vec![reference("k")])
        .and_then(|keys| keys.content_encryption(vec![ContentEncryption::A128GCM]))
        .unwrap();
    let mut client = registered();
    client.id_token_encrypted_response_enc = None;
    let configuration = configured(client, vec![reference("k")]).with_decryption_keys(keys);
    let mut script = verification(configuration, &sealed(&header(), &jws));
    let error = script.fails(Event::Begin);
    let reason = not_accepted("enc", "A256GCM");
    assert_rejected(&mut script, error, FAILED, &reason);
}

#[test]
fn exactly_one_key_must_fit() {
    let jws = sign(&claims());
    let named = |kid| sealed(&header().kid(kid), &jws);
    let (plain, one, two) = (
        reference("plain"),
        reference("first").kid("1"),
        reference("second").kid("2"),
    );
    let x25519 = DecryptionKeyReference::new(
        KeyName::new("x"),
        KeyFamily::X25519,
        DecryptionKeyReference::algorithms_of(KeyFamily::X25519),
    );
    let chosen = |keys: Vec<_>, token: &str| {
        let mut script = verification(configured(registered(), keys), token);
        match script.step(Event::Begin) {
            Ok(crate::operation::Action::UseKey(job)) => Ok(job.key().as_str().to_owned()),
            Err(error) => {
                assert_eq!(error.code(), Some(FAILED));
                Err(error.rejection().unwrap().reason.clone())
            }
            Ok(other) => panic!("{other:?}"),
        }
    };
    let both = || vec![one.clone(), two.clone(), x25519.clone().unwrap()];
    assert_eq!(chosen(both(), &named("2")), Ok("second".to_owned()));
    let no_kid = sealed(&header(), &jws);
    // A token without a name may be for any key, and one with a name is for the key of that name.
    let found = |found| Err(Reason::DecryptionKey { found });
    assert_eq!(chosen(both(), &no_kid), found(2));
    assert_eq!(chosen(both(), &named("3")), found(0));
    assert_eq!(chosen(vec![plain.clone()], &named("1")), found(0));
    assert_eq!(chosen(vec![plain], &no_kid), Ok("plain".to_owned()));
    let same = vec![one.clone(), one.clone()];
    assert_eq!(chosen(same, &named("1")), found(2));
    assert_eq!(chosen(vec![one.clone()], &no_kid), Ok("first".to_owned()));
}

#[test]
fn a_downgrade_is_refused_unless_it_is_permitted() {
    let jws = sign(&claims());
    let mut script = script(&jws);
    let error = script.fails(Event::Begin);
    let expected = ALG.to_string();
    let reason = Reason::NotEncrypted { expected };
    assert_rejected(&mut script, error, "OAUTH_INVALID_RESPONSE", &reason);

    let mut policy = Policy::default();
    policy.danger.accept_unencrypted = true;
    let configuration = configured(registered(), vec![reference("k")]).with_policy(policy);
    let mut script = verification(configuration, &jws);
    script.sends(Event::Begin);
    assert_eq!(script.done(keys()).sub(), "alice");
}

#[test]
fn a_key_out_of_reach_is_no_rejection() {
    let mut script = script(&sealed(&header(), &sign(&claims())));
    let job = script.uses_key(Event::Begin);
    let error = script.fails(Event::KeyUnavailable(KeyFault {
        key: job.key().clone(),
        source: None,
    }));
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
    assert_finished(&mut script.operation);
}

#[test]
fn an_event_that_does_not_belong_is_refused() {
    let token = sealed(&header(), &sign(&claims()));
    let mut elapsed = script(&token);
    elapsed.uses_key(Event::Begin);
    assert_unexpected(
        elapsed.step(Event::Elapsed),
        "KeyUsed or KeyUnavailable",
        "Elapsed",
    );
    assert_finished(&mut elapsed.operation);

    let mut aborted = script(&token);
    aborted.uses_key(Event::Begin);
    assert!(matches!(aborted.fails(Event::Aborted), Error::Aborted));

    let mut signed = script(&token);
    signed.uses_key(Event::Begin);
    let error = signed.fails(Event::KeyUsed(KeyResult::Signature(vec![1; 64])));
    assert!(matches!(
        error,
        Error::Misuse(Misuse::UnexpectedEvent {
            found: "KeyUsed with a signature",
            ..
        })
    ));
    assert_finished(&mut signed.operation);
}

fn user_info(client: ClientMetadata) -> Script<FetchUserInfo> {
    let configuration = configured(client, vec![reference("k")]);
    let subject = ExpectedSubject::Equals("alice".to_owned());
    Script::new(FetchUserInfo::new(UserInfoEndpoint::new(
        configuration,
        "at-1",
        subject,
    )))
}

fn jwt(text: String) -> Event {
    let mut response = testing::response(200, text);
    let value = HeaderValue::from_static("application/jwt");
    response.headers_mut().insert(CONTENT_TYPE, value);
    Event::Received(response)
}

#[test]
fn encrypted_user_info_may_be_json_where_no_signature_was_registered() {
    let mut client = ClientMetadata::new("app");
    client.userinfo_encrypted_response_alg = Some(ALG.to_string());
    let json = json!({"sub": "alice", "name": "Alice"});
    let mut script = user_info(client.clone());
    script.sends(Event::Begin);
    let job = script.uses_key(jwt(sealed(&header(), &json.to_string())));
    let user = script.done(decrypted(&KEY, &job));
    assert_eq!(user.name(), Some("Alice"));
    assert_finished(&mut script.operation);

    let another = json!({"sub": "mallory"}).to_string();
    let mismatch = Reason::AttributeMismatch {
        member: "sub",
        expected: Some("alice".to_owned()),
        found: Some("mallory".to_owned()),
    };
    let comparison = "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED";
    let duplicate = r#"{"sub":"mallory","sub":"alice"}"#.to_owned();
    let member = "sub".to_owned();
    let twice = Reason::Json(jose::json::Error::Duplicate { member });
    for (inside, code, reason) in [
        (another, comparison, mismatch),
        (duplicate, "OAUTH_PARSE_ERROR", twice),
    ] {
        let mut script = user_info(client.clone());
        script.sends(Event::Begin);
        let job = script.uses_key(jwt(sealed(&header(), &inside)));
        let error = script.fails(decrypted(&KEY, &job));
        let artefact = error.rejection().unwrap().artefact;
        assert_eq!(artefact, Artefact::UserInfoResponse);
        assert_rejected(&mut script, error, code, &reason);
    }

    client.userinfo_signed_response_alg = Some("ES256".into());
    let mut script = user_info(client);
    script.sends(Event::Begin);
    let job = script.uses_key(jwt(sealed(&header(), &json.to_string())));
    let error = script.fails(decrypted(&KEY, &job));
    let expected = "ES256".to_owned();
    let reason = Reason::NotSigned { expected };
    assert_rejected(&mut script, error, "OAUTH_JWT_USERINFO_EXPECTED", &reason);
}

#[test]
fn encrypted_user_info_is_verified_where_it_is_signed() {
    let mut client = ClientMetadata::new("app");
    client.userinfo_encrypted_response_alg = Some(ALG.to_string());
    client.userinfo_signed_response_alg = Some("ES256".into());
    let mut script = user_info(client);
    script.sends(Event::Begin);
    let job = script.uses_key(jwt(sealed(&header(), &sign(&json!({"sub": "alice"})))));
    let outbound = script.sends(decrypted(&KEY, &job));
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    assert_eq!(script.done(keys()).sub(), "alice");
    assert_finished(&mut script.operation);
}
