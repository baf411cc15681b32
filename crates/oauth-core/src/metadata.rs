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
pub(crate) use self::auth_method::{registered_default_method, sends_secret};
pub use self::builder::IntoMember;
pub use self::client::{ClientMetadata, ClientMetadataBuilder};
pub(crate) use self::document::{Member, ill_typed, optional, required as required_string};
pub(crate) use self::microsoft::{IssuerTemplate, may_publish};
pub use self::server::ServerMetadata;
pub(crate) use self::url::{check_issuer, endpoint_url};
