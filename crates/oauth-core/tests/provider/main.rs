//! Pair tests: the blocking driver runs the machines against the test provider. They test logins
//! that succeed, and every misbehaviour of the provider.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is a failed test"
)]

mod assertions;
mod attestation;
mod authorization;
mod backchannel;
mod callback;
mod claim_sources;
mod client_authentication;
mod client_documents;
mod clock;
mod device;
mod discovery;
mod dpop;
mod encrypted_requests;
mod encryption;
mod fapi;
mod fapi_profile;
mod home_made;
mod hosted_requests;
mod id_token;
mod initiated_login;
mod issuers;
mod key_set;
mod keys_out_of_reach;
mod login;
mod logout;
mod push;
mod refresh;
mod refusal;
mod registration;
mod repair;
mod repeated_claims;
mod request_object;
mod rotated_refresh_token;
mod rotation_without_kid;
mod signed_metadata;
mod strangers;
mod token_management;
mod token_response;
mod token_types;
mod user_info;
mod webfinger;
mod world;
