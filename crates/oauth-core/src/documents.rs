//! The documents that servers send and clients register, as data. The modules above read them.

mod algorithm;
mod builder;
pub(crate) mod client_information;
mod client_metadata;
mod document;
mod member;
mod token_response;
mod token_type;

pub use self::algorithm::RegisteredAlgorithm;
pub(crate) use self::algorithm::signed;
pub use self::builder::IntoMember;
pub use self::client_information::ClientInformation;
pub use self::client_metadata::{ClientMetadata, ClientMetadataBuilder};
pub(crate) use self::document::document;
pub(crate) use self::member::{
    Member, copied, fill, ill_typed, keep, optional, put, required as required_string, show,
};
pub use self::token_response::TokenResponse;
pub use self::token_type::TokenType;
