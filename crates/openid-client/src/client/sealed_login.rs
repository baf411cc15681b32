//! Logins that are kept in the browser which began them.

use oauth_core::authorization::{PendingLogin, SealingKey};

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Encrypts a login that has begun, so that the browser itself can keep it: a server without
    /// sessions has then nothing to store. The result is about 700 characters of those that a cookie
    /// may hold.
    ///
    /// Put it into a cookie that begins with `__Host-`, which no other host of the domain can set, and
    /// is named after [`state`](PendingLogin::state), so that two tabs do not disturb each other. Mark
    /// it `Secure`, `HttpOnly`, `Path=/` and `SameSite=Lax`; `SameSite=None` where the answer is
    /// posted ([`ResponseMode::FormPost`](oauth_core::authorization::ResponseMode::FormPost)), since
    /// browsers send no other with a form from elsewhere. `Max-Age` need be no longer than the
    /// login's [lifetime](crate::AuthorizationRequest::lifetime). Use the cookie of the browser that
    /// comes back and nothing else: that is what binds the login to it.
    ///
    /// Delete the cookie in the answer to the callback. That is a request to the browser and not a
    /// store's entry that is gone: somebody who has copied cookie and callback can send both again,
    /// and what refuses them is the server, which redeems a code once (RFC 6749 section 4.1.2), and
    /// the lifetime. An ID Token that comes through the browser has no such server behind it: for
    /// [`implicit_authentication`](Self::implicit_authentication), keep the login in a store.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let secret_bytes = [7; 32];
    /// use openid_client::SealingKey;
    ///
    /// // 32 secret random bytes, the same on every instance of the application.
    /// let key = SealingKey::new(secret_bytes);
    /// let (url, pending) = client.authorization_request().begin().await?;
    /// let value = client.seal_login(&key, &pending)?;
    /// let cookie = format!("__Host-login-{}={value}", pending.state());
    /// # assert!(cookie.len() < 900, "{}", cookie.len());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`](oauth_core::error::Misuse::NotSealed) when the cryptography library
    /// fails.
    pub fn seal_login(&self, key: &SealingKey, pending: &PendingLogin) -> Result<String, Error> {
        Ok(pending.seal(key)?)
    }

    /// Opens what [`seal_login`](Self::seal_login) has made.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let key = openid_client::SealingKey::new([7; 32]);
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let cookie = (format!("__Host-login-{}", pending.state()), client.seal_login(&key, &pending)?);
    /// # let cookie_of = |name: String| (name == cookie.0).then_some(cookie.1.as_str());
    /// # let callback_url = server.log_in(url);
    /// use openid_client::Callback;
    ///
    /// let answer = Callback::from_url(&callback_url)?;
    /// let name = format!("__Host-login-{}", answer.state().unwrap_or_default());
    /// let value = cookie_of(name).ok_or("a login that did not begin here")?;
    /// let pending = client.open_login(&key, value)?;
    /// let tokens = client.authorization_code_grant_of(pending, &answer).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`](oauth_core::error::Misuse::NotSealedHere) when it was changed, was
    /// sealed under another key or is something else altogether, and
    /// [`Misuse::LoginExpired`](oauth_core::error::Misuse::LoginExpired) when the login has taken
    /// longer than its [lifetime](crate::AuthorizationRequest::lifetime).
    pub fn open_login(&self, key: &SealingKey, sealed: &str) -> Result<PendingLogin, Error> {
        Ok(PendingLogin::open(key, sealed, self.now())?)
    }
}
