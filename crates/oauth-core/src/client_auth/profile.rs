//! Checks of the client's own JWTs under a security profile, made just before the signature because
//! a [`ModifyAssertion`](crate::key::ModifyAssertion) may have changed them.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::key::PendingSignature;
use crate::parties::Parties;
use crate::profile::{Party, Profile, Requirement};

/// Checks a client assertion against the client's profile.
///
/// # Errors
///
/// [`Error::Profile`].
pub(crate) fn check_client_assertion(
    parties: &Parties,
    signature: &PendingSignature,
) -> Result<(), Error> {
    let Some(profile) = parties.profile else {
        return Ok(());
    };
    check_algorithm(profile, signature)?;
    if !is_for_issuer(parties, &signature.claims()) {
        let requirement = Requirement::AssertionAudience;
        let found = "makes client assertions for another audience";
        return Err(profile.violated(requirement, Party::Client, found).into());
    }
    Ok(())
}

/// Refuses a signature algorithm that the profile does not permit.
pub(crate) fn check_algorithm(profile: Profile, signature: &PendingSignature) -> Result<(), Error> {
    let algorithm = signature.algorithm();
    if profile.permits(algorithm) {
        return Ok(());
    }
    let found = format!("signs with {algorithm}, not with {}", profile.permitted());
    let requirement = Requirement::Algorithms;
    Err(profile.violated(requirement, Party::Key, found).into())
}

/// Whether `aud` is the issuer as a string, and not an array that contains it.
pub(crate) fn is_for_issuer(parties: &Parties, claims: &Map<String, Value>) -> bool {
    let audience = claims.get("aud").and_then(Value::as_str);
    audience == Some(parties.server.issuer.as_str())
}
