//! The provider's key set is fetched once for any number of logins.

use openid_client::Client;

use crate::login::callback_of;
use crate::recorder::Recorder;

#[tokio::test]
async fn one_fetch_serves_logins_one_after_another() {
    let (client, recorder) = Recorder::client("client-none");
    let client = client.await.unwrap();
    for account in ["alice", "bob", "alice"] {
        log_in(&client, account).await;
    }
    assert_eq!(recorder.paths(), FETCHED_ONCE);
}

#[tokio::test]
async fn one_fetch_serves_logins_at_the_same_time() {
    let (client, recorder) = Recorder::client("client-none");
    let client = client.await.unwrap();
    let clone = client.clone();
    tokio::join!(
        log_in(&client, "alice"),
        log_in(&client, "bob"),
        log_in(&clone, "alice"),
    );
    // No login redeems its code before the key set is fetched.
    assert_eq!(recorder.paths(), FETCHED_ONCE);
}

#[tokio::test]
async fn the_next_client_can_be_given_the_keys() {
    let (client, _) = Recorder::client("client-none");
    let client = client.await.unwrap();
    log_in(&client, "alice").await;
    let keys = client.export_jwks_cache().unwrap();

    let (client, recorder) = Recorder::client("client-none");
    let client = client.jwks_cache(keys).await.unwrap();
    log_in(&client, "alice").await;
    assert_eq!(recorder.count("/jwks"), 0);
    assert_eq!(recorder.count("/token"), 1);
}

async fn log_in(client: &Client, account: &str) {
    let (pending, callback) = callback_of(client, account).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), account);
}

const FETCHED_ONCE: [&str; 5] = [
    "/.well-known/openid-configuration",
    "/jwks",
    "/token",
    "/token",
    "/token",
];
