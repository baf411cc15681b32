//! Waiting for a person on another device, in real time.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use openid_client::{Client, Error, Hint, oauth_core};
use test_provider::{Endpoint, Provider};
use tokio::time::{sleep, timeout};

use self::support::in_process::{ISSUER, InProcess, discover};

/// Returns a public client at a provider whose polling interval is a tenth of a second.
async fn client() -> (Arc<InProcess>, Client) {
    let interval = Duration::from_millis(100);
    let transport = InProcess::gated_to(Provider::new(ISSUER).poll_interval(interval));
    transport.gate.close();
    let client = discover(&transport).await;
    (transport, client)
}

fn sent<T: Send>(value: T) -> T {
    value
}

fn refusal(error: Error) -> String {
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    match error {
        Error::Core(oauth_core::Error::ResponseBody(error)) => error.error.clone(),
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_device_waits_for_its_person() {
    let (transport, client) = client().await;
    transport.provider.approve_after(3);
    let begin = client.initiate_device_authorization().scope("openid");
    let device = sent(begin).await.unwrap();
    let tokens = sent(client.poll_device_authorization_grant(&device)).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
    assert_eq!(transport.provider.served(Endpoint::Token), 4);
}

#[tokio::test]
async fn a_person_may_say_no() {
    let (transport, client) = client().await;
    transport.provider.deny_after(1);
    let begin = client.initiate_backchannel_authentication(Hint::LoginHint("bob".to_owned()));
    let begun = sent(begin.into_future()).await.unwrap();
    let poll = client.poll_backchannel_authentication_grant(&begun);
    assert_eq!(refusal(sent(poll).await.unwrap_err()), "access_denied");
    assert_eq!(transport.provider.served(Endpoint::Token), 2);

    let begin = client.initiate_backchannel_authentication(Hint::LoginHint("eve".to_owned()));
    assert_eq!(refusal(begin.await.unwrap_err()), "unknown_user_id");
}

#[tokio::test]
async fn dropping_the_future_ends_the_polling() {
    let (transport, client) = client().await;
    transport.provider.approve_after(usize::MAX);
    let begin = client.initiate_device_authorization().scope("openid");
    let device = begin.await.unwrap();
    let poll = client.poll_device_authorization_grant(&device);
    timeout(Duration::from_millis(350), poll).await.unwrap_err();
    let asked = transport.provider.served(Endpoint::Token);
    assert!((1..=3).contains(&asked), "{asked}");
    sleep(Duration::from_millis(300)).await;
    assert_eq!(transport.provider.served(Endpoint::Token), asked);

    // Nothing is left behind: the next one finds a client in order.
    transport.provider.approve_after(0);
    client
        .poll_device_authorization_grant(&device)
        .await
        .unwrap();
}
