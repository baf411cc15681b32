//! A ping is checked before anything is sent, and spares the wait.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::Duration;

use openid_client::oauth_core::error::Reason;
use openid_client::{BackchannelAuthenticationResponse, Client, Hint, Ping, oauth_core};
use test_provider::Endpoint;

use self::support::in_process::{InProcess, discover};

#[tokio::test]
async fn a_ping_is_answered_without_a_wait() {
    let transport = InProcess::new();
    transport.provider.approve_after(0);
    let client = discover(&transport).await;
    let begun = begin(&client).await;
    let ping = ping(&transport, &begun);
    let grant = client
        .poll_backchannel_authentication_grant(&begun)
        .after_ping(&ping);
    // Less than the interval, which the provider insists on where no ping has come.
    let answered = tokio::time::timeout(Duration::from_secs(4), grant).await;
    let tokens = answered.unwrap().unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "bob");
}

#[tokio::test]
async fn a_ping_about_another_authentication_sends_nothing() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let (begun, other) = (begin(&client).await, begin(&client).await);
    let ping = ping(&transport, &other);
    let grant = client
        .poll_backchannel_authentication_grant(&begun)
        .after_ping(&ping);
    let error = grant.await.unwrap_err();
    let Some(oauth_core::Error::Rejected(rejection)) = error.core() else {
        panic!("expected a rejection, found {error:?}");
    };
    assert_eq!(
        rejection.reason,
        Reason::ParameterMismatch {
            parameter: "client_notification_token",
            expected: None,
            found: None,
        }
    );
    assert_eq!(transport.provider.served(Endpoint::Token), 0);
}

async fn begin(client: &Client) -> BackchannelAuthenticationResponse {
    let hint = Hint::LoginHint("bob".to_owned());
    let request = client.initiate_backchannel_authentication(hint).ping();
    request.await.unwrap()
}

fn ping(transport: &InProcess, begun: &BackchannelAuthenticationResponse) -> Ping {
    let sent = transport.provider.ping(begun.auth_req_id.expose()).unwrap();
    Ping::parse(sent.headers(), sent.body()).unwrap()
}
