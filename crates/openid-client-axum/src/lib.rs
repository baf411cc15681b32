//! Logins with OpenID Connect for web applications: a `tower` layer over [`openid_client`], and
//! extractors for axum.
//!
//! ```
//! # test_provider::server::example(async |provider| {
//! # let app = test_provider::ClientRegistration::public("my-app");
//! # provider.provider().register(app.redirect_uri("https://app.example.com/auth/callback"));
//! # let (issuer, root) = (provider.url(), provider.ca_certificate_pem());
//! # let secret_bytes = [7; 32];
//! use axum::{Router, routing::get};
//! use openid_client_axum::openid_client::{Client, SealingKey};
//! use openid_client_axum::{Claims, LoginLayer, RequireLogin};
//!
//! async fn me(claims: Claims) -> String {
//!     format!("hello {}", claims.sub())
//! }
//!
//! let client = Client::discover(issuer, "my-app")
//! #   .root_certificate_pem(root)
//!     .redirect_uri("https://app.example.com/auth/callback")
//!     .await?;
//! let login = LoginLayer::builder(SealingKey::new(secret_bytes)).client("example", client);
//! let app: Router = Router::new()
//!     .route("/me", get(me))
//!     .route_layer(RequireLogin)
//!     .route("/", get("anyone may see this"))
//!     .layer(login.build()?);
//! # drop(app);
//! # Ok(()) });
//! ```
//!
//! [`LoginLayer`] answers the paths of logins and logouts, and tells every other request who has
//! logged in. [`RequireLogin`] protects routes. The guide `docs/guide/axum.md` explains the
//! settings.
//!
//! # Protections
//!
//! - A login ends in the browser in which it began. A sealed cookie with the name of the `state`
//!   holds the login, and the callback needs it.
//! - A callback is used once, and only at the redirect URI of its client.
//! - A session ends for every copy of its cookie. The [store](LoginLayerBuilder::store) remembers
//!   which sessions have ended, by a logout here or one that the provider reports, and a request is
//!   refused when the store does not answer.
//! - Each login begins a session with a new identifier, and ends the earlier one of the browser.
//! - A login returns to a path of the application.
//! - A logout is a POST request from a page of the application.
//! - The access token of one provider is given at the routes of that provider
//!   ([`RequireLogin::at`]).
//! - Cookies have the prefix `__Host-`, `Secure`, `HttpOnly` and `SameSite`. They are sealed for
//!   their purpose and for the [name](LoginLayerBuilder::name) of the layer.
//! - Pages for a person are not stored by browsers and caches.
//!
//! `docs/THREATS.md` lists the attacks, and the test that plays each of them.
//!
//! # Features
//!
//! | feature | default | does |
//! |---|---|---|
//! | `axum` | yes | the extractors |
//! | `tower-sessions` | no | keeps sessions on the server, with the crate `tower-sessions` |
//! | `native-roots`, `ring`, `aws-lc-rs` | yes | those of [`openid_client`] |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod choice;
mod cookies;
mod ended;
mod error;
#[cfg(feature = "axum")]
mod extract;
mod layer;
mod login;
mod page;
mod pending;
mod require_login;
mod return_to;
mod routes;
mod sealing;
mod session;
mod settings;
mod tokens;

pub use openid_client;

pub use self::builder::LoginLayerBuilder;
pub use self::choice::LoginChoice;
pub use self::error::LoginError;
#[cfg(feature = "axum")]
pub use self::extract::OptionalClaims;
pub use self::layer::{LoginLayer, LoginService};
pub use self::login::{Claims, Login};
pub use self::require_login::{RequireLogin, RequireLoginAt, RequireLoginService};
pub use self::tokens::AccessToken;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/axum.md")]
struct Guide;
