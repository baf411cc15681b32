//! Logins that succeed, and the requests that they send.

use std::time::Duration;

use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, Callback, ExpectedState, PendingLogin, SealingKey,
    build_authorization_url, random_nonce, random_state,
};
use oauth_core::endpoint::TokenType;
use oauth_core::flow::AuthorizationCodeGrant;
use oauth_core::names::EndpointName;
use oauth_core::pkce::CodeVerifier;
use oauth_core::run::Host;
use oauth_core::time::UnixTime;
use oauth_core::wire::Parameters;
use test_provider::Endpoint;

use crate::world::{CLIENT_ID, ISSUER, REDIRECT_URI, World};

#[test]
fn a_login_yields_verified_tokens() {
    let world = World::new();
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    let id_token = tokens.id_token().unwrap();
    assert_eq!(id_token.iss(), ISSUER);
    assert_eq!(id_token.sub(), "alice");
    assert_eq!(id_token.aud(), [CLIENT_ID]);
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert!(!tokens.access_token().expose().is_empty());
    assert_eq!(
        *world.sent.borrow(),
        [
            EndpointName::Discovery,
            EndpointName::Jwks,
            EndpointName::Token
        ]
    );

    // In the second login, the keys are still fresh.
    world.log_in(&configuration).unwrap();
    assert_eq!(world.served(Endpoint::KeySet), 1);
    assert_eq!(world.served(Endpoint::Token), 2);
}

#[test]
fn the_lifetime_of_a_token_runs_down() {
    let world = World::new();
    let tokens = world.log_in(&world.configuration()).unwrap();
    let received = tokens.received_at();
    let lifetime = tokens.expires_in(received).unwrap();
    let minute = Duration::from_secs(60);
    assert!(lifetime > minute, "{lifetime:?}");
    let after = |seconds| tokens.expires_in(received.saturating_add(seconds));
    assert_eq!(after(60), Some(lifetime - minute));
    let whole = lifetime.as_secs().cast_signed();
    assert_eq!(after(whole), Some(Duration::ZERO));
    assert_eq!(after(i64::MAX), Some(Duration::ZERO));
    assert_eq!(after(-60), Some(lifetime));
}

#[test]
fn a_login_survives_its_store() {
    let world = World::new();
    let configuration = world.configuration();
    let (pending, callback) =
        world.visit(World::request(&configuration).max_age(Duration::from_secs(600)));
    let key = SealingKey::new([7; 32]);
    let sealed = pending.seal(&key).unwrap();
    let stored = serde_json::to_string(&pending).unwrap();

    world.pass(30);
    let callback = Callback::from_url(&callback).unwrap();
    let now = UnixTime::from_seconds(world.now.get());
    let opened = PendingLogin::open(&key, &sealed, now).unwrap();
    assert_eq!(callback.state(), Some(opened.state()));
    let grant = opened.resume(&configuration, &callback).unwrap();
    assert!(world.run(grant).unwrap().id_token().is_some());

    // The code has been redeemed, so the server refuses it in a second login.
    let restored: PendingLogin = serde_json::from_str(&stored).unwrap();
    let grant = restored.resume(&configuration, &callback).unwrap();
    let error = world.run(grant).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    assert!(error.to_string().contains("invalid_grant"), "{error}");
}

#[test]
fn plain_oauth_needs_no_id_token_and_no_keys() {
    let world = World::new();
    let configuration = world.configuration();
    let request = World::request(&configuration).scope("profile");
    let tokens = world.log_in_with(&configuration, request).unwrap();
    assert!(tokens.id_token().is_none());
    assert_eq!(world.served(Endpoint::KeySet), 0);
}

/// The application stores state, nonce and verifier itself.
#[test]
fn the_explicit_style() {
    let world = World::new();
    let configuration = world.configuration();
    let entropy = world.env().entropy;
    let state = random_state(entropy).unwrap();
    let nonce = random_nonce(entropy).unwrap();
    let code_verifier = CodeVerifier::random(entropy).unwrap();
    let parameters = Parameters::from_iter([
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid"),
        ("state", state.expose()),
        ("nonce", nonce.expose()),
        ("code_challenge", &code_verifier.code_challenge()),
        ("code_challenge_method", "S256"),
    ]);
    let url = build_authorization_url(&configuration, parameters).unwrap();
    let callback = Callback::from_url(&world.browse(&url)).unwrap();
    let checks = AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals(state),
        expected_nonce: Some(nonce),
        pkce_code_verifier: Some(code_verifier),
        ..AuthorizationCodeGrantChecks::default()
    };
    let grant = AuthorizationCodeGrant::new(&configuration, &callback, REDIRECT_URI, checks);
    assert_eq!(world.run(grant).unwrap().id_token().unwrap().sub(), "alice");
}
