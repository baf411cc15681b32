//! An OAuth 2 and OpenID Connect client, strict by default, over hyper and rustls.
//!
//! # A login
//!
//! ```
//! use openid_client::Client;
//!
//! # use test_provider::{ClientAuthentication, ClientRegistration, Provider};
//! # use test_provider::server::{Scheme, Server};
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Server::start(Scheme::Https, Provider::new).await?;
//! # let secret = "a secret of the client";
//! # server.provider().register(
//! #     ClientRegistration::new("my-app", ClientAuthentication::ClientSecretPost(secret.to_owned()))
//! #         .redirect_uri("https://app.example.com/cb"),
//! # );
//! # let issuer = server.url();
//! # let root = server.ca_certificate_pem();
//! # let browse = |url: openid_client::Url| {
//! #     let request = http::Request::get(url.as_str()).body(bytes::Bytes::new()).unwrap();
//! #     let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
//! #     let response = server.provider().handle(&request, now.try_into().unwrap());
//! #     response.headers()["location"].to_str().unwrap().to_owned()
//! # };
//! // Once, when the application starts; `issuer` is a URL such as "https://id.example.com".
//! let client = Client::discover(issuer, "my-app")
//!     .client_secret(secret)
//! #   .root_certificate_pem(root)
//!     .await?;
//!
//! // Somebody wants to log in: send the browser to `url`, and store `pending`, which is
//! // serialisable, under the browser's session and `pending.state()`.
//! let (url, pending) = client
//!     .authorization_request()
//!     .redirect_uri("https://app.example.com/cb")
//!     .scope("openid email")
//!     .begin()
//!     .await?;
//!
//! // The browser comes back: take `pending` out of the store, and every check is made here.
//! # let callback_url = browse(url);
//! let tokens = client.authorization_code_grant(pending, &callback_url).await?;
//! let user = client.fetch_user_info(&tokens).await?;
//! println!("hello {}", user.email().unwrap_or(user.sub()));
//! # assert_eq!(user.email(), Some("alice@example.com"));
//!
//! // Later: new tokens, and the way out.
//! let tokens = client.refresh_token_grant(&tokens).await?;
//! let logout = client.end_session().url()?;
//! # assert!(tokens.expires_in(client.now()).is_some() && logout.as_str().starts_with(issuer));
//! # Ok(())
//! # }
//! ```
//!
//! Nothing is left to the application to check: `state`, `nonce`, PKCE, the issuer in the callback
//! (RFC 9207), signature and claims of the ID Token, the subject of UserInfo. What is left to it is
//! the store: a [`PendingLogin`] that is taken out before it is used makes a login one-shot. Where
//! there is no store, [`Client::seal_login`] makes a cookie of it.
//!
//! # What else there is
//!
//! - [`Client`] has a method for each operation; [`Client::run`] drives any operation of
//!   [`core`], the protocol without I/O.
//! - [`ClientBuilder`] sets secrets, private keys, root certificates, deadlines and clocks.
//! - [`Keyring`] holds private keys, and asks those that are kept elsewhere.
//! - [`http::HttpClient`] replaces the transport; [`http::DestinationPolicy`] says which servers it
//!   may talk to, where somebody else names them.
//! - [`Error::code`] is stable; the errors themselves carry what was expected and what was found.
//!
//! # Features
//!
//! | feature | default | does |
//! |---|---|---|
//! | `native-roots` | yes | trusts the platform's root certificates |
//! | `ring`, `aws-lc-rs` | yes | which library signs and verifies; see [`jose`] |
//! | `http2` | no | speaks HTTP/2 where the server offers it |
//!
//! TLS is always rustls over *ring*, named explicitly: no process-wide default is read or set.

mod builder;
mod client;
mod clock;
mod drive;
mod error;
mod exchange;
mod flights;
mod host;
pub mod http;
pub mod keyring;

pub use jose;
pub use oauth_core as core;
pub use oauth_core::authorization::Callback;
pub use oauth_core::authorization::PendingLogin;
pub use oauth_core::authorization::SealingKey;
pub use oauth_core::client_auth::ClientAuthentication;
pub use oauth_core::client_auth::ClientSecret;
pub use oauth_core::client_auth::ClientSecretBasic;
pub use oauth_core::client_auth::ClientSecretJwt;
pub use oauth_core::client_auth::Credentials;
pub use oauth_core::client_auth::CustomAuthentication;
pub use oauth_core::client_auth::UnauthenticatedRequest;
pub use oauth_core::configuration::Configuration;
pub use oauth_core::dpop::DPoPKey;
pub use oauth_core::endpoint::AccessToken;
pub use oauth_core::endpoint::BackchannelAuthenticationResponse;
pub use oauth_core::endpoint::ClientInformation;
pub use oauth_core::endpoint::DeviceAuthorizationResponse;
pub use oauth_core::endpoint::DiscoveryAlgorithm;
pub use oauth_core::endpoint::ExpectedSubject;
pub use oauth_core::endpoint::Hint;
pub use oauth_core::endpoint::IntrospectionResponse;
pub use oauth_core::endpoint::UserInfoResponse;
pub use oauth_core::env::UnixTime;
pub use oauth_core::flow::TokenSet;
pub use oauth_core::metadata::ClientMetadata;
pub use oauth_core::metadata::ServerMetadata;
pub use oauth_core::ping::Ping;
pub use oauth_core::policy::Policy;
pub use oauth_core::secret::Secret;
pub use oauth_core::validate::IdToken;
pub use oauth_core::wire::Parameters;
pub use url::Url;

pub use self::builder::ClientBuilder;
pub use self::builder::DangerDocument;
pub use self::builder::IssuerOnly;
pub use self::builder::NewClient;
pub use self::client::AuthorizationRequest;
pub use self::client::BackchannelAuthenticationRequest;
pub use self::client::Client;
pub use self::client::ProtectedResourceRequest;
pub use self::clock::Clock;
pub use self::error::Error;
pub use self::keyring::Keyring;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
