//! Client attestations and their proofs (draft-ietf-oauth-attestation-based-client-auth).

use jose::{JwkSet, base64url, jws};
use serde_json::{Value, json};

use super::state::State;
use super::{Call, Provider};
use crate::client::ClientRegistration;

/// The two headers of a request.
pub(super) struct Presented {
    attestation: String,
    proof: String,
}

impl Presented {
    /// Reads the headers. `None` without them; the error says what is wrong.
    pub(super) fn of(call: &Call<'_>) -> Result<Option<Self>, &'static str> {
        let only = |name| {
            let mut values = call.request.headers().get_all(name).iter();
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                (Some(value), None) => match value.to_str() {
                    Ok(text) => Ok(Some(text.to_owned())),
                    Err(_) => Err("a header of the attestation is not ASCII"),
                },
                (Some(_), Some(_)) => Err("a header of the attestation is repeated"),
            }
        };
        match (
            only("oauth-client-attestation")?,
            only("oauth-client-attestation-pop")?,
        ) {
            (None, None) => Ok(None),
            (Some(attestation), Some(proof)) => Ok(Some(Self { attestation, proof })),
            _ => Err("the attestation or its proof is missing"),
        }
    }

    /// Verifies the attestation with a key of the attester, and the proof with the attested key.
    /// The error says what is wrong.
    pub(super) fn verify(
        &self,
        call: &Call<'_>,
        state: &mut State,
        client: &ClientRegistration,
        attester: &str,
    ) -> Result<(), &'static str> {
        let keys = JwkSet::parse(attester.as_bytes()).expect("checked at registration");
        let attestation = verified(&self.attestation, &keys, "oauth-client-attestation+jwt")
            .ok_or("the attestation is not one of the attester")?;
        let claims = attestation
            .claims()
            .map_err(|_| "the attestation is malformed")?;
        if claims.sub() != Some(client.client_id.as_str()) {
            return Err("the attestation is for another client");
        }
        if claims.exp().is_none_or(|exp| exp.seconds() <= call.now) {
            return Err("the attestation has expired");
        }
        let all = claims.to_owned_map();
        let key = all.get("cnf").and_then(|cnf| cnf.get("jwk"));
        let key = json!({ "keys": [key.ok_or("the attestation has no key")?] });
        let key = JwkSet::parse(key.to_string().as_bytes()).map_err(|_| "the key is malformed")?;
        let proof = verified(&self.proof, &key, "oauth-client-attestation-pop+jwt")
            .ok_or("the proof is not signed with the attested key")?;
        let claims = proof.claims().map_err(|_| "the proof is malformed")?;
        if claims.get("aud").and_then(|aud| aud.as_str()) != Some(call.issuer()) {
            return Err("the proof is for another server");
        }
        let is_recent = |iat: i64| (call.now - 60..=call.now + 10).contains(&iat);
        if !claims.iat().is_some_and(|iat| is_recent(iat.seconds())) {
            return Err("the proof is not recent");
        }
        let jti = claims.jti().ok_or("the proof has no jti")?;
        match state
            .assertions
            .insert((client.client_id.clone(), jti.to_owned()))
        {
            true => Ok(()),
            false => Err("the proof was used before"),
        }
    }
}

impl Presented {
    /// Whether the proof has the challenge that the provider requires, if it requires one.
    pub(super) fn answers(&self, state: &State) -> bool {
        let payload = self.proof.split('.').nth(1).unwrap_or_default();
        let payload = base64url::decode(payload).unwrap_or_default();
        let claims: Value = serde_json::from_slice(&payload).unwrap_or_default();
        let challenge = claims.get("challenge").and_then(Value::as_str);
        match &state.attestation_challenge {
            Some(required) => challenge == Some(required),
            None => true,
        }
    }
}

impl Provider {
    /// Requires this challenge in the proof of each client attestation, and supplies it in the
    /// refusal (draft-ietf-oauth-attestation-based-client-auth section 6).
    pub fn challenge_attestations(&self, challenge: impl Into<String>) {
        self.shared().state.attestation_challenge = Some(challenge.into());
    }
}

fn verified(jwt: &str, keys: &JwkSet, typ: &str) -> Option<jws::Verified> {
    let unverified = jws::Unverified::parse(jwt).ok()?;
    if unverified.header().typ() != Some(typ) {
        return None;
    }
    let algorithm = unverified.header().alg();
    let key = keys.select(unverified.header()).ok()?;
    unverified.verify(key.verifying_key(), algorithm).ok()
}
