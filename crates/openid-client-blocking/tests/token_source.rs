//! One token for many threads.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use openid_client_blocking::{
    Client, CoreError, Error, Invalidation, Method, SourceError, SourceGrant, StoredTokenSet,
    TokenSet, TokenSource,
};
use test_provider::Endpoint;
use test_provider::server::Fault;

use self::support::{SHORT, Site};

fn token(source: &TokenSource) -> String {
    source.token().unwrap().access_token().expose().clone()
}

/// Leaves two of the 3,600 seconds of an access token.
const ALMOST_ALL: Duration = Duration::from_secs(3598);

#[test]
fn threads_share_one_request_for_a_token() {
    let site = Site::start();
    let client = site.client();
    let grant = SourceGrant::client_credentials().scope("read");
    let source = client.token_source(grant).build().unwrap();
    let begin = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (source, begin) = (source.clone(), Arc::clone(&begin));
            thread::spawn(move || {
                begin.wait();
                token(&source)
            })
        })
        .collect();
    let tokens: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(site.server.provider().served(Endpoint::Token), 1);
    let url = site.server.provider().url(Endpoint::Resource);
    let request = client.fetch_protected_resource(&source.token().unwrap(), Method::GET, url);
    assert_eq!(request.send().unwrap().status(), 200);
    // It is new, so another one would be refused as well.
    let tokens = source.token().unwrap();
    let invalidated = source.invalidate(tokens.access_token());
    assert_eq!(invalidated, Invalidation::TooYoung);
}

#[test]
fn a_login_goes_on_over_refreshes_and_processes() {
    let site = Site::start();
    let client = site.client();
    let tokens = site.log_in(&client);
    let kept = Arc::<Mutex<Option<StoredTokenSet>>>::default();
    let keep = Arc::clone(&kept);
    let source = client
        .token_source(&tokens)
        .margin(ALMOST_ALL)
        .refresh_ahead(Duration::ZERO)
        .on_change(move |stored| *keep.lock().unwrap() = Some(stored));
    let source = source.build().unwrap();
    let first = token(&source);
    assert_eq!(first, *tokens.access_token().expose());
    assert!(kept.lock().unwrap().is_none());
    thread::sleep(Duration::from_millis(2_100));
    let second = token(&source);
    assert_ne!(second, first);
    let served = || site.server.provider().served(Endpoint::Token);
    assert_eq!(served(), 2);
    // The next process begins with what was kept. The refresh token of the login is spent.
    let stored = kept.lock().unwrap().take().unwrap();
    assert!(stored.has_tokens_of(&source.stored().unwrap()));
    let stored = serde_json(&stored, 0);
    let restored = stored.restore(client.configuration()).unwrap();
    let next = client.token_source(restored).build().unwrap();
    assert_eq!(token(&next), second);
    assert_eq!(served(), 2);
    let refreshed = client.refresh_token_grant(&next.token().unwrap());
    assert!(refreshed.send().unwrap().id_token().is_some());
}

/// Writes and reads the stored form, in which this many seconds have passed.
fn serde_json(stored: &StoredTokenSet, seconds: i64) -> StoredTokenSet {
    let mut form = serde_json::to_value(stored).unwrap();
    for member in ["received_at", "expires_at"] {
        form[member] = (form[member].as_i64().unwrap() - seconds).into();
    }
    serde_json::from_value(form).unwrap()
}

/// Tokens of a login that are refreshed ahead: more than half of their lifetime is over.
fn half_over(site: &Site, client: &Client) -> TokenSet {
    let tokens = site.log_in(client);
    let stored = StoredTokenSet::new(client.configuration(), tokens);
    let stored = serde_json(&stored, 2_000);
    stored.restore(client.configuration()).unwrap()
}

#[test]
fn a_refresh_ahead_keeps_no_other_thread_waiting_and_may_fail() {
    let site = Site::start();
    let client = site.builder().timeout(SHORT).send().unwrap();
    let tokens = half_over(&site, &client);
    let ahead = Duration::from_secs(3_600);
    let source = client.token_source(&tokens).refresh_ahead(ahead);
    let source = source.build().unwrap();
    site.server.fail(Fault::NeverAnswers);
    let other = source.clone();
    let refreshing = thread::spawn(move || token(&other));
    thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    assert_eq!(token(&source), *tokens.access_token().expose());
    assert!(begun.elapsed() < Duration::from_millis(200));
    assert_eq!(refreshing.join().unwrap(), *tokens.access_token().expose());
    site.server.recover();
    // The pause after a failure has a random part.
    thread::sleep(Duration::from_secs(2));
    assert_ne!(token(&source), *tokens.access_token().expose());
}

