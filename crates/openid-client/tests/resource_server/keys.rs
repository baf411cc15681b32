//! The keys of the issuer.

use openid_client::jose::base64url;
use test_provider::Misbehaviour;

use crate::lazy::pass;
use crate::world::World;

#[tokio::test]
async fn keys_are_fetched_for_the_first_token_and_again_after_a_rotation() {
    let world = World::protected().await;
    let tokens = world.bearer_tokens().await;
    let before = world.key_set_requests();
    for _ in 0..3 {
        let answer = world.bearer(tokens.access_token().expose()).await;
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(world.key_set_requests(), before + 1);

    world.provider.provider.rotate_keys();
    let tokens = world.bearer_tokens().await;
    let before = world.key_set_requests();
    for _ in 0..3 {
        let answer = world.bearer(tokens.access_token().expose()).await;
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(world.key_set_requests(), before + 1);
}

/// The API says when it asks for the keys again.
#[tokio::test]
async fn a_client_learns_when_the_keys_are_requested_again() {
    let world = World::protected().await;
    let tokens = world.bearer_tokens().await;
    let provider = &world.provider.provider;
    provider.misbehave(Misbehaviour::KeySetServerError);
    for pause in [1, 2, 4] {
        let answer = world.bearer(tokens.access_token().expose()).await;
        assert_eq!(answer.error(), (503, None));
        assert_eq!(answer.0.headers()["retry-after"], pause.to_string());
        pass(pause).await;
    }
    provider.behave();
    let answer = world.bearer(tokens.access_token().expose()).await;
    assert_eq!(answer.status(), 200);
    assert!(!answer.0.headers().contains_key("retry-after"));
    let answer = world.bearer("unknown").await;
    assert_eq!(answer.status(), 401);
    assert!(!answer.0.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn strangers_cause_one_more_request_for_keys() {
    let world = World::protected().await;
    let tokens = world.bearer_tokens().await;
    let good = tokens.access_token().expose();
    assert_eq!(world.bearer(good).await.status(), 200);
    let before = world.key_set_requests();
    let (_, rest) = good.split_once('.').unwrap();
    for number in 0..20 {
        let header = format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{number}"}}"#);
        let forged = format!("{}.{rest}", base64url::encode(header.as_bytes()));
        let answer = world.bearer(&forged).await;
        assert_eq!(answer.error(), (401, Some("invalid_token")));
    }
    assert_eq!(world.key_set_requests(), before + 1);
    assert_eq!(world.bearer(good).await.status(), 200);
}
