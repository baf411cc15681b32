//! The issuer that a JWT names before it is verified.

use jose::jws::Unverified;
use jose::{base64url, json};

use crate::error::{Artefact, Error, Reason};

/// Returns the issuer that a JWT names. Nothing is verified yet: the name only selects the keys and
/// the rules, and is compared once more when the signature is valid.
pub(crate) fn named_issuer(artefact: Artefact, token: &str) -> Result<String, Error> {
    let rejected = |reason| Error::from(artefact.rejected(reason));
    let unreadable = || {
        let part = jose::Part::Payload;
        Reason::Jose(jose::Malformed::Base64Url { part }.into())
    };
    // Malformed tokens and those without a signature are refused here, before a key is fetched.
    Unverified::parse(token).map_err(|error| rejected(error.into()))?;
    let payload = token.split('.').nth(1).unwrap_or_default();
    let payload = base64url::decode(payload).map_err(|_| rejected(unreadable()))?;
    let object = json::parse_object_with_repeats(&payload, json::Limits::CLAIMS)
        .map_err(|error| rejected(Reason::Json(error)))?;
    let iss = object.get("iss").and_then(json::Value::as_str);
    let missing = || {
        rejected(Reason::Missing {
            member: "iss".into(),
        })
    };
    iss.map(str::to_owned).ok_or_else(missing)
}
