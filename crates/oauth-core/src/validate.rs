//! Whether a token may be believed: algorithm, type, times, audience, hashes and continuity.

mod algorithm;
mod audience;
mod authorization_response;
mod claim;
mod confirmation;
mod continuity;
mod expectations;
mod front_channel;
mod hashes;
mod id_token;
mod id_token_checks;
mod introspection;
mod issuer;
mod reading;
mod times;
mod token_type;
mod user_info;

pub(crate) use self::algorithm::{advertised_algorithms, permitted_algorithms};
pub(crate) use self::authorization_response::validate_authorization_response;
pub use self::confirmation::ConfirmationClaims;
pub use self::continuity::PreviousIdToken;
pub use self::expectations::{IdTokenExpectations, NonceExpectation};
pub use self::id_token::IdToken;
pub(crate) use self::id_token_checks::validate_id_token;
pub(crate) use self::introspection::validate_introspection;
pub(crate) use self::issuer::{check_key, check_parameter};
pub(crate) use self::reading::read_claims;
pub(crate) use self::user_info::{read_user_info, validate_user_info};

#[cfg(test)]
mod tests;
