//! The documents that servers send and clients register, as data. The modules above read them.

mod algorithm;
mod builder;
pub(crate) mod client_information;
mod client_metadata;
mod document;
mod token_response;
mod token_type;

pub use self::algorithm::RegisteredAlgorithm;
pub(crate) use self::algorithm::signed;
pub use self::builder::IntoMember;
pub use self::client_information::ClientInformation;
pub use self::client_metadata::{ClientMetadata, ClientMetadataBuilder};
pub(crate) use self::document::{
    Member, document, ill_typed, optional, required as required_string,
};
pub use self::token_response::TokenResponse;
pub use self::token_type::TokenType;
