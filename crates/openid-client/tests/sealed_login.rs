//! A login that the browser keeps: encrypted, for one callback, with a lifetime.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use openid_client::oauth_core::entropy::{Entropy, EntropyFault};
use openid_client::oauth_core::error::{Misuse, SealFault};
use openid_client::{Client, Error, SealingKey, UnixTime, oauth_core};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, begin, discover, now};

#[tokio::test]
async fn a_copy_of_a_cookie_is_of_no_use_after_the_callback() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let (url, pending) = begin(&client).await;
    let cookie = client.seal_login(&key(7), &pending).unwrap();
    let callback = transport.browse(url);

    let opened = client.open_login(&key(7), &cookie).unwrap();
    let tokens = client.authorization_code_grant(opened, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");

    let copy = client.open_login(&key(7), &cookie).unwrap();
    let error = client.authorization_code_grant(copy, &callback).await;
    match error.unwrap_err().core() {
        Some(oauth_core::Error::ResponseBody(refusal)) => {
            assert_eq!(refusal.error, "invalid_grant")
        }
        other => panic!("expected a refusal, found {other:?}"),
    }
}

#[tokio::test]
async fn what_was_not_sealed_here_is_not_opened() {
    let client = discover(&InProcess::new()).await;
    let (_, pending) = begin(&client).await;
    let sealed = client.seal_login(&key(7), &pending).unwrap();
    let mut changed = sealed.clone().into_bytes();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for (key, sealed, fault) in [
        (key(8), &*sealed, SealFault::NoKey),
        (key(7), &*changed, SealFault::NoKey),
        (key(7), "", SealFault::NoSeal),
    ] {
        let error = client.open_login(&key, sealed).unwrap_err();
        assert_eq!(misuse(&error), Misuse::NotSealedHere(fault));
    }
}

#[tokio::test]
async fn the_age_of_a_login_is_told_by_the_clock_of_the_client() {
    let time = Arc::new(AtomicI64::new(now()));
    let clock = Arc::clone(&time);
    let client = Client::discover(ISSUER, "app")
        .http_client(InProcess::new())
        .clock(move || UnixTime::from_seconds(clock.load(Ordering::SeqCst)))
        .await
        .unwrap();
    let request = client.authorization_request().redirect_uri(REDIRECT_URI);
    let (_, pending) = request.lifetime(Duration::from_secs(600)).await.unwrap();
    let sealed = client.seal_login(&key(7), &pending).unwrap();
    time.fetch_add(600, Ordering::SeqCst);
    let opened = client.open_login(&key(7), &sealed).unwrap();
    assert_eq!(opened.state(), pending.state());
    time.fetch_add(1, Ordering::SeqCst);
    let error = client.open_login(&key(7), &sealed).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_LOGIN_EXPIRED"));
    assert_eq!(
        misuse(&error),
        Misuse::LoginExpired {
            limit: Duration::from_secs(600)
        }
    );
}

/// Two values under one key and one initialisation vector would give each other away.
#[tokio::test]
async fn no_two_seals_are_alike_under_entropy_that_repeats() {
    struct Same;
    impl Entropy for Same {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
            bytes.fill(1);
            Ok(())
        }
    }
    let client = Client::discover(ISSUER, "app").http_client(InProcess::new());
    let client = client.entropy(Same).await.unwrap();
    let (_, pending) = begin(&client).await;
    let sealed = [(); 2].map(|()| client.seal_login(&key(7), &pending).unwrap());
    let vectors = [0, 1].map(|n| sealed[n].split('.').nth(2).unwrap());
    assert_eq!(vectors[0].len(), 16);
    assert_ne!(vectors[0], vectors[1]);
}

fn key(byte: u8) -> SealingKey {
    SealingKey::new([byte; 32])
}

fn misuse(error: &Error) -> Misuse {
    match error.core() {
        Some(oauth_core::Error::Misuse(misuse)) => misuse.clone(),
        _ => panic!("expected misuse, found {error:?}"),
    }
}
