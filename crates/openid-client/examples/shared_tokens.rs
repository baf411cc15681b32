//! Three instances of an application share the tokens of one login:
//! `shared_tokens [--file PATH] [--redis URL] [--issuer URL --client-id ID]`.
//!
//! A provider accepts each refresh token once. If every instance refreshed, the second one would
//! end the login. With a common store, one instance refreshes and the others use what it has saved.
//! A file is for the processes of one machine, Redis (feature `redis`) for several machines.

#![allow(clippy::print_stdout)]

mod support;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openid_client::jose::{HashAlgorithm, base64url};
use openid_client::store::{FileStore, SealedStore};
use openid_client::{Client, Report, SealingKey, SourceGrant, UnixTime};
use test_provider::{ClientRegistration, Endpoint};
use tokio::task::JoinSet;

use self::support::{CLIENT_ID, Options, Provider};

const REDIRECT_URI: &str = "http://127.0.0.1:8321/callback";
/// The name in the store. An application uses the hash of the session's identifier.
const SESSION: &str = "session-1";
/// All instances have the same key. It is kept where the other secrets are, not in the code.
const KEY: [u8; 32] = [7; 32];

/// Each instance opens the store itself, as another process would.
async fn store(options: &Options) -> Result<SealedStore, Report> {
    let key = SealingKey::new(KEY);
    if let Some(url) = options.value("--redis") {
        #[cfg(feature = "redis")]
        return Ok(SealedStore::new(
            openid_client::store::RedisStore::connect(url).await?,
            key,
        ));
        #[cfg(not(feature = "redis"))]
        return Err(Report::message(format!("{url} needs `--features redis`")));
    }
    let file = options.value("--file").unwrap_or("shared-tokens.json");
    Ok(SealedStore::new(FileStore::new(file), key))
}

/// A separate client, whose clock is ahead by this time.
async fn client(provider: &Provider, ahead: Duration) -> Result<Client, Report> {
    let client = provider.discover().redirect_uri(REDIRECT_URI);
    let clock = move || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().saturating_add(ahead);
        UnixTime::from_seconds(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
    };
    Ok(client.clock(clock).await?)
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let options = Options::read(&["--file", "--redis", "--issuer", "--client-id"])?;
    let app = ClientRegistration::public(CLIENT_ID).redirect_uri(REDIRECT_URI);
    let provider = Provider::start(&options, app).await?;

    // One instance finishes the login and saves the tokens.
    let first = client(&provider, Duration::ZERO).await?;
    let request = first.authorization_request().scope("offline_access");
    let (url, pending) = request.await?;
    let callback = provider.browse(&url)?;
    let tokens = first.authorization_code_grant(pending, callback).await?;
    store(&options).await?.save(&first, SESSION, tokens).await?;

    // Two hours later the access token has expired, and all instances need one at the same time.
    // With a real provider this program does not wait, and the token is still valid.
    let later = match &provider.server {
        Some(_) => Duration::from_secs(7200),
        None => Duration::ZERO,
    };
    let mut instances = JoinSet::new();
    for number in 1..=3 {
        let (client, store) = (client(&provider, later).await?, store(&options).await?);
        let source = client
            .token_source(SourceGrant::stored(&store, SESSION))
            .build()?;
        instances.spawn(async move { (number, source.token().await) });
    }
    while let Some(finished) = instances.join_next().await {
        let (number, tokens) = finished?;
        // A hash tells tokens apart and is of no use to a reader of the log.
        let hash = HashAlgorithm::Sha256.digest(tokens?.access_token().expose().as_bytes());
        println!(
            "instance {number} has token {:.8}",
            base64url::encode(&hash)
        );
    }
    if let Some(server) = &provider.server {
        let requests = server.provider().served(Endpoint::Token);
        println!("{requests} token requests: the login, and one refresh");
    }
    store(&options).await?.remove(SESSION).await?;
    Ok(())
}
