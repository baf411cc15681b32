//! The checks of tokens: algorithm, type, times, audience, hashes and continuity.

mod algorithm;
pub(crate) mod audience;
mod authorization_request;
mod authorization_response;
pub(crate) mod claim;
mod claim_sources;
mod confirmation;
mod continuity;
mod expectations;
mod front_channel;
mod hashes;
mod id_token;
mod id_token_checks;
pub(crate) mod issuer;
mod logout_token;
mod pushed;
pub(crate) mod reading;
mod resource_challenge;
mod signed_metadata;
mod standard_claims;
pub(crate) mod times;
pub(crate) mod token_type;

pub(crate) use self::algorithm::{advertised_algorithms, permitted_algorithms};
pub(crate) use self::authorization_request::{Form, check_request, response_violation};
pub(crate) use self::authorization_response::{PARAMETERS_ONCE, validate_authorization_response};
pub(crate) use self::claim_sources::validate_sourced_claims;
pub use self::claim_sources::{
    DistributedClaims, SourcedClaims, UnverifiedAggregatedClaims, UnverifiedClaimSource,
};
pub use self::confirmation::ConfirmationClaims;
pub use self::continuity::PreviousIdToken;
pub use self::expectations::{IdTokenExpectations, NonceExpectation};
pub use self::id_token::IdToken;
pub(crate) use self::id_token_checks::validate_id_token;
pub(crate) use self::issuer::{check_key, check_parameter};
pub use self::logout_token::LogoutToken;
pub(crate) use self::logout_token::validate_logout_token;
pub(crate) use self::reading::read_claims;
pub use self::resource_challenge::ResourceChallenge;
pub use self::signed_metadata::MetadataSigner;
pub use self::standard_claims::UserInfoAddress;
pub(crate) use self::standard_claims::{boolean_claim, standard_claims, time_claim};

#[cfg(test)]
mod tests;
