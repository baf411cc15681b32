//! Which sessions have ended, and which callbacks were used, before their time was over. A cookie
//! cannot be taken back, so the store remembers them.

use openid_client::jose::{HashAlgorithm, base64url};
use openid_client::store::StoreError;
use openid_client::{Error, LogoutToken, Secret, UnixTime};

use crate::error::LoginError;
use crate::session::Session;
use crate::settings::Settings;

impl Settings {
    /// Ends one session: also for a copy of its cookie.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn end_session(&self, session: &Session) -> Result<(), LoginError> {
        let now = self.client(&session.client)?.now();
        self.end(&name(["id", &session.id, "", ""]), now).await?;
        self.forget_tokens(session).await
    }

    /// Ends the sessions that a logout token names: one of the provider's sessions, or without a
    /// `sid` every session of the person (OpenID Connect Back-Channel Logout 1.0 section 2.7).
    /// Those that begin later are not concerned.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn end_sessions(
        &self,
        client: &str,
        token: &LogoutToken,
    ) -> Result<(), LoginError> {
        let name = match (token.sid(), token.sub()) {
            (Some(sid), _) => name(["sid", client, token.iss(), sid]),
            (None, sub) => name(["sub", client, token.iss(), sub.unwrap_or_default()]),
        };
        let now = self.client(client)?.now();
        self.end(&name, now).await
    }

    /// Whether a session has ended before its time was over.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn has_ended(&self, session: &Session) -> Result<bool, LoginError> {
        let (client, iss) = (session.client.as_str(), session.id_token.iss());
        let mut names = vec![
            name(["id", &session.id, "", ""]),
            name(["sub", client, iss, session.id_token.sub()]),
        ];
        names.extend(
            session
                .id_token
                .sid()
                .map(|sid| name(["sid", client, iss, sid])),
        );
        for name in names {
            let entry = self.store.load(&name).await.map_err(failed)?;
            let ended_at = entry.map(|entry| entry.value.expose().parse::<i64>());
            match ended_at {
                None => {}
                Some(Ok(ended_at)) if ended_at < session.began_at.seconds() => {}
                // An entry that cannot be read says that something has ended.
                Some(_) => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Uses a callback: of several requests with the same `state`, one gets true.
    ///
    /// # Errors
    ///
    /// [`LoginError::Store`].
    pub(crate) async fn use_callback(&self, state: &str) -> Result<bool, LoginError> {
        let name = name(["callback", state, "", ""]);
        let lease = self.store.lease(&name, self.pending_lifetime).await;
        Ok(lease.map_err(failed)?.is_some())
    }

    async fn end(&self, name: &str, now: UnixTime) -> Result<(), LoginError> {
        let value = Secret::from(now.seconds().to_string());
        let saved = self.store.save(name, value, None, self.session_lifetime);
        saved.await.map(drop).map_err(failed)
    }
}

fn failed(error: StoreError) -> LoginError {
    LoginError::Store(Error::from(error))
}

/// A name for the store that shows no identifier. Each part is preceded by its length, so that no
/// two lists of parts give the same name.
fn name(parts: [&str; 4]) -> String {
    let input: String = parts
        .iter()
        .map(|part| format!("{}:{part}", part.len()))
        .collect();
    let digest = HashAlgorithm::Sha256.digest(input.as_bytes());
    format!("login-layer:{}", base64url::encode(&digest))
}
