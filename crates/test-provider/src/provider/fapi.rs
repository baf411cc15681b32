//! Further requirements of the FAPI profiles for clients (FAPI 1.0 Part 2 sections 5.2.3 and 8.6,
//! FAPI 2.0 Security Profile sections 5.3.3 and 5.4).

use jose::SignatureAlgorithm;
use jose::jws::Unverified;
use serde_json::Value;

use super::state::State;
use super::token::Refusal;
use super::{Call, dpop};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::parameters::Parameters;

/// Checks the algorithm of a JWT that the client has signed.
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

/// Checks that the client authenticates with a key or a certificate, and not with a secret.
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

/// Checks the keys that a client has registered.
pub(super) fn check_registered_keys(client: &ClientRegistration) -> Result<(), &'static str> {
    let keys = client.registered_keys().filter(|_| client.fapi);
    let keys = keys.and_then(|keys| serde_json::from_str(keys).ok());
    check_keys(&keys.unwrap_or_default())
}

/// Checks the size of the keys in a set. RSA keys need 2,048 bits, keys on elliptic curves 256.
/// FAPI requires 160 (1.0 Part 1 section 5.2.2) or 224 bits (2.0 Security Profile section 5.4.1).
/// The curves of its algorithms, P-256 and Ed25519, have 256.
pub(super) fn check_keys(keys: &Value) -> Result<(), &'static str> {
    let keys = keys["keys"].as_array().map_or(&[][..], Vec::as_slice);
    keys.iter().try_for_each(check_key)
}

fn check_key(key: &Value) -> Result<(), &'static str> {
    // Four characters encode three bytes.
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

/// Checks the algorithm and the key of the DPoP proof in the request. Its signature is verified
/// elsewhere.
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

/// Checks that an authorization request for a code uses PKCE.
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

/// Checks that the token is bound to a key or a certificate, and that the code verifier is new.
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
