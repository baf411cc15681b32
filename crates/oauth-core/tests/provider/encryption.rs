//! ID Tokens and UserInfo responses that are encrypted for the client, with keys of every family.

use jose::jwe::{ContentEncryption, DecryptionKey, EncryptionKey, KeyManagement};
use jose::{KeyFamily, SignatureAlgorithm};
use oauth_core::Error;
use oauth_core::authorization::ResponseType;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{UserInfoEndpoint, UserInfoResponse};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{FetchUserInfo, RefreshTokenGrant};
use oauth_core::key::{DecryptionKeyReference, DecryptionKeys};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::KeyName;
use oauth_core::policy::Policy;
use oauth_core::secret::Secret;
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Misbehaviour};

use crate::refusal::{INVALID, assert_rejected, claim_mismatch};
use crate::world::{CLIENT_ID, REDIRECT_URI, World};

const SECRET: &str = "a secret of the client, from which keys can be derived";

const EVERY_FAMILY: [(KeyFamily, KeyManagement, ContentEncryption); 8] = [
    (
        KeyFamily::Rsa,
        KeyManagement::RsaOaep,
        ContentEncryption::A128CbcHs256,
    ),
    (
        KeyFamily::Rsa,
        KeyManagement::RsaOaep256,
        ContentEncryption::A256GCM,
    ),
    (
        KeyFamily::P256,
        KeyManagement::EcdhEs,
        ContentEncryption::A128GCM,
    ),
    (
        KeyFamily::P384,
        KeyManagement::EcdhEsA128KW,
        ContentEncryption::A192GCM,
    ),
    (
        KeyFamily::X25519,
        KeyManagement::EcdhEsA256KW,
        ContentEncryption::A256CbcHs512,
    ),
    (
        KeyFamily::Symmetric,
        KeyManagement::Direct,
        ContentEncryption::A256GCM,
    ),
    (
        KeyFamily::Symmetric,
        KeyManagement::A128KW,
        ContentEncryption::A128CbcHs256,
    ),
    (
        KeyFamily::Symmetric,
        KeyManagement::A256GCMKW,
        ContentEncryption::A256GCM,
    ),
];

#[test]
fn keys_of_every_family_decrypt() {
    for (family, alg, enc) in EVERY_FAMILY {
        for signed in [false, true] {
            let (world, configuration) = world(family, alg, enc, signed);
            let user = ask(&world, &configuration).unwrap();
            assert_eq!(user.sub(), "alice", "{alg} {enc}");
            // The keys decrypt the ID Token and the UserInfo response.
            assert_eq!(world.keys_used.get(), 2);
        }
    }
}

#[test]
fn what_is_inside_is_verified_as_ever() {
    let (world, configuration) = any_world();
    world.provider.misbehave(Misbehaviour::IdTokenNonceMismatch);
    assert_rejected(
        world.log_in(&configuration),
        "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
        Artefact::IdToken,
        &claim_mismatch("nonce", None, None),
    );
    world.provider.behave();
    world
        .provider
        .misbehave(Misbehaviour::IdTokenSignatureBroken);
    assert_rejected(
        world.log_in(&configuration),
        INVALID,
        Artefact::IdToken,
        &Reason::Jose(jose::Error::Signature),
    );
}

#[test]
fn what_is_not_encrypted_is_refused() {
    let (world, configuration) = any_world();
    let expected = "ECDH-ES".to_owned();
    let authentication = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
    let plain = ClientRegistration::new(CLIENT_ID, authentication).redirect_uri(REDIRECT_URI);
    let tokens = world.log_in(&configuration).unwrap();
    world.provider.register(plain);
    let subject = tokens.id_token().unwrap();
    let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
    assert_rejected(
        world.run(FetchUserInfo::new(endpoint)),
        INVALID,
        Artefact::UserInfoResponse,
        &Reason::NotEncrypted {
            expected: expected.clone(),
        },
    );
    assert_rejected(
        world.log_in(&configuration),
        INVALID,
        Artefact::IdToken,
        &Reason::NotEncrypted { expected },
    );
}