#[test]
fn a_failure_is_remembered_and_a_refused_refresh_token_ends_the_source() {
    let site = Site::start();
    let client = site.client();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let grant = SourceGrant::from_fn(move |client: &Client| {
        count.fetch_add(1, Ordering::SeqCst);
        client.client_credentials_grant().send()
    });
    let source = client.token_source(grant).build().unwrap();
    site.runtime.block_on(site.server.stop_listening());
    for _ in 0..2 {
        match source.token().unwrap_err() {
            Error::Source(SourceError::Failed { cause, retry_in }) => {
                assert!(matches!(*cause, CoreError::Unanswered(_)), "{cause}");
                assert!(!retry_in.is_zero());
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    site.runtime.block_on(site.server.listen_again()).unwrap();

    let tokens = half_over(&site, &client);
    client
        .token_revocation(tokens.refresh_token().unwrap())
        .send()
        .unwrap();
    let margin = Duration::from_secs(1_700);
    let source = client.token_source(&tokens).margin(margin).build().unwrap();
    let served = || site.server.provider().served(Endpoint::Token);
    let mut before = 0;
    for requests in [1, 0] {
        let already = served();
        match source.token().unwrap_err() {
            Error::Source(error) => assert!(error.is_login_needed(), "{error}"),
            other => panic!("{other:?}"),
        }
        before += requests;
        assert_eq!(served() - already, requests);
    }
    assert_eq!(before, 1);
}

/// The access token of the login is good, and the source ends with it.
#[test]
fn a_refresh_ahead_that_is_refused_gives_the_present_token_once_more() {
    let site = Site::start();
    let client = site.client();
    let tokens = half_over(&site, &client);
    let revocation = client.token_revocation(tokens.refresh_token().unwrap());
    revocation.send().unwrap();
    let ahead = Duration::from_secs(3_600);
    let source = client.token_source(&tokens).refresh_ahead(ahead);
    let source = source.build().unwrap();
    assert_eq!(token(&source), *tokens.access_token().expose());
    match source.token().unwrap_err() {
        Error::Source(error) => assert!(error.is_login_needed(), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_function_that_panics_leaves_no_thread_waiting() {
    let site = Site::start();
    let client = site.client();
    let begun = Arc::new(Barrier::new(2));
    let (running, calls) = (Arc::clone(&begun), AtomicUsize::new(0));
    let grant = SourceGrant::from_fn(move |client: &Client| {
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            running.wait();
            thread::sleep(Duration::from_millis(200));
            panic!("on purpose");
        }
        client.client_credentials_grant().send()
    });
    let source = client.token_source(grant).build().unwrap();
    let other = source.clone();
    let panicking =
        thread::spawn(move || catch_unwind(AssertUnwindSafe(|| other.token().map(drop))).is_err());
    begun.wait();
    let pause = match source.token().unwrap_err() {
        Error::Source(SourceError::Failed { cause, retry_in }) => {
            assert!(matches!(*cause, CoreError::Aborted), "{cause}");
            retry_in
        }
        other => panic!("{other:?}"),
    };
    assert!(panicking.join().unwrap());
    thread::sleep(pause);
    token(&source);
}

/// The tokens that arrived are not lost with the function.
#[test]
fn a_function_that_panics_while_it_keeps_tokens_does_not_lose_them() {
    let site = Site::start();
    let client = site.client();
    let tokens = half_over(&site, &client);
    let margin = Duration::from_secs(1_700);
    let source = client.token_source(&tokens).margin(margin);
    let source = source.on_change(|_| panic!("on purpose")).build().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| source.token().map(drop)));
    assert!(panicked.is_err());
    assert_ne!(token(&source), *tokens.access_token().expose());
    assert_eq!(site.server.provider().served(Endpoint::Token), 2);
}

#[test]
fn tokens_for_another_token_and_for_an_assertion() {
    let site = Site::start();
    let client = site.client();
    let tokens = client.client_credentials_grant().send().unwrap();
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let grant = SourceGrant::token_exchange(tokens.access_token().expose().clone(), kind);
    let source = client.token_source(grant).build().unwrap();
    assert_ne!(token(&source), *tokens.access_token().expose());
    // An assertion that the server refuses is never accepted again.
    let grant = SourceGrant::jwt_bearer("x.y.z").parameter("audience", "a");
    let source = client.token_source(grant).build().unwrap();
    let refused = source.token().unwrap_err();
    assert!(matches!(&refused, Error::Source(_)), "{refused:?}");
    let zero = client
        .token_source(&tokens)
        .lifetime(Duration::ZERO)
        .build();
    let zero = zero.unwrap_err();
    assert!(zero.to_string().contains("lifetime"), "{zero}");
    let shown = format!("{source:?} {:?}", client.token_source(&tokens));
    assert!(!shown.contains("x.y.z") && !shown.contains(tokens.access_token().expose()));
}
