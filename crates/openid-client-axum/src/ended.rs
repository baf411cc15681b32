//! What is over before its time: sessions that have ended, and logins whose callback was used. A
//! cookie cannot be taken back, so the layer remembers them.
//!
//! A session ends alone, under its identifier, or together with others that a logout token names,
//! by the provider's session (`sid`) or by the person (`sub`). Such a name has a [`Cut`]: the
//! sessions before it have ended, and those after it have not.

mod in_process;
mod shared;

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use openid_client::jose::{HashAlgorithm, base64url};
use openid_client::store::{StoreError, TimedStore};
use openid_client::{Error, LogoutToken, PendingLogin};
use serde::{Deserialize, Serialize};

use self::in_process::InProcess;
use self::shared::Shared;
use crate::error::LoginError;
use crate::session::Session;
use crate::settings::{NamedClient, Settings};

/// Remembers what is over. All times are in seconds since 1970.
#[derive(Debug)]
pub(crate) struct Memory {
    /// The name of the layer.
    layer: String,
    place: Place,
    /// How long a session lasts that a login begins now.
    session_lifetime: Duration,
    /// How long a login lasts.
    login_lifetime: Duration,
}

#[derive(Debug)]
enum Place {
    InProcess(InProcess),
    Shared(Shared),
}

/// The sessions that have ended among those with one name: all that began until a moment. The
/// moment is known by two clocks, that of this application and that of the provider, and each of
/// them is enough. The provider's clock knows that a login was under way while its logout arrived,
/// and which of two instances of the application has the wrong time does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    /// By this application's clock: when the logout token came for the first time.
    began_at: i64,
    /// By the provider's clock: `iat` of the logout token. It is compared with `iat` of ID Tokens.
    issued_at: i64,
}

impl Cut {
    const NONE: Self = Self {
        began_at: i64::MIN,
        issued_at: i64::MIN,
    };

    const ALL: Self = Self {
        began_at: i64::MAX,
        issued_at: i64::MAX,
    };

    const fn ends(self, mark: &Mark) -> bool {
        mark.began_at <= self.began_at || mark.issued_at <= self.issued_at
    }

    fn or_later(self, other: Self) -> Self {
        Self {
            began_at: self.began_at.max(other.began_at),
            issued_at: self.issued_at.max(other.issued_at),
        }
    }

    /// Whether this is news where the other one is known. A logout token that arrives again must
    /// not end the sessions that have begun since.
    const fn is_after(self, known: Self) -> bool {
        self.issued_at > known.issued_at
    }
}

/// What it takes to end a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    pub(crate) id: String,
    /// The name of the client.
    pub(crate) client: String,
    pub(crate) began_at: i64,
    /// `iat` of the ID Token.
    pub(crate) issued_at: i64,
}

impl Memory {
    /// Remembers in this process, or in the store that the instances of an application share.
    ///
    /// # Errors
    ///
    /// `CoreError::Entropy` when the source of randomness fails.
    pub(crate) fn new(
        layer: &str,
        store: Option<TimedStore>,
        clients: &[NamedClient],
        session_lifetime: Duration,
        login_lifetime: Duration,
    ) -> Result<Self, Error> {
        let place = match (store, clients.first()) {
            (None, Some(first)) => {
                let epoch = first
                    .client
                    .random_state()?
                    .expose()
                    .chars()
                    .take(16)
                    .collect();
                let names = clients.iter().map(|it| it.name.as_str());
                Place::InProcess(InProcess::new(names, epoch))
            }
            (None, None) => Place::InProcess(InProcess::new(iter::empty(), String::new())),
            (Some(store), _) => Place::Shared(Shared::new(store)),
        };
        Ok(Self {
            layer: layer.to_owned(),
            place,
            session_lifetime,
            login_lifetime,
        })
    }

    /// A value that a session must bring. It changes with each start of a memory that does not
    /// outlive the process.
    pub(crate) fn epoch(&self) -> &str {
        match &self.place {
            Place::InProcess(memory) => &memory.epoch,
            Place::Shared(_) => "",
        }
    }

    /// Whether a session has ended before its time was over.
    pub(crate) async fn has_ended(&self, session: &Session) -> Result<bool, StoreError> {
        let mark = session.mark();
        let (client, token) = (mark.client.as_str(), &session.id_token);
        let mut names = vec![
            self.name(["id", &mark.id, "", ""]),
            self.name(["sub", client, token.iss(), token.sub()]),
        ];
        let sid = token.sid();
        names.extend(sid.map(|sid| self.name(["sid", client, token.iss(), sid])));
        match &self.place {
            Place::InProcess(memory) => Ok(memory.has_ended(&names, &mark)),
            Place::Shared(memory) => memory.has_ended(&names, &mark).await,
        }
    }

