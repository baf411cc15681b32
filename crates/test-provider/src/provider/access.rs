//! Access to a resource with a Bearer token (RFC 6750), or with a DPoP token and its proof (RFC
//! 9449 section 7).

use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use super::state::{AccessToken, State};
use super::{Call, Endpoint, Provider, certificate, dpop, fapi};
use crate::dpop::DPoPBehaviour;
use crate::parameters::Parameters;
use crate::protected_resource::KnownToken;
use crate::response;

impl Provider {
    /// Returns what a resource learns about an access token that is valid.
    pub(crate) fn access_token(&self, token: &str, now: i64) -> Option<KnownToken> {
        let shared = self.shared();
        let known = shared.state.access_tokens.get(token)?;
        (now < known.expires_at).then(|| KnownToken {
            resource: known.grant.resource.clone(),
            scope: known.grant.scope.clone(),
            subject: known.grant.subject.clone(),
            client_id: known.grant.client_id.clone(),
        })
    }
}

/// Returns the access token of the request, or a response that refuses it.
pub(super) fn authorize(
    call: &Call<'_>,
    state: &mut State,
    endpoint: Endpoint,
) -> Result<AccessToken, Box<Response<Bytes>>> {
    // URLs are logged and passed on (RFC 6750 section 2.3, RFC 9700 section 4.3.2).
    let query = Parameters::of_query(call.request);
    if query.names().any(|name| name == "access_token") {
        let why = "an access token is in the query";
        let challenge = "Bearer realm=\"test-provider\", error=\"invalid_request\"";
        let status = StatusCode::BAD_REQUEST;
        return Err(response::challenge(status, challenge, "invalid_request", why).into());
    }
    let header = call.request.headers().get(AUTHORIZATION);
    let credentials = header.and_then(|header| header.to_str().ok()?.split_once(' '));
    let (is_dpop, token) = match credentials {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => (false, token),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("DPoP") => (true, token),
        _ => return Err(no_token().into()),
    };
    let known = state.access_tokens.get(token).cloned();
    let known = known.filter(|token| call.now < token.expires_at);
    let scheme = if is_dpop { "DPoP" } else { "Bearer" };
    let Some(known) = known else {
        let why = "the access token is unknown or has expired";
        return Err(refused(scheme, "invalid_token", why).into());
    };
    let client = call.clients.get(&known.grant.client_id);
    let fit = client.map_or(Ok(()), |client| fapi::check_proof(call, client));
    let proven = fit.and_then(|()| dpop::proven(call, state, endpoint, Some(token)));
    let proven = proven.map_err(|proof| {
        let scheme = match call.treats_dpop(DPoPBehaviour::SchemeInvertedCase) {
            true => "dpOp",
            false => "DPoP",
        };
        refused(scheme, proof.code(), proof.description())
    })?;
    if known.x5t_s256.is_some() && known.x5t_s256 != certificate::thumbprint(call) {
        let why = "the token is bound to another certificate";
        return Err(refused(scheme, "invalid_token", why).into());
    }
    let why = match (&known.grant.jkt, is_dpop) {
        (None, false) => return Ok(known),
        (Some(jkt), true) if proven.as_ref() == Some(jkt) => return Ok(known),
        (Some(_), true) => "the token is bound to another key",
        // A bound token must not be used as a Bearer token, and a Bearer token must not be used
        // with DPoP (RFC 9449 section 7.2).
        _ => "the scheme is not the token's",
    };
    Err(refused(scheme, "invalid_token", why).into())
}

/// Creates a refusal with a challenge.
pub(super) fn refused(scheme: &str, code: &str, description: &str) -> Response<Bytes> {
    let algorithms = match scheme {
        "DPoP" | "dpOp" => ", algs=\"ES256 Ed25519\"",
        _ => "",
    };
    let challenge = format!(
        "{scheme} realm=\"test-provider\", error=\"{code}\", error_description=\"{description}\"{algorithms}"
    );
    response::challenge(StatusCode::UNAUTHORIZED, &challenge, code, description)
}

/// Refuses a request without a token. The challenge then has no error code (RFC 6750 section 3.1).
fn no_token() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let challenge = "Bearer realm=\"test-provider\"".try_into().expect("ASCII");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}
