//! The session of a person who has logged in.

mod cookie;
#[cfg(feature = "tower-sessions")]
mod tower_sessions;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::request::Parts;
use openid_client::{CoreError, Error, IdToken, Misuse, StoredIdToken, UnixTime};
use serde::{Deserialize, Serialize};

use crate::cookies::is_there;
use crate::ended::Mark;
use crate::error::LoginError;
use crate::settings::Settings;

/// Where sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
    /// In a sealed cookie.
    Cookie,
    /// In the sessions of the crate tower-sessions.
    #[cfg(feature = "tower-sessions")]
    TowerSessions,
}

/// The session of a person who has logged in.
#[derive(Clone)]
pub(crate) struct Session {
    /// The identifier, which is random and new with each login.
    pub(crate) id: String,
    /// The name of the client.
    pub(crate) client: String,
    pub(crate) began_at: UnixTime,
    /// The time of the login, or of the last request that renewed the session.
    pub(crate) seen_at: UnixTime,
    /// When it ends at the latest.
    pub(crate) ends_at: UnixTime,
    pub(crate) id_token: IdToken,
    /// The same with its issuer and client, to be stored again.
    pub(crate) stored: StoredIdToken,
}

impl Session {
    /// What it takes to end the session.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            id: self.id.clone(),
            client: self.client.clone(),
            began_at: self.began_at.seconds(),
            issued_at: self.id_token.iat().seconds(),
        }
    }
}

/// A session that this layer has begun and that has not ended, to end it. Whether its issuer is
/// still that of its client has not been compared, so it does not say who sends the request. It
/// needs no metadata, so that a provider that is down prevents no logout, and no login at another
/// provider.
pub(crate) struct Begun(Session);

impl Begun {
    pub(crate) fn mark(&self) -> Mark {
        self.0.mark()
    }

    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    pub(crate) fn client(&self) -> &str {
        &self.0.client
    }

    /// The ID Token, whose issuer has to be compared.
    pub(crate) const fn stored(&self) -> &StoredIdToken {
        &self.0.stored
    }

    #[cfg(feature = "tower-sessions")]
    fn is_of_the_person_of(&self, session: &Session) -> bool {
        let (one, other) = (&self.0.id_token, &session.id_token);
        (one.iss(), one.sub()) == (other.iss(), other.sub())
    }
}

/// What a request brings.
#[derive(Default)]
pub(crate) struct Recalled {
    pub(crate) session: Option<Arc<Session>>,
    /// Deletes the cookies of a session that has ended.
    pub(crate) cookies: Vec<HeaderValue>,
}

/// The stored form. A change to it needs another purpose of the seal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Of the memory that knows whether the session has ended.
    epoch: String,
    id: String,
    client: String,
    began_at: i64,
    seen_at: i64,
    ends_at: i64,
    id_token: StoredIdToken,
}

impl Settings {
    /// The session of a request. `None` if the request has no session, or one that has ended or
    /// belongs to a client that this layer does not have.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`], [`LoginError::Session`] and [`LoginError::LayerMissing`]. Refuse the
    /// request: the session may have ended. [`LoginError::ProviderUnavailable`] and
    /// [`LoginError::NotBegun`] where only the metadata of the provider can say to which issuer the
    /// session belongs.
    pub(crate) async fn recall(&self, parts: &Parts) -> Result<Recalled, LoginError> {
        let Some(sealed) = self.load(parts).await? else {
            return Ok(Recalled::default());
        };
        if let Some(session) = self.opened(&sealed)
            && self.is_of_its_client(&session).await?
        {
            if !self.has_ended(&session).await? {
                let session = Some(Arc::new(session));
                return Ok(Recalled {
                    session,
                    cookies: Vec::new(),
                });
            }
            self.forget_tokens(&session.mark()).await?;
        }
        let cookies = self.remove_session(parts).await?;
        Ok(Recalled {
            session: None,
            cookies,
        })
    }

