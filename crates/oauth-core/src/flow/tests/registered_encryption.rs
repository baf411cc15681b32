//! What a client has registered about encryption holds for each kind of token and response: the
//! algorithm of the key, that of the content, and that there is encryption at all.

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use jose::jwe::{
    ContentEncryption, DecryptionKey, EncryptionKey, KeyManagement, ProtectedHeader, encrypt,
};
use jose::{KeyFamily, SignatureAlgorithm};
use serde_json::json;

use super::*;
use crate::authorization::{AuthorizationCodeGrantChecks, Callback, ExpectedState, ResponseMode};
use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::endpoint::{ExpectedSubject, IntrospectionEndpoint, UserInfoEndpoint};
use crate::error::{Artefact, Error, Reason};
use crate::key::{DecryptionKeyReference, DecryptionKeys, KeyJob, KeyResult};
use crate::metadata::ClientMetadata;
use crate::names::KeyName;
use crate::operation::{Action, Event, Operation};
use crate::testing;
use crate::testing::{NOW, SERVER_KEY};
use crate::validate::{IdTokenExpectations, NonceExpectation};

/// A kind of token or response that may be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    IdToken,
    LogoutToken,
    UserInfo,
    Introspection,
    AuthorizationResponse,
}

use Kind::{AuthorizationResponse, IdToken, LogoutToken, UserInfo as UserInfoKind};

const KINDS: [Kind; 5] = [
    IdToken,
    LogoutToken,
    UserInfoKind,
    Kind::Introspection,
    AuthorizationResponse,
];

const ALG: KeyManagement = KeyManagement::EcdhEs;
const ENC: ContentEncryption = ContentEncryption::A256GCM;

/// Registered with [`ALG`] and [`ENC`] for this kind alone, with a key that could do more.
fn configuration(kind: Kind, key: &DecryptionKey) -> Configuration {
    let mut client = ClientMetadata::new("app");
    let signed = Some("ES256".into());
    let (alg, enc) = (Some(ALG.to_string()), Some(ENC.to_string()));
    match kind {
        IdToken | LogoutToken => {
            client.id_token_encrypted_response_alg = alg;
            client.id_token_encrypted_response_enc = enc;
        }
        UserInfoKind => {
            client.userinfo_signed_response_alg = signed;
            client.userinfo_encrypted_response_alg = alg;
            client.userinfo_encrypted_response_enc = enc;
        }
        Kind::Introspection => {
            client.introspection_signed_response_alg = signed;
            client.introspection_encrypted_response_alg = alg;
            client.introspection_encrypted_response_enc = enc;
        }
        AuthorizationResponse => {
            client.authorization_signed_response_alg = signed;
            client.authorization_encrypted_response_alg = alg;
            client.authorization_encrypted_response_enc = enc;
        }
    }
    let algorithms = DecryptionKeyReference::algorithms_of(key.family());
    let reference = DecryptionKeyReference::new(KeyName::new("k"), key.family(), algorithms);
    let keys = DecryptionKeys::new(vec![reference.unwrap()]).unwrap();
    let setup = testing::setup().client_metadata(client);
    setup.build().with_decryption_keys(keys)
}