    /// Ends one session, for every copy of its cookie.
    async fn end(&self, mark: &Mark, now: i64) -> Result<(), StoreError> {
        let name = self.name(["id", &mark.id, "", ""]);
        match &self.place {
            Place::InProcess(memory) => {
                memory.end_session(name, mark, self.until(now), now);
                Ok(())
            }
            Place::Shared(memory) => memory.end_session(&name, self.lifetime()).await,
        }
    }

    /// Ends the sessions that a logout token names: one of the provider's sessions, or without a
    /// `sid` every session of the person (OpenID Connect Back-Channel Logout 1.0 section 2.7).
    async fn end_all(&self, client: &str, token: &LogoutToken, now: i64) -> Result<(), StoreError> {
        let name = match (token.sid(), token.sub()) {
            (Some(sid), _) => self.name(["sid", client, token.iss(), sid]),
            (None, sub) => self.name(["sub", client, token.iss(), sub.unwrap_or_default()]),
        };
        let cut = Cut {
            began_at: now,
            issued_at: token.iat().seconds(),
        };
        match &self.place {
            Place::InProcess(memory) => {
                memory.end_until(client, name, cut, self.until(now), now);
                Ok(())
            }
            Place::Shared(memory) => memory.end_until(&name, cut, self.lifetime()).await,
        }
    }

    /// Uses the login of a callback: of several callbacks with the same `state`, one gets true.
    async fn use_login(
        &self,
        client: &str,
        login: &PendingLogin,
        now: i64,
    ) -> Result<bool, StoreError> {
        let name = self.name(["callback", login.state(), "", ""]);
        match &self.place {
            Place::InProcess(memory) => {
                let until = now.saturating_add(seconds(self.login_lifetime));
                Ok(memory.use_login(client, name, login.created_at().seconds(), until, now))
            }
            Place::Shared(memory) => memory.use_login(&name, self.login_lifetime).await,
        }
    }

    /// How long it matters that a session has ended. A login that is under way may begin a session
    /// that has ended already.
    const fn lifetime(&self) -> Duration {
        self.session_lifetime.saturating_add(self.login_lifetime)
    }

    fn until(&self, now: i64) -> i64 {
        now.saturating_add(seconds(self.lifetime()))
    }

    /// A name that shows no identifier. Each part is preceded by its length, so that no two lists
    /// of parts give the same name.
    fn name(&self, parts: [&str; 4]) -> Arc<str> {
        let input: String = iter::once(self.layer.as_str())
            .chain(parts)
            .map(|part| format!("{}:{part}", part.len()))
            .collect();
        let digest = HashAlgorithm::Sha256.digest(input.as_bytes());
        format!("login-layer:{}", base64url::encode(&digest)).into()
    }
}

impl Settings {
    /// Whether a session has ended before its time was over.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn has_ended(&self, session: &Session) -> Result<bool, LoginError> {
        self.memory.has_ended(session).await.map_err(failed)
    }

    /// Ends one session, and removes its tokens.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn end_session(&self, mark: &Mark) -> Result<(), LoginError> {
        // The sessions of a client that the layer does not have any more are not accepted.
        let Ok(client) = self.client(&mark.client) else {
            return Ok(());
        };
        let ended = self.memory.end(mark, client.now().seconds());
        ended.await.map_err(failed)?;
        self.forget_tokens(mark).await
    }

    /// Ends the sessions that a logout token names. A token that comes again changes nothing.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`]: the sessions may live on, and the provider has to send the token
    /// again.
    pub(crate) async fn end_sessions(
        &self,
        client: &str,
        token: &LogoutToken,
    ) -> Result<(), LoginError> {
        let now = self.client(client)?.now().seconds();
        let ended = self.memory.end_all(client, token, now);
        ended.await.map_err(failed)
    }

    /// Uses the login of a callback: of several callbacks with the same `state`, one gets true.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn use_login(
        &self,
        client: &str,
        login: &PendingLogin,
    ) -> Result<bool, LoginError> {
        let now = self.client(client)?.now().seconds();
        let used = self.memory.use_login(client, login, now);
        used.await.map_err(failed)
    }
}

fn failed(error: StoreError) -> LoginError {
    LoginError::Store(Error::from(error))
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