    /// The session of a request, to end it. `None` as in [`recall`](Self::recall), except that the
    /// provider of the session need not be known. A session that has ended is removed from the
    /// store of sessions; its cookies stay.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`], [`LoginError::Session`] and [`LoginError::LayerMissing`].
    pub(crate) async fn begun(&self, parts: &Parts) -> Result<Option<Begun>, LoginError> {
        let Some(sealed) = self.load(parts).await? else {
            return Ok(None);
        };
        if let Some(session) = self.opened(&sealed) {
            if !self.has_ended(&session).await? {
                return Ok(Some(Begun(session)));
            }
            self.forget_tokens(&session.mark()).await?;
        }
        self.remove_session(parts).await?;
        Ok(None)
    }

    /// The sealed session that a request brings.
    #[cfg_attr(
        not(feature = "tower-sessions"),
        expect(clippy::unused_async, reason = "only tower-sessions has to be awaited")
    )]
    async fn load(&self, parts: &Parts) -> Result<Option<String>, LoginError> {
        match self.sessions {
            Sessions::Cookie => Ok(cookie::load(self, parts)),
            #[cfg(feature = "tower-sessions")]
            Sessions::TowerSessions => tower_sessions::load(self, parts).await,
        }
    }

    /// The cookie that renews a session, if sessions end without requests and an eighth of that
    /// time has passed. It is asked for after the response, and the session may have ended since
    /// the request.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`] and [`LoginError::CookieTooLarge`]. The cookie of the browser then
    /// stays as it is.
    pub(crate) async fn renewed(
        &self,
        session: &Session,
    ) -> Result<Option<HeaderValue>, LoginError> {
        let now = self.client(&session.client)?.now();
        let Some(idle) = self.idle_lifetime else {
            return Ok(None);
        };
        let is_fresh = seconds_between(session.seen_at, now) < (idle.as_secs() / 8).max(1);
        if is_fresh || self.has_ended(session).await? {
            return Ok(None);
        }
        let mut session = session.clone();
        session.seen_at = now;
        let sealed = self.sealed(&session)?;
        cookie::save(self, &sealed, self.lifetime_left(&session, now)).map(Some)
    }

    /// How long a browser has to keep the cookie of a session.
    fn lifetime_left(&self, session: &Session, now: UnixTime) -> Duration {
        let left = Duration::from_secs(seconds_between(now, session.ends_at));
        self.idle_lifetime.map_or(left, |idle| idle.min(left))
    }

    fn sealed(&self, session: &Session) -> Result<String, LoginError> {
        let stored = Stored {
            epoch: self.memory.epoch().to_owned(),
            id: session.id.clone(),
            client: session.client.clone(),
            began_at: session.began_at.seconds(),
            seen_at: session.seen_at.seconds(),
            ends_at: session.ends_at.seconds(),
            id_token: session.stored.clone(),
        };
        let sealed = self.keys.seal(PURPOSE, &stored);
        sealed.map_err(LoginError::NotBegun)
    }

    /// Begins the session of a login, under a new identifier, in the place of the one that the
    /// request brings. Returns the cookies to set.
    ///
    /// # Errors
    ///
    /// [`LoginError::CookieTooLarge`], [`LoginError::Session`] and [`LoginError::LayerMissing`].
    #[cfg_attr(
        not(feature = "tower-sessions"),
        expect(
            unused_variables,
            reason = "a cookie replaces the one that the request brings"
        )
    )]
    pub(crate) async fn begin_session(
        &self,
        parts: &Parts,
        session: &Session,
        earlier: Option<&Begun>,
    ) -> Result<Vec<HeaderValue>, LoginError> {
        let sealed = self.sealed(session)?;
        let mut cookies = self.front_channel_cookie(session)?;
        match self.sessions {
            Sessions::Cookie => {
                let lifetime = self.lifetime_left(session, session.began_at);
                cookies.push(cookie::save(self, &sealed, lifetime)?);
            }
            #[cfg(feature = "tower-sessions")]
            Sessions::TowerSessions => {
                let forgets = earlier.is_some_and(|earlier| !earlier.is_of_the_person_of(session));
                tower_sessions::save(self, parts, sealed, forgets).await?;
            }
        }
        Ok(cookies)
    }

    /// Removes what the request brings as its session. Returns the cookies to set.
    ///
    /// # Errors
    ///
    /// [`LoginError::Session`] and [`LoginError::LayerMissing`].
    pub(crate) async fn remove_session(
        &self,
        parts: &Parts,
    ) -> Result<Vec<HeaderValue>, LoginError> {
        match self.sessions {
            Sessions::Cookie => {}
            #[cfg(feature = "tower-sessions")]
            Sessions::TowerSessions => tower_sessions::remove(self, parts).await?,
        }
        let names = [self.cookies.session(), self.cookies.front_channel()];
        let names = names.iter().filter(|name| is_there(&parts.headers, name));
        names.map(|name| self.cookies.delete(name)).collect()
    }

    /// Opens a session that is neither too old nor too long without a request, of a client that
    /// this layer has, at whatever issuer. The layer must know whether it has ended.
    fn opened(&self, sealed: &str) -> Option<Session> {
        let stored = self.keys.open::<Stored>(PURPOSE, sealed)?;
        let client = self.client(&stored.client).ok()?;
        if stored.epoch != self.memory.epoch() {
            return None;
        }
        let began_at = UnixTime::from_seconds(stored.began_at);
        // The memory of what has ended does not last longer than the lifetime at the login, and the
        // settings may have changed since.
        let ends_at = self
            .ends_at(began_at)
            .min(UnixTime::from_seconds(stored.ends_at));
        let seen_at = UnixTime::from_seconds(stored.seen_at);
        let unseen = seconds_between(seen_at, client.now());
        let is_idle = self
            .idle_lifetime
            .is_some_and(|idle| unseen >= idle.as_secs());
        if client.now() >= ends_at || is_idle {
            return None;
        }
        let id_token = stored.id_token.clone();
        let id_token = id_token
            .restore_for(
                stored.id_token.issuer(),
                &client.client_metadata().client_id,
            )
            .ok()?;
        Some(Session {
            id: stored.id,
            client: stored.client,
            began_at,
            seen_at,
            ends_at,
            id_token,
            stored: stored.id_token,
        })
    }

    /// Whether the session belongs to the issuer of its client.
    ///
    /// # Errors
    ///
    /// [`LoginError::ProviderUnavailable`] and [`LoginError::NotBegun`] where the metadata of the
    /// provider are needed.
    async fn is_of_its_client(&self, session: &Session) -> Result<bool, LoginError> {
        let client = self.client(&session.client)?;
        match client.restore_id_token(session.stored.clone()).await {
            Ok(_) => Ok(true),
            Err(error) if is_of_another_client(&error) => Ok(false),
            Err(error) => Err(LoginError::not_ready(error, client.retry_after())),
        }
    }

    /// When a session ends at the latest that has begun at this time.
    pub(crate) fn ends_at(&self, began_at: UnixTime) -> UnixTime {
        let lifetime = i64::try_from(self.session_lifetime.as_secs()).unwrap_or(i64::MAX);
        began_at.saturating_add(lifetime)
    }
}

/// Hides the identifier, under which the tokens of the session are stored.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .field("began_at", &self.began_at)
            .field("id_token", &self.id_token)
            .finish_non_exhaustive()
    }
}

/// Whether a session belongs to another issuer or client than this one.
fn is_of_another_client(error: &Error) -> bool {
    matches!(
        error.core(),
        Some(CoreError::Misuse(Misuse::AnotherConfiguration { .. }))
    )
}

/// Zero when the first is not the earlier one.
fn seconds_between(earlier: UnixTime, later: UnixTime) -> u64 {
    let seconds = later.seconds().saturating_sub(earlier.seconds());
    u64::try_from(seconds).unwrap_or_default()
}

/// What a session is sealed for.
const PURPOSE: &str = "session-4";
