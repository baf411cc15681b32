//! What the FAPI profiles demand of a client beyond the others (FAPI 1.0 Part 2 sections 5.2.3 and 8.6, FAPI 2.0
//! Security Profile sections 5.3.3 and 5.4).

use jose::SignatureAlgorithm;
use jose::jws::Unverified;
use serde_json::Value;

use super::state::State;
use super::token::Refusal;
use super::{Call, dpop};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::parameters::Parameters;

/// The algorithms of a JWT that the client has signed.
pub(super) fn check_algorithm(
    client: &ClientRegistration,
    algorithm: SignatureAlgorithm,
) -> Result<(), &'static str> {
    use SignatureAlgorithm as A;
    let is_strong = matches!(algorithm, A::PS256 | A::ES256 | A::EdDSA | A::Ed25519);
    match !client.fapi || is_strong {
        true => Ok(()),
        false => Err("FAPI permits PS256, ES256 and EdDSA alone"),
    }
}

/// A client authenticates with a key or a certificate, never with a secret.
pub(super) fn check_method(client: &ClientRegistration) -> Result<(), &'static str> {
    let is_strong = matches!(
        client.authentication,
        ClientAuthentication::PrivateKeyJwt(_)
            | ClientAuthentication::TlsClientAuth(_)
            | ClientAuthentication::SelfSignedTlsClientAuth(_)
    );
    match !client.fapi || is_strong {
        true => Ok(()),
        false => Err("FAPI permits private_key_jwt and certificates alone"),
    }
}

/// The keys that a client has registered.
pub(super) fn check_registered_keys(client: &ClientRegistration) -> Result<(), &'static str> {
    let keys = client.registered_keys().filter(|_| client.fapi);
    let keys = keys.and_then(|keys| serde_json::from_str(keys).ok());
    check_keys(&keys.unwrap_or_default())
}

/// The size of keys in a set: RSA from 2,048 bits, elliptic curves from 256. FAPI asks for 160 (1.0 Part 1 section
/// 5.2.2) or 224 (2.0 Security Profile section 5.4.1); the curves of the algorithms that it permits, P-256 and Ed25519,
/// have 256.
pub(super) fn check_keys(keys: &Value) -> Result<(), &'static str> {
    let keys = keys["keys"].as_array().map_or(&[][..], Vec::as_slice);
    keys.iter().try_for_each(check_key)
}

fn check_key(key: &Value) -> Result<(), &'static str> {
    // Four characters for three bytes.
    let bits = |member: &str| key[member].as_str().map_or(0, |text| text.len() * 6);
    let is_long = match key["kty"].as_str() {
        Some("RSA") => bits("n") >= 2_048,
        Some("EC" | "OKP") => bits("x") >= 256,
        _ => true,
    };
    match is_long {
        true => Ok(()),
        false => Err("a key is too short"),
    }
}

/// The proof that the request carries, which has been verified or will be.
pub(super) fn check_proof(
    call: &Call<'_>,
    client: &ClientRegistration,
) -> Result<(), dpop::Refused> {
    let proof = call.request.headers().get("dpop");
    let Some(proof) = proof.and_then(|proof| proof.to_str().ok()) else {
        return Ok(());
    };
    let Ok(unverified) = Unverified::parse(proof) else {
        return Ok(());
    };
    let header = unverified.header();
    check_algorithm(client, header.alg()).map_err(dpop::Refused::Invalid)?;
    match header.extra().get("jwk") {
        Some(key) if client.fapi => check_key(key).map_err(dpop::Refused::Invalid),
        _ => Ok(()),
    }
}

/// An authorization request: with PKCE for a code.
pub(super) fn check_request(
    client: &ClientRegistration,
    parameters: &Parameters,
) -> Result<(), &'static str> {
    let has_code = parameters
        .get("response_type")
        .is_some_and(|it| it.split(' ').any(|it| it == "code"));
    match client.fapi && has_code && parameters.get("code_challenge").is_none() {
        true => Err("FAPI requires a code_challenge"),
        false => Ok(()),
    }
}

/// A token bound to a key or a certificate, and a verifier that has not been seen before.
pub(super) fn check_token_request(
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
    is_bound: bool,
) -> Result<(), Refusal> {
    if !client.fapi {
        return Ok(());
    }
    if !is_bound {
        return Err((
            "invalid_request",
            "FAPI requires a token bound to a key or a certificate",
        ));
    }
    if let Some(verifier) = parameters.get("code_verifier")
        && !state.code_verifiers.insert(verifier.to_owned())
    {
        return Err(("invalid_grant", "the code_verifier was used before"));
    }
    Ok(())
}
