//! The client's own JWTs under a security profile, as they are about to be signed: a
//! [`ModifyAssertion`](super::ModifyAssertion) may have changed them.

use serde_json::{Map, Value};

use crate::configuration::Configuration;
use crate::error::Error;
use crate::key::PendingSignature;
use crate::profile::{Party, Profile, Requirement};
use crate::wire::Parameters;

/// Holds a client assertion against the client's profile.
///
/// # Errors
///
/// [`Error::Profile`].
pub(crate) fn check_client_assertion(
    configuration: &Configuration,
    signature: &PendingSignature,
) -> Result<(), Error> {
    let Some(profile) = configuration.profile() else {
        return Ok(());
    };
    check_algorithm(profile, signature)?;
    if !is_for_issuer(configuration, &signature.claims()) {
        let requirement = Requirement::AssertionAudience;
        let found = "makes client assertions for somebody else";
        return Err(profile.violated(requirement, Party::Client, found).into());
    }
    Ok(())
}

/// Holds a request object, of whatever endpoint, against the client's profile. These parameters were held
/// against it before, and so must be what is inside.
///
/// # Errors
///
/// [`Error::Profile`].
pub(crate) fn check_request_object(
    configuration: &Configuration,
    parameters: &Parameters,
    signature: &PendingSignature,
) -> Result<(), Error> {
    let Some(profile) = configuration.profile() else {
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
        let found = "is another inside its request object than the one that was checked";
        let requirement = Requirement::SignedRequest;
        return Err(profile.violated(requirement, Party::Request, found).into());
    }
    let seconds = |name| claims.get(name).and_then(Value::as_i64);
    let is_short = match (seconds("nbf"), seconds("exp")) {
        (Some(nbf), Some(exp)) => (1..=LONGEST).contains(&exp.saturating_sub(nbf)),
        _ => false,
    };
    let found = match (is_for_issuer(configuration, &claims), is_short) {
        (true, true) => return Ok(()),
        (false, _) => "is for somebody else",
        (true, false) => "lives too long, or without limits",
    };
    let requirement = Requirement::RequestLifetime;
    Err(profile.violated(requirement, Party::Request, found).into())
}

fn check_algorithm(profile: Profile, signature: &PendingSignature) -> Result<(), Error> {
    let algorithm = signature.algorithm();
    if profile.permits(algorithm) {
        return Ok(());
    }
    let found = format!("signs with {algorithm}, not with {}", profile.permitted());
    let requirement = Requirement::Algorithms;
    Err(profile.violated(requirement, Party::Key, found).into())
}

/// The issuer as a string, and not as an item of an array.
fn is_for_issuer(configuration: &Configuration, claims: &Map<String, Value>) -> bool {
    let audience = claims.get("aud").and_then(Value::as_str);
    audience == Some(configuration.server().issuer.as_str())
}

/// The parameters that a profile has a rule for, and that are text.
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

/// Seconds from `nbf` to `exp`.
const LONGEST: i64 = 3600;
