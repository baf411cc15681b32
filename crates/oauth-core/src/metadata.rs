//! The metadata of servers and clients.

mod aliases;
mod auth_method;
mod client;
mod client_id_document;
mod microsoft;
mod protected_resource;
mod registration_options;
mod resource_identifier;
mod scope;
mod server;
mod url;

pub use self::aliases::MtlsEndpointAliases;
pub(crate) use self::auth_method::{registered_default_method, sends_secret};
pub use self::client_id_document::ClientIdMetadataDocument;
pub(crate) use self::microsoft::{IssuerTemplate, may_publish};
pub use self::protected_resource::ProtectedResourceMetadata;
pub use self::registration_options::{RegistrationOption, RegistrationOptions};
pub use self::resource_identifier::ResourceIdentifier;
pub use self::scope::Scope;
pub use self::server::ServerMetadata;
pub(crate) use self::url::{check_issuer, endpoint_url};
pub use crate::documents::{
    ClientMetadata, ClientMetadataBuilder, IntoMember, RegisteredAlgorithm,
};
pub(crate) use crate::documents::{ill_typed, required_string, signed};
