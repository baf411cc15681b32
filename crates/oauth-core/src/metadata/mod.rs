//! What server and client publish or register about themselves.

mod algorithm;
mod aliases;
mod auth_method;
mod builder;
mod client;
mod document;
mod microsoft;
mod server;
mod url;

pub use self::algorithm::RegisteredAlgorithm;
pub(crate) use self::algorithm::signed;
pub use self::aliases::MtlsEndpointAliases;
pub(crate) use self::auth_method::registered_default_method;
pub(crate) use self::auth_method::sends_secret;
pub use self::builder::IntoMember;
pub use self::client::ClientMetadata;
pub use self::client::ClientMetadataBuilder;
pub(crate) use self::document::Member;
pub(crate) use self::document::ill_typed;
pub(crate) use self::document::optional;
pub(crate) use self::document::required as required_string;
pub(crate) use self::microsoft::IssuerTemplate;
pub(crate) use self::microsoft::may_publish;
pub use self::server::ServerMetadata;
pub(crate) use self::url::check_issuer;
pub(crate) use self::url::endpoint_url;
