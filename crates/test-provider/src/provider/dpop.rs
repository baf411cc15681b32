//! The provider's checks of DPoP proofs (RFC 9449 section 4.3), and its nonces (sections 8 and 9).

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use jose::jws::Unverified;
use jose::{HashAlgorithm, Jwk, VerifyingKey, base64url};
use serde_json::Value;

use super::state::State;
use super::{Call, Endpoint};
use crate::dpop::DPoPBehaviour;
use crate::response;

/// The role of the provider that a request addresses. Each role has its own nonces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    AuthorizationServer,
    Resource,
}

/// The reason why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// `use_dpop_nonce`: the nonce is missing or wrong.
    Nonce,
    /// `invalid_dpop_proof`, with a description.
    Invalid(&'static str),
}

impl Refused {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Nonce => "use_dpop_nonce",
            Self::Invalid(_) => "invalid_dpop_proof",
        }
    }

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Nonce => "the proof needs another nonce",
            Self::Invalid(why) => why,
        }
    }

    /// Creates the response of the authorization server (RFC 9449 section 8).
    pub(super) fn response(self) -> Response<Bytes> {
        response::error(StatusCode::BAD_REQUEST, self.code(), self.description())
    }
}

/// Returns the thumbprint of the key whose possession the request proves, or `None` without a
/// proof.
pub(super) fn proven(
    call: &Call<'_>,
    state: &mut State,
    endpoint: Endpoint,
    access_token: Option<&str>,
) -> Result<Option<String>, Refused> {
    let mut proofs = call.request.headers().get_all("dpop").iter();
    let Some(proof) = proofs.next() else {
        return Ok(None);
    };
    if proofs.next().is_some() {
        return Err(Refused::Invalid("there is more than one proof"));
    }
    let proof = proof.to_str().map_err(|_| Refused::Invalid("not a JWT"))?;
    let (key, claims) = verify(proof)?;
    let is = |claim: &str, expected: &str| claims[claim] == expected;
    if !is("htm", call.request.method().as_str()) {
        return Err(Refused::Invalid("htm is not the method"));
    }
    if !is("htu", &requested_url(call)) {
        return Err(Refused::Invalid("htu is not the URL"));
    }
    let age = claims["iat"].as_i64().map(|iat| call.now - iat);
    if age.is_none_or(|age| age.abs() > PROOF_LIFETIME) {
        return Err(Refused::Invalid("iat is not now"));
    }
    let ath = access_token.map(|token| HashAlgorithm::Sha256.digest(token.as_bytes()));
    let ath = ath.map(|hash| Value::from(base64url::encode(&hash)));
    if claims.get("ath") != ath.as_ref() {
        return Err(Refused::Invalid("ath is not that of the access token"));
    }
    let jti = claims["jti"].as_str().unwrap_or_default().to_owned();
    if jti.is_empty() || !state.proofs.insert(jti) {
        return Err(Refused::Invalid("jti is missing or was used before"));
    }
    let role = role_of(endpoint);
    if wants_nonces(call) && !is("nonce", &nonce(call, state, role)) {
        if call.treats_dpop(DPoPBehaviour::NonceNeverRight) {
            state.next_nonce();
        }
        return Err(Refused::Nonce);
    }
    if call.treats_dpop(DPoPBehaviour::NonceOnce) {
        state.next_nonce();
    }
    Ok(Some(key.thumbprint()))
}

/// Adds the nonce for the next proof, to a successful response and to a refusal.
pub(super) fn add_nonce(
    call: &Call<'_>,
    state: &State,
    endpoint: Endpoint,
    mut response: Response<Bytes>,
) -> Response<Bytes> {
    let takes_proofs = matches!(
        endpoint,
        Endpoint::PushedAuthorization
            | Endpoint::Token
            | Endpoint::UserInfo
            | Endpoint::Resource
            | Endpoint::Registration
    );
    if takes_proofs && wants_nonces(call) && !call.treats_dpop(DPoPBehaviour::NonceWithheld) {
        // The provider must send a nonce that it will refuse.
        let nonce = match call.treats_dpop(DPoPBehaviour::NonceNeverRight) {
            true => format!("not-{}", nonce(call, state, role_of(endpoint))),
            false => nonce(call, state, role_of(endpoint)),
        };
        let nonce = HeaderValue::try_from(nonce).expect("base64url");
        response.headers_mut().insert("dpop-nonce", nonce);
    }
    response
}

fn verify(proof: &str) -> Result<(Jwk, Value), Refused> {
    let unverified = Unverified::parse(proof).map_err(|_| Refused::Invalid("not a JWS"))?;
    let header = unverified.header();
    let algorithm = header.alg();
    if header.typ() != Some("dpop+jwt") || algorithm.is_symmetric() {
        return Err(Refused::Invalid("typ or alg is not that of a proof"));
    }
    let jwk = header.extra().get("jwk").map(Value::to_string);
    let jwk = jwk.and_then(|jwk| Jwk::parse(jwk.as_bytes()).ok());
    let jwk = jwk.ok_or(Refused::Invalid("jwk is not a public key"))?;
    let verified = VerifyingKey::from_jwk(&jwk)
        .and_then(|key| unverified.verify(&key, algorithm))
        .map_err(|_| Refused::Invalid("the signature is not valid"))?;
    let claims = serde_json::from_slice(verified.payload())
        .map_err(|_| Refused::Invalid("the claims are not JSON"))?;
    Ok((jwk, claims))
}

/// Returns the URL of the request: the endpoint's or that of its alias.
fn requested_url(call: &Call<'_>) -> String {
    let path = call.request.uri().path();
    let path = path
        .strip_prefix(call.provider.path.as_str())
        .unwrap_or(path);
    format!("{}{path}", call.issuer().trim_end_matches('/'))
}

fn role_of(endpoint: Endpoint) -> Role {
    match endpoint {
        Endpoint::UserInfo | Endpoint::Resource => Role::Resource,
        _ => Role::AuthorizationServer,
    }
}

fn wants_nonces(call: &Call<'_>) -> bool {
    [
        DPoPBehaviour::NonceRequired,
        DPoPBehaviour::NonceOnce,
        DPoPBehaviour::NonceNeverRight,
        DPoPBehaviour::NonceWithheld,
    ]
    .into_iter()
    .any(|behaviour| call.treats_dpop(behaviour))
}

fn nonce(call: &Call<'_>, state: &State, role: Role) -> String {
    let input = format!("{}\n{role:?}\n{}", call.provider.seed, state.nonces);
    base64url::encode(&HashAlgorithm::Sha256.digest(input.as_bytes()))
}

/// The maximum difference between the `iat` of a proof and the time, in seconds.
const PROOF_LIFETIME: i64 = 60;
