//! A store in Redis, for instances on several machines.

use std::fmt;
use std::time::Duration;

use oauth_core::authorization::SealingKey;
use oauth_core::secret::Secret;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};

use crate::store::{Entry, Lease, Revision, StoreError, StoreFuture, TokenStore};

/// A store in Redis 5 or later, or in a server that speaks its protocol.
///
/// Each operation is one script, which Redis carries out as a whole. All keys begin with
/// [`prefix`](Self::prefix) in braces, so that a cluster keeps them in one slot.
///
/// # What Redis has to be set up for
///
/// A refresh token that was saved and is lost ends a login, and one that comes back after it was
/// replaced is refused by the server that issued the tokens. Both follow from what Redis keeps:
///
/// - With `appendonly yes` and `appendfsync always`, a restart loses nothing that was saved. With
///   `appendfsync everysec`, it loses up to a second of it, and with snapshots alone up to minutes.
/// - A replica lags behind, and `WAIT` does not guarantee otherwise. A failover loses what had not
///   arrived at the replica that takes over: tokens, and leases too, so that two instances may
///   refresh at the same time.
/// - With a `maxmemory-policy` that evicts keys with an expiry, logins end when memory runs out;
///   use `noeviction`.
///
/// The connection is not encrypted and the values are, in a
/// [`SealedStore`](crate::store::SealedStore).
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: String,
}

impl RedisStore {
    /// Connects to the server at a URL such as `redis://127.0.0.1:6379/`, and again whenever the
    /// connection breaks. An operation fails after 5 seconds without an answer.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret_bytes = [7; 32];
    /// use openid_client::SealingKey;
    /// use openid_client::store::{RedisStore, SealedStore};
    ///
    /// let redis = RedisStore::connect("redis://127.0.0.1:6379/").await?;
    /// let store = SealedStore::new(redis, SealingKey::new(secret_bytes));
    /// # drop(store);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the URL is not one or the server does not answer.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let failed = |error: RedisError| StoreError::new("connect", error);
        let client = Client::open(url).map_err(failed)?;
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(DEADLINE))
            .set_response_timeout(Some(DEADLINE));
        let connection = ConnectionManager::new_with_config(client, settings).await;
        Ok(Self {
            connection: connection.map_err(failed)?,
            prefix: "openid-client".to_owned(),
        })
    }

    /// What the names of all keys begin with; `openid-client` without this call. Applications that
    /// share a server need different ones.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{{{}}}:{kind}:{name}", self.prefix)
    }

    /// Runs a script on the keys of a name and the counter.
    fn run<'a, T: redis::FromRedisValue + Send + 'a>(
        &'a self,
        operation: &'static str,
        script: &'static str,
        key: String,
        arguments: Vec<String>,
    ) -> StoreFuture<'a, T> {
        let counter = self.key("numbers", "");
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let script = Script::new(script);
            let mut invocation = script.prepare_invoke();
            invocation.key(key).key(counter);
            for argument in arguments {
                invocation.arg(argument);
            }
            let done = invocation.invoke_async(&mut connection).await;
            done.map_err(|error: RedisError| StoreError::new(operation, error))
        })
    }
}

impl TokenStore for RedisStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        let key = self.key("entry", name);
        Box::pin(async move {
            let limit = vec![LONGEST.to_string()];
            let loaded: Option<(String, u64)> = self.run("load", LOAD, key, limit).await?;
            Ok(loaded.map(|(value, revision)| Entry {
                value: Secret::new(value),
                revision: Revision::new(revision),
            }))
        })
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        let key = self.key("entry", name);
        let after = after.map(|after| after.number().to_string());
        let arguments = vec![
            value.expose().clone(),
            after.unwrap_or_default(),
            milliseconds(lifetime),
        ];
        Box::pin(async move {
            let saved: Option<u64> = self.run("save", SAVE, key, arguments).await?;
            Ok(saved.map(Revision::new))
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        let key = self.key("entry", name);
        Box::pin(async move {
            let limit = vec![LONGEST.to_string()];
            let taken: Option<String> = self.run("take", TAKE, key, limit).await?;
            Ok(taken.map(Secret::new))
        })
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        let key = self.key("lease", name);
        let arguments = vec![milliseconds(lifetime)];
        Box::pin(async move {
            let lease: Option<u64> = self.run("lease", LEASE, key, arguments).await?;
            Ok(lease.map(Lease::new))
        })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        let key = self.key("lease", name);
        let arguments = vec![lease.number().to_string()];
        Box::pin(async move {
            let _: Option<u64> = self.run("release", RELEASE, key, arguments).await?;
            Ok(())
        })
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// At least one, since Redis refuses an expiry of zero; at most what it can count.
fn milliseconds(duration: Duration) -> String {
    let longest = Duration::from_secs(100 * 365 * 24 * 3600);
    duration.min(longest).as_millis().max(1).to_string()
}

const DEADLINE: Duration = Duration::from_secs(5);

/// The longest value that is read, in bytes; nothing that the library stores is longer. Someone who
/// can write to the server could otherwise fill the memory of every instance.
const LONGEST: usize = SealingKey::MAXIMUM_SEALED_LENGTH;

const LOAD: &str = r"
if redis.call('HSTRLEN', KEYS[1], 'value') > tonumber(ARGV[1]) then
  return redis.error_reply('ERR the value is too long')
end
local found = redis.call('HMGET', KEYS[1], 'value', 'revision')
if not found[1] then return false end
return {found[1], tonumber(found[2])}
";

const SAVE: &str = r"
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], 'revision') ~= ARGV[2] then return false end
local number = redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'revision', number)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return number
";

const TAKE: &str = r"
if redis.call('HSTRLEN', KEYS[1], 'value') > tonumber(ARGV[1]) then
  return redis.error_reply('ERR the value is too long')
end
local value = redis.call('HGET', KEYS[1], 'value')
if value then redis.call('DEL', KEYS[1]) end
return value
";

const LEASE: &str = r"
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local number = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], number, 'PX', ARGV[1])
return number
";

const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return false
";
