//! The two edges of a login where a person crosses: the request that the browser takes to the
//! authorization server, and the response that it brings back (RFC 6749 section 4.1).
//!
//! ```text
//! AuthorizationRequest ──begin──▶ (Url, PendingLogin)        browser goes to the Url
//!                                        │
//!                          the application's store
//!                                        │
//! Callback ─────────────────▶ PendingLogin::resume ──▶ CodeGrant
//! ```

mod callback;
mod checks;
mod login;
mod pending;
mod request;
mod seal;
mod url;

pub use self::callback::Callback;
pub use self::checks::AuthorizationCodeGrantChecks;
pub use self::checks::ExpectedState;
pub use self::login::BeginLogin;
pub use self::pending::PendingLogin;
pub use self::request::AuthorizationRequest;
pub use self::seal::SealingKey;
pub use self::url::authorization_url;
pub(crate) use self::url::browser_url;
pub use self::url::random_nonce;
pub use self::url::random_state;

#[cfg(test)]
mod tests;
