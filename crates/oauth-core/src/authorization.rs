//! The two parts of a login that pass through the browser: the request that it takes to the
//! authorization server, and the response that it brings back (RFC 6749 section 4.1).
//!
//! ```text
//! AuthorizationRequest ──begin──▶ (Url, PendingLogin)        browser goes to the Url
//!                                        │
//!                          the application's store
//!                                        │
//! Callback ─────────────────▶ PendingLogin::resume ──▶ CodeGrant
//! ```
//!
//! The store in this example belongs to one session; [`PendingLogin`] says what a store has to do
//! and why.
//!
//! ```
//! use std::collections::HashMap;
//!
//! use oauth_core::Error;
//! use oauth_core::authorization::{AuthorizationRequest, Callback, PendingLogin};
//! use oauth_core::configuration::Configuration;
//! use oauth_core::flow::TokenSet;
//! use oauth_core::run::{run, Host};
//!
//! type Store = HashMap<String, PendingLogin>;
//!
//! /// Gives the URL to send the browser to.
//! fn begin(
//!     host: &impl Host,
//!     configuration: &Configuration,
//!     store: &mut Store,
//! ) -> Result<String, Error> {
//!     let request = AuthorizationRequest::new(configuration.clone())
//!         .redirect_uri("https://app.example.com/cb")
//!         .scope("openid email");
//!     let (url, pending) = run(host, request.begin())?;
//!     store.insert(pending.state().to_owned(), pending);
//!     Ok(url.into())
//! }
//!
//! /// Answers the callback; `None` when this session has begun no such login.
//! fn finish(
//!     host: &impl Host,
//!     configuration: &Configuration,
//!     store: &mut Store,
//!     callback: &str,
//! ) -> Result<Option<TokenSet>, Error> {
//!     let callback = Callback::from_url(callback)?;
//!     // Taken out first, so that no second callback finds it.
//!     let Some(pending) = callback.state().and_then(|state| store.remove(state)) else {
//!         return Ok(None);
//!     };
//!     run(host, pending.resume(configuration, &callback)?).map(Some)
//! }
//! ```

mod authorization_details;
mod callback;
mod checks;
mod initiated;
mod pending;
mod profile;
mod request;
mod response;
mod response_type;
mod seal;
mod session_state;
mod url;
pub(crate) mod versioned;

pub use self::authorization_details::AuthorizationDetail;
pub use self::callback::Callback;
pub(crate) use self::callback::Received;
pub use self::checks::{AuthorizationCodeGrantChecks, ExpectedState};
pub use self::initiated::LoginInitiation;
pub use self::pending::PendingLogin;
pub(crate) use self::profile::check_grant;
pub use self::request::{AuthorizationRequest, check_redirect_uri};
pub(crate) use self::response::{Granted, ResponseParameters};
pub use self::response_type::{ResponseMode, ResponseType};
pub use self::seal::SealingKey;
pub(crate) use self::seal::{binding, decrypt, open, seal};
pub(crate) use self::session_state::is_session_state;
pub(crate) use self::url::{browser_url, complete, require_form, require_support, url_of};
pub use self::url::{build_authorization_url, random_nonce, random_state};

#[cfg(test)]
mod tests;
