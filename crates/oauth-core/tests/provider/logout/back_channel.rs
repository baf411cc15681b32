//! Logout tokens that are right, and those that are wrong in one way.

use std::time::Duration;

use jose::jwe::{ContentEncryption, DecryptionKey, EncryptionKey, KeyManagement};
use jose::{KeyFamily, SignatureAlgorithm};
use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::error::{Artefact, Reason, TimestampRule};
use oauth_core::flow::{TokenSet, VerifyLogoutToken};
use oauth_core::key::{DecryptionKeyReference, DecryptionKeys};
use oauth_core::logout::logout_token;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::KeyName;
use oauth_core::policy::Policy;
use oauth_core::validate::LogoutToken;
use test_provider::Misbehaviour::*;
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Misbehaviour};

use crate::refusal::{
    COMPARISON, INVALID, TIMESTAMP, assert_rejected, claim_mismatch, duplicate, missing,
};
use crate::world::{CLIENT_ID, ISSUER, START, World};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn told(client: ClientRegistration) -> ClientRegistration {
    client.backchannel_logout_uri("https://app.example.com/logout")
}

fn logged_in() -> (World, Configuration, TokenSet) {
    let world = World::with_client(told(ClientRegistration::public(CLIENT_ID)));
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    (world, configuration, tokens)
}

/// Verifies the logout token that the provider sends to the client.
fn receive(world: &World, configuration: &Configuration) -> Result<LogoutToken, Error> {
    let request = world.provider.logout_request(CLIENT_ID, world.now.get());
    let token = logout_token(request.unwrap().body())?;
    world.run(VerifyLogoutToken::new(configuration.clone(), token))
}

/// Returns the wrong logout tokens, the stable codes, and the reasons for which they are refused.
fn refusals() -> [(Misbehaviour, &'static str, Reason); 14] {
    let unexpected = Reason::Unexpected {
        member: "nonce".into(),
    };
    let algorithm = Reason::Algorithm {
        expected: vec!["RS256".to_owned()],
        found: "ES256".to_owned(),
    };
    let typ = Reason::TokenType {
        expected: "logout+jwt",
        found: "at+jwt".to_owned(),
    };
    let expired = Reason::Timestamp {
        claim: "exp",
        found: START - 360,
        rule: TimestampRule::Expired,
        now: START,
        tolerance: Duration::from_secs(30),
    };
    let iss = claim_mismatch("iss", Some(ISSUER), Some(&format!("{ISSUER}1")));
    let aud = claim_mismatch("aud", Some(CLIENT_ID), Some(&format!("{CLIENT_ID}1")));
    let jose = Reason::Jose;
    [
        (LogoutTokenTypeAccessToken, INVALID, typ),
        (LogoutTokenWithoutSubject, INVALID, missing("sid")),
        (
            LogoutTokenAlgorithmNone,
            INVALID,
            jose(jose::Error::Unsecured),
        ),
        (LogoutTokenAlternateAlgorithm, INVALID, algorithm),
        (
            LogoutTokenSignatureBroken,
            INVALID,
            jose(jose::Error::Signature),
        ),
        (LogoutTokenIssuerMismatch, COMPARISON, iss),
        (LogoutTokenAudienceMismatch, COMPARISON, aud),
        (LogoutTokenExpired, TIMESTAMP, expired),
        (LogoutTokenExpiryMissing, INVALID, missing("exp")),
        (LogoutTokenIdentifierMissing, INVALID, missing("jti")),
        (LogoutTokenEventsMissing, INVALID, missing("events")),
        (LogoutTokenEventMismatch, INVALID, missing(EVENT)),
        (LogoutTokenNonce, INVALID, unexpected),
        (LogoutTokenTwice, INVALID, duplicate("logout_token")),
    ]
}

const UNUSUAL: [Misbehaviour; 3] = [
    LogoutTokenTypeMissing,
    LogoutTokenSessionMissing,
    LogoutTokenSubjectMissing,
];

pub(super) fn tested() -> impl Iterator<Item = Misbehaviour> {
    let refused = refusals()
        .into_iter()
        .map(|(misbehaviour, ..)| misbehaviour);
    refused.chain(UNUSUAL)
}

#[test]
fn a_logout_token_ends_the_session() {
    let (world, configuration, tokens) = logged_in();
    let token = receive(&world, &configuration).unwrap();
    let id_token = tokens.id_token().unwrap();
    assert!(id_token.sid().is_some() && token.sid() == id_token.sid());
    assert!(token.ends(id_token));
    // The keys of the login are in the cache.
    assert_eq!(world.served(Endpoint::KeySet), 1);
    // A later login at the same client begins another session.
    let another = world.log_in(&configuration).unwrap();
    assert!(!token.ends(another.id_token().unwrap()));
}

#[test]
fn a_wrong_token_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let (world, configuration, _) = logged_in();
        world.provider.misbehave(misbehaviour);
        let result = receive(&world, &configuration);
        assert_rejected(result, code, Artefact::LogoutToken, &reason);
    }
}

