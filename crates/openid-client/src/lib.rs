#![doc = "An OAuth 2 and OpenID Connect client, strict by default, over hyper and rustls."]

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
pub use oauth_core::client_auth::ClientAuthentication;
pub use oauth_core::configuration::Configuration;
pub use oauth_core::endpoint::DiscoveryAlgorithm;
pub use oauth_core::endpoint::ExpectedSubject;
pub use oauth_core::endpoint::UserInfoResponse;
pub use oauth_core::env::UnixTime;
pub use oauth_core::flow::TokenSet;
pub use oauth_core::metadata::ClientMetadata;
pub use oauth_core::metadata::ServerMetadata;
pub use oauth_core::policy::Policy;
pub use oauth_core::secret::Secret;
pub use oauth_core::validate::IdToken;
pub use oauth_core::wire::Parameters;
pub use url::Url;

pub use self::builder::ClientBuilder;
pub use self::builder::IssuerOnly;
pub use self::client::AuthorizationRequest;
pub use self::client::Client;
pub use self::clock::Clock;
pub use self::error::Error;
pub use self::keyring::Keyring;
