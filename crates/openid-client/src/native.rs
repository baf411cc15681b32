//! Logins of native applications, in the browser of the same machine (RFC 8252). Feature `native`.
//!
//! ```no_run
//! # async fn log_in(client: openid_client::Client) -> Result<(), openid_client::Report> {
//! use openid_client::native::{LoopbackRedirect, open_browser};
//!
//! let redirect = LoopbackRedirect::bind("http://127.0.0.1/callback").await?;
//! let request = client.authorization_request().redirect_uri(redirect.redirect_uri());
//! let (url, pending) = request.scope("openid").await?;
//! if open_browser(&url).await.is_err() {
//!     println!("Open this page in a browser: {url}");
//! }
//! let callback = redirect.callback(&pending).await?;
//! let tokens = client.authorization_code_grant(pending, callback).await?;
//! # drop(tokens); Ok(()) }
//! ```

mod browser;
mod connection;
mod loopback_redirect;

pub use self::browser::{NoBrowser, open_browser};
pub use self::loopback_redirect::{LoopbackRedirect, NoCallback};