#[test]
fn an_unusual_token_is_accepted() {
    for misbehaviour in UNUSUAL {
        let (world, configuration, tokens) = logged_in();
        world.provider.misbehave(misbehaviour);
        let token = receive(&world, &configuration).unwrap();
        assert!(token.ends(tokens.id_token().unwrap()), "{misbehaviour:?}");
    }
}

#[test]
fn new_keys_are_fetched_once() {
    let (world, configuration, _) = logged_in();
    world.provider.rotate_keys();
    receive(&world, &configuration).unwrap();
    assert_eq!(world.served(Endpoint::KeySet), 2);
}

/// An attacker sends an ID Token as a logout token.
#[test]
fn an_id_token_is_no_logout_token() {
    let (world, configuration, tokens) = logged_in();
    let jwt = tokens.id_token().unwrap().jwt().clone();
    let result = world.run(VerifyLogoutToken::new(configuration, jwt));
    let unexpected = Reason::Unexpected {
        member: "nonce".into(),
    };
    assert_rejected(result, INVALID, Artefact::LogoutToken, &unexpected);
}

/// Logout tokens are signed with the client's secret if it is registered for ID Tokens.
#[test]
fn an_hmac_is_verified_where_it_is_registered() {
    const SECRET: &str = "a secret of the client that is long enough";
    let authentication = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
    let client = ClientRegistration::new(CLIENT_ID, authentication);
    let client = client.id_token_signed_response_alg(SignatureAlgorithm::HS256);
    let world = World::with_client(told(client));
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.client_secret = Some(SECRET.into());
    client.token_endpoint_auth_method = Some("client_secret_post".to_owned());
    client.id_token_signed_response_alg = Some(SignatureAlgorithm::HS256.into());
    let configuration = world.configure(client.clone(), Policy::default());
    world.log_in(&configuration).unwrap();
    receive(&world, &configuration).unwrap();
    world.provider.misbehave(LogoutTokenSignatureBroken);
    let broken = Reason::Jose(jose::Error::Signature);
    let result = receive(&world, &configuration);
    assert_rejected(result, INVALID, Artefact::LogoutToken, &broken);
}

#[test]
fn an_encrypted_token_is_decrypted_first() {
    let (alg, enc) = (KeyManagement::EcdhEs, ContentEncryption::A256GCM);
    let key = DecryptionKey::generate(KeyFamily::P256).unwrap();
    let public = EncryptionKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
    let client = ClientRegistration::public(CLIENT_ID).id_token_encryption(public, alg, enc);
    let mut world = World::with_client(told(client));
    world.add_decryption_key("k", key);
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.id_token_encrypted_response_alg = Some(alg.to_string());
    client.id_token_encrypted_response_enc = Some(enc.to_string());
    let algorithms = DecryptionKeyReference::algorithms_of(KeyFamily::P256);
    let reference =
        DecryptionKeyReference::new(KeyName::new("k"), KeyFamily::P256, algorithms).unwrap();
    let configuration = world
        .configure(client, Policy::default())
        .with_decryption_keys(DecryptionKeys::new(vec![reference]).unwrap());
    world.log_in(&configuration).unwrap();
    receive(&world, &configuration).unwrap();
    world.provider.misbehave(LogoutTokenNonce);
    let unexpected = Reason::Unexpected {
        member: "nonce".into(),
    };
    let result = receive(&world, &configuration);
    assert_rejected(result, INVALID, Artefact::LogoutToken, &unexpected);
    // A logout token that is not encrypted is refused.
    world.provider.behave();
    let plain = told(ClientRegistration::public(CLIENT_ID));
    world.provider.register(plain);
    let expected = alg.to_string();
    let result = receive(&world, &configuration);
    let reason = Reason::NotEncrypted { expected };
    assert_rejected(result, INVALID, Artefact::LogoutToken, &reason);
}
