//! An OAuth 2 and OpenID Connect client without an async runtime, over ureq and rustls.
//!
//! The methods are those of the crate `openid-client`. A method makes a request, setters change it,
//! and `send` sends it and returns the result. `build` is the last step where nothing is sent.
//!
//! # A login
//!
//! ```
//! # use test_provider::{ClientAuthentication, ClientRegistration, TestProvider};
//! # let secret = "a-secret-of-at-least-32-characters";
//! # let method = ClientAuthentication::ClientSecretBasic(secret.to_owned());
//! # let app = ClientRegistration::new("my-app", method).redirect_uri("https://app.example.com/cb");
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # let server = runtime.block_on(TestProvider::start().client(app).into_future())?;
//! # let (issuer, root) = (server.url(), server.ca_certificate_pem());
//! use openid_client_blocking::Client;
//!
//! // Once, when the application starts; `issuer` is a URL such as "https://id.example.com".
//! let client = Client::discover(issuer, "my-app")
//!     .client_secret_basic(secret)
//!     .redirect_uri("https://app.example.com/cb")
//! #   .root_certificate_pem(root)
//!     .send()?;
//!
//! // A person wants to log in: send the browser to `url`, and store `pending`, which is
//! // serialisable, under the browser's session and `pending.state()`.
//! let (url, pending) = client.authorization_request().scope("openid email").send()?;
//!
//! // The browser comes back: take `pending` out of the store. Every check is made here.
//! # let callback = server.log_in(url);
//! let tokens = client.authorization_code_grant(pending, callback).send()?;
//! let user = client.fetch_user_info(&tokens).send()?;
//! println!("hello {}", user.email().unwrap_or(user.sub()));
//!
//! // Later: new tokens, and the logout.
//! let tokens = client.refresh_token_grant(&tokens).send()?;
//! let logout = client.end_session().url()?;
//! # assert!(tokens.expires_in(client.now()).is_some() && logout.as_str().starts_with(issuer));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does with a request
//!
//! - It sends over https only, and refuses plain http unless
//!   [`danger_allow_insecure_requests`](ClientBuilder::danger_allow_insecure_requests) is set. TLS
//!   is rustls over *ring*.
//! - It follows no redirect, keeps no cookie, and decodes no content encoding. It uses a
//!   [proxy](ClientBuilder::proxy) only if a setting asks for one.
//! - The deadline ([`timeout`](ClientBuilder::timeout), 30 seconds) covers the look-up of the name,
//!   the connection, the head and the body.
//! - A body that exceeds the limit of the [`Policy`] is an error.
//! - It shows the client's certificate only in requests that need it, on connections that carry
//!   nothing else.
//!
//! A call blocks its thread. [`Client`] is cheap to clone, and all clones share connections, key
//! sets and keys, so threads share one client. Threads that need the same key set share one
//! request.
//!
//! # Logs
//!
//! ureq writes every byte that it sends and receives to the crate `log` at the level `TRACE`, which
//! includes tokens and secrets. The feature `no-trace-logs`, on by default, removes that level from
//! the whole program at compile time. A program that switches it off must not enable `TRACE` for
//! the target `ureq_proto`.
//!
//! # What it lacks
//!
//! Stores of tokens, clients of a protected resource, lazy clients, the resource server and most
//! settings of the transport are in `openid-client` alone; the README lists them. [`Client::run`]
//! runs any operation of [`oauth_core`].

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod client;
mod error;
mod flights;
mod host;
mod keyring;
mod protected_resource;
mod request;
mod token_source;
mod transport;

pub use http::{HeaderMap, Method, Response, StatusCode};
pub use jose;
pub use jose::{SignatureAlgorithm, SigningKey};
pub use oauth_core;
pub use oauth_core::Error as CoreError;
pub use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, AuthorizationRequest, Callback, ExpectedState, LoginInitiation,
    PendingLogin, ResponseMode, ResponseType, SealingKey,
};
pub use oauth_core::cache::ExportedJwksCache;
pub use oauth_core::client_auth::ClientAuthentication;
pub use oauth_core::configuration::Configuration;
pub use oauth_core::endpoint::{
    AccessToken, BackchannelAuthenticationResponse, ClientInformation, DeviceAuthorizationResponse,
    ExpectedSubject, Hint, IntrospectionResponse, Ping, Push, UserInfoResponse,
};
pub use oauth_core::error::{KeyFault, Misuse, NoAnswer, TlsFault};
pub use oauth_core::flow::{ClaimsProvider, ImplicitAuthenticationResponse, TokenSet};
pub use oauth_core::key::{KeyJob, KeyReference, KeyResult};
pub use oauth_core::logout::{EndSession, FrontChannelLogout, logged_out, logout_failed};
pub use oauth_core::metadata::{ClientMetadata, ServerMetadata};
pub use oauth_core::pkce::CodeVerifier;
pub use oauth_core::policy::Policy;
pub use oauth_core::profile::Profile;
pub use oauth_core::report::Report;
pub use oauth_core::secret::Secret;
pub use oauth_core::source::{
    Invalidation, LoginNeeded, Renewal, RequestedGrant, SourceError, SourceGrantRequest,
    SourcedTokens, StoredIdToken, StoredTokenSet,
};
pub use oauth_core::time::UnixTime;
pub use oauth_core::validate::{
    DistributedClaims, IdToken, LogoutToken, SourcedClaims, UnverifiedAggregatedClaims,
};
pub use oauth_core::wire::Parameters;
pub use url::Url;

pub use self::builder::{ClientBuilder, DangerDocument, Issuer, NewClient};
pub use self::client::Client;
pub use self::error::{Error, RegistrationUnusable};
pub use self::protected_resource::ProtectedResourceRequest;
pub use self::request::{
    AuthorizationCodeGrantWithChecks, BackchannelAuthenticationGrant, Begin, Request, UserInfo,
};

pub use self::token_source::{SourceGrant, TokenSource, TokenSourceBuilder};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