#[test]
fn a_token_for_another_key_is_refused_and_one_without_a_key_keeps_the_tokens() {
    let (mut world, configuration) = any_world();
    let another = DecryptionKey::generate(KeyFamily::P256).unwrap();
    world.add_decryption_key("mine", another);
    assert_rejected(
        world.log_in(&configuration),
        "OAUTH_DECRYPTION_FAILED",
        Artefact::IdToken,
        &Reason::Decryption(jose::Error::Decryption),
    );

    let missing = KeyName::new("nowhere");
    let reference =
        DecryptionKeyReference::new(missing, KeyFamily::P256, vec![KeyManagement::EcdhEs]).unwrap();
    let keys = DecryptionKeys::new(vec![reference]).unwrap();
    let error = world
        .log_in(&configuration.with_decryption_keys(keys))
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
    let Error::TokensUnverified(unverified) = error else {
        panic!("{error}");
    };
    assert!(unverified.danger_tokens().refresh_token().is_some());
}

#[test]
fn a_decryption_key_out_of_reach_does_not_end_the_session() {
    let (world, configuration) = any_world();
    let first = world.log_in(&configuration).unwrap();
    let refresh = |configuration: &Configuration, refresh_token: &Secret| {
        let grant = RefreshTokenGrant::new(configuration.clone(), refresh_token.clone());
        world.run(grant.previous(first.id_token().unwrap()))
    };
    let missing = KeyName::new("nowhere");
    let reference =
        DecryptionKeyReference::new(missing, KeyFamily::P256, vec![KeyManagement::EcdhEs]).unwrap();
    let keys = DecryptionKeys::new(vec![reference]).unwrap();
    let keyless = configuration.with_decryption_keys(keys);
    let error = refresh(&keyless, first.refresh_token().unwrap()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
    let successor = error.refresh_token().expect("a refresh token").clone();
    let tokens = refresh(&configuration, &successor).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    // Before a login there is no session that a refresh token could continue.
    let error = world.log_in(&keyless).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
    assert_eq!(error.refresh_token(), None);
}

/// The hybrid flow of FAPI 1.0 Advanced, and a login by an ID Token without a code.
#[test]
fn an_encrypted_token_comes_through_the_browser() {
    for (family, alg, enc) in EVERY_FAMILY {
        let (world, configuration) = world(family, alg, enc, false);
        let request = |response_type| World::request(&configuration).response_type(response_type);
        let request_of_both = request(ResponseType::CodeIdToken);
        let (url, pending) = world.run(request_of_both.begin()).unwrap();
        let grant = pending.resume(&configuration, world.follow(&url)).unwrap();
        assert_eq!(world.run(grant).unwrap().id_token().unwrap().sub(), "alice");
        // One ID Token comes through the browser, and one from the token endpoint.
        assert_eq!(world.keys_used.get(), 2);

        let (url, pending) = world.run(request(ResponseType::IdToken).begin()).unwrap();
        let callback = world.follow(&url);
        let login = pending.resume_implicit(&configuration, &callback).unwrap();
        assert_eq!(world.run(login).unwrap().id_token().sub(), "alice");
    }
}

/// An attacker who learns whether the padding was valid can decrypt (RFC 8017 section 7.2). So no
/// key is used.
#[test]
fn rsa15_is_refused_before_a_key_is_used() {
    let alg = KeyManagement::RsaOaep;
    let (world, configuration) = world(KeyFamily::Rsa, alg, ContentEncryption::A256GCM, false);
    world
        .provider
        .misbehave(Misbehaviour::IdTokenEncryptedRsa15);
    for (response_type, redeemed) in [(ResponseType::CodeIdToken, 0), (ResponseType::Code, 1)] {
        let request = World::request(&configuration).response_type(response_type);
        let (url, pending) = world.run(request.begin()).unwrap();
        let grant = pending.resume(&configuration, world.follow(&url)).unwrap();
        let refused = jose::Error::EncryptionNotAccepted {
            member: "alg",
            found: "RSA1_5".to_owned(),
        };
        assert_rejected(
            world.run(grant),
            "OAUTH_DECRYPTION_FAILED",
            Artefact::IdToken,
            &Reason::Decryption(refused),
        );
        assert_eq!(world.served(Endpoint::Token), redeemed);
        assert_eq!(world.keys_used.get(), 0);
    }
}

/// The curve distinguishes two keys for the same algorithm, because no `kid` was agreed upon.
#[test]
fn the_curve_of_the_ephemeral_key_chooses_the_key() {
    for family in [KeyFamily::P256, KeyFamily::P384] {
        let alg = KeyManagement::EcdhEs;
        let (mut world, configuration) = world(family, alg, ContentEncryption::A256GCM, false);
        let other = match family {
            KeyFamily::P256 => KeyFamily::P384,
            _ => KeyFamily::P256,
        };
        world.add_decryption_key("other", DecryptionKey::generate(other).unwrap());
        let reference = |name, family| {
            DecryptionKeyReference::new(KeyName::new(name), family, vec![alg]).unwrap()
        };
        let both = vec![reference("other", other), reference("mine", family)];
        let keys = DecryptionKeys::new(both).unwrap();
        let user = ask(&world, &configuration.with_decryption_keys(keys)).unwrap();
        assert_eq!(user.sub(), "alice");

        let neither = DecryptionKeys::new(vec![reference("other", other)]).unwrap();
        let result = world.log_in(&configuration.with_decryption_keys(neither));
        let cause = match result {
            Err(Error::TokensUnverified(unverified)) => unverified.cause().rejection().cloned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            cause.unwrap().reason,
            Reason::DecryptionKey { found: 0 },
            "{family}"
        );
    }
}

/// Anyone can encrypt for the client. If it has registered no encryption, an encrypted response is
/// not authentic.
#[test]
fn user_info_that_is_encrypted_unasked_has_to_be_signed() {
    for (signed, refused) in [(true, false), (false, true)] {
        let enc = ContentEncryption::A256GCM;
        let (world, configuration) = world(KeyFamily::P256, KeyManagement::EcdhEs, enc, signed);
        let mut client = configuration.client().clone();
        client.userinfo_encrypted_response_alg = None;
        client.userinfo_encrypted_response_enc = None;
        let configuration = configuration.with_client(client).unwrap();
        let result = ask(&world, &configuration);
        if !refused {
            assert_eq!(result.unwrap().sub(), "alice");
            continue;
        }
        let segments = jose::Malformed::Segments {
            expected: 3,
            found: 1,
        };
        assert_rejected(
            result,
            INVALID,
            Artefact::UserInfoResponse,
            &Reason::Jose(segments.into()),
        );
    }
}

pub(crate) fn any_world() -> (World, Configuration) {
    let enc = ContentEncryption::A256GCM;
    world(KeyFamily::P256, KeyManagement::EcdhEs, enc, false)
}

/// Returns a provider that encrypts for its client, and the client with the key. UserInfo responses
/// are signed as well if `signed`.
pub(crate) fn world(
    family: KeyFamily,
    alg: KeyManagement,
    enc: ContentEncryption,
    signed: bool,
) -> (World, Configuration) {
    let key = match family {
        KeyFamily::Symmetric => DecryptionKey::from_client_secret(SECRET, alg, enc),
        _ => DecryptionKey::generate(family),
    };
    let key = key.unwrap();
    let public = || match key.public_jwk() {
        Some(public) => EncryptionKey::from_jwk(&public).unwrap(),
        None => EncryptionKey::from_client_secret(SECRET, alg, enc).unwrap(),
    };
    let authentication = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
    let mut registration = ClientRegistration::new(CLIENT_ID, authentication)
        .id_token_encryption(public(), alg, enc)
        .userinfo_encryption(public(), alg, enc);
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.client_secret = Some(SECRET.into());
    client.id_token_encrypted_response_alg = Some(alg.to_string());
    client.id_token_encrypted_response_enc = Some(enc.to_string());
    client.userinfo_encrypted_response_alg = Some(alg.to_string());
    client.userinfo_encrypted_response_enc = Some(enc.to_string());
    if signed {
        let algorithm = SignatureAlgorithm::RS256;
        registration = registration.userinfo_signed_response_alg(algorithm);
        client.userinfo_signed_response_alg = Some(algorithm.into());
    }
    let mut world = World::with_client(registration);
    world.add_decryption_key("mine", key);
    let reference = DecryptionKeyReference::new(KeyName::new("mine"), family, vec![alg]);
    let keys = DecryptionKeys::new(vec![reference.unwrap()]).unwrap();
    let configuration = world.configure(client, Policy::default());
    (world, configuration.with_decryption_keys(keys))
}

pub(crate) fn ask(world: &World, configuration: &Configuration) -> Result<UserInfoResponse, Error> {
    let tokens = world.log_in(configuration)?;
    let subject = tokens.id_token().unwrap();
    let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
    world.run(FetchUserInfo::new(endpoint))
}
