//! The session of a person who has logged in.

mod cookie;
#[cfg(feature = "tower-sessions")]
mod tower_sessions;

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use http::request::Parts;
use openid_client::{IdToken, StoredIdToken, UnixTime};
use serde::{Deserialize, Serialize};

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
    /// When it ends at the latest.
    pub(crate) ends_at: UnixTime,
    pub(crate) id_token: IdToken,
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

#[cfg(feature = "tower-sessions")]
impl Session {
    fn is_of_the_person_of(&self, other: &Self) -> bool {
        let (one, other) = (&self.id_token, &other.id_token);
        (one.iss(), one.sub()) == (other.iss(), other.sub())
    }
}

/// What a request brings.
#[derive(Default)]
pub(crate) struct Recalled {
    pub(crate) session: Option<Arc<Session>>,
    /// Deletes the cookie of a session that has ended.
    pub(crate) cookie: Option<HeaderValue>,
}

/// The stored form. A change to it needs another purpose of the seal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    id: String,
    client: String,
    began_at: i64,
    ends_at: i64,
    id_token: StoredIdToken,
}

impl Settings {
    /// The session of a request. One that has ended, or that belongs to no client of this layer, is
    /// none.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`], [`LoginError::Session`] and [`LoginError::LayerMissing`]: whether the
    /// session has ended is not known then, so the request must be refused.
    pub(crate) async fn recall(&self, parts: &Parts) -> Result<Recalled, LoginError> {
        let sealed = match self.sessions {
            Sessions::Cookie => cookie::load(self, parts),
            #[cfg(feature = "tower-sessions")]
            Sessions::TowerSessions => tower_sessions::load(self, parts).await?,
        };
        let Some(sealed) = sealed else {
            return Ok(Recalled::default());
        };
        if let Some(session) = self.opened(&sealed) {
            if !self.has_ended(&session).await? {
                let session = Some(Arc::new(session));
                return Ok(Recalled {
                    session,
                    cookie: None,
                });
            }
            self.forget_tokens(&session.mark()).await?;
        }
        let cookie = self.remove_session(parts).await?;
        Ok(Recalled {
            session: None,
            cookie,
        })
    }

    /// Begins the session of a login, under a new identifier, in the place of the one that the
    /// request brings. Returns the cookie to set, if there is one.
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
        earlier: Option<&Session>,
    ) -> Result<Option<HeaderValue>, LoginError> {
        let client = self.client(&session.client)?;
        let stored = Stored {
            id: session.id.clone(),
            client: session.client.clone(),
            began_at: session.began_at.seconds(),
            ends_at: session.ends_at.seconds(),
            id_token: StoredIdToken::new(client.configuration(), session.id_token.clone()),
        };
        let sealed = self.keys.seal(PURPOSE, &stored);
        let sealed = sealed.map_err(LoginError::NotBegun)?;
        match self.sessions {
            Sessions::Cookie => cookie::save(self, &sealed).map(Some),
            #[cfg(feature = "tower-sessions")]
            Sessions::TowerSessions => {
                let forgets = earlier.is_some_and(|earlier| !earlier.is_of_the_person_of(session));
                let saved = tower_sessions::save(self, parts, sealed, forgets);
                saved.await.map(|()| None)
            }
        }
    }

    /// Removes what the request brings as its session. Returns the cookie to set, if there is one.
    ///
    /// # Errors
    ///
    /// [`LoginError::Session`] and [`LoginError::LayerMissing`].
    pub(crate) async fn remove_session(
        &self,
        parts: &Parts,
    ) -> Result<Option<HeaderValue>, LoginError> {
        match self.sessions {
            Sessions::Cookie => cookie::remove(self, parts),
            #[cfg(feature = "tower-sessions")]
            Sessions::TowerSessions => tower_sessions::remove(self, parts).await.map(|()| None),
        }
    }

    /// Opens a session that is not too old, of a client that this layer has.
    fn opened(&self, sealed: &str) -> Option<Session> {
        let stored: Stored = self.keys.open(PURPOSE, sealed)?;
        let client = self.client(&stored.client).ok()?;
        let began_at = UnixTime::from_seconds(stored.began_at);
        // The memory of what has ended does not last longer than the lifetime at the login, and the
        // settings may have changed since.
        let ends_at = self
            .ends_at(began_at)
            .min(UnixTime::from_seconds(stored.ends_at));
        let id_token = stored.id_token.restore(client.configuration()).ok()?;
        (client.now() < ends_at).then_some(Session {
            id: stored.id,
            client: stored.client,
            began_at,
            ends_at,
            id_token,
        })
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

/// What a session is sealed for.
const PURPOSE: &str = "session-2";
