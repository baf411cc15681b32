//! Checks of request objects under a security profile, made just before the signature.

use serde_json::Value;

use crate::client_auth::{check_algorithm, is_for_issuer};
use crate::error::Error;
use crate::key::PendingSignature;
use crate::parties::Parties;
use crate::profile::{Party, Requirement};
use crate::wire::Parameters;

/// Checks a request object, for any endpoint, against the client's profile. Its parameters were
/// checked before; this checks the final claims.
///
/// # Errors
///
/// [`Error::Profile`].
pub(crate) fn check_request_object(
    parties: &Parties,
    parameters: &Parameters,
    signature: &PendingSignature,
) -> Result<(), Error> {
    let Some(profile) = parties.profile else {
        return Ok(());
    };
    check_algorithm(profile, signature)?;
    let claims = signature.claims();
    let is_checked = |name: &&str| {
        let claim = claims.get(*name);
        claim.and_then(Value::as_str) == parameters.first(name)
            && (claim.is_none() || parameters.contains(name))
    };
    if !CHECKED.iter().all(is_checked) {
        let found = "differs inside its request object from the one that was checked";
        let requirement = Requirement::SignedRequest;
        return Err(profile.violated(requirement, Party::Request, found).into());
    }
    let seconds = |name| claims.get(name).and_then(Value::as_i64);
    let is_short = match (seconds("nbf"), seconds("exp")) {
        (Some(nbf), Some(exp)) => (1..=LONGEST).contains(&exp.saturating_sub(nbf)),
        _ => false,
    };
    let found = match (is_for_issuer(parties, &claims), is_short) {
        (true, true) => return Ok(()),
        (false, _) => "is for another audience",
        (true, false) => "is valid for too long, or without a limit",
    };
    let requirement = Requirement::RequestLifetime;
    Err(profile.violated(requirement, Party::Request, found).into())
}

/// The text parameters that a profile has a rule for.
const CHECKED: [&str; 9] = [
    "response_type",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "binding_message",
];

/// The largest number of seconds from `nbf` to `exp`.
const LONGEST: i64 = 3600;
