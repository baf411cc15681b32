//! The challenges that servers require in the proofs of client attestations
//! (draft-ietf-oauth-attestation-based-client-auth section 6).

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Response};

use crate::cache::Cache;
use crate::wire::response_body_error;

/// Stores the challenge of a response, with any status, and returns it. A malformed or repeated
/// challenge is ignored.
pub(crate) fn remember_challenge(
    cache: &Cache,
    issuer: &str,
    headers: &HeaderMap,
) -> Option<String> {
    let mut challenges = headers.get_all(CHALLENGE).iter();
    let (Some(challenge), None) = (challenges.next(), challenges.next()) else {
        return None;
    };
    let challenge = challenge.to_str().ok()?;
    cache
        .store_attestation_challenge(issuer, challenge)
        .then(|| challenge.to_owned())
}

/// Whether a request was refused because its proof lacks the right challenge.
pub(crate) fn demands_another_challenge(response: &Response<Bytes>) -> bool {
    response.status().is_client_error()
        && response_body_error(response)
            .is_some_and(|answer| answer.error == "use_attestation_challenge")
}

const CHALLENGE: HeaderName = HeaderName::from_static("oauth-client-attestation-challenge");
