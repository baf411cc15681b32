//! Signed backchannel authentication requests (CIBA Core section 7.1.1, FAPI-CIBA section 5.2.2).

use jose::jwt::{Claims, NumericDate};
use jose::{JwkSet, jws};
use serde_json::{Map, Value};

use super::state::State;
use super::token::Refusal;
use super::{Call, fapi};
use crate::client::ClientRegistration;
use crate::parameters::Parameters;

/// Returns the claims of a signed request. The request must have no parameters outside, be intended
/// for this provider, be valid now, and not have been used before.
pub(super) fn request_object(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
    jwt: &str,
) -> Result<Map<String, Value>, Refusal> {
    let invalid = |why| ("invalid_request", why);
    if parameters.names().any(|name| !OUTSIDE.contains(&name)) {
        return Err(invalid("a parameter is outside the request object"));
    }
    let keys = client
        .registered_keys()
        .ok_or(invalid("the client has no keys to sign requests with"))?;
    fapi::check_registered_keys(client).map_err(invalid)?;
    let keys = JwkSet::parse(keys.as_bytes()).expect("checked at registration");
    let unverified =
        jws::Unverified::parse(jwt).map_err(|_| invalid("the request object is malformed"))?;
    let algorithm = unverified.header().alg();
    fapi::check_algorithm(client, algorithm).map_err(invalid)?;
    let key = keys
        .select(unverified.header())
        .map_err(|_| invalid("no key of the client fits the request object"))?;
    let verified = unverified
        .verify(key.verifying_key(), algorithm)
        .map_err(|_| invalid("the request object has a wrong signature"))?;
    let claims = verified
        .claims()
        .map_err(|_| invalid("the request object has ill-typed claims"))?;
    check(call, client, &claims).map_err(invalid)?;
    let jti = claims
        .jti()
        .ok_or(invalid("the request object has no jti"))?;
    if !state
        .request_objects
        .insert((client.client_id.clone(), jti.to_owned()))
    {
        return Err(invalid("the request object was used before"));
    }
    Ok(claims.to_owned_map())
}

/// Checks the claims about the JWT. All of them are required (CIBA Core section 7.1.1).
fn check(
    call: &Call<'_>,
    client: &ClientRegistration,
    claims: &Claims<'_>,
) -> Result<(), &'static str> {
    let now = call.now;
    let is_past = |date: NumericDate| date.seconds() <= now;
    if claims.iss() != Some(client.client_id.as_str()) {
        Err("the request object has a wrong iss")
    } else if !claims.aud().is_some_and(|aud| aud.contains(call.issuer())) {
        Err("the request object has a wrong aud")
    } else if !claims
        .exp()
        .is_some_and(|exp| exp.seconds() > now && exp.seconds() <= now + LONGEST)
    {
        Err("the request object has a wrong exp")
    } else if !claims.nbf().is_some_and(is_past) {
        Err("the request object has a wrong nbf")
    } else if !claims.iat().is_some_and(is_past) {
        Err("the request object has a wrong iat")
    } else if claims.sub().is_some() {
        Err("the request object has a sub, like a client assertion")
    } else if claims.get("request").is_some() || claims.get("request_uri").is_some() {
        Err("the request object holds another")
    } else if claims
        .as_object()
        .iter()
        .any(|(name, _)| name.starts_with("client_assertion") || name == "client_secret")
    {
        Err("the request object holds credentials of the client")
    } else {
        Ok(())
    }
}

/// The parameters that are allowed outside the request object: itself, and those of client
/// authentication.
const OUTSIDE: [&str; 5] = [
    "request",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// The maximum time until a request object expires, in seconds (FAPI-CIBA section 5.2.2).
const LONGEST: i64 = 3_600;
