//! The nonces that servers require in proofs (RFC 9449 sections 8 and 9).

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Response};

use crate::cache::{Cache, ServerRole};
use crate::challenge::Challenge;
use crate::wire::response_body_error;

/// Stores the nonce of a response, with any status, and returns it (sections 8.2 and 9). A
/// malformed or repeated nonce is ignored (section 8.1 defines its form).
pub(crate) fn remember_nonce(
    cache: &Cache,
    role: ServerRole,
    origin: &str,
    headers: &HeaderMap,
) -> Option<String> {
    let mut nonces = headers.get_all(DPOP_NONCE).iter();
    let (Some(nonce), None) = (nonces.next(), nonces.next()) else {
        return None;
    };
    let nonce = nonce.to_str().ok()?;
    cache
        .store_dpop_nonce(role, origin, nonce)
        .then(|| nonce.to_owned())
}

/// Whether a request was refused because its proof lacks the right nonce. An authorization server
/// says so in the body (section 8), and any server may say so in a challenge (section 9).
pub(crate) fn demands_another_nonce(role: ServerRole, response: &Response<Bytes>) -> bool {
    // A challenge in a successful response refuses nothing.
    if !response.status().is_client_error() {
        return false;
    }
    let challenges = Challenge::of_response(response.headers());
    if challenges
        .iter()
        .any(|challenge| challenge.scheme == "dpop" && challenge.error() == Some(USE_DPOP_NONCE))
    {
        return true;
    }
    role == ServerRole::AuthorizationServer
        && response_body_error(response).is_some_and(|answer| answer.error == USE_DPOP_NONCE)
}

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const USE_DPOP_NONCE: &str = "use_dpop_nonce";
