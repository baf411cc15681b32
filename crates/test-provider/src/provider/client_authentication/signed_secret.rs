//! A client secret that the client signs itself (Sign in with Apple, "Creating a client secret").

use jose::{JwkSet, jws};

use crate::client::ClientRegistration;
use crate::provider::Call;

/// Verifies the signature and the claims. The `iss` is the developer's team, which this provider
/// does not know; it must be there.
pub(super) fn verify(
    call: &Call<'_>,
    client: &ClientRegistration,
    keys: &str,
    secret: &str,
) -> Result<(), String> {
    let failed = |reason: jose::Error| format!("the client secret is refused: {reason}");
    let keys = JwkSet::parse(keys.as_bytes()).expect("checked at registration");
    let unverified = jws::Unverified::parse(secret).map_err(failed)?;
    let key = keys.select(unverified.header()).map_err(failed)?;
    let algorithm = unverified.header().alg();
    let verified = unverified.verify(key.verifying_key(), algorithm);
    let verified = verified.map_err(failed)?;
    let claims = verified.claims().map_err(failed)?;
    let wrong = |claim| Err(format!("the client secret has a wrong {claim}"));
    if claims.iss().is_none_or(str::is_empty) {
        return wrong("iss");
    }
    if claims.sub() != Some(&client.client_id) {
        return wrong("sub");
    }
    if claims.get("aud").and_then(|audience| audience.as_str()) != Some(call.issuer()) {
        return wrong("aud");
    }
    let permitted = call.now + 1..=call.now + LONGEST;
    match claims.exp() {
        Some(exp) if permitted.contains(&exp.seconds()) => Ok(()),
        _ => wrong("exp"),
    }
}

/// The maximum time until the secret expires, in seconds: six months.
const LONGEST: i64 = 15_777_000;
