//! Logins that the browser itself stores, encrypted.

use oauth_core::authorization::{PendingLogin, SealingKey};

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Encrypts a login that has begun, so that the browser can store it in a cookie. A server
    /// without sessions then stores nothing. The result has about 700 characters, all of them valid
    /// in a cookie.
    ///
    /// Give the cookie a name that begins with `__Host-`, which no other host of the domain can
    /// set, and that contains the [`state`](PendingLogin::state), so that two tabs do not overwrite
    /// each other's login. Set `Secure`, `HttpOnly`, `Path=/` and `SameSite=Lax`. Set
    /// `SameSite=None` in place of that for
    /// [`ResponseMode::FormPost`](crate::ResponseMode::FormPost): browsers do not send other
    /// cookies with a form from another site. `Max-Age` need not be longer than the login's
    /// [lifetime](crate::AuthorizationRequest::lifetime). Accept the value only from the cookie of
    /// the browser that comes back, because this binds the login to that browser.
    ///
    /// Delete the cookie in the answer to the callback. Unlike the removal from a store, this is a
    /// request that only the browser fulfils: an attacker who copied cookie and callback can send
    /// both again. The server then refuses the code, which it accepts once (RFC 6749 section
    /// 4.1.2), and the lifetime ends the login. An ID Token that comes through the browser has no
    /// such protection, so for [`implicit_authentication`](Self::implicit_authentication) keep the
    /// login in a store.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let secret_bytes = [7; 32];
    /// use openid_client::SealingKey;
    ///
    /// // 32 secret random bytes, the same on every instance of the application.
    /// let key = SealingKey::new(secret_bytes);
    /// let (url, pending) = client.authorization_request().await?;
    /// let value = client.seal_login(&key, &pending)?;
    /// let cookie = format!("__Host-login-{}={value}", pending.state());
    /// # assert!(cookie.len() < 900, "{}", cookie.len());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`](crate::Misuse::NotSealed) when the cryptography library fails, and for
    /// a value of more than 3 MB.
    pub fn seal_login(&self, key: &SealingKey, pending: &PendingLogin) -> Result<String, Error> {
        Ok(pending.seal(key)?)
    }

    /// Decrypts a login that [`seal_login`](Self::seal_login) encrypted.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let key = openid_client::SealingKey::new([7; 32]);
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let cookie = (format!("__Host-login-{}", pending.state()), client.seal_login(&key, &pending)?);
    /// # let cookie_of = |name: String| (name == cookie.0).then_some(cookie.1.as_str());
    /// # let callback_url = server.log_in(url);
    /// use openid_client::Callback;
    ///
    /// let answer = Callback::from_url(&callback_url)?;
    /// let name = format!("__Host-login-{}", answer.state().unwrap_or_default());
    /// let value = cookie_of(name).ok_or("a login that did not begin here")?;
    /// let pending = client.open_login(&key, value)?;
    /// let tokens = client.authorization_code_grant(pending, answer).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`](crate::Misuse::NotSealedHere) when the text was changed, was
    /// sealed under another key, or is not a sealed login;
    /// [`Misuse::LoginExpired`](crate::Misuse::LoginExpired) when the login has taken longer than
    /// its [lifetime](crate::AuthorizationRequest::lifetime).
    pub fn open_login(&self, key: &SealingKey, sealed: &str) -> Result<PendingLogin, Error> {
        Ok(PendingLogin::open(key, sealed, self.now())?)
    }
}