/// A good token of this kind.
fn signed(kind: Kind) -> String {
    let (typ, claims) = match kind {
        IdToken => ("JWT", testing::claims()),
        LogoutToken => (
            "logout+jwt",
            json!({
                "iss": "https://op.example",
                "sub": "alice",
                "aud": "app",
                "iat": NOW,
                "exp": NOW + 120,
                "jti": "j",
                "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            }),
        ),
        UserInfoKind => ("JWT", json!({"sub": "alice"})),
        Kind::Introspection => (
            "token-introspection+jwt",
            json!({
                "iss": "https://op.example",
                "aud": "app",
                "iat": NOW,
                "token_introspection": {"active": true},
            }),
        ),
        AuthorizationResponse => (
            "JWT",
            json!({
                "iss": "https://op.example",
                "aud": "app",
                "exp": NOW + 600,
                "code": "c",
                "state": "s",
            }),
        ),
    };
    let header = jose::jws::ProtectedHeader::new(SignatureAlgorithm::ES256).typ(typ);
    testing::sign_with(&SERVER_KEY, &header, &claims)
}

/// How an operation of this kind ends that is given this token. `Ok` where it was believed.
fn judge(kind: Kind, key: &DecryptionKey, token: &str) -> Result<(), Error> {
    let configuration = configuration(kind, key);
    let answer = |media_type: &'static str| {
        let mut response = testing::response(200, token);
        let media_type = HeaderValue::from_static(media_type);
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        response
    };
    match kind {
        IdToken => {
            let nonce = NonceExpectation::Equals("n-1".into());
            let expectations = IdTokenExpectations::login(nonce, None);
            end(
                VerifyIdToken::new(configuration, token, expectations),
                key,
                None,
            )
        }
        LogoutToken => end(VerifyLogoutToken::new(configuration, token), key, None),
        UserInfoKind => {
            let subject = ExpectedSubject::Equals("alice".to_owned());
            let endpoint = UserInfoEndpoint::new(configuration, "at", subject);
            let operation = FetchUserInfo::new(endpoint);
            end(operation, key, Some(answer("application/jwt")))
        }
        Kind::Introspection => {
            let operation =
                TokenIntrospection::new(IntrospectionEndpoint::new(configuration, "at"));
            end(
                operation,
                key,
                Some(answer("application/token-introspection+jwt")),
            )
        }
        AuthorizationResponse => {
            let checks = AuthorizationCodeGrantChecks {
                expected_state: ExpectedState::Equals("s".into()),
                response_mode: Some(ResponseMode::Jwt),
                ..AuthorizationCodeGrantChecks::default()
            };
            let callback = Callback::from_query(&format!("response={token}"));
            let redirect_uri = "https://app.example/cb";
            end(
                AuthorizationCodeGrant::new(&configuration, &callback, redirect_uri, checks),
                key,
                None,
            )
        }
    }
}

/// Drives an operation to its end, or to its token request, which is a good end too.
fn end<O: Operation>(
    mut operation: O,
    key: &DecryptionKey,
    mut answer: Option<http::Response<bytes::Bytes>>,
) -> Result<(), Error> {
    let cache = Cache::new();
    let mut env = testing::env(NOW, 0, &cache);
    let mut event = Event::Begin;
    for _ in 0..6 {
        event = match operation.step(&mut env, event)? {
            Action::Done(_) => return Ok(()),
            Action::Send(outbound) if outbound.request.uri().path() == "/jwks" => {
                let keys = testing::key_set(&[&SERVER_KEY]);
                Event::Received(testing::response(200, keys))
            }
            Action::Send(outbound) => match answer.take() {
                Some(response) => Event::Received(response),
                None => {
                    assert_eq!(outbound.request.uri().path(), "/token");
                    return Ok(());
                }
            },
            Action::UseKey(KeyJob::Decrypt { operation, .. }) => {
                Event::KeyUsed(KeyResult::Decryption(key.perform(&operation).unwrap()))
            }
            Action::UseKey(job) => panic!("{job:?}"),
            Action::Wait(wait) => panic!("{wait:?}"),
        };
    }
    panic!("no end");
}

#[test]
fn what_was_registered_is_accepted_and_nothing_else() {
    let key = DecryptionKey::generate(KeyFamily::P256).unwrap();
    let public = EncryptionKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
    for kind in KINDS {
        let artefact = match kind {
            IdToken => Artefact::IdToken,
            LogoutToken => Artefact::LogoutToken,
            UserInfoKind => Artefact::UserInfoResponse,
            Kind::Introspection => Artefact::IntrospectionResponse,
            AuthorizationResponse => Artefact::AuthorizationResponse,
        };
        let sealed = |alg, enc| {
            let header = ProtectedHeader::new(alg, enc).cty("JWT");
            encrypt(&header, &public, signed(kind).as_bytes()).unwrap()
        };
        judge(kind, &key, &sealed(ALG, ENC)).unwrap();

        let not_accepted = |member, found: &str| {
            Reason::Decryption(jose::Error::EncryptionNotAccepted {
                member,
                found: found.to_owned(),
            })
        };
        for (token, code, reason) in [
            (
                sealed(ALG, ContentEncryption::A128GCM),
                "OAUTH_DECRYPTION_FAILED",
                not_accepted("enc", "A128GCM"),
            ),
            (
                sealed(KeyManagement::EcdhEsA128KW, ENC),
                "OAUTH_DECRYPTION_FAILED",
                not_accepted("alg", "ECDH-ES+A128KW"),
            ),
            (
                signed(kind),
                "OAUTH_INVALID_RESPONSE",
                Reason::NotEncrypted {
                    expected: ALG.to_string(),
                },
            ),
        ] {
            let error = judge(kind, &key, &token).unwrap_err();
            assert_eq!(error.code(), Some(code), "{kind:?} {error}");
            let rejection = error.rejection().unwrap();
            assert_eq!(rejection.artefact, artefact);
            assert_eq!(rejection.reason, reason, "{kind:?}");
        }
    }
}
